//! What a mail service tells afterwards: whether the codes arrived is shown in the CRM, and a mail that came back is a person's, once.
//!
//! Events hold addresses: what is kept of them is our own reference, the outcome and the time. They repeat and come in any order; the
//! latest counts, so that a repeat changes nothing.

use http::HeaderMap;
use jiff::SignedDuration;
use std::time::Duration;

use super::{
    House, Run,
    purchase::{Next, esim_of},
    tasks,
};
use crate::{
    domain::{AgencyId, MailFate, MailOutcome, TraceId},
    email::{self, MailEvent, MailKind},
    outbound::Deadline,
    problem::Problem,
    store::{
        StoreError,
        mails::MailSlot,
        outbox::{TaskKind, TaskNote, Work},
    },
};

/// Entries a transaction: DynamoDB takes 100 items.
const AT_ONCE: usize = 90;
/// How long an event may be ahead of our own record of the sending.
const EARLY: Duration = Duration::from_secs(20);
/// After this, nobody is going to write down what came of the sending.
const GIVEN_UP: SignedDuration = SignedDuration::from_mins(15);

/// The one answer to everything that cannot be believed.
fn refused() -> Problem {
    Problem::new(401, "webhook_refused", "The webhook was not accepted.")
}

/// Receives what a mail service posts to an address of ours. Every event of a mail of ours is written down before the answer.
///
/// # Errors
/// [`Problem`] 401 when it cannot be believed, 422 when it cannot be read; 503 when it could not be kept, so that it is sent again.
pub async fn receive(
    house: &House,
    address: &str,
    headers: &HeaderMap,
    body: &[u8],
    trace_id: &TraceId,
    deadline: Deadline,
) -> Result<(), Problem> {
    let agency_id: AgencyId = house.store.agency_of_mail_address(address).await?.ok_or_else(refused)?;
    let run = house.run(agency_id, trace_id.clone(), deadline).await?;
    if !verified(&run, address, headers, body).await {
        tracing::warn!("events of a mail service were refused");
        house.metrics.error("webhook_refused");
        return Err(refused());
    }
    let unreadable = || Problem::field("body", "must be an event of the mail service, or a list of them");
    let events = email::adapter(&run.agency).read_events(body).ok_or_else(unreadable)?;
    let ours: Vec<MailEvent> =
        events.into_iter().filter(|event| MailSlot::of_reference(&run.agency_id, &event.reference).is_some()).collect();
    for part in ours.chunks(AT_ONCE) {
        let mut transaction = run.house.store.transaction();
        for event in part {
            transaction = transaction.enqueue(&run.to_do(Work::MailEvent(event.clone()), Duration::ZERO))?;
        }
        transaction.commit().await?;
    }
    Ok(())
}

/// The address must still be this agency's. Keys that were changed a moment ago may not be in our cache yet: a refusal is only final
/// after a fresh look.
async fn verified(run: &Run<'_>, address: &str, headers: &HeaderMap, body: &[u8]) -> bool {
    let holds = |agency: &crate::config::Agency| {
        agency.email.webhook_account() == Some(address) && email::adapter(agency).verify_events(headers, body, run.now())
    };
    holds(&run.agency) || run.house.secrets.agency_anew(&run.agency_id).await.is_ok_and(|fresh| holds(&fresh))
}

/// Takes one event in.
///
/// # Errors
/// [`Problem`] when the table cannot be used; it is applied later.
pub async fn apply(run: &Run<'_>, event: &MailEvent) -> Result<Next, Problem> {
    let Some(slot) = MailSlot::of_reference(&run.agency_id, &event.reference) else { return Ok(Next::Done) };
    let Some(mail) = run.house.store.mail(&slot).await? else {
        tracing::warn!("a mail service told of a mail that is none of ours");
        return Ok(Next::Done);
    };
    let still_sending = !mail.closed && run.now().duration_since(event.at) < GIVEN_UP;
    if still_sending {
        // Faster than our own record of the sending.
        return Ok(Next::Later(EARLY));
    }
    if matches!((&mail.message_id, &event.message_id), (Some(ours), Some(theirs)) if ours != theirs) {
        tracing::warn!("an event names a mail of ours by another id than it was given");
        return Ok(Next::Done);
    }
    let fate = MailFate { at: event.at, outcome: event.outcome };
    match slot.kind {
        MailKind::Delivery => codes_mail_ended(run, &slot, fate, event).await,
        MailKind::TopupReminder => {
            if fate.outcome == MailOutcome::Bounced {
                let task = run.to_do(came_back(run, &slot, event).await?, Duration::ZERO);
                run.house.store.transaction().enqueue(&task)?.commit().await?;
            }
            Ok(Next::Done)
        }
    }
}

/// The state and what must follow from it, in one transaction. A conflict comes back as a failed attempt and is tried again.
async fn codes_mail_ended(run: &Run<'_>, slot: &MailSlot, fate: MailFate, event: &MailEvent) -> Result<Next, Problem> {
    let mut record = esim_of(run, &slot.esim_id).await?;
    let (version, timers) = (record.esim.version, record.timers.clone());
    if !record.esim.mail_ended(fate) {
        return Ok(Next::Done);
    }
    record.esim.version = version + 1;
    let sync = Work::SyncEsim { esim_id: slot.esim_id.clone(), version: record.esim.version };
    let mut transaction = run.house.store.transaction().write_esim(&record, version, &timers, &run.house.seals)?;
    transaction = transaction.enqueue(&run.to_do(sync, Duration::ZERO))?;
    if fate.outcome == MailOutcome::Bounced {
        run.house.metrics.error("mail_bounced");
        transaction = transaction.enqueue(&run.to_do(came_back(run, slot, event).await?, Duration::ZERO))?;
    }
    match transaction.commit().await {
        Ok(()) => Ok(Next::Done),
        // Somebody else wrote the eSIM: nothing failed.
        Err(StoreError::Conflict) => Ok(Next::Later(Duration::from_secs(1))),
        Err(error) => Err(error.into()),
    }
}

/// One task a mail: its key is the mail's.
async fn came_back(run: &Run<'_>, slot: &MailSlot, event: &MailEvent) -> Result<Work, Problem> {
    let esim = esim_of(run, &slot.esim_id).await?.esim;
    Ok(Work::Task(TaskNote {
        key: format!("{}-{}", tasks::word(TaskKind::MailBounced), slot.reference()),
        kind: TaskKind::MailBounced,
        order_id: Some(esim.order_id),
        esim_id: Some(slot.esim_id.clone()),
        booking_reference: esim.booking_reference,
        detail: event.reason.clone().unwrap_or_else(|| "the mail service gives no reason".to_owned()),
    }))
}
