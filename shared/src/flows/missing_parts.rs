//! Records from Amadeus that come in parts: when the others are not there after an hour, a person is told.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use super::{Run, purchase::Next, tasks};
use crate::{
    intake::amadeus::{Awaited, Record},
    problem::Problem,
    store::{
        StoreError,
        air::ToldBooking,
        outbox::{Entry, Work},
    },
};

/// How long parts may take. They are dropped one after the other, within seconds.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

/// The longest that a queue holds a message back.
const LOOK: Duration = Duration::from_mins(15);

/// The work that looks after a part whose others are missing.
pub(super) fn watch(run: &Run<'_>, told: &ToldBooking, part: &Record) -> Entry {
    let work = Work::AwaitParts { locator: told.locator.clone(), reference: told.reference.clone(), part: part.key() };
    run.to_do(work, LOOK)
}

/// Looks; after an hour a person is told, together with the end of this work, so that a repeat tells nothing.
///
/// # Errors
/// [`Problem`] when the table cannot be used.
pub async fn look(run: &Run<'_>, locator: &str, reference: &str, part: &str, since: Timestamp) -> Result<Next, Problem> {
    let told = run.house.store.told_booking(&run.agency_id, locator, reference, &run.house.seals).await?;
    let Some(awaited) = told.dossier.awaited(part) else { return Ok(Next::Done) };
    let left = PATIENCE.saturating_sub(run.now().duration_since(since));
    if let Ok(left) = Duration::try_from(left)
        && !left.is_zero()
    {
        return Ok(Next::Later(left.min(LOOK)));
    }
    let transaction = run.house.store.transaction().enqueue(&task(run, reference, &awaited))?;
    let transaction = match &run.entry {
        Some(entry) => transaction.end_entry(entry),
        None => transaction,
    };
    match transaction.commit().await {
        // A conflict: another run ended the work, and told.
        Ok(()) | Err(StoreError::Conflict) => Ok(Next::Done),
        Err(error) => Err(error.into()),
    }
}

fn task(run: &Run<'_>, reference: &str, awaited: &Awaited) -> Entry {
    let missing = awaited.missing.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let code = format!("parts-missing-{}", awaited.first);
    tasks::booking_left_out(run, reference, &code, format!("part {missing} of a record did not come within an hour: send the file again"))
}
