//! The answer of a batch: what must come again (`ReportBatchItemFailures`).

use serde::Serialize;

/// The records that must come again; none means that all are done.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Failures {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

impl Failures {
    /// Lets a record come again: a message by its id, a stream's record by its sequence number.
    pub(super) fn push(&mut self, item_identifier: String) {
        self.batch_item_failures.push(Failure { item_identifier });
    }
}
