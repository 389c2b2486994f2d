//! The trip that `cargo local` tells: booking, offers, order, mail, CRM, polls, thresholds, J-2, top-up, expiry.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use passerelle_tests::local::{Demo, Teller, trip};

#[tokio::test]
async fn the_whole_trip_is_played_from_booking_to_expiry() {
    let demo = Demo::shared().unwrap_or_else(|error| panic!("{error}"));
    let played = trip::play(demo, true, &Teller::silent()).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(played.complete);
    assert_eq!(played.mails, 2, "the codes, and the J-2 proposal");
}
