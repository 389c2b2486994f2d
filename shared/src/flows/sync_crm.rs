//! What the CRM is told: the state of eSIMs, offers, tasks and events. Every write can be repeated; an older state never
//! overwrites a newer one.

use std::time::Duration;

use super::{
    Run,
    purchase::{Next, esim_of},
    tasks,
};
use crate::{
    crm::{Crm, CrmError, CrmEvent, ErasedSubscription, OffersRecord, SubscriptionRecord},
    domain::{CrmLink, EsimId, esim::LifeEvent},
    problem::Problem,
    store::{
        esims::EsimRecord,
        orders::OrderRecord,
        outbox::{TaskKind, TaskNote, Told, Work},
    },
};

/// How long one write to the CRM may take before another worker may write.
const TURN: Duration = Duration::from_secs(60);

pub(super) fn outcome(result: Result<(), CrmError>) -> Result<Next, Problem> {
    match result {
        Ok(()) => Ok(Next::Done),
        Err(CrmError::Later { retry_after: Some(wait), .. }) => Ok(Next::Later(wait)),
        Err(CrmError::Later { reason, retry_after: None }) => Err(Problem::unavailable(reason)),
        Err(CrmError::Refused { reason }) => Err(Problem::new(502, "crm_refused", reason)),
    }
}

/// Writes the state of an eSIM as it is now, unless the CRM has been told this version or a newer one.
///
/// # Errors
/// [`Problem`] when the CRM or the table cannot be used.
pub async fn sync_esim(run: &Run<'_>, esim_id: &EsimId) -> Result<Next, Problem> {
    let Some(crm) = run.crm() else { return Ok(Next::Done) };
    let owner = run.house.world.new_id("run");
    let Some(told) = run.house.store.take_crm_turn(&run.agency_id, esim_id, &owner, run.now(), TURN).await? else {
        return Ok(Next::Later(Duration::from_secs(2)));
    };
    let result = write_esim(run, &*crm, esim_id, told).await;
    let version = result.as_ref().ok().copied().flatten();
    run.house.store.end_crm_turn(&run.agency_id, esim_id, &owner, version).await?;
    match result {
        Ok(_) => Ok(Next::Done),
        Err(WriteError::Crm(error)) => outcome(Err(error)),
        Err(WriteError::Ours(problem)) => Err(problem),
    }
}

enum WriteError {
    Crm(CrmError),
    Ours(Problem),
}

/// `Some(version)` when the CRM was told.
async fn write_esim(run: &Run<'_>, crm: &dyn Crm, esim_id: &EsimId, told: u64) -> Result<Option<u64>, WriteError> {
    let esim = esim_of(run, esim_id).await.map_err(WriteError::Ours)?;
    if told >= esim.esim.version {
        return Ok(None);
    }
    let order = order_of(run, &esim).await.map_err(WriteError::Ours)?;
    crm.upsert_subscription(&run.http("crm"), &record(&esim, &order)).await.map_err(WriteError::Crm)?;
    Ok(Some(esim.esim.version))
}

/// Writes the state of several eSIMs, each named once, as [`sync_esim`] writes one, in as few calls as the CRM takes. Each has an outcome of its own.
pub async fn sync_esims(run: &Run<'_>, esim_ids: &[EsimId]) -> Vec<(EsimId, Result<Next, Problem>)> {
    let Some(crm) = run.crm() else { return esim_ids.iter().map(|id| (id.clone(), Ok(Next::Done))).collect() };
    let owner = run.house.world.new_id("run");
    let (mut outcomes, mut ready) = (Vec::new(), Vec::new());
    for esim_id in esim_ids {
        match to_write(run, esim_id, &owner).await {
            Ok(Ok(record)) => ready.push((esim_id, record)),
            Ok(Err(next)) => outcomes.push((esim_id.clone(), Ok(next))),
            Err(problem) => outcomes.push((esim_id.clone(), Err(problem))),
        }
    }
    let (versions, records): (Vec<_>, Vec<_>) = ready.into_iter().map(|(id, (version, record))| ((id, version), record)).unzip();
    let written = if records.is_empty() { Vec::new() } else { crm.upsert_subscriptions(&run.http("crm"), &records).await };
    for ((esim_id, version), result) in versions.into_iter().zip(written) {
        let told = result.is_ok().then_some(version);
        let ended = run.house.store.end_crm_turn(&run.agency_id, esim_id, &owner, told).await;
        outcomes.push((esim_id.clone(), ended.map_err(Problem::from).and_then(|()| outcome(result))));
    }
    outcomes
}

/// What is to be written of an eSIM, its turn taken; or what becomes of it without writing.
async fn to_write(run: &Run<'_>, esim_id: &EsimId, owner: &str) -> Result<Result<(u64, SubscriptionRecord), Next>, Problem> {
    let Some(told) = run.house.store.take_crm_turn(&run.agency_id, esim_id, owner, run.now(), TURN).await? else {
        return Ok(Err(Next::Later(Duration::from_secs(2))));
    };
    let read = async {
        let esim = esim_of(run, esim_id).await?;
        let order = order_of(run, &esim).await?;
        Ok::<_, Problem>((esim.esim.version, record(&esim, &order)))
    };
    match read.await {
        Ok((version, record)) if version > told => Ok(Ok((version, record))),
        other => {
            run.house.store.end_crm_turn(&run.agency_id, esim_id, owner, None).await?;
            other.map(|_| Err(Next::Done))
        }
    }
}

async fn order_of(run: &Run<'_>, esim: &EsimRecord) -> Result<OrderRecord, Problem> {
    let found = run.house.store.order(&run.agency_id, &esim.esim.order_id, &run.house.seals).await?;
    found.ok_or_else(|| Problem::not_found("order"))
}

fn record(esim: &EsimRecord, order: &OrderRecord) -> SubscriptionRecord {
    let plan = &esim.esim.plan;
    let countries: Vec<&str> = plan.package.iso_countries.iter().map(|country| country.as_str()).collect();
    SubscriptionRecord {
        esim_id: esim.esim.esim_id.clone(),
        order_id: esim.esim.order_id.clone(),
        booking_reference: esim.esim.booking_reference.clone(),
        external_reference: esim.esim.external_reference.clone(),
        link: order.link.clone(),
        traveller_email: order.traveller.as_ref().map(|traveller| traveller.email.clone()),
        status: esim.esim.status,
        provider: plan.package.provider.to_string(),
        package_title: plan.package.title.clone(),
        iso_countries: countries.join(","),
        iccid_masked: esim.profile.as_ref().map(|profile| profile.iccid.masked()),
        data_used_mb: plan.used_mb,
        data_remaining_mb: esim.esim.remaining_mb(),
        data_total_mb: plan.total_mb,
        activated_at: plan.activated_at,
        expires_at: plan.expires_at,
        measured_at: plan.measured_at,
        price: plan.package.price,
        mail: esim.esim.mail.map(|fate| fate.outcome),
    }
}

/// Shows the offers of a dossier, as they are now.
///
/// # Errors
/// [`Problem`] when the CRM or the table cannot be used.
pub async fn show_offers(run: &Run<'_>, reference: &str, version: u64) -> Result<Next, Problem> {
    let Some(crm) = run.crm() else { return Ok(Next::Done) };
    let Some(record) = run.house.store.booking(&run.agency_id, reference, &run.house.seals).await? else { return Ok(Next::Done) };
    let Some(link) = record.booking.crm.clone() else { return Ok(Next::Done) };
    if record.booking.version > version {
        // A newer version has an entry of its own.
        return Ok(Next::Done);
    }
    let offers = OffersRecord {
        booking_reference: reference.to_owned(),
        link,
        lines: record.offers_note.iter().cloned().chain(record.offers.iter().filter_map(super::offer::line)).collect(),
        best_package_id: record.offers.first().and_then(super::offer::single_package_id),
    };
    outcome(crm.show_offers(&run.http("crm"), &offers).await)
}

/// Empties the CRM's record of an eSIM that is forgotten here.
///
/// # Errors
/// [`Problem`] when the CRM cannot be used.
pub async fn erase(run: &Run<'_>, esim_id: &EsimId, deal_id: Option<String>) -> Result<Next, Problem> {
    let Some(crm) = run.crm() else { return Ok(Next::Done) };
    let erased = ErasedSubscription { esim_id: esim_id.clone(), deal_id };
    outcome(crm.erase_subscription(&run.http("crm"), &erased).await)
}

/// Gives a person a task.
///
/// # Errors
/// [`Problem`] when the CRM or the table cannot be used.
pub async fn task(run: &Run<'_>, note: &TaskNote) -> Result<Next, Problem> {
    tracing::warn!(task = tasks::word(note.kind), key = note.key, "a person is needed");
    let Some(crm) = run.crm() else { return Ok(Next::Done) };
    let link = match (&note.order_id, &note.booking_reference) {
        (Some(order_id), _) => run.house.store.order(&run.agency_id, order_id, &run.house.seals).await?.map(|order| order.link),
        (None, Some(reference)) => run.house.store.booking(&run.agency_id, reference, &run.house.seals).await?.and_then(|b| b.booking.crm),
        (None, None) => None,
    };
    let task = tasks::written(run, note, link.unwrap_or_default(), run.trace_id.as_str());
    outcome(crm.create_task(&run.http("crm"), &task).await)
}

/// Tells the CRM of an event, then hands it to every subscriber, each with an entry of its own.
///
/// # Errors
/// [`Problem`] when the CRM or the table cannot be used.
pub async fn tell(run: &Run<'_>, told: &Told) -> Result<Next, Problem> {
    if let Some(crm) = run.crm() {
        let esim = esim_of(run, &told.esim_id).await?;
        let order = order_of(run, &esim).await?;
        match crm.emit_event(&run.http("crm"), &event(told, &order)).await {
            // A portal without custom events still has the record and its state: told once to a person, and no more than a pity.
            Err(CrmError::Refused { reason }) => events_refused(run, reason).await?,
            result => {
                let next = outcome(result)?;
                if next != Next::Done {
                    return Ok(next);
                }
            }
        }
    }
    fan_out(run, told).await?;
    Ok(Next::Done)
}

async fn events_refused(run: &Run<'_>, reason: String) -> Result<(), Problem> {
    let note = TaskNote {
        key: format!("crm-events-refused-{}", run.agency_id),
        kind: TaskKind::WorkFailed,
        order_id: None,
        esim_id: None,
        booking_reference: None,
        detail: format!("the CRM does not take marketing events: {reason}"),
    };
    run.house.store.transaction().enqueue(&run.to_do(Work::Task(note), Duration::ZERO))?.commit().await.map_err(Into::into)
}

/// One entry a subscriber, together with the end of this one: a repeat makes no second set.
async fn fan_out(run: &Run<'_>, told: &Told) -> Result<(), Problem> {
    let subscriptions = run.house.store.subscriptions(&run.agency_id, &run.house.seals).await?;
    let mut transaction = run.house.store.transaction();
    let mut any = false;
    for subscription in subscriptions.iter().filter(|s| s.active && s.events.iter().any(|name| name == event_name(told.event))) {
        let post = Work::Post { subscription_id: subscription.subscription_id.clone(), event: told.clone() };
        transaction = transaction.enqueue(&run.to_do(post, Duration::ZERO))?;
        any = true;
    }
    if let (true, Some(entry)) = (any, &run.entry) {
        transaction.end_entry(entry).commit().await?;
    }
    Ok(())
}

/// The wire's name of an event, without its threshold.
#[must_use]
pub fn event_name(event: LifeEvent) -> &'static str {
    match event {
        LifeEvent::Installed => "esim.installed",
        LifeEvent::Activated => "esim.activated",
        LifeEvent::Used80 | LifeEvent::Used100 => "usage.threshold_reached",
        LifeEvent::Expired => "esim.expired",
        LifeEvent::TopupProposed => "topup.proposed",
    }
}

/// The threshold of an event, in percent.
#[must_use]
pub fn threshold(event: LifeEvent) -> Option<u32> {
    match event {
        LifeEvent::Used80 => Some(80),
        LifeEvent::Used100 => Some(100),
        _ => None,
    }
}

fn event(told: &Told, order: &OrderRecord) -> CrmEvent {
    let mut properties = vec![
        ("esim_id".to_owned(), told.esim_id.to_string()),
        ("order_id".to_owned(), told.plan.to_string()),
        ("external_reference".to_owned(), order.order.external_reference.clone()),
        ("data_used_mb".to_owned(), told.used_mb.to_string()),
    ];
    properties.extend(threshold(told.event).map(|percent| ("threshold_percent".to_owned(), percent.to_string())));
    CrmEvent {
        event_id: told.id(),
        name: event_name(told.event).to_owned(),
        link: CrmLink::clone(&order.link),
        traveller_email: order.traveller.as_ref().map(|traveller| traveller.email.clone()),
        occurred_at: told.at,
        properties,
    }
}
