//! The adviser's panel: one dossier, in a frame of the CRM.

use askama::Template;

use super::{
    Page, Visit, assets,
    dossier::Dossier,
    esim_card::{Card, Reader, facts},
    money::Price,
    offers::{Filters, Offers},
    purchase::{self, esim_of_dossier},
    theme::Theme,
    words::Words,
};
use crate::{
    domain::{Locale, Package, PackageId, Traveller, Trip, recommend::OfferView},
    email::words,
    flows::{offer, topup},
    problem::Problem,
};

/// Something to be said at the top.
pub struct Notice {
    text: &'static str,
    detail: Option<String>,
    trace_id: Option<String>,
    bad: bool,
}

struct Seat {
    place: usize,
    name: String,
    cards: Vec<Card>,
    has_esim: bool,
}

/// What stands around every page.
struct Frame {
    w: &'static Words,
    lang: &'static str,
    lang_query: &'static str,
    theme: Theme,
    style: &'static str,
    script: &'static str,
    trip: String,
    reference: String,
}

impl Frame {
    fn of(visit: &Visit<'_>, dossier: &Dossier) -> Self {
        let locale = visit.locale(visit.run.agency.locale);
        Self {
            w: super::words::of(locale),
            lang: language(locale),
            lang_query: visit.language_query(),
            theme: Theme::of(&visit.run.agency),
            style: assets::style(),
            script: assets::script(),
            trip: trip(&dossier.record.booking.trip, locale),
            reference: dossier.record.booking.reference.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "pages/panel.html")]
struct PanelHtml {
    f: Frame,
    notice: Option<Notice>,
    live: String,
    /// What changed since the offers were made.
    offers_note: Option<String>,
    offers: Offers,
    tax_note: String,
}

#[derive(Template)]
#[template(path = "pages/live.html")]
struct LiveHtml<'a> {
    w: &'static Words,
    lang_query: &'static str,
    travellers: &'a [Seat],
    others: &'a [Seat],
    /// Milliseconds until the page looks again.
    poll_ms: u32,
}

#[derive(Template)]
#[template(path = "pages/confirm.html")]
struct ConfirmHtml {
    f: Frame,
    title: String,
    facts: String,
    networks: String,
    package_id: String,
    price: Price,
    tax_note: String,
    travellers: Vec<Seat>,
    all_have: bool,
    sequence: usize,
}

#[derive(Template)]
#[template(path = "pages/topup.html")]
struct TopUpHtml {
    f: Frame,
    esim_id: String,
    title: String,
    sequence: usize,
    options: Vec<TopUpOption>,
    tax_note: String,
    trouble: Option<String>,
}

struct TopUpOption {
    package_id: String,
    title: String,
    facts: String,
    price: Price,
}

fn language(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => "fr",
        Locale::En => "en",
    }
}

/// `Japon · 3 mai 2027 – 12 mai 2027 · 10 jours`.
fn trip(trip: &Trip, locale: Locale) -> String {
    let (from, to) = trip.span();
    let day =
        |date: jiff::civil::Date| date.to_zoned_datetime(jiff::tz::TimeZone::UTC).map(|at| words::date(&at, locale)).unwrap_or_default();
    format!("{} · {} – {} · {}", words::countries(&trip.countries(), locale), day(from), day(to), words::days(trip.days(), locale))
}

fn tax_note(visit: &Visit<'_>, w: &Words) -> String {
    visit.run.agency.pages.tax_note.clone().unwrap_or_else(|| w.tax_note.to_owned())
}

fn page(visit: &Visit<'_>, status: u16, theme: &Theme, html: Result<String, askama::Error>) -> Result<Page, Problem> {
    let html = html.map_err(|_| Problem::new(500, "internal", "The page could not be written."))?;
    Ok(Page { status, html, policy: theme.policy(Some(&visit.run.agency)) })
}

/// The whole panel; `done` is the word that a button's answer leads back with.
///
/// # Errors
/// [`Problem`] when the dossier is gone or cannot be read.
pub async fn show(visit: &Visit<'_>, filters: &Filters, done: Option<&str>) -> Result<Page, Problem> {
    let w = visit.words(visit.run.agency.locale);
    let text = match done {
        Some("ordered") => Some(w.notice_ordered),
        Some("topped-up") => Some(w.notice_topped_up),
        Some("resent") => Some(w.notice_resent),
        _ => None,
    };
    let notice = text.map(|text| Notice { text, detail: None, trace_id: None, bad: false });
    whole(visit, filters, notice, 200).await
}

/// The panel after a button was refused, with what failed and what to do.
///
/// # Errors
/// As [`show`].
pub async fn show_refusal(visit: &Visit<'_>, problem: &Problem) -> Result<Page, Problem> {
    let w = visit.words(visit.run.agency.locale);
    let (text, detail) = match problem.code {
        "page_outdated" | "idempotency_key_reused" => (w.notice_changed, None),
        "order_in_progress" => (w.notice_in_progress, None),
        "some_not_ordered" => (w.notice_some, None),
        _ if problem.errors.iter().any(|error| error.field == "traveller") => (w.notice_nobody, None),
        _ => (w.notice_failed, Some(problem.detail.clone())),
    };
    let trace_id = Some(visit.run.trace_id.to_string());
    whole(visit, &Filters::default(), Some(Notice { text, detail, trace_id, bad: true }), problem.status).await
}

async fn whole(visit: &Visit<'_>, filters: &Filters, notice: Option<Notice>, status: u16) -> Result<Page, Problem> {
    let run = &visit.run;
    let dossier = Dossier::read(run, &visit.link.subject).await?;
    let locale = visit.locale(run.agency.locale);
    let offers = offer::in_language(run, &dossier.record, Some(locale)).await?;
    let offers: Vec<OfferView> = offers.into_iter().filter_map(|offer| serde_json::from_value(offer).ok()).collect();
    let f = Frame::of(visit, &dossier);
    let html = PanelHtml {
        notice,
        live: live_html(visit, &dossier)?,
        offers_note: dossier.record.offers_note.clone(),
        offers: Offers::of(&offers, filters, &run.agency.pages, locale),
        tax_note: tax_note(visit, f.w),
        f,
    };
    page(visit, status, &html.f.theme, html.render())
}

/// The part of the panel that changes by itself.
///
/// # Errors
/// As [`show`].
pub async fn live(visit: &Visit<'_>) -> Result<Page, Problem> {
    let dossier = Dossier::read(&visit.run, &visit.link.subject).await?;
    let html = live_html(visit, &dossier)?;
    Ok(Page { status: 200, html, policy: Theme::of(&visit.run.agency).policy(Some(&visit.run.agency)) })
}

fn live_html(visit: &Visit<'_>, dossier: &Dossier) -> Result<String, Problem> {
    let locale = visit.locale(visit.run.agency.locale);
    let reader = Reader { words: super::words::of(locale), locale, zone: &visit.run.agency.timezone, now: visit.run.now() };
    let travellers = travellers(dossier, reader);
    let others: Vec<Seat> = dossier
        .of_others()
        .into_iter()
        .map(|ordered| Seat {
            place: usize::MAX,
            name: ordered.order.traveller.as_ref().map(|traveller| traveller.name.expose().to_owned()).unwrap_or_default(),
            cards: vec![Card::of(dossier, ordered, reader)],
            has_esim: true,
        })
        .collect();
    let moving = travellers.iter().chain(&others).flat_map(|traveller| &traveller.cards).any(|card| card.moving);
    let poll_ms = if moving { 2_000 } else { 30_000 };
    let lang_query = visit.language_query();
    let html = LiveHtml { w: reader.words, lang_query, travellers: &travellers, others: &others, poll_ms }.render();
    html.map_err(|_| Problem::new(500, "internal", "The page could not be written."))
}

fn travellers(dossier: &Dossier, reader: Reader<'_>) -> Vec<Seat> {
    let seat = |(place, traveller): (usize, &&Traveller)| Seat {
        place,
        name: traveller.name.expose().to_owned(),
        cards: dossier.of_traveller(traveller).map(|ordered| Card::of(dossier, ordered, reader)).collect(),
        // What failed for good leaves the traveller without one.
        has_esim: dossier.of_traveller(traveller).any(|ordered| ordered.esim.is_some() || !ordered.order.order.status.is_settled()),
    };
    dossier.travellers().iter().enumerate().map(seat).collect()
}

/// The step before an order: what, for how much, for whom.
///
/// # Errors
/// [`Problem`] when the package is not in the catalogue, or the dossier cannot be read.
pub async fn confirm(visit: &Visit<'_>, package: Option<&str>) -> Result<Page, Problem> {
    let run = &visit.run;
    let dossier = Dossier::read(run, &visit.link.subject).await?;
    let package = chosen(visit, package).await?;
    let f = Frame::of(visit, &dossier);
    let locale = visit.locale(run.agency.locale);
    let reader = Reader { words: f.w, locale, zone: &run.agency.timezone, now: run.now() };
    let travellers = travellers(&dossier, reader);
    let html = ConfirmHtml {
        title: package.title.clone(),
        facts: facts(&package, locale),
        networks: package.network_operators.join(", "),
        package_id: package.package_id.to_string(),
        price: Price::of(package.price, &run.agency.pages, locale),
        tax_note: tax_note(visit, f.w),
        all_have: travellers.iter().all(|traveller| traveller.has_esim),
        travellers,
        sequence: dossier.sequence(),
        f,
    };
    page(visit, 200, &html.f.theme, html.render())
}

async fn chosen(visit: &Visit<'_>, package: Option<&str>) -> Result<Package, Problem> {
    let unknown = || Problem::new(404, "not_found", "This package is not in the catalogue any more.");
    let id = package.and_then(|text| PackageId::parse(text).ok()).ok_or_else(unknown)?;
    visit.run.house.store.package(&visit.run.agency_id, &id).await?.ok_or_else(unknown)
}

/// The top-ups of an eSIM, as its provider offers them now.
///
/// # Errors
/// [`Problem`] when the eSIM is not of this dossier, or the dossier cannot be read.
pub async fn top_ups(visit: &Visit<'_>, esim: Option<&str>) -> Result<Page, Problem> {
    let run = &visit.run;
    let dossier = Dossier::read(run, &visit.link.subject).await?;
    let esim_id = esim_of_dossier(&dossier, esim.unwrap_or_default())?;
    let record = crate::flows::purchase::esim_of(run, &esim_id).await?;
    let f = Frame::of(visit, &dossier);
    let locale = visit.locale(run.agency.locale);
    let (packages, trouble) = match topup::options(run, &record).await {
        Ok(packages) => (packages, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let option = |package: &Package| TopUpOption {
        package_id: package.package_id.to_string(),
        title: package.title.clone(),
        facts: facts(package, locale),
        price: Price::of(package.price, &run.agency.pages, locale),
    };
    let html = TopUpHtml {
        title: record.esim.plan.package.title.clone(),
        sequence: purchase::top_ups(&dossier, &esim_id),
        esim_id: esim_id.to_string(),
        options: packages.iter().map(option).collect(),
        tax_note: tax_note(visit, f.w),
        trouble,
        f,
    };
    page(visit, 200, &html.f.theme, html.render())
}
