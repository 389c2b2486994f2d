//! Files that another system drops: `in/<agency>/air/…` and `in/<agency>/feed/<mapping>/…`. Each takes the same way as an upload, and what became of it
//! is laid at the same place under `out/`: `….result.json`, and `….rejects.csv` where something was left out that a person can mend.
//!
//! The result is written last, and never over another: a notice that comes again finds the file followed and its result there. When we die in
//! between, the notice comes again. What can never be followed (a mapping that is not there, a file of another kind) is a result, too, with a
//! task; what fails otherwise is tried again and then stands in the dead-letter queue, with the file still in the bucket.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;

use super::{
    House, Run, intake_air,
    intake_feed::{self, FeedFile, FeedReport},
    tasks,
};
use crate::{
    domain::{AgencyId, Locale, TraceId},
    objects::{ObjectError, Objects},
    outbound::Deadline,
    problem::Problem,
    spreadsheet::Sheet,
};

/// The largest file that is read, bytes.
pub const MOST_BYTES: usize = 5 * 1024 * 1024;

/// How often, and after what wait, a feed is asked for again on which another file is worked.
const TURNS: (u32, Duration) = (20, Duration::from_secs(3));

/// What needs nobody's attention: how things are, not what is wrong.
const NOTHING_TO_MEND: [&str; 9] =
    ["older", "no_booking_yet", "trip_is_over", "no_stay_abroad", "unknown_booking", "none_wanted", "no_flight", "emd", "parts_missing"];

/// A file, as we were told of it.
#[derive(Debug, Clone)]
pub struct Dropped {
    /// Its key in the bucket.
    pub key: String,
    /// Which writing of this key it was, the same whenever we are told of it again.
    pub writing: String,
    /// When it was written.
    pub written_at: Timestamp,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// `followed`, `refused`, `repeated` where its result was there, `absent`, or `folder`.
    pub outcome: &'static str,
}

/// Where a file lies.
struct Place<'a> {
    agency: AgencyId,
    /// A mapping; none is Amadeus records.
    mapping: Option<&'a str>,
    /// All of the key behind `in/`.
    rest: &'a str,
}

/// What is laid beside a file.
struct Outcome {
    outcome: &'static str,
    result: String,
    rejects: Vec<[String; 5]>,
    /// Whether a task asks somebody to look.
    ask: bool,
}

/// Follows a file, and lays the result beside it.
///
/// # Errors
/// [`Problem`] when the file does not lie where files are dropped, or something cannot be used now: to be tried again.
pub async fn take(
    house: &House,
    objects: &dyn Objects,
    dropped: &Dropped,
    trace_id: &TraceId,
    deadline: Deadline,
) -> Result<Taken, Problem> {
    if dropped.key.ends_with('/') {
        return Ok(Taken { outcome: "folder" });
    }
    let misplaced = || Problem::new(422, "misplaced", "Files go to in/<agency>/air/ or in/<agency>/feed/<mapping>/.");
    let place = place(&dropped.key).ok_or_else(misplaced)?;
    let run = house.run(place.agency.clone(), trace_id.clone(), deadline).await?;
    let outcome = match objects.read(&dropped.key, MOST_BYTES).await {
        Ok(bytes) => followed(&run, &place, dropped, &bytes).await?,
        Err(ObjectError::Absent) => return Ok(Taken { outcome: "absent" }),
        Err(ObjectError::TooLarge { most }) => {
            refused(&run, &Problem::new(413, "too_large", format!("The file has more than {most} bytes.")))
        }
        Err(error) => return Err(bucket(&error)),
    };
    lay(&run, objects, &place, dropped, outcome).await
}

fn place(key: &str) -> Option<Place<'_>> {
    let rest = key.strip_prefix("in/")?;
    let (agency, file) = rest.split_once('/')?;
    let agency = AgencyId::parse(agency).ok()?;
    if file.strip_prefix("air/").is_some_and(|name| !name.is_empty()) {
        return Some(Place { agency, mapping: None, rest });
    }
    let (mapping, name) = file.strip_prefix("feed/")?.split_once('/')?;
    (!mapping.is_empty() && !name.is_empty()).then_some(Place { agency, mapping: Some(mapping), rest })
}

async fn followed(run: &Run<'_>, place: &Place<'_>, dropped: &Dropped, bytes: &[u8]) -> Result<Outcome, Problem> {
    let followed = match place.mapping {
        Some(mapping) => feed(run, mapping, FeedFile { bytes, is_text: false, sent_at: dropped.written_at }).await.map(of_feed),
        None => intake_air::take(run, bytes).await.map(of_air),
    };
    let unfinished = || Problem::unavailable("There was not time for all of the file: it goes on when it is tried again.");
    match followed {
        Ok(None) => Err(unfinished()),
        Ok(Some(outcome)) => Ok(outcome),
        Err(problem) if problem.status < 500 && problem.status != 409 => Ok(refused(run, &problem)),
        Err(problem) => Err(problem),
    }
}

/// Waits for its turn: files of one feed are followed one after the other.
async fn feed(run: &Run<'_>, mapping: &str, file: FeedFile<'_>) -> Result<FeedReport, Problem> {
    let (turns, wait) = TURNS;
    for _ in 1..turns {
        match intake_feed::take(run, mapping, file).await {
            Err(problem) if problem.code == "feed_busy" && run.deadline.left(run.now()) > wait * 4 => tokio::time::sleep(wait).await,
            done => return done,
        }
    }
    intake_feed::take(run, mapping, file).await
}

/// `None` where time was short.
fn of_feed(report: FeedReport) -> Option<Outcome> {
    if report.outcome == "out_of_time" {
        return None;
    }
    let mut rejects: Vec<[String; 5]> = report
        .rejects
        .iter()
        .map(|one| {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            [one.line.to_string(), text(&one.column), one.code.to_owned(), text(&one.reference), one.text.clone()]
        })
        .collect();
    let left_out = report.bookings.iter().filter(|one| one.outcome.outcome == "left_out" && one.outcome.code() != Some("rejected_rows"));
    rejects.extend(left_out.filter_map(|one| {
        let reason = one.outcome.reason.as_ref().filter(|reason| !NOTHING_TO_MEND.contains(&reason.code))?;
        let line = one.lines.first().map(usize::to_string).unwrap_or_default();
        Some([line, String::new(), reason.code.to_owned(), one.reference.clone(), reason.text.clone()])
    }));
    let outcome = if report.outcome == "repeated" { "repeated" } else { "followed" };
    Some(Outcome { outcome, result: report.json(), ask: !rejects.is_empty(), rejects })
}

/// `None` where time was short. Each booking that was left out has its own task already.
fn of_air(report: String) -> Option<Outcome> {
    let told: Value = serde_json::from_str(&report).unwrap_or_default();
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut rejects = Vec::new();
    for record in told.get("records").and_then(Value::as_array).into_iter().flatten() {
        let Some(reason) = record.get("reason") else { continue };
        let code = text(reason, "code");
        if code == "out_of_time" {
            return None;
        }
        if text(record, "outcome") == "left_out" && !NOTHING_TO_MEND.contains(&code.as_str()) {
            let line = record.get("line").map(Value::to_string).unwrap_or_default();
            rejects.push([line, String::new(), code, text(record, "reference"), text(reason, "text")]);
        }
    }
    Some(Outcome { outcome: "followed", result: report, rejects, ask: false })
}

fn refused(run: &Run<'_>, problem: &Problem) -> Outcome {
    let columns =
        if problem.errors.is_empty() { vec![String::new()] } else { problem.errors.iter().map(|error| error.field.clone()).collect() };
    let row = |column| [String::new(), column, problem.code.to_owned(), String::new(), problem.detail.clone()];
    Outcome { outcome: "refused", result: problem.document(&run.trace_id).body, rejects: columns.into_iter().map(row).collect(), ask: true }
}

async fn lay(run: &Run<'_>, objects: &dyn Objects, place: &Place<'_>, dropped: &Dropped, outcome: Outcome) -> Result<Taken, Problem> {
    let base = format!("out/{}.{}", place.rest, dropped.writing);
    if outcome.ask {
        ask(run, place, &base, outcome.rejects.len()).await?;
    }
    if !outcome.rejects.is_empty() {
        let mut sheet = Sheet::new(&["line", "column", "code", "reference", "text"]);
        outcome.rejects.into_iter().for_each(|row| sheet.row(row));
        let written = objects.write_new(&format!("{base}.rejects.csv"), "text/csv; charset=utf-8", sheet.bytes()).await;
        written.map_err(|error| bucket(&error))?;
    }
    let written = objects.write_new(&format!("{base}.result.json"), "application/json", outcome.result.into_bytes()).await;
    let is_new = written.map_err(|error| bucket(&error))?;
    Ok(Taken { outcome: if is_new { outcome.outcome } else { "repeated" } })
}

/// A task, once a writing of a file.
async fn ask(run: &Run<'_>, place: &Place<'_>, base: &str, rows: usize) -> Result<(), Problem> {
    let name = place.mapping.unwrap_or("air");
    let detail = match run.agency.locale {
        Locale::Fr => format!("fichier « {name} » déposé : {rows} lignes à corriger, listées dans le fichier .rejects.csv du dossier out/"),
        Locale::En => format!("file dropped for \"{name}\": {rows} lines to mend, listed in the .rejects.csv file under out/"),
    };
    let content = run.house.index.content(&run.agency_id, base.as_bytes());
    let task = tasks::file_to_check(run, name, &content, detail);
    Ok(run.house.store.transaction().enqueue(&task)?.commit().await?)
}

fn bucket(error: &ObjectError) -> Problem {
    tracing::error!(%error, "the bucket could not be used");
    Problem::unavailable("The bucket cannot be used at the moment.")
}
