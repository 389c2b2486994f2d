//! Bookings from files of other systems: what a mapping makes of them, what a second file does, and what silence means.

use crate::fixture::World;
use passerelle::{
    flows::{
        intake,
        intake_feed::{self, FeedFile, FeedReport},
    },
    problem::Problem,
    store::bookings::BookingRecord,
};
use passerelle_tests::stack::build;
use serde_json::{Value, json};

/// A file that is shipped as a sample, or the mapping for it.
fn shipped(path: &str) -> Vec<u8> {
    std::fs::read(build::workspace().join("crm/feeds").join(path)).unwrap()
}

fn mapping(name: &str) -> Value {
    serde_json::from_slice(&shipped(&format!("{name}/mapping.json"))).unwrap()
}

/// An agency that has the shipped mappings, and a plain one.
async fn world() -> World {
    let plain = json!({
        "format": {"csv": {}}, "dates": ["%Y-%m-%d"], "snapshot": true, "most_vanished_percent": 25,
        "status": {"column": "status", "cancelled": ["X"]},
        "fields": {"reference": {"column": "ref"}, "name": {"column": "name"}, "email": {"column": "mail"}, "country": {"column": "to"},
                   "from": {"column": "from"}, "to": {"column": "until"}}
    });
    let mut changes = plain.clone();
    changes["snapshot"] = json!(false);
    let feeds = json!({
        "consolidator": mapping("consolidator"), "back-office": mapping("back-office"), "booking-tool": mapping("booking-tool"),
        "plain": plain, "changes": changes,
    });
    World::with_settings(&["airalo", "reference"], json!({ "feeds": feeds })).await
}

async fn send(world: &World, mapping: &str, file: &[u8]) -> Result<FeedReport, Problem> {
    send_as_of(world, mapping, file, world.now()).await
}

async fn send_as_of(world: &World, mapping: &str, file: &[u8], sent_at: jiff::Timestamp) -> Result<FeedReport, Problem> {
    intake_feed::take(&world.run().await, mapping, FeedFile { bytes: file, is_text: false, sent_at }).await
}

/// A snapshot of these rows: reference, last day, status.
fn snapshot(rows: &[(&str, &str, &str)]) -> Vec<u8> {
    let rows = rows.iter().map(|(reference, until, status)| {
        format!("{reference},Camille Moreau,camille.moreau@example.com,JP,2027-05-03,2027-{until},{status}\n")
    });
    format!("ref,name,mail,to,from,until,status\n{}", rows.collect::<String>()).into_bytes()
}

/// Reference, outcome and the reason's code of every booking.
fn outcomes(report: &FeedReport) -> Vec<(&str, &str, &str)> {
    report.bookings.iter().map(|one| (one.reference.as_str(), one.outcome.outcome, one.outcome.code().unwrap_or(""))).collect()
}

async fn booking(world: &World, reference: &str) -> BookingRecord {
    intake::read(&world.run().await, reference).await.unwrap()
}

#[tokio::test]
async fn the_shipped_samples_become_dossiers_that_can_be_ordered_for() {
    let mut world = world().await;
    let report = send(&world, "consolidator", &shipped("consolidator/sample.csv")).await.unwrap();
    let expected = [("QK7ZP2", "created", ""), ("R3TTN8", "created", ""), ("9KT1MX", "left_out", "rejected_rows")];
    assert_eq!((report.outcome, report.rows, outcomes(&report)), ("followed", 11, expected.to_vec()));
    let report = send(&world, "back-office", &shipped("back-office/sample.csv")).await.unwrap();
    let expected = [
        ("VH-27-0101", "created", ""),
        ("VH-27-0102", "created", ""),
        ("VH-27-0103", "left_out", "no_booking_yet"),
        ("VH-27-0104", "left_out", "unknown_booking"),
        ("VH-27-0105", "left_out", "rejected_rows"),
    ];
    assert_eq!(outcomes(&report), expected);
    let report = send(&world, "booking-tool", &shipped("booking-tool/sample.xml")).await.unwrap();
    assert_eq!(outcomes(&report), [("BT-5001", "created", ""), ("BT-5002", "left_out", "unknown_booking")]);
    world.settle().await;
    let record = booking(&world, "VH-27-0101").await;
    assert_eq!((record.booking.traveller.name.expose(), record.booking.companions.len()), ("Camille Morël", 1));
    assert_eq!(record.booking.companions[0].email.expose(), "camille.morel@example.com", "who has no address shares it, as families do");
    let package = World::best(&record.offers, "airalo");
    assert_eq!(world.order("key-1", &package, "VH-27-0101").await.unwrap().answer.status, 201);
    let everything = format!("{:?}", world.table.items().await);
    for secret in ["4111111111111111", "09AB12345", "Morël", "camille.morel@example.com", "okafor"] {
        assert!(!everything.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_file_that_is_only_checked_changes_nothing() {
    let world = world().await;
    let before = world.table.writes();
    let file = shipped("back-office/sample.csv");
    let run = world.run().await;
    let report = intake_feed::check(&run, "back-office", FeedFile { bytes: &file, is_text: false, sent_at: world.now() }).unwrap();
    let expected = [
        ("VH-27-0101", "readable", ""),
        ("VH-27-0102", "readable", ""),
        ("VH-27-0103", "left_out", "no_booking_yet"),
        ("VH-27-0104", "readable", "cancelled"),
        ("VH-27-0105", "left_out", "rejected_rows"),
    ];
    assert_eq!((report.outcome, outcomes(&report)), ("checked", expected.to_vec()));
    assert_eq!((report.rejects.len(), world.table.writes()), (1, before));
}

#[tokio::test]
async fn the_same_file_again_changes_nothing_and_buys_nothing() {
    let mut world = world().await;
    let file = snapshot(&[("A-1", "05-09", "OK"), ("A-2", "05-09", "OK")]);
    send(&world, "plain", &file).await.unwrap();
    let package = World::best(&booking(&world, "A-1").await.offers, "airalo");
    world.order("key-1", &package, "A-1").await.unwrap();
    world.settle().await;
    let before = booking(&world, "A-1").await;
    let again = send(&world, "plain", &file).await.unwrap();
    assert_eq!((again.outcome, again.bookings.len()), ("repeated", 0));
    let same_rows = [file.as_slice(), b"\n"].concat();
    let report = send(&world, "plain", &same_rows).await.unwrap();
    assert_eq!(outcomes(&report), [("A-1", "unchanged", ""), ("A-2", "unchanged", "")]);
    assert!(world.outbox().await.is_empty(), "nothing follows from it");
    assert_eq!((booking(&world, "A-1").await, world.purchases("airalo").await.len()), (before, 1));
}

#[tokio::test]
async fn what_a_whole_snapshot_no_longer_holds_is_cancelled_and_a_person_told_of_what_was_bought() {
    let mut world = world().await;
    let all = [("A-1", "05-09", ""), ("A-2", "05-09", ""), ("A-3", "05-09", ""), ("A-4", "05-09", "")];
    send(&world, "plain", &snapshot(&all)).await.unwrap();
    let package = World::best(&booking(&world, "A-2").await.offers, "airalo");
    world.order("key-1", &package, "A-2").await.unwrap();
    world.settle().await;
    let report = send(&world, "plain", &snapshot(&[("A-1", "05-16", ""), ("A-3", "05-09", ""), ("A-4", "05-09", "")])).await.unwrap();
    let expected = [("A-1", "changed", ""), ("A-3", "unchanged", ""), ("A-4", "unchanged", ""), ("A-2", "cancelled", "not_in_snapshot")];
    assert_eq!(outcomes(&report), expected);
    world.settle().await;
    assert!(booking(&world, "A-2").await.cancelled);
    assert_eq!((world.tasks().await.len(), world.purchases("airalo").await.len()), (1, 1), "what was bought stays bought");
    assert_eq!(world.order("key-2", &package, "A-2").await.unwrap_err().status, 422, "and nothing more is");
    let report = send(&world, "plain", &snapshot(&all)).await.unwrap();
    assert_eq!(outcomes(&report)[1], ("A-2", "changed", ""), "it is there again");
    assert!(!booking(&world, "A-2").await.cancelled);
}

#[tokio::test]
async fn silence_is_not_believed_of_a_file_that_was_cut_nor_of_trips_under_way_nor_about_many() {
    let mut world = world().await;
    let all = [("A-1", "05-09", ""), ("A-2", "05-09", ""), ("A-3", "05-09", ""), ("A-4", "05-09", "")];
    send(&world, "plain", &snapshot(&all)).await.unwrap();
    let cut = [snapshot(&all[..3]).as_slice(), b"A-4,Camil"].concat();
    let report = send(&world, "plain", &cut).await.unwrap();
    let told = |report: &FeedReport| {
        let told = report.snapshot.as_ref().unwrap();
        (told.outcome, told.expected, told.vanished, told.reason.as_ref().map_or("", |reason| reason.code))
    };
    assert_eq!(told(&report), ("not_compared", 4, 0, "not_whole"));
    let nameless = [snapshot(&all[..3]).as_slice(), b"8.1E+12,C,c@example.com,JP,2027-05-03,2027-05-09,\n"].concat();
    let report = send(&world, "plain", &nameless).await.unwrap();
    assert_eq!((told(&report), report.rejects[0].code), (("not_compared", 4, 1, "not_whole"), "scientific_notation"));
    for _ in 0..2 {
        let report = send(&world, "plain", &snapshot(&all[..2])).await.unwrap();
        assert_eq!(told(&report), ("not_compared", 4, 2, "many_vanished"));
        send(&world, "plain", &snapshot(&all)).await.unwrap();
    }
    assert_eq!(
        told(&send(&world, "plain", &snapshot(&[])).await.unwrap()).3,
        "many_vanished",
        "an empty file is no wish to cancel everything"
    );
    world.settle().await;
    assert_eq!(world.tasks().await.len(), 2, "one for each content");
    world.set_time("2027-05-04T08:00:00Z".parse().unwrap()).await;
    let report = send(&world, "plain", &snapshot(&all[..1])).await.unwrap();
    assert_eq!(told(&report), ("compared", 0, 0, ""), "who is under way has left the list of departures");
    for reference in ["A-1", "A-2", "A-3", "A-4"] {
        assert!(!booking(&world, reference).await.cancelled, "{reference}");
    }
}

#[tokio::test]
async fn an_older_file_changes_nothing_after_a_newer_one() {
    let world = world().await;
    let earlier = world.now() - jiff::SignedDuration::from_hours(1);
    send(&world, "plain", &snapshot(&[("A-1", "05-16", ""), ("A-2", "05-16", "")])).await.unwrap();
    let late = send_as_of(&world, "plain", &snapshot(&[("A-1", "05-09", "")]), earlier).await.unwrap();
    assert_eq!((late.outcome, late.bookings.len()), ("older", 0));
    send(&world, "changes", &snapshot(&[("B-1", "05-16", "")])).await.unwrap();
    let late = send_as_of(&world, "changes", &snapshot(&[("B-1", "05-09", ""), ("B-2", "05-09", "")]), earlier).await.unwrap();
    assert_eq!(outcomes(&late), [("B-1", "left_out", "older"), ("B-2", "created", "")]);
    assert_eq!(booking(&world, "B-1").await.booking.trip.span().1.to_string(), "2027-05-16");
    let report = send(&world, "changes", &snapshot(&[("B-1", "05-16", "X")])).await.unwrap();
    assert_eq!(outcomes(&report), [("B-1", "cancelled", "")], "and B-2, which is not in it, is not");
    assert!(!booking(&world, "B-2").await.cancelled);
}

#[tokio::test]
async fn an_older_snapshot_does_not_cancel_what_half_of_a_newer_one_told_of() {
    let world = world().await;
    let earlier = world.now() - jiff::SignedDuration::from_hours(1);
    let newer = [("A-1", "05-09", ""), ("A-2", "05-09", ""), ("A-3", "05-09", ""), ("A-4", "05-09", ""), ("B-1", "05-09", "")];
    send_as_of(&world, "plain", &snapshot(&newer[..4]), earlier - jiff::SignedDuration::from_hours(1)).await.unwrap();
    send(&world, "plain", &snapshot(&newer)).await.unwrap();
    // As a run leaves the feed that had no time for all of its file.
    let held = world.house.store.feed(&crate::fixture::agency_id(), "plain").await.unwrap();
    let unfinished = passerelle::store::feeds::FeedState { content: None, as_of: None, ..held };
    world.house.store.transaction().write_feed(&crate::fixture::agency_id(), "plain", &unfinished).commit().await.unwrap();
    let report = send_as_of(&world, "plain", &snapshot(&newer[..4]), earlier).await.unwrap();
    let told = report.snapshot.as_ref().unwrap();
    assert_eq!((report.outcome, told.outcome, told.expected, told.vanished), ("followed", "compared", 4, 0));
    assert!(!booking(&world, "B-1").await.cancelled);
    let short = passerelle::outbound::Deadline::within(world.now(), std::time::Duration::from_secs(3));
    let run = world.house.run(crate::fixture::agency_id(), crate::fixture::trace(), short).await.unwrap();
    let file = snapshot(&[("A-1", "05-16", "")]);
    let report = intake_feed::take(&run, "plain", FeedFile { bytes: &file, is_text: false, sent_at: world.now() }).await.unwrap();
    assert_eq!((report.outcome, report.snapshot.unwrap().outcome), ("out_of_time", "not_compared"), "no time, no silence to believe");
}

#[tokio::test]
async fn a_file_that_died_half_way_is_followed_to_its_end_when_it_comes_again() {
    let world = world().await;
    let file = snapshot(&[("A-1", "05-09", ""), ("A-2", "05-09", "")]);
    world.table.set_writable(false);
    assert_eq!(send(&world, "plain", &file).await.unwrap_err().status, 503);
    world.table.set_writable(true);
    let report = send(&world, "plain", &file).await.unwrap();
    assert_eq!(outcomes(&report), [("A-1", "created", ""), ("A-2", "created", "")]);
    let held = world.house.store.feed(&crate::fixture::agency_id(), "plain").await.unwrap();
    let busy = passerelle::store::feeds::FeedState { held_until: Some(world.now() + jiff::SignedDuration::from_secs(20)), ..held };
    world.house.store.transaction().write_feed(&crate::fixture::agency_id(), "plain", &busy).commit().await.unwrap();
    let refused = send(&world, "plain", &file).await.unwrap_err();
    assert_eq!((refused.status, refused.code), (409, "feed_busy"), "one file of a feed at a time");
    world.clock.advance(std::time::Duration::from_secs(21));
    assert_eq!(send(&world, "plain", &file).await.unwrap().outcome, "repeated", "who died holds nothing for long");
}

#[tokio::test]
async fn what_cannot_be_taken_in_says_why() {
    let world = world().await;
    assert_eq!(send(&world, "nobody", b"x").await.unwrap_err().status, 404);
    let refused = send(&world, "plain", b"ref;name;mail\n").await.unwrap_err();
    assert_eq!((refused.status, refused.code, refused.errors[0].field.as_str()), (422, "missing_column", "from"));
    let file = "ref,name,mail,to,from,until,status\n\
        A-1,Ada,,JP,2027-05-03,2027-05-09,\n\
        A-2,Ada,voyages@horizon.example,JP,2027-05-03,2027-05-09,\n\
        A-3,Ada,a@example.com,JP,2026-05-03,2026-05-09,\n";
    let report = send(&world, "plain", file.as_bytes()).await.unwrap();
    let expected = [("A-1", "left_out", "no_email"), ("A-2", "left_out", "no_email"), ("A-3", "left_out", "trip_is_over")];
    assert_eq!(outcomes(&report), expected, "the agency's own address is no traveller's");
}
