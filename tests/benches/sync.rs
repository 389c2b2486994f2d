//! How long the sync of eight accounts with 3,200 packages each takes us, the providers' and the table's time apart. The promise: under a minute.
//!
//! `cargo bench -p passerelle-tests --bench sync`

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark may stop at what is wrong")]

#[path = "../tests/bounds/market.rs"]
mod market;
#[path = "../tests/bounds/table.rs"]
mod table;

use market::{ACCOUNTS, COUNTRIES, Market, PACKAGES};
use passerelle::flows::sync_catalogue;
use std::time::Instant;

async fn measure(market: &Market, what: &str) {
    let began = Instant::now();
    let synced = sync_catalogue::sync_agency(&market.run().await).await;
    let written: usize = synced.iter().filter_map(|synced| synced.result.as_ref().ok()).map(|change| change.written).sum();
    let seconds = began.elapsed().as_secs_f64();
    let (items, entries) = (market.shelf.catalogue_items(), market.shelf.outbox().await);
    println!("{what}: {seconds:.2} s; {written} of {items} items written, {entries} entries about changes");
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        println!("{ACCOUNTS} accounts of {PACKAGES} packages for {COUNTRIES} countries");
        let market = Market::new().await;
        measure(&market, "the first sync").await;
        measure(&market, "nothing new").await;
        market.reprice();
        measure(&market, "every price is another one").await;
    });
}
