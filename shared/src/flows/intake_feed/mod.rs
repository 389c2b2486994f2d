//! `POST /intake/feed/{mapping}`, and files that are dropped: each booking of the file makes, changes or cancels its dossier by the same way as
//! `POST /bookings`, or the report says why it does not.
//!
//! One file of a feed is worked on at a time. What was told of a booking is written, as a hash, after the dossier that follows from it: when we die
//! in between, the same file does both again, and the dossier, being the same, does not change. So files may come again, be cut off for lack of
//! time, or overtake each other: what an older file says of a booking changes nothing after a newer one was followed.

mod follow;
mod report;
mod snapshot;

use jiff::{SignedDuration, Timestamp};

use self::follow::Follower;
pub use self::report::FeedReport;
use super::Run;
use crate::{
    config::Feed,
    intake::feed::{self, Reading, Unreadable},
    problem::{FieldError, Problem},
    store::feeds::FeedState,
};

/// How long a file may still be held after the run that held it had to be over.
const GRACE: SignedDuration = SignedDuration::from_secs(2);

/// A file as it came in.
#[derive(Debug, Clone, Copy)]
pub struct FeedFile<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Whether they are UTF-8 whatever the mapping says.
    pub is_text: bool,
    /// When it was sent.
    pub sent_at: Timestamp,
}

/// Takes a file in, and tells what became of each of its bookings and rows.
///
/// # Errors
/// [`Problem`] 404 when the agency has no such mapping, 422 when the mapping is for another file, 409 while another file of the feed is worked on; 5xx
/// when the table cannot be used: the same file may then be sent again.
pub async fn take(run: &Run<'_>, name: &str, file: FeedFile<'_>) -> Result<FeedReport, Problem> {
    let feed = run.agency.feeds.get(name).ok_or_else(|| Problem::not_found("mapping"))?;
    let reading = feed::read(feed, file.bytes, file.is_text).map_err(refused)?;
    let content = content(run, feed, file);
    let held = hold(run, name).await?;
    if held.content.as_deref() == Some(&content) {
        release(run, name, held).await?;
        return Ok(FeedReport::unfollowed(run, name, reading, "repeated"));
    }
    if feed.snapshot && held.as_of.is_some_and(|newest| newest > file.sent_at) {
        release(run, name, held).await?;
        return Ok(FeedReport::unfollowed(run, name, reading, "older"));
    }
    followed(run, name, feed, file, reading, content, held).await
}

/// Reads a file and tells what it would be, without changing anything: for agreeing on a mapping.
///
/// # Errors
/// [`Problem`] 404 and 422, as [`take`].
pub fn check(run: &Run<'_>, name: &str, file: FeedFile<'_>) -> Result<FeedReport, Problem> {
    let feed = run.agency.feeds.get(name).ok_or_else(|| Problem::not_found("mapping"))?;
    let reading = feed::read(feed, file.bytes, file.is_text).map_err(refused)?;
    let bookings = reading.bookings.clone();
    let mut report = FeedReport::unfollowed(run, name, reading, "checked");
    for told in &bookings {
        report.add(told, follow::would_be(run, told));
    }
    Ok(report)
}

async fn followed(
    run: &Run<'_>,
    name: &str,
    feed: &Feed,
    file: FeedFile<'_>,
    reading: Reading,
    content: String,
    held: FeedState,
) -> Result<FeedReport, Problem> {
    let worked = work(run, name, feed, file, reading, &content).await;
    let whole = worked.as_ref().is_ok_and(FeedReport::is_finished);
    let mut state = held;
    if whole {
        state.content = Some(content);
        state.as_of = state.as_of.max(Some(file.sent_at));
    } else {
        // Not all of it was followed: when it comes again, it is no repeat.
        state.content = None;
    }
    release(run, name, state).await?;
    worked
}

async fn work(run: &Run<'_>, name: &str, feed: &Feed, file: FeedFile<'_>, reading: Reading, content: &str) -> Result<FeedReport, Problem> {
    let mut follower = Follower::new(run, name, file.sent_at).await?;
    let mut report = FeedReport::followed(run, name, &reading);
    let expected = follower.expected();
    for told in &reading.bookings {
        report.add(told, follower.follow(told).await?);
    }
    if feed.snapshot {
        snapshot::compare(&mut follower, feed, &reading, expected, content, &mut report).await?;
    }
    report.rejects = reading.rejects;
    report.notes = reading.notes;
    Ok(report)
}

/// The keyed hash of a file as this mapping reads it: with another mapping, the same file says something else.
fn content(run: &Run<'_>, feed: &Feed, file: FeedFile<'_>) -> String {
    let mut bytes = format!("{feed:?}\n").into_bytes();
    bytes.extend_from_slice(file.bytes);
    run.house.index.content(&run.agency_id, &bytes)
}

/// Holds the feed until this run must be over.
async fn hold(run: &Run<'_>, name: &str) -> Result<FeedState, Problem> {
    let busy = || Problem::new(409, "feed_busy", "Another file of this feed is being worked on. Send this one again.");
    let state = run.house.store.feed(&run.agency_id, name).await?;
    if let Some(until) = state.held_until.filter(|until| *until > run.now()) {
        let wait = until.duration_since(run.now()).unsigned_abs();
        return Err(busy().retry_after(wait));
    }
    let until = run.deadline.moment().saturating_add(GRACE).unwrap_or(Timestamp::MAX);
    let held = FeedState { held_until: Some(until), ..state };
    run.house.store.transaction().write_feed(&run.agency_id, name, &held).commit().await?;
    Ok(FeedState { version: held.version + 1, ..held })
}

async fn release(run: &Run<'_>, name: &str, held: FeedState) -> Result<(), Problem> {
    let free = FeedState { held_until: None, ..held };
    Ok(run.house.store.transaction().write_feed(&run.agency_id, name, &free).commit().await?)
}

fn refused(why: Unreadable) -> Problem {
    let mut problem = Problem::new(422, why.code, why.text);
    let error = |column| FieldError { field: column, message: "the mapping reads this column".to_owned() };
    problem.errors = why.columns.into_iter().map(error).collect();
    problem
}
