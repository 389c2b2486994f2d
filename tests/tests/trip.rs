//! The trip that `cargo local` tells, held as a test: from the booking to the expiry on the deployed template.

use std::error::Error;

use passerelle_tests::local::{Demo, Teller, trip};

#[tokio::test]
async fn one_trip_from_booking_to_expiry() -> Result<(), Box<dyn Error>> {
    let demo = Demo::shared()?;
    let played = trip::play(demo, true, &Teller::silent()).await;
    if played.is_err() {
        eprintln!("{}", demo.save_logs().await);
    }
    let played = played?;
    assert!(played.complete);
    assert_eq!(played.mails, 2, "the delivery and the proposal");
    assert!(played.topup_order_id.is_some_and(|topup| topup != played.order_id));
    Ok(())
}
