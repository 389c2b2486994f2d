//! `onboard`: tries an agency's settings, and registers its clients and webhooks.

use passerelle::{
    edge::{Error, Invocation, invoked},
    flows::{
        House,
        onboard::{self, Onboarding, Report},
    },
    problem::Problem,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    invoked("onboard", run).await
}

async fn run(house: &House, request: Onboarding, invocation: Invocation) -> Result<Report, Problem> {
    let run = house.run(request.agency.clone(), invocation.trace_id, invocation.deadline).await?;
    onboard::onboard(&run, &request).await
}
