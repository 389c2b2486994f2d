//! Every night: what was sold on the days that are over, into the bucket, for agencies that want it there.
//!
//! A day's file is written once and never over another: its lines do not change any more. Days whose run was missed are caught up.

use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::{House, Run, sales};
use crate::{domain::TraceId, objects::Objects, outbound::Deadline, problem::Problem};

/// Days that a missed run may be made good for.
const CAUGHT_UP: i64 = 7;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Laid {
    /// Files that are new.
    pub written: u32,
    /// Agencies whose files could not be written: the next run does it.
    pub failed: u32,
}

/// Writes `out/<agency>/sales/<day>.csv` for every complete day of the last week that has none.
///
/// # Errors
/// [`Problem`] when the list of agencies cannot be read, or no agency's file could be written that should have been.
pub async fn lay(house: &House, objects: &dyn Objects, time: Timestamp, trace_id: &TraceId, deadline: Deadline) -> Result<Laid, Problem> {
    let mut laid = Laid::default();
    for agency in house.store.agencies().await? {
        let written = match house.run(agency.clone(), trace_id.clone(), deadline).await {
            Ok(run) if run.agency.sales_export.daily => of_agency(&run, objects, time).await,
            Ok(_) => continue,
            Err(problem) => Err(problem),
        };
        match written {
            Ok(written) => laid.written += written,
            Err(problem) => {
                tracing::error!(agency = %agency, problem = problem.code, "the agency's sales were not written");
                laid.failed += 1;
            }
        }
    }
    // A run that failed for somebody is tried again: what is written already stays as it is.
    if laid.failed > 0 { Err(Problem::unavailable(format!("The sales of {} agencies were not written.", laid.failed))) } else { Ok(laid) }
}

async fn of_agency(run: &Run<'_>, objects: &dyn Objects, time: Timestamp) -> Result<u32, Problem> {
    let today = time.min(run.now()).to_zoned_datetime(run.agency.timezone.clone()).date();
    let mut written = 0;
    for back in (1..=CAUGHT_UP).rev() {
        let day = today.saturating_sub(back.days());
        let export = sales::export(run, day, day).await?;
        if !export.is_complete() {
            continue;
        }
        let key = format!("out/{}/sales/{day}.csv", run.agency_id);
        let is_new = objects.write_new(&key, "text/csv; charset=utf-8", export.csv(run)).await;
        let is_new = is_new.map_err(|error| {
            tracing::error!(%error, "the bucket could not be used");
            Problem::unavailable("The bucket cannot be used at the moment.")
        })?;
        written += u32::from(is_new);
    }
    Ok(written)
}
