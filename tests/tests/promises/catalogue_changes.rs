//! Offers that the catalogue has overtaken are made anew, with a note, once a change; whatever dies where.

use crate::{
    fixture::{World, agency_id},
    pages::{html, panel_of},
};
use passerelle_tests::sim::Fault;
use serde_json::{Value, json};
use std::time::Duration;

const CHEAP: &str = "ref-jp-3gb-15d";
const ASIA: &str = "ref-asia-5gb-15d";

async fn world() -> World {
    World::with_accounts(&["reference"]).await
}

async fn change(world: &World, settings: Value) {
    world.sims.reference.client().post("settings", &settings).await.unwrap();
}

async fn sync(world: &mut World) {
    world.sync().await;
    world.settle().await;
}

async fn booked(world: &mut World, reference: &str) {
    world.book(reference, "JP", "2027-05-03", "2027-05-09").await;
    world.settle().await;
}

/// The version, the note and the offered packages of a dossier.
async fn dossier(world: &World, reference: &str) -> (u64, String, Vec<String>) {
    let record = world.house.store.booking(&agency_id(), reference, &world.house.seals).await.unwrap().unwrap();
    let ids = record.offers.iter().map(|offer| offer["packages"][0]["package_id"].as_str().unwrap().to_owned()).collect();
    (record.booking.version, record.offers_note.unwrap_or_default(), ids)
}

/// What the deals' property of offers was set to so far, in order.
async fn told(world: &World) -> Vec<String> {
    let calls = world.sims.hubspot.client().requests().await.unwrap();
    calls.iter().filter_map(|call| call["body"]["properties"]["passerelle_offers"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_plan_that_is_gone_or_repriced_renews_the_offers_once_with_a_note() {
    let mut world = world().await;
    booked(&mut world, "VH-1").await;
    assert_eq!(told(&world).await.len(), 1);
    let (version, _, before) = dossier(&world, "VH-1").await;
    assert!(before.contains(&format!("reference:{CHEAP}")) && before.contains(&format!("reference:{ASIA}")), "{before:?}");

    change(&world, json!({"gone": [CHEAP], "prices": {ASIA: 1990, "ref-world-5gb-30d": 3490}})).await;
    sync(&mut world).await;
    let (renewed, note, after) = dossier(&world, "VH-1").await;
    assert_eq!(renewed, version + 1);
    assert!(!after.contains(&format!("reference:{CHEAP}")), "{after:?}");
    assert!(note.starts_with("Offres mises à jour le 20/04/2027 : "), "{note}");
    for words in
        ["« Japon 3 Go 15 jours » (reference) n’est plus vendu", "« Asie 5 Go 15 jours » (reference) coûte 19,90 EUR au lieu de 18,90 EUR"]
    {
        assert!(note.contains(words), "{note}");
    }
    assert!(!note.contains("Monde"), "the same price is no change: {note}");
    let shown = told(&world).await;
    assert_eq!(shown.len(), 2);
    assert!(shown[1].starts_with(&note) && shown[1].contains("19.9 EUR"), "{}", shown[1]);

    let panel = html(&panel_of(&world, "VH-1").await).await;
    assert!(panel.contains("« Japon 3 Go 15 jours » (reference) n’est plus vendu"), "{panel}");

    for _ in 0..2 {
        world.pass(Duration::from_secs(3_600)).await;
        sync(&mut world).await;
    }
    assert_eq!((told(&world).await.len(), dossier(&world, "VH-1").await.0), (2, renewed), "once a change");

    change(&world, json!({"gone": []})).await;
    sync(&mut world).await;
    assert_eq!(told(&world).await.len(), 2, "what is new overtakes nothing that was offered");

    change(&world, json!({"prices": {ASIA: 1790}})).await;
    sync(&mut world).await;
    let (_, note, _) = dossier(&world, "VH-1").await;
    assert!(note.contains("17,90 EUR au lieu de 19,90 EUR"), "the next change, from what was shown last: {note}");
    assert_eq!(told(&world).await.len(), 3);
    assert!(world.dead.is_empty() && world.outbox().await.is_empty());
}

#[tokio::test]
async fn what_was_ordered_or_cancelled_or_is_over_stays_as_it_was() {
    let mut world = world().await;
    for reference in ["ORDERED", "CANCELLED", "OVER", "OPEN", "ELSEWHERE"] {
        let country = if reference == "ELSEWHERE" { "US" } else { "JP" };
        let to = if reference == "OVER" { "2027-04-21" } else { "2027-05-09" };
        world.book(reference, country, "2027-04-20", to).await;
    }
    world.settle().await;
    world.order("key-1", &format!("reference:{CHEAP}"), "ORDERED").await.unwrap();
    passerelle::flows::intake::cancel(&world.run().await, "CANCELLED").await.unwrap();
    world.settle().await;
    world.pass(Duration::from_secs(4 * 86_400)).await;
    let mut before = Vec::new();
    for reference in ["ORDERED", "CANCELLED", "OVER", "ELSEWHERE"] {
        before.push((reference, dossier(&world, reference).await));
    }
    change(&world, json!({"gone": [CHEAP, ASIA]})).await;
    sync(&mut world).await;
    for (reference, before) in before {
        assert_eq!(dossier(&world, reference).await, before, "{reference}");
    }
    assert!(dossier(&world, "OPEN").await.1.contains("n’est plus vendu"));
}

#[tokio::test]
async fn an_order_that_was_refused_leaves_the_dossier_open() {
    let mut world = world().await;
    booked(&mut world, "VH-1").await;
    let refusal = Fault::on("POST", "/orders").status(422).body(json!({"code": "sold_out", "detail": "Sold out"}));
    world.sims.reference.client().fault(&refusal).await.unwrap();
    assert_eq!(world.order("key-1", &format!("reference:{CHEAP}"), "VH-1").await.unwrap().answer.status, 422);
    world.settle().await;
    change(&world, json!({"gone": [CHEAP]})).await;
    sync(&mut world).await;
    assert!(dossier(&world, "VH-1").await.1.contains("n’est plus vendu"));
}

#[tokio::test]
async fn more_dossiers_than_one_run_takes_are_all_renewed_once() {
    let mut world = world().await;
    for number in 0..60 {
        world.book(&format!("VH-{number:02}"), "JP", "2027-05-03", "2027-05-09").await;
    }
    world.settle().await;
    assert_eq!(told(&world).await.len(), 60);
    change(&world, json!({"prices": {CHEAP: 990, ASIA: 1990}})).await;
    world.sync().await;
    let entries: Vec<String> = world.outbox().await.into_iter().map(|entry| entry.work).collect();
    assert_eq!(entries, ["spread_change"], "the sync itself writes one entry for fifty packages");
    world.settle().await;
    for number in 0..60 {
        assert!(dossier(&world, &format!("VH-{number:02}")).await.1.contains("9,90 EUR au lieu de 8,50 EUR"));
    }
    assert_eq!(told(&world).await.len(), 120, "once each, whichever of their plans changed");
}

#[tokio::test]
async fn wherever_the_sync_dies_the_change_is_told_once_in_the_end() {
    for survived in 0.. {
        let mut world = world().await;
        booked(&mut world, "VH-1").await;
        change(&world, json!({"gone": [CHEAP], "prices": {ASIA: 1990}})).await;
        world.table.allow_writes(survived);
        let died = world.sync().await.iter().any(|synced| synced.result.is_err());
        world.table.allow_writes(u64::MAX);
        world.settle().await;
        world.pass(Duration::from_secs(3_600)).await;
        sync(&mut world).await;
        sync(&mut world).await;
        let note = dossier(&world, "VH-1").await.1;
        assert!(note.contains("n’est plus vendu") && note.contains("19,90 EUR"), "{survived}: {note}");
        let notes = told(&world).await[1..].concat();
        assert_eq!(notes.matches("n’est plus vendu").count(), 1, "{survived}: {notes}");
        assert_eq!(notes.matches("19,90 EUR au lieu de 18,90 EUR").count(), 1, "{survived}: {notes}");
        if !died {
            assert!(survived >= 3, "told, countries, packages: {survived}");
            return;
        }
    }
}

#[tokio::test]
async fn wherever_the_renewal_dies_it_is_done_once_in_the_end() {
    for survived in 0.. {
        let mut world = world().await;
        booked(&mut world, "VH-1").await;
        change(&world, json!({"gone": [CHEAP]})).await;
        world.sync().await;
        world.pass(Duration::from_secs(400)).await;
        world.table.allow_writes(survived);
        world.settle_without_waiting().await;
        let ended = world.outbox().await.is_empty();
        world.table.allow_writes(u64::MAX);
        world.settle().await;
        // A process that dies after it told the CRM tells it the same again.
        let mut told = told(&world).await;
        told.dedup();
        assert_eq!(told.len(), 2, "{survived}");
        assert!(dossier(&world, "VH-1").await.1.contains("n’est plus vendu") && world.dead.is_empty());
        if ended {
            assert!(survived > 3, "{survived}");
            return;
        }
    }
}

#[tokio::test]
async fn a_forgotten_dossier_is_no_longer_found_by_its_offers() {
    let mut world = world().await;
    booked(&mut world, "VH-1").await;
    assert!(!world.items("offered").await.is_empty());
    world.pass(Duration::from_secs(2 * 366 * 86_400)).await;
    let deadline = passerelle::outbound::Deadline::within(world.now(), Duration::from_secs(60));
    let done = passerelle::flows::anonymise::anonymise_due(&world.house, world.now(), &crate::fixture::trace(), deadline).await.unwrap();
    assert_eq!((done.bookings, done.remaining), (1, 0));
    assert!(world.items("offered").await.is_empty() && world.items("booking").await.is_empty());
}

#[tokio::test]
async fn a_catalogue_that_is_read_in_part_or_is_empty_leaves_everything_as_it_was() {
    let mut world = world().await;
    booked(&mut world, "VH-1").await;
    let (packages, countries) = (world.items("package").await.len(), world.items("country").await.len());
    let reference = world.sims.reference.client();
    let catalogue = || Fault::on("GET", "/catalog").times(9);
    for fault in [
        catalogue().status(500),
        catalogue().malformed(),
        catalogue().dropping_the_reply(),
        catalogue().body(json!({"packages": [], "next_cursor": null})),
        // A page of two, and the second is never there.
        catalogue().times(1).body(json!({"packages": [], "next_cursor": "no-such-package"})),
    ] {
        let name = fault.name();
        reference.fault(&fault).await.unwrap();
        let synced = world.sync().await;
        reference.clear_faults().await.unwrap();
        assert!(synced.iter().all(|synced| synced.result.is_err()), "{name}: {synced:?}");
        assert_eq!((world.items("package").await.len(), world.items("country").await.len()), (packages, countries), "{name}");
        // The breaker has seen failures; what it holds back is not what is looked at here.
        world.pass(Duration::from_secs(600)).await;
    }
    world.settle().await;
    assert_eq!(told(&world).await.len(), 1);
}
