//! Mails to the traveller: the codes, and the J-2 proposal. Once per eSIM, kind and plan.
//!
//! Mail services know no idempotency key. The table says that a mail is being sent before it is; a crash after that, or a reply
//! that never came, leaves it unclear, and a person is asked instead of a second mail being sent.

use std::time::Duration;

use super::{
    Run,
    house::back_off,
    pages::links,
    purchase::{Next, esim_of},
    tasks,
};
use crate::{
    domain::{EsimId, OrderId, OrderStatus, Package},
    email::{
        self, MailError, MailKind, Message,
        compose::{self, DeliveryFacts, ReminderFacts},
    },
    outbound::{Http, SendError},
    problem::Problem,
    store::{
        StoreError, Transaction,
        esims::EsimRecord,
        mails::{MailSlot, MailState},
        orders::OrderRecord,
        outbox::{TaskKind, TaskNote, Work},
    },
};

/// How long a sending may take before it counts as unclear.
const SENDING: Duration = Duration::from_secs(90);

/// Sends the QR code and codes: `copy` 0 by itself, any other because a person asked for it.
///
/// # Errors
/// [`Problem`] when the table cannot be used.
pub async fn deliver(run: &Run<'_>, esim_id: &EsimId, copy: u32) -> Result<Next, Problem> {
    let esim = esim_of(run, esim_id).await?;
    let order = order_of(run, &esim.esim.order_id).await?;
    let Some(profile) = &esim.profile else { return Ok(Next::Later(Duration::from_secs(10))) };
    let Some(traveller) = &order.traveller else { return Ok(Next::Done) };
    let slot = MailSlot { copy, ..slot(run, &esim, MailKind::Delivery, &esim.esim.order_id) };
    let page = links::for_traveller(run, &esim.esim).await?;
    let message = compose::delivery(&DeliveryFacts {
        locale: traveller.locale.unwrap_or(run.agency.locale),
        to: &traveller.email,
        traveller: &traveller.name,
        agency: &run.agency.name,
        booking_reference: order.order.booking_reference.as_deref(),
        package: &order.order.package,
        activation_code: &profile.activation_code,
        confirmation_code: profile.confirmation_code.as_deref(),
        page: page.as_deref(),
        reference: &slot.reference(),
    });
    let message = message.map_err(|error| Problem::new(500, "mail_not_composed", error.to_string()))?;
    send_once(run, &slot, &esim, &order, message).await
}

/// Sends the J-2 proposal.
///
/// # Errors
/// [`Problem`] when the table cannot be used.
pub async fn remind(run: &Run<'_>, esim_id: &EsimId, plan: &OrderId, options: &[Package]) -> Result<Next, Problem> {
    let esim = esim_of(run, esim_id).await?;
    if esim.esim.plan.order_id != *plan {
        // Topped up meanwhile: nothing to propose any more.
        return Ok(Next::Done);
    }
    let order = order_of(run, &esim.esim.order_id).await?;
    let (Some(traveller), Some(expires_at)) = (&order.traveller, esim.esim.plan.expires_at) else { return Ok(Next::Done) };
    let slot = slot(run, &esim, MailKind::TopupReminder, plan);
    let message = compose::topup_reminder(&ReminderFacts {
        locale: traveller.locale.unwrap_or(run.agency.locale),
        to: &traveller.email,
        traveller: &traveller.name,
        agency: &run.agency.name,
        package: &esim.esim.plan.package,
        remaining_mb: esim.esim.remaining_mb(),
        expires_at: &expires_at.to_zoned_datetime(run.agency.timezone.clone()),
        options,
        reference: &slot.reference(),
    });
    let message = message.map_err(|error| Problem::new(500, "mail_not_composed", error.to_string()))?;
    send_once(run, &slot, &esim, &order, message).await
}

async fn order_of(run: &Run<'_>, order_id: &OrderId) -> Result<OrderRecord, Problem> {
    let found = run.house.store.order(&run.agency_id, order_id, &run.house.seals).await?;
    found.ok_or_else(|| Problem::not_found("order"))
}

fn slot(run: &Run<'_>, esim: &EsimRecord, kind: MailKind, plan: &OrderId) -> MailSlot {
    MailSlot { agency: run.agency_id.clone(), esim_id: esim.esim.esim_id.clone(), kind, plan: plan.clone(), copy: 0 }
}

async fn send_once(run: &Run<'_>, slot: &MailSlot, esim: &EsimRecord, order: &OrderRecord, message: Message) -> Result<Next, Problem> {
    let owner = run.house.world.new_id("run");
    let until = run.now().saturating_add(SENDING).map_or(run.now(), |t| t);
    match run.house.store.claim_mail(slot, &owner, run.now(), until).await? {
        MailState::Over => return Ok(Next::Done),
        MailState::Sending => return Ok(Next::Later(Duration::from_secs(20))),
        MailState::Unclear => return unclear(run, slot, order, "a worker died while it sent the mail").await,
        MailState::Claimed => {}
    }
    let mailer = email::adapter(&run.agency);
    let answer = run.http("mail").send(mailer.send(&message)).await;
    match answer {
        Ok(answer) => match mailer.read_send(&answer) {
            Ok(message_id) => sent(run, slot, esim, order, message_id.as_deref()).await,
            Err(MailError::Later { reason, retry_after }) => not_sent(run, slot, &owner, &reason, retry_after).await,
            Err(MailError::Refused { reason }) => close(run, slot, order, "refused", TaskKind::MailRefused, &reason).await,
        },
        Err(SendError::NotSent(reason)) => not_sent(run, slot, &owner, reason, None).await,
        Err(SendError::Unknown(reason)) => unclear(run, slot, order, reason).await,
    }
}

async fn not_sent(run: &Run<'_>, slot: &MailSlot, owner: &str, reason: &str, retry_after: Option<Duration>) -> Result<Next, Problem> {
    tracing::warn!(reason, kind = slot.kind.as_str(), "a mail was not taken; it is sent later");
    run.house.store.unclaim_mail(slot, owner).await?;
    match retry_after {
        Some(wait) => Ok(Next::Later(back_off(&run.house.world, 1, Some(wait)))),
        None => Err(Problem::unavailable("the mail service could not take the mail")),
    }
}

async fn unclear(run: &Run<'_>, slot: &MailSlot, order: &OrderRecord, reason: &str) -> Result<Next, Problem> {
    close(run, slot, order, "unclear", TaskKind::MailUnclear, reason).await
}

async fn close(run: &Run<'_>, slot: &MailSlot, order: &OrderRecord, state: &str, kind: TaskKind, detail: &str) -> Result<Next, Problem> {
    run.house.metrics.error(if kind == TaskKind::MailRefused { "mail_refused" } else { "mail_unclear" });
    let note = TaskNote {
        key: format!("{}-{}", tasks::word(kind), slot.reference()),
        kind,
        order_id: Some(order.order.order_id.clone()),
        esim_id: Some(slot.esim_id.clone()),
        booking_reference: order.order.booking_reference.clone(),
        detail: detail.to_owned(),
    };
    let task = run.to_do(Work::Task(note), Duration::ZERO);
    let transaction = run.house.store.transaction().close_mail(slot, state, run.now(), None).enqueue(&task)?;
    finish(transaction).await
}

/// The mail is recorded and the order is `delivered` in one transaction: a crash leaves both or neither.
async fn sent(run: &Run<'_>, slot: &MailSlot, esim: &EsimRecord, order: &OrderRecord, message_id: Option<&str>) -> Result<Next, Problem> {
    let recorded = || run.house.store.transaction().close_mail(slot, "sent", run.now(), message_id);
    if slot.kind != MailKind::Delivery || order.order.status != OrderStatus::Placed {
        return finish(recorded()).await;
    }
    match delivered(run, recorded(), esim, order.clone())?.commit().await {
        Ok(()) => Ok(Next::Done),
        Err(StoreError::Conflict) => {
            tracing::warn!(order_id = %order.order.order_id, "the order was written by another run; the mail is recorded");
            finish(recorded()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Says on the order that the traveller has the codes. It is settled: nobody holds its fence.
fn delivered(run: &Run<'_>, transaction: Transaction, esim: &EsimRecord, mut order: OrderRecord) -> Result<Transaction, StoreError> {
    order.order.move_to(OrderStatus::Delivered, run.now(), "the codes were sent to the traveller");
    let sync = Work::SyncEsim { esim_id: esim.esim.esim_id.clone(), version: esim.esim.version };
    transaction.write_order(&order, &run.house.seals)?.enqueue(&run.to_do(sync, Duration::ZERO))
}

async fn finish(transaction: Transaction) -> Result<Next, Problem> {
    match transaction.commit().await {
        // A conflict: another worker closed it.
        Ok(()) | Err(StoreError::Conflict) => Ok(Next::Done),
        Err(error) => Err(error.into()),
    }
}
