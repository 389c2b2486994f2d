//! `intake-drop`: files that another system drops into the bucket.

use passerelle::{
    edge::{Error, Invocation, dropped},
    flows::{
        House,
        intake_drop::{self, Dropped, Taken},
    },
    objects::Bucket,
    problem::Problem,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    dropped("intake-drop", take).await
}

async fn take(house: &House, bucket: &Bucket, dropped: Dropped, invocation: Invocation) -> Result<Taken, Problem> {
    intake_drop::take(house, bucket, &dropped, &invocation.trace_id, invocation.deadline).await
}
