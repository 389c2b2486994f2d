//! `relay`: moves new outbox entries to the queues.

use passerelle::edge::{Error, relay};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    relay("relay").await
}
