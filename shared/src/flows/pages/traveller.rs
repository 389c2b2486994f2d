//! The traveller's page: one eSIM, from "how do I install it" to "how long does it last". It buys nothing.

use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    Page, Visit, assets, calendar,
    codes::Codes,
    consumption::Consumption,
    device::Device,
    esim_card::{esim_state, facts},
    theme::Theme,
    words::Words,
};
use crate::{
    domain::{EsimId, EsimStatus, Locale},
    flows::{phones, purchase::esim_of},
    problem::Problem,
    store::{esims::EsimRecord, orders::OrderRecord},
};

/// Days before the end at which more time is proposed.
const PROPOSED_DAYS: i64 = 3;

#[derive(Template)]
#[template(path = "pages/traveller.html")]
struct TravellerHtml<'a> {
    w: &'static Words,
    lang: &'static str,
    lang_query: &'static str,
    theme: Theme,
    style: &'static str,
    script: &'static str,
    name: Option<String>,
    reference: Option<&'a str>,
    title: &'a str,
    facts: String,
    chip: &'static str,
    tone: &'static str,
    codes: Option<Codes>,
    cancelled: bool,
    /// On a phone already, as far as the provider says.
    installed: bool,
    device: Device,
    consumption: Option<Consumption>,
    has_end: bool,
    proposed: bool,
    rechargeable: bool,
    mail_link: String,
    /// Whether the provider has steps of its own.
    operator_steps: bool,
    /// Whether it lists the phones that take its eSIMs.
    phone_list: bool,
    poll_ms: u32,
}

/// The page, as the device that reads it wants it.
///
/// # Errors
/// [`Problem`] when the eSIM is gone or cannot be read.
pub async fn show(visit: &Visit<'_>, user_agent: &str) -> Result<Page, Problem> {
    let run = &visit.run;
    let (record, order) = read(visit).await?;
    let locale = visit.locale(own_locale(visit, order.as_ref()));
    let w = super::words::of(locale);
    let (esim, plan) = (&record.esim, &record.esim.plan);
    let (chip, tone) = esim_state(esim.status, w);
    let extras = phones::extras_of(run, &record);
    let runs = esim.status >= EsimStatus::Activated || plan.used_mb > 0;
    let html = TravellerHtml {
        w,
        lang: if locale == Locale::Fr { "fr" } else { "en" },
        lang_query: visit.language_query(),
        theme: Theme::of(&run.agency),
        style: assets::style(),
        script: assets::script(),
        name: order.and_then(|order| order.traveller).map(|traveller| traveller.name.expose().to_owned()),
        reference: esim.booking_reference.as_deref(),
        title: &plan.package.title,
        facts: facts(&plan.package, locale),
        chip,
        tone: tone.class(),
        codes: record.profile.as_ref().map(Codes::of),
        cancelled: esim.status == EsimStatus::Cancelled,
        installed: esim.status >= EsimStatus::Installed,
        device: Device::of(user_agent),
        consumption: runs.then(|| Consumption::of(esim, run.now(), &run.agency.timezone, locale)),
        has_end: plan.expires_at.is_some_and(|end| end > run.now()),
        proposed: is_proposed(&record, run.now()),
        rechargeable: plan.package.topup,
        mail_link: mail_link(visit, esim.booking_reference.as_deref(), w),
        operator_steps: extras.steps.is_some(),
        phone_list: extras.phones.is_some(),
        poll_ms: if record.profile.is_none() { 5_000 } else { 60_000 },
    };
    let body = html.render().map_err(|_| Problem::new(500, "internal", "The page could not be written."))?;
    Ok(Page { status: 200, html: body, policy: html.theme.policy(Some(&run.agency)) })
}

/// The end of the plan for the traveller's calendar.
///
/// # Errors
/// [`Problem`] 404 while the end is not known.
pub async fn calendar(visit: &Visit<'_>) -> Result<String, Problem> {
    let (record, order) = read(visit).await?;
    let locale = visit.locale(own_locale(visit, order.as_ref()));
    let entry = calendar::of(&record.esim, &visit.run.agency.name, visit.run.now(), locale);
    entry.ok_or_else(|| Problem::new(404, "end_unknown", "The end of this plan is not known yet."))
}

pub(super) async fn read(visit: &Visit<'_>) -> Result<(EsimRecord, Option<OrderRecord>), Problem> {
    let run = &visit.run;
    let esim_id = EsimId::parse(&visit.link.subject).map_err(|_| Problem::not_found("eSIM"))?;
    let record = esim_of(run, &esim_id).await?;
    let order = run.house.store.order(&run.agency_id, &record.esim.order_id, &run.house.seals).await?;
    Ok((record, order))
}

pub(super) fn own_locale(visit: &Visit<'_>, order: Option<&OrderRecord>) -> Locale {
    let traveller = order.and_then(|order| order.traveller.as_ref());
    traveller.and_then(|traveller| traveller.locale).unwrap_or(visit.run.agency.locale)
}

/// When the data or the time runs out, or has.
fn is_proposed(record: &EsimRecord, now: jiff::Timestamp) -> bool {
    let plan = &record.esim.plan;
    let nearly_used = plan.total_mb.is_some_and(|total| u128::from(plan.used_mb) * 100 >= u128::from(total) * 80);
    let soon = plan.expires_at.is_some_and(|end| end.duration_since(now) <= jiff::SignedDuration::from_hours(PROPOSED_DAYS * 24));
    record.esim.status != EsimStatus::Cancelled && record.profile.is_some() && (nearly_used || soon)
}

/// A mail to the agency, begun.
fn mail_link(visit: &Visit<'_>, reference: Option<&str>, w: &Words) -> String {
    let agency = &visit.run.agency;
    let subject = [Some(w.mail_subject), reference].into_iter().flatten().collect::<Vec<_>>().join(" – ");
    let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let address = escaped(agency.email.sender().email.expose()).replacen("%40", "@", 1);
    format!("mailto:{address}?subject={}", escaped(&subject))
}
