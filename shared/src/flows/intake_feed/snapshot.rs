//! A file that holds every booking that is still to come says by silence that a booking is no more.
//!
//! Silence is believed only of a file that was read whole, only of trips that have not begun (exports leave out what is under way), and only if it is
//! about few: a file that was cut in half must not cancel half of an agency's trips.

use std::collections::HashSet;

use super::{
    follow::Follower,
    report::{BookingReport, FeedReport, Outcome, Reason, SnapshotReport},
};
use crate::{config::Feed, domain::Locale, flows::tasks, intake::feed::Reading, problem::Problem};

/// Cancels what the file does not hold, or says why not.
pub(super) async fn compare(
    follower: &mut Follower<'_>,
    feed: &Feed,
    reading: &Reading,
    expected: Vec<String>,
    content: &str,
    report: &mut FeedReport,
) -> Result<(), Problem> {
    let held: HashSet<&str> = reading.bookings.iter().map(|told| told.reference.as_str()).collect();
    let vanished: Vec<&String> = expected.iter().filter(|reference| !held.contains(reference.as_str())).collect();
    let (expected, count) = (expected.len(), vanished.len());
    let not_compared = |code, text: &str| {
        let reason = Reason { code, text: text.to_owned() };
        Some(SnapshotReport { outcome: "not_compared", expected, vanished: count, reason: Some(reason) })
    };
    if !report.is_finished() {
        report.snapshot = not_compared("out_of_time", "not all of the file was looked at: send it again");
    } else if let Some(why) = reading.not_whole {
        report.snapshot = not_compared("not_whole", why);
    } else if count * 100 > expected * usize::from(feed.most_vanished_percent) {
        ask(follower, content, count, expected).await?;
        report.snapshot =
            not_compared("many_vanished", "more bookings vanished than the mapping allows: nothing was cancelled, a task asks");
    } else {
        report.snapshot = Some(SnapshotReport { outcome: "compared", expected, vanished: count, reason: None });
        for reference in vanished {
            cancel(follower, reference, report).await?;
        }
    }
    Ok(())
}

async fn cancel(follower: &mut Follower<'_>, reference: &str, report: &mut FeedReport) -> Result<(), Problem> {
    if !follower.has_time() {
        report.outcome = "out_of_time";
        return Ok(());
    }
    let content = follower.run.house.index.content(&follower.run.agency_id, b"cancelled");
    let outcome = follower.cancel(reference, content).await?;
    let outcome = match outcome.outcome {
        "cancelled" => Outcome::because("cancelled", "not_in_snapshot", "the file no longer holds it"),
        _ => outcome,
    };
    report.bookings.push(BookingReport { reference: reference.to_owned(), lines: Vec::new(), outcome });
    Ok(())
}

async fn ask(follower: &Follower<'_>, content: &str, vanished: usize, expected: usize) -> Result<(), Problem> {
    let (run, name) = (follower.run, follower.name);
    let detail = match run.agency.locale {
        Locale::Fr => format!("{vanished} réservations sur {expected} ont disparu du fichier « {name} » ; aucune n'a été annulée"),
        Locale::En => format!("{vanished} of {expected} bookings vanished from the file \"{name}\"; none was cancelled"),
    };
    let task = tasks::file_to_check(run, name, content, detail);
    Ok(run.house.store.transaction().enqueue(&task)?.commit().await?)
}
