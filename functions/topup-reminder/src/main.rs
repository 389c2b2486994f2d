//! `topup-reminder`: proposes a top-up two days before a plan ends.

use passerelle::{
    edge::{Error, Invocation, scheduled},
    flows::{
        House,
        remind_topup::{self, Reminded},
    },
    problem::Problem,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    scheduled("topup-reminder", run).await
}

async fn run(house: &House, invocation: Invocation) -> Result<Reminded, Problem> {
    remind_topup::remind_due(house, invocation.time, &invocation.trace_id, invocation.deadline).await
}
