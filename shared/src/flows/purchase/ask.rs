//! Asking the provider about a purchase whose outcome is open. Only proof lets it be sent again; where there is none, a person looks.

use jiff::Timestamp;
use std::time::Duration;

use super::{Next, accept, between_looks, esim_of, give_up, key_of, later, queue, reject, settle_placed, stay_open};
use crate::{
    domain::{OrderStatus, order::Purpose},
    flows::{Run, house::back_off},
    outbound::{Deadline, was_tried},
    problem::Problem,
    providers::{EsimKey, FindOrder, FoundOrder, Placed, ProviderError, Recovery},
    store::{orders::OrderRecord, outbox::TaskKind},
};

/// How far the clocks of two sandboxes may be apart, each up to five minutes from the true time: one writes when a purchase was sent,
/// another compares.
const CLOCKS_APART: Duration = Duration::from_secs(600);

/// Times that a provider is asked in vain before a person is.
const MOST_ASKS: u32 = 12;

/// Asks the provider about a purchase whose outcome is open, and writes what it says.
///
/// # Errors
/// [`Problem`] when that could not be written.
pub async fn ask(run: &Run<'_>, record: &mut OrderRecord) -> Result<Next, Problem> {
    ask_knowing(run, record, None).await
}

/// The same, after the provider has said by itself, and signed, why it did not carry the order out. What it lists has the last word: only
/// an order that is not listed either was not made.
///
/// # Errors
/// As [`ask`].
pub async fn ask_after_refusal(run: &Run<'_>, record: &mut OrderRecord, reason: &str) -> Result<Next, Problem> {
    ask_knowing(run, record, Some(reason)).await
}

async fn ask_knowing(run: &Run<'_>, record: &mut OrderRecord, refused: Option<&str>) -> Result<Next, Problem> {
    record.order.perhaps_sent = true;
    let order = record.order.clone();
    let provider = run.provider(&order.package.provider)?;
    let (_, provider_package_id) = order.package.package_id.split().map_err(|e| Problem::field("package_id", e.0))?;
    let topped_up = match &order.purpose {
        Purpose::TopUp { esim_id } => Some(esim_of(run, esim_id).await?),
        Purpose::NewEsim => None,
    };
    if provider.extras().sim_stock.is_some() && topped_up.is_none() && record.sim.is_none() {
        // A plan is bought on a SIM that the table knows, or not at all.
        return queue(run, record, "no SIM was chosen yet", None, true).await;
    }
    let chosen = record.sim.clone();
    let on_chosen = chosen.as_ref().map(|sim| EsimKey { provider_esim_id: Some(&sim.provider_esim_id), iccid: Some(&sim.profile.iccid) });
    let question = FindOrder {
        reference: &order.order_id,
        provider_order_id: order.provider_order_id.as_deref(),
        provider_package_id,
        top_up_of: topped_up.as_ref().map(key_of).or(on_chosen),
        sent_at: order.sent_at.unwrap_or(order.created_at),
        locale: run.agency.locale,
        cursor: None,
    };
    let capabilities = provider.capabilities();
    let recovery = match (&topped_up, &order.later) {
        (Some(_), _) => capabilities.topup_recovery,
        (None, Some(_)) => later::LOOK,
        (None, None) if order.absence_proves_nothing => capabilities.recovery.without_proof_of_absence(),
        (None, None) => capabilities.recovery,
    };
    if let Some(reason) = too_late_for(run, recovery, question.sent_at) {
        return cannot_tell(run, record, reason).await;
    }
    // Where asking is buying with the same key, it ends before the lease does, as every purchase. Absence is as old as the question:
    // the list may be read long before its answer is.
    let (deadline, asked_at) = (run.deadline.or_sooner(Deadline::at(record.fence.lease_until)), run.now());
    let found = match provider.find_order(&question, deadline).await {
        Ok(FoundOrder::Absent | FoundOrder::Next(_)) => later::find(record, &provider, deadline).await,
        other => other,
    };
    match found {
        Ok(FoundOrder::Placed(placed)) => settle_placed(run, record, placed).await,
        Ok(FoundOrder::Pending { provider_order_id }) => accept(run, record, provider_order_id).await,
        Ok(FoundOrder::Failed { reason }) => reject(run, record, "failed", reason).await,
        Ok(FoundOrder::Unclaimed { orders, .. }) => take_unclaimed(run, record, orders, recovery, asked_at).await,
        Ok(FoundOrder::Absent | FoundOrder::Next(_)) => match refused {
            Some(reason) => reject(run, record, "failed", reason.to_owned()).await,
            None => absent(run, record, recovery, asked_at).await,
        },
        Err(ProviderError::Unsupported(reason)) => cannot_tell(run, record, &reason.to_string()).await,
        Err(ProviderError::Rejected { reason, .. }) => cannot_tell(run, record, &reason).await,
        Err(ProviderError::Throttled { retry_after }) => ask_later(run, record, "throttled by the provider", retry_after, false).await,
        Err(ProviderError::NotSent(reason)) => ask_later(run, record, reason, None, was_tried(reason)).await,
        Err(ProviderError::Unauthorised) => ask_later(run, record, "the provider refused our token", None, true).await,
        Err(ProviderError::Unknown(reason)) => ask_later(run, record, reason, None, true).await,
    }
}

/// Asking by sending again is only asking while the provider remembers the key.
fn too_late_for(run: &Run<'_>, recovery: Recovery, sent_at: Timestamp) -> Option<&'static str> {
    let Recovery::KeyedFor { remembered } = recovery else { return None };
    let until = sent_at.saturating_add(remembered).map_or(sent_at, |t| t);
    (run.now() >= until).then_some("the provider no longer remembers its key")
}

/// The first purchase that could be ours and belongs to no other order of ours.
async fn take_unclaimed(
    run: &Run<'_>,
    record: &mut OrderRecord,
    orders: Vec<Placed>,
    recovery: Recovery,
    asked_at: Timestamp,
) -> Result<Next, Problem> {
    let account = record.order.package.provider.clone();
    for placed in orders {
        let claimed = run.house.store.purchase_claim(&run.agency_id, &account, &placed.provider_order_id).await?;
        if claimed.is_none() {
            return settle_placed(run, record, placed).await;
        }
    }
    absent(run, record, recovery, asked_at).await
}

/// Not there. Proof only when the provider had had the time to show it before it was asked, twice.
async fn absent(run: &Run<'_>, record: &mut OrderRecord, recovery: Recovery, asked_at: Timestamp) -> Result<Next, Problem> {
    if record.order.status == OrderStatus::Accepted {
        // It was taken. That a list does not show it, or no longer, says nothing about when it is carried out.
        return accept(run, record, None).await;
    }
    let sent_at = record.order.sent_at.unwrap_or(record.order.created_at);
    let visible_after = match recovery {
        Recovery::ListAndMatch { visible_after } | Recovery::ListByTime { visible_after } => visible_after,
        Recovery::FindOnly { look_for } => {
            let since = later::looked_for_since(record, sent_at, asked_at);
            let until = since.saturating_add(look_for).map_or(since, |t| t);
            if asked_at < until {
                let wait = if record.order.later.is_some() { later::LOOK_EVERY } else { between_looks(run, since) };
                return ask_later(run, record, "not there yet", Some(wait.min(left(asked_at, until))), false).await;
            }
            if later::is_not_due(record, asked_at) {
                return later::sleep_unheard(run, record).await;
            }
            return cannot_prove(run, record).await;
        }
        _ => return cannot_prove(run, record).await,
    };
    let visible_at = sent_at.saturating_add(visible_after + CLOCKS_APART).map_or(sent_at, |t| t);
    if asked_at < visible_at {
        let wait = between_looks(run, sent_at).min(left(asked_at, visible_at));
        return ask_later(run, record, "not there yet", Some(wait), false).await;
    }
    record.order.absences += 1;
    if record.order.absences < 2 {
        return ask_later(run, record, "not there", Some(Duration::from_secs(10)), false).await;
    }
    queue(run, record, "the provider has no such order, asked twice after it would have shown", None, true).await
}

fn left(now: Timestamp, until: Timestamp) -> Duration {
    Duration::try_from(now.duration_until(until)).unwrap_or_default()
}

async fn cannot_prove(run: &Run<'_>, record: &mut OrderRecord) -> Result<Next, Problem> {
    cannot_tell(run, record, "the provider has no order by our reference, and cannot prove that there is none").await
}

async fn ask_later(
    run: &Run<'_>,
    record: &mut OrderRecord,
    reason: &str,
    retry_after: Option<Duration>,
    charged: bool,
) -> Result<Next, Problem> {
    if charged {
        record.order.asks += 1;
    }
    if record.order.asks >= MOST_ASKS {
        return cannot_tell(run, record, reason).await;
    }
    let wait = back_off(&run.house.world, record.order.asks.max(1), retry_after);
    if record.order.status != OrderStatus::Unknown && record.order.status != OrderStatus::Accepted {
        record.order.move_to(OrderStatus::Unknown, run.now(), format!("outcome unknown: {reason}"));
    }
    stay_open(run, record, wait).await
}

pub(super) async fn cannot_tell(run: &Run<'_>, record: &mut OrderRecord, reason: &str) -> Result<Next, Problem> {
    let detail = format!(
        "The order was sent and its outcome is not known ({reason}). Look for the reference {} at the provider before ordering again.",
        record.order.order_id
    );
    give_up(run, record, "outcome_unknown", detail, TaskKind::OrderUnclear).await
}
