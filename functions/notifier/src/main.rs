//! `notifier`: mails, CRM writes, tasks, events.

use passerelle::edge::{Error, work};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    work("notifier", "NOTIFIER_QUEUE_URL", "NOTIFIER_DLQ_URL").await
}
