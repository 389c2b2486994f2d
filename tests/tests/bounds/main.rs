//! The sync of eight accounts with 3,200 packages each stays within bounds, whatever the machine: its memory is counted at the allocator.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod market;
mod table;

use market::{ACCOUNTS, COUNTRIES, Market, PACKAGES};
use passerelle::{flows::sync_catalogue, store::catalogue::CatalogueChange};
use peak_alloc::PeakAlloc;

#[global_allocator]
static COUNTED: PeakAlloc = PeakAlloc;

/// What the function may take, bytes: `catalog-sync` has 512 MB, and the promise is a quarter of it.
const MOST: usize = 128 * 1_048_576;

/// Syncs every account; what changed, and the most memory that was allocated at once meanwhile, in bytes.
async fn sync(market: &Market) -> (CatalogueChange, usize) {
    COUNTED.reset_peak_usage();
    let mut all = CatalogueChange::default();
    for synced in sync_catalogue::sync_agency(&market.run().await).await {
        let change = synced.result.unwrap_or_else(|reason| panic!("{}: {reason}", synced.account));
        all.packages += change.packages;
        all.written += change.written;
        all.removed += change.removed;
        all.new += change.new;
        all.gone += change.gone;
        all.repriced += change.repriced;
    }
    (all, COUNTED.peak_usage())
}

fn assert_bounded(what: &str, peak: usize) {
    println!("{what}: at most {} MB", peak / 1_048_576);
    assert!(peak < MOST, "{what}: {} MB", peak / 1_048_576);
}

#[tokio::test]
async fn eight_large_catalogues_are_synced_in_bounded_memory() {
    let market = Market::new().await;
    let whole = ACCOUNTS * PACKAGES;

    let (change, peak) = sync(&market).await;
    assert_bounded("the first sync", peak);
    assert_eq!((change.packages, change.new, change.gone, change.repriced), (whole, whole, 0, 0));
    assert_eq!(change.written, whole + ACCOUNTS * COUNTRIES, "an item a package and an item a country");
    assert_eq!(market.shelf.catalogue_items(), change.written);

    let (change, peak) = sync(&market).await;
    assert_eq!(change, CatalogueChange { packages: whole, ..CatalogueChange::default() });
    assert_bounded("nothing new", peak);

    market.reprice();
    let (change, peak) = sync(&market).await;
    assert_eq!((change.repriced, change.new, change.gone, change.removed), (whole, 0, 0, 0));
    assert_bounded("every price is another one", peak);
    assert_eq!(market.shelf.outbox().await, ACCOUNTS * PACKAGES / 50, "what follows for open offers is written down in few entries");
}
