//! `sales-drop`: every night, what was sold on the days that are over, into the bucket.

use passerelle::{
    edge::{Error, Invocation, drop_bucket, scheduled},
    flows::{House, sales_daily},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let bucket = &drop_bucket().await?;
    scheduled("sales-drop", async |house: &House, run: Invocation| {
        sales_daily::lay(house, bucket, run.time, &run.trace_id, run.deadline).await
    })
    .await
}
