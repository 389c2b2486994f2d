//! `fulfilment`: finishes orders, applies webhooks, reads usage back.

use passerelle::edge::{Error, work};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    work("fulfilment", "FULFILMENT_QUEUE_URL", "FULFILMENT_DLQ_URL").await
}
