//! A provider's webhook: verified, kept once, answered; applied by a worker, so that the answer never waits for anything else.

use http::HeaderMap;
use jiff::ToSpan;
use sha2::{Digest, Sha256};
use std::time::Duration;

use super::{
    House, Run,
    absorb::{self, Refresh, Source},
    fulfil,
    purchase::{Next, request_name},
    watch_credit,
};
use crate::{
    config::{ProviderAccount, ProviderKind},
    domain::{AccountName, AgencyId, EsimId, OrderId, TraceId},
    outbound::{Deadline, Http, HttpRequest},
    problem::Problem,
    providers::{self, ProviderEvent, ProviderEventKind, Signature},
    store::{StoreError, keys::EsimAlias, outbox::Work, receipts::Receipt},
};

/// The one answer to every webhook that cannot be believed: unknown address, bad signature, too old. It tells an attacker nothing.
fn refused() -> Problem {
    Problem::new(401, "webhook_refused", "The webhook was not accepted.")
}

/// Receives a webhook for an address (`webhook_account`), or for the default agency's reference provider without one.
///
/// # Errors
/// [`Problem`] 401 when it cannot be believed; 503 when it could not be kept, so that the provider sends it again.
pub async fn receive(
    house: &House,
    address: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
    trace_id: &TraceId,
    deadline: Deadline,
) -> Result<(), Problem> {
    let (agency_id, account_name) = resolve(house, address).await?.ok_or_else(refused)?;
    let run = house.run(agency_id, trace_id.clone(), deadline).await?;
    let account = match &account_name {
        Some(name) => run.agency.account(name),
        None => run.agency.providers.iter().find(|account| account.kind == ProviderKind::Reference),
    };
    let account = account.ok_or_else(refused)?.clone();
    let adapter = providers::adapter(&account);
    if !verified(&run, &account, headers, body).await || !certified(&run, &account, body).await? {
        tracing::warn!(account = %account.account, "a webhook was refused");
        house.metrics.error("webhook_refused");
        return Err(refused());
    }
    let text = std::str::from_utf8(body).map_err(|_| Problem::field("body", "must be UTF-8 text"))?;
    let events = adapter.read_webhook(body, run.now()).unwrap_or_default();
    let receipt = Receipt {
        agency: run.agency_id.clone(),
        account: account.account.clone(),
        receipt_id: receipt_id(&events, body),
        body: text.to_owned(),
        received_at: run.now(),
    };
    keep(&run, &receipt).await
}

/// What a webhook is known by when it comes again: the provider's id of its event, or the hash of its bytes.
#[must_use]
pub fn receipt_id(events: &[ProviderEvent], body: &[u8]) -> String {
    let given = events.first().and_then(|event| event.event_id.clone()).filter(|id| id.len() <= 128);
    given.unwrap_or_else(|| hex::encode(Sha256::digest(body)))
}

/// A secret that was changed a moment ago may not be in our cache yet: a refusal is only final after a fresh look.
async fn verified(run: &Run<'_>, account: &ProviderAccount, headers: &HeaderMap, body: &[u8]) -> bool {
    let holds = |account: &ProviderAccount| providers::adapter(account).verify_webhook(&account.webhook_secrets, headers, body, run.now());
    if holds(account) {
        return true;
    }
    match run.house.secrets.agency_anew(&run.agency_id).await {
        Ok(fresh) => fresh.account(&account.account).is_some_and(holds),
        Err(_) => false,
    }
}

/// Where the provider signs with a certificate, whether it signed this.
///
/// # Errors
/// [`Problem`] 503 when the certificate cannot be fetched now.
async fn certified(run: &Run<'_>, account: &ProviderAccount, body: &[u8]) -> Result<bool, Problem> {
    let Some(signed) = providers::extras(account).certified_webhooks else { return Ok(true) };
    match signed.certificate_url(body) {
        Some(url) => Ok(signed.holds(&run.house.certificates.at(run, &url).await?, body)),
        None => Ok(false),
    }
}

async fn resolve(house: &House, address: Option<&str>) -> Result<Option<(AgencyId, Option<AccountName>)>, Problem> {
    match address {
        Some(address) => Ok(house.store.account_of_address(address).await?.map(|(agency, account)| (agency, Some(account)))),
        None => Ok(house.settings.default_agency.clone().map(|agency| (agency, None))),
    }
}

async fn keep(run: &Run<'_>, receipt: &Receipt) -> Result<(), Problem> {
    let apply = run.to_do(Work::ApplyWebhook { account: receipt.account.clone(), receipt_id: receipt.receipt_id.clone() }, Duration::ZERO);
    let kept = run.house.store.transaction().keep_receipt(receipt, &run.house.seals)?.enqueue(&apply)?.commit().await;
    match kept {
        // Received before: its effects are done, or stand in the outbox.
        Ok(()) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Applies a webhook that was kept.
///
/// # Errors
/// [`Problem`] when the table cannot be used; it is applied later.
pub async fn apply(run: &Run<'_>, account: &AccountName, receipt_id: &str) -> Result<Next, Problem> {
    let Some(receipt) = run.house.store.receipt(&run.agency_id, account, receipt_id, &run.house.seals).await? else {
        return Ok(Next::Done);
    };
    let adapter = providers::adapter(run.account(account)?);
    let Ok(events) = adapter.read_webhook(receipt.body.as_bytes(), receipt.received_at) else {
        tracing::warn!(account = %account, receipt_id, "a signed webhook could not be read; it is kept, and nothing else");
        return Ok(Next::Done);
    };
    for event in events {
        let event = ProviderEvent { kind: believed(event.kind, adapter.capabilities().signature), ..event };
        if let Next::Later(wait) = apply_event(run, account, &receipt, &event).await? {
            return Ok(Next::Later(wait));
        }
    }
    Ok(Next::Done)
}

/// What may be taken from an event: an unsigned one can come from anybody, so that it is a hint, and the truth is read back.
fn believed(kind: ProviderEventKind, signature: Signature) -> ProviderEventKind {
    match kind {
        ProviderEventKind::Reading(_) if signature.proves_nothing() => ProviderEventKind::Hint,
        // The watch over the order asks within the minute anyhow.
        ProviderEventKind::OrderSettled { .. } if signature.proves_nothing() => ProviderEventKind::Unknown,
        kind => kind,
    }
}

async fn apply_event(run: &Run<'_>, account: &AccountName, receipt: &Receipt, event: &ProviderEvent) -> Result<Next, Problem> {
    match &event.kind {
        ProviderEventKind::Reading(reading) => match esim_meant(run, account, event).await? {
            Some(esim_id) => absorb::absorb(run, &esim_id, reading, Source::Webhook).await.map(|_| Next::Done),
            None => Ok(not_known_yet(run, receipt)),
        },
        ProviderEventKind::Hint => match esim_meant(run, account, event).await? {
            Some(esim_id) => refresh(run, &esim_id).await,
            None => Ok(not_known_yet(run, receipt)),
        },
        ProviderEventKind::Confirm { url } => confirm(run, url).await,
        ProviderEventKind::CreditLow => watch_credit::tell(run, account, None).await.map(|()| Next::Done),
        ProviderEventKind::OrderSettled { reference, provider_order_id, failed } => {
            let named = (reference.as_deref(), provider_order_id.as_deref());
            settled(run, account, receipt, named, failed.as_deref()).await
        }
        ProviderEventKind::Unknown => Ok(Next::Done),
    }
}

async fn esim_meant(run: &Run<'_>, account: &AccountName, event: &ProviderEvent) -> Result<Option<EsimId>, Problem> {
    let iccid = event.iccid.as_ref().map(|iccid| EsimAlias::Iccid(run.house.index.iccid(&run.agency_id, iccid)));
    for alias in event.provider_esim_id.clone().map(EsimAlias::Provider).into_iter().chain(iccid) {
        if let Some(found) = run.house.store.esim_by_alias(&run.agency_id, account, &alias).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// An order that the provider says it is done with is asked about at once. Nobody's word is taken for a purchase; whether the
/// list says the same decides.
async fn settled(
    run: &Run<'_>,
    account: &AccountName,
    receipt: &Receipt,
    named: (Option<&str>, Option<&str>),
    failed: Option<&str>,
) -> Result<Next, Problem> {
    match order_meant(run, account, named).await? {
        Some(order_id) => fulfil::hasten(run, &order_id, failed).await,
        // A reference that is not ours never will be: our order is written before it is sent.
        None if named.0.is_some() => Ok(Next::Done),
        None => Ok(not_known_yet(run, receipt)),
    }
}

/// By our reference, else by the id that the provider gave its request.
async fn order_meant(
    run: &Run<'_>,
    account: &AccountName,
    (reference, request): (Option<&str>, Option<&str>),
) -> Result<Option<OrderId>, Problem> {
    if let Some(order_id) = reference.and_then(|text| OrderId::parse(text).ok()) {
        let found = run.house.store.order(&run.agency_id, &order_id, &run.house.seals).await?;
        return Ok(found.filter(|record| record.order.package.provider == *account).map(|_| order_id));
    }
    match request {
        Some(id) => Ok(run.house.store.purchase_claim(&run.agency_id, account, &request_name(id)).await?),
        None => Ok(None),
    }
}

/// The event may be faster than our own record of the purchase. After a quarter of an hour the eSIM is none of ours.
fn not_known_yet(run: &Run<'_>, receipt: &Receipt) -> Next {
    let until = receipt.received_at.saturating_add(15.minutes()).map_or(receipt.received_at, |t| t);
    if run.now() < until {
        return Next::Later(Duration::from_secs(20));
    }
    tracing::warn!(account = %receipt.account, receipt_id = receipt.receipt_id, "a webhook names nothing of ours");
    Next::Done
}

/// Reads usage back after a hint.
///
/// # Errors
/// [`Problem`] when the table cannot be used.
pub async fn refresh(run: &Run<'_>, esim_id: &EsimId) -> Result<Next, Problem> {
    use crate::providers::ProviderError::{Rejected, Throttled, Unsupported};
    match absorb::refresh(run, esim_id, Source::Webhook).await {
        Ok(_) => Ok(Next::Done),
        Err(Refresh::Ours(problem)) => Err(problem),
        // The poll will tell.
        Err(Refresh::Theirs(Rejected { .. } | Unsupported(_))) => Ok(Next::Done),
        Err(Refresh::Theirs(Throttled { retry_after })) => Ok(Next::Later(super::house::back_off(&run.house.world, 3, retry_after))),
        Err(Refresh::Theirs(error)) => Err(Problem::unavailable(error.to_string())),
    }
}

/// Visits the address that makes a channel send events from now on. Visiting it again changes nothing.
async fn confirm(run: &Run<'_>, url: &url::Url) -> Result<Next, Problem> {
    let visit = HttpRequest::new("confirm_subscription", http::Method::GET, url.clone());
    match run.http("sns").send(visit).await {
        Ok(answer) if answer.status.is_success() => Ok(Next::Done),
        Ok(answer) => Err(Problem::unavailable(format!("the subscription was not confirmed: {}", answer.status))),
        Err(error) => Err(Problem::unavailable(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::believed;
    use crate::{
        domain::{UsageReading, usage::ReportedStatus},
        providers::{ProviderEventKind, Signature},
    };

    #[test]
    fn an_unsigned_event_is_a_hint_and_never_a_reading() {
        let reading = || {
            ProviderEventKind::Reading(UsageReading {
                status: ReportedStatus::Expired,
                used_mb: Some(1),
                remaining_mb: None,
                total_mb: None,
                unlimited: false,
                expires_at: None,
                activated_at: None,
                measured_at: jiff::Timestamp::UNIX_EPOCH,
            })
        };
        assert_eq!(believed(reading(), Signature::Hmac), reading());
        assert_eq!(believed(reading(), Signature::None), ProviderEventKind::Hint);
        assert_eq!(believed(ProviderEventKind::CreditLow, Signature::None), ProviderEventKind::CreditLow);
        let settled = || ProviderEventKind::OrderSettled { reference: None, provider_order_id: None, failed: Some("no".to_owned()) };
        assert_eq!(believed(settled(), Signature::Hmac), settled());
        assert_eq!(believed(settled(), Signature::None), ProviderEventKind::Unknown, "nobody unsigned says that nothing was bought");
    }
}
