//! What became of a file.

use serde::Serialize;

use crate::{
    flows::Run,
    intake::feed::{Note, Reading, Reject, Told},
};

/// What became of a file: of each booking, and of each row that was rejected.
#[derive(Debug, Clone, Serialize)]
pub struct FeedReport {
    /// The mapping it was read by.
    pub mapping: String,
    /// `checked` where nothing was to be changed; `followed`; `repeated` where it is the last file again; `older` where a newer snapshot was followed before; `out_of_time` where the rest is to
    /// be sent again.
    pub outcome: &'static str,
    /// Rows that it holds.
    pub rows: usize,
    /// One entry a booking.
    pub bookings: Vec<BookingReport>,
    /// Rows that cannot be followed.
    pub rejects: Vec<Reject>,
    /// What else to know.
    pub notes: Vec<Note>,
    /// What the comparison with the snapshot before found, where the mapping says that files are snapshots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotReport>,
    /// The call that took it in.
    pub trace_id: String,
}

/// What became of one booking.
#[derive(Debug, Clone, Serialize)]
pub struct BookingReport {
    /// The agency's dossier number.
    pub reference: String,
    /// The lines that its rows begin at; none where it is not in the file.
    pub lines: Vec<usize>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of a booking, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// `created`, `changed`, `unchanged`, `cancelled` or `left_out`; of a file that was checked, `readable`.
    pub outcome: &'static str,
    /// Why it made no difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Why a booking made no difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Machine-readable.
    pub code: &'static str,
    /// For people; holds no personal data.
    pub text: String,
}

/// What the comparison of two snapshots found.
#[derive(Debug, Clone, Serialize)]
pub struct SnapshotReport {
    /// `compared`, or `not_compared` for the reason given.
    pub outcome: &'static str,
    /// Bookings that were told of before and are still to come.
    pub expected: usize,
    /// How many of them the file does not hold.
    pub vanished: usize,
    /// Why nothing was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

impl Outcome {
    pub(super) fn done(outcome: &'static str) -> Self {
        Self { outcome, reason: None }
    }

    pub(super) fn because(outcome: &'static str, code: &'static str, text: impl Into<String>) -> Self {
        Self { outcome, reason: Some(Reason { code, text: text.into() }) }
    }

    pub(super) fn left_out(code: &'static str, text: impl Into<String>) -> Self {
        Self::because("left_out", code, text)
    }

    /// The code of the reason, if there is one.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        self.reason.as_ref().map(|reason| reason.code)
    }
}

impl FeedReport {
    pub(super) fn followed(run: &Run<'_>, name: &str, reading: &Reading) -> Self {
        Self {
            mapping: name.to_owned(),
            outcome: "followed",
            rows: reading.rows,
            bookings: Vec::with_capacity(reading.bookings.len()),
            rejects: Vec::new(),
            notes: Vec::new(),
            snapshot: None,
            trace_id: run.trace_id.as_str().to_owned(),
        }
    }

    pub(super) fn unfollowed(run: &Run<'_>, name: &str, reading: Reading, outcome: &'static str) -> Self {
        let report = Self::followed(run, name, &reading);
        Self { outcome, rejects: reading.rejects, notes: reading.notes, ..report }
    }

    pub(super) fn add(&mut self, told: &Told, outcome: Outcome) {
        if outcome.code() == Some("out_of_time") {
            self.outcome = "out_of_time";
        }
        self.bookings.push(BookingReport { reference: told.reference.clone(), lines: told.lines.clone(), outcome });
    }

    /// Whether all of the file was looked at.
    pub(super) fn is_finished(&self) -> bool {
        self.outcome == "followed"
    }

    /// The report as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
