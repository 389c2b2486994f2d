//! `catalog-sync`: pulls each provider's catalogue.

use passerelle::{
    edge::{Error, Invocation, scheduled},
    flows::{
        House,
        sync_catalogue::{self, Synced},
    },
    problem::Problem,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    scheduled("catalog-sync", run).await
}

async fn run(house: &House, invocation: Invocation) -> Result<Vec<Synced>, Problem> {
    sync_catalogue::sync_all(house, &invocation.trace_id, invocation.deadline).await
}
