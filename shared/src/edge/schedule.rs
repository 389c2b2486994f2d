//! Functions that a schedule or a person invokes.

use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::setup;
use crate::{domain::TraceId, flows::House, outbound::Deadline, problem::Problem, telemetry};

/// A schedule's event. Only its time is looked at, so that any day can be played.
#[derive(Deserialize)]
struct Tick {
    time: Timestamp,
}

/// One invocation.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The time that the schedule meant; now for others.
    pub time: Timestamp,
    /// Ties everything together.
    pub trace_id: TraceId,
    /// When it must be over.
    pub deadline: Deadline,
}

/// Runs a job at each tick of its schedule.
///
/// # Errors
/// When the function cannot be set up, or the runtime cannot be reached.
pub async fn scheduled<F, T>(service: &'static str, job: F) -> Result<(), Error>
where
    F: AsyncFn(&House, Invocation) -> Result<T, Problem>,
    T: Serialize,
{
    invoked(service, async |house: &House, tick: Tick, invocation: Invocation| {
        job(house, Invocation { time: tick.time, ..invocation }).await
    })
    .await
}

/// Runs a job for each event it is invoked with.
///
/// # Errors
/// When the function cannot be set up, or the runtime cannot be reached.
pub async fn invoked<E, F, T>(service: &'static str, job: F) -> Result<(), Error>
where
    E: DeserializeOwned,
    F: AsyncFn(&House, E, Invocation) -> Result<T, Problem>,
    T: Serialize,
{
    let house = setup::house(service).await?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<E>| {
        house.renew_keys().await;
        let invocation = Invocation {
            time: house.world.now(),
            trace_id: telemetry::new_trace_id(&house.world),
            deadline: setup::deadline(&event.context, &house),
        };
        let span = telemetry::trace_span(&invocation.trace_id, service);
        tracing::Instrument::instrument(async { Box::pin(job(&house, event.payload, invocation)).await.map_err(failed) }, span).await
    }))
    .await
}

/// A failed job fails the invocation, so that the schedule's own retries and dead-letter queue see it.
fn failed(problem: Problem) -> Error {
    tracing::error!(problem = problem.code, detail = problem.detail, "the job failed");
    problem.detail.into()
}
