//! `retention`: anonymises usage past its age, and proves it.

use passerelle::{
    edge::{Error, Invocation, scheduled},
    flows::{
        House,
        anonymise::{self, Anonymised},
    },
    problem::Problem,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    scheduled("retention", run).await
}

async fn run(house: &House, invocation: Invocation) -> Result<Anonymised, Problem> {
    anonymise::anonymise_due(house, invocation.time, &invocation.trace_id, invocation.deadline).await
}
