//! `onboard`: an agency's settings are tried before a traveller depends on them. Credentials, CRM, catalogue and webhooks; the
//! report says what was made, what was there, and what a person must still do.

use serde::{Deserialize, Serialize};

use std::collections::HashSet;

use super::{
    Run, exchange, sync_catalogue,
    watch_credit::{self, written},
};
use crate::{
    config::{AiraloOrders, EmailSettings, ExchangeSettings, ProviderAccount, ProviderKind},
    domain::AgencyId,
    problem::Problem,
    providers::{self, ProviderError, Signature},
    store::{Transaction, directory::Client},
};

/// What `onboard` is invoked with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Onboarding {
    /// The agency: the `<id>` of its secret.
    pub agency: AgencyId,
    /// The OAuth client that may act for it, if one is to be registered.
    #[serde(default)]
    pub client_id: Option<String>,
    /// Our own address as providers and the agency's systems reach it (`https://…/v1`); without it no webhook is registered.
    #[serde(default)]
    pub public_base_url: Option<String>,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The agency.
    pub agency: AgencyId,
    /// True when nothing stands in the way of the first order.
    pub ready: bool,
    /// One line a step.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Serialize)]
pub struct Step {
    /// What was looked at.
    pub step: String,
    /// `ok`, `warning` or `failed`.
    pub result: &'static str,
    /// What was found or made, or what to do.
    pub detail: String,
}

impl Step {
    fn new(step: impl Into<String>, result: &'static str, detail: impl Into<String>) -> Self {
        Self { step: step.into(), result, detail: detail.into() }
    }
}

/// Tries everything and reports. Can be repeated.
///
/// # Errors
/// [`Problem`] when the table cannot be written.
pub async fn onboard(run: &Run<'_>, request: &Onboarding) -> Result<Report, Problem> {
    let mut steps = vec![register(run, request).await?];
    for synced in sync_catalogue::sync_agency(run).await {
        let step = format!("catalogue of {}", synced.account);
        steps.push(match synced.result {
            Ok(change) => {
                Step::new(step, "ok", format!("{} packages; {} items written, {} removed", change.packages, change.written, change.removed))
            }
            Err(reason) => Step::new(step, "failed", reason),
        });
    }
    steps.push(rates_step(run).await);
    steps.extend(crm_steps(run).await);
    steps.extend(remarks_step(run));
    steps.push(mail_events_step(run, request.public_base_url.as_deref()));
    for account in &run.agency.providers {
        steps.push(register_webhook(run, account, request.public_base_url.as_deref()).await);
        steps.extend(credit_step(run, account).await);
        let assumed = providers::assumptions(account).into_iter();
        steps.extend(assumed.map(|what| Step::new(format!("to be confirmed with {}", account.account), "warning", what)));
    }
    let ready = steps.iter().all(|step| step.result != "failed");
    Ok(Report { agency: run.agency_id.clone(), ready, steps })
}

async fn register(run: &Run<'_>, request: &Onboarding) -> Result<Step, Problem> {
    let base_url = request.public_base_url.as_deref().map(|url| url.trim_end_matches('/'));
    let mut transaction: Transaction = run.house.store.transaction().register_agency(&run.agency_id, base_url);
    if let Some(client_id) = &request.client_id {
        let client = Client { agency: run.agency_id.clone(), public_base_url: base_url.map(str::to_owned) };
        transaction = transaction.register_client(client_id, &client);
    }
    for account in &run.agency.providers {
        if let Some(address) = &account.webhook_account {
            transaction = transaction.register_webhook_address(address, &run.agency_id, &account.account);
        }
    }
    if let Some(address) = run.agency.email.webhook_account() {
        transaction = transaction.register_mail_address(address, &run.agency_id);
    }
    transaction.commit().await?;
    let client = if request.client_id.is_some() { "client registered" } else { "no client given" };
    Ok(Step::new("agency", "ok", format!("{}; {} provider accounts; {client}", run.agency.name, run.agency.providers.len())))
}

/// Without fresh rates everything can be sold: prices of other currencies are not compared.
async fn rates_step(run: &Run<'_>) -> Step {
    let step = "exchange rates";
    let of = match (&run.agency.exchange, exchange::renew(run, &mut HashSet::new()).await) {
        (None, _) => return Step::new(step, "warning", "none are set: only prices of one currency are compared"),
        (_, Some(Err(reason))) => return Step::new(step, "warning", reason),
        (_, Some(Ok(date))) => date,
        (Some(ExchangeSettings::Fixed(fixed)), None) => fixed.rates.date(),
        (Some(ExchangeSettings::Ecb(_)), None) => return Step::new(step, "ok", "fetched already"),
    };
    match exchange::of(run).await {
        exchange if exchange.is_empty() => Step::new(step, "warning", format!("those of {of} are too old: set or fetch newer ones")),
        _ => Step::new(step, "ok", format!("of {of}")),
    }
}

async fn crm_steps(run: &Run<'_>) -> Vec<Step> {
    let Some(crm) = run.crm() else {
        return vec![Step::new("crm", "warning", "no CRM is set: subscribe to events with POST /webhooks/register")];
    };
    match crm.prepare(&run.http("crm")).await {
        Ok(prepared) => {
            let found = format!("{} made, {} there", prepared.created.len(), prepared.present.len());
            let warnings = prepared.warnings.into_iter().map(|warning| Step::new("crm", "warning", warning));
            std::iter::once(Step::new("crm", "ok", found)).chain(warnings).collect()
        }
        Err(error) => vec![Step::new("crm", "failed", error.to_string())],
    }
}

/// Nothing can be tried without a booking.
fn remarks_step(run: &Run<'_>) -> Option<Step> {
    let settings = run.agency.amadeus.write_back.as_ref()?;
    let versions = [&settings.retrieve, &settings.add, &settings.sign_out].map(String::as_str).join(", ");
    let what = format!(
        "written as office {}; the contract must have {versions}; the first eSIM of a booking is the first try",
        settings.office_id
    );
    Some(Step::new("remarks at Amadeus", "warning", what))
}

/// The mail service's own settings are its account holder's: we say which address belongs there.
fn mail_events_step(run: &Run<'_>, base: Option<&str>) -> Step {
    let step = "events of the mail service";
    let (Some(base), Some(address)) = (base, run.agency.email.webhook_account()) else {
        let missing =
            "not awaited: public_base_url and the mail settings' webhook_account are both needed to learn of mails that come back";
        return Step::new(step, "warning", missing);
    };
    let url = format!("{}/api/webhooks/mail/{address}", base.trim_end_matches('/'));
    let to_do = match &run.agency.email {
        EmailSettings::Sendgrid(settings) if settings.webhook_public_keys.is_empty() => {
            format!("enter {url} as event webhook at SendGrid, switch its signature on, and put the public key into webhook_public_keys")
        }
        EmailSettings::Sendgrid(_) => return Step::new(step, "ok", format!("signed ones are taken at {url}")),
        EmailSettings::Mailjet(_) => {
            format!("enter {url} (with user and password, where webhook_secrets names some) for sent, bounce and blocked at Mailjet")
        }
    };
    Step::new(step, "warning", to_do)
}

/// Whether the credit can be watched that the account wants watched.
async fn credit_step(run: &Run<'_>, account: &ProviderAccount) -> Option<Step> {
    let threshold = account.credit_alert_below?;
    let step = format!("credit of {}", account.account);
    Some(match watch_credit::left(run, account).await {
        Ok(left) if left.amount < threshold => {
            Step::new(step, "warning", format!("{} are left, which is below the {threshold} that a person is told of", written(&left)))
        }
        Ok(left) => Step::new(step, "ok", format!("{} are left; a person is told below {threshold}", written(&left))),
        Err(ProviderError::Unsupported(reason)) => Step::new(step, "failed", format!("credit_alert_below has no effect: {reason}")),
        Err(error) => Step::new(step, "failed", error.to_string()),
    })
}

async fn register_webhook(run: &Run<'_>, account: &ProviderAccount, base: Option<&str>) -> Step {
    let step = format!("webhooks of {}", account.account);
    if providers::adapter(account).capabilities().signature == Signature::NoWebhooks {
        return Step::new(step, "ok", "the provider sends none: everything is polled");
    }
    let (Some(base), Some(address)) = (base, account.webhook_account.as_deref()) else {
        // Asynchronous and future orders are refused as long as nobody can be told of them.
        let later = account.airalo.orders == AiraloOrders::Async || account.airalo.future_orders;
        let needed = account.kind == ProviderKind::Airalo && later;
        return Step::new(
            step,
            if needed { "failed" } else { "warning" },
            "not registered: public_base_url and the account's webhook_account are both needed",
        );
    };
    let url = format!("{}/api/webhooks/esim/{address}", base.trim_end_matches('/'));
    let registered = match run.provider(&account.account) {
        Ok(provider) => provider.register_webhook(&url, run.deadline).await,
        Err(problem) => return Step::new(step, "failed", problem.detail),
    };
    match registered {
        Ok(registrations) => {
            for secret in registrations.iter().filter_map(|registration| registration.secret.as_ref()) {
                if let Err(error) = run.house.secrets.keep_webhook_secret(&run.agency_id, &account.account, secret).await {
                    return Step::new(step, "failed", format!("registered, but its secret could not be kept: {error}"));
                }
            }
            Step::new(step, "ok", format!("{} registrations", registrations.len()))
        }
        Err(ProviderError::Unsupported(reason)) => Step::new(step, "warning", format!("{reason}; our address for it is {url}")),
        Err(error) => Step::new(step, "failed", error.to_string()),
    }
}
