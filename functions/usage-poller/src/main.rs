//! `usage-poller`: reads the usage of the eSIMs that are due.

use passerelle::{
    edge::{Error, Invocation, scheduled},
    flows::{
        House,
        poll_usage::{self, Polled},
    },
    problem::Problem,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    scheduled("usage-poller", run).await
}

async fn run(house: &House, invocation: Invocation) -> Result<Polled, Problem> {
    poll_usage::poll_due(house, invocation.time, &invocation.trace_id, invocation.deadline).await
}
