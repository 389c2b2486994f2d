//! One order and its eSIM as the panel shows them: where it stands, what failed and what to do, the codes, the use, the history.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    codes::Codes,
    consumption::Consumption,
    dossier::{Dossier, Ordered},
    words::Words,
};
use crate::{
    domain::{EsimStatus, Locale, Order, OrderStatus, order::Move},
    email::words,
    store::{esims::EsimRecord, mails::MOST_COPIES},
};

/// How a state looks: a word for a style, never the only sign.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    Calm,
    Good,
    Waiting,
    Bad,
}

impl Tone {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Good => "good",
            Self::Waiting => "waiting",
            Self::Bad => "bad",
        }
    }
}

pub(super) struct Card {
    pub(super) order_id: String,
    pub(super) esim_id: Option<String>,
    pub(super) title: String,
    pub(super) facts: String,
    pub(super) chip: &'static str,
    pub(super) tone: &'static str,
    /// What happens, or what failed and what to do.
    pub(super) says: Option<&'static str>,
    /// The other side's words.
    pub(super) detail: Option<String>,
    pub(super) codes: Option<Codes>,
    pub(super) codes_pending: bool,
    pub(super) consumption: Option<Consumption>,
    pub(super) can_top_up: bool,
    pub(super) top_ups: Vec<TopUpLine>,
    pub(super) mail: Option<&'static str>,
    pub(super) mail_failed: bool,
    pub(super) next_copy: Option<u32>,
    pub(super) email: String,
    pub(super) steps: Vec<Step>,
    /// Whether it will change by itself soon.
    pub(super) moving: bool,
}

/// A top-up that is under way or failed.
pub(super) struct TopUpLine {
    pub(super) title: String,
    pub(super) says: &'static str,
    pub(super) detail: Option<String>,
    pub(super) tone: &'static str,
}

pub(super) struct Step {
    pub(super) what: &'static str,
    pub(super) at: String,
}

/// What the words are made for.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) words: &'static Words,
    pub(super) locale: Locale,
    pub(super) zone: &'a TimeZone,
    pub(super) now: Timestamp,
}

impl Card {
    pub(super) fn of(dossier: &Dossier, ordered: &Ordered, reader: Reader<'_>) -> Self {
        let (order, w) = (&ordered.order.order, reader.words);
        let esim = ordered.esim.as_ref();
        let (chip, tone) = esim.map_or_else(|| order_chip(order, w), |record| esim_state(record.esim.status, w));
        let says = order_says(order, w);
        let top_ups: Vec<&Ordered> = esim.map(|record| dossier.top_ups(record).collect()).unwrap_or_default();
        let codes_pending = esim.is_some_and(|record| record.profile.is_none() && record.esim.status < EsimStatus::Expired);
        let package = esim.map_or(&order.package, |record| &record.esim.plan.package);
        Self {
            order_id: order.order_id.to_string(),
            esim_id: esim.map(|record| record.esim.esim_id.to_string()),
            title: package.title.clone(),
            facts: facts(package, reader.locale),
            chip,
            tone: tone.class(),
            says,
            detail: says.and(order.problem.as_ref()).map(|problem| problem.detail.clone()).or_else(|| planned(order, reader)),
            codes: esim.and_then(|record| record.profile.as_ref()).map(Codes::of),
            codes_pending,
            consumption: esim
                .filter(|record| record.esim.status >= EsimStatus::Installed || record.esim.plan.used_mb > 0)
                .map(|record| Consumption::of(&record.esim, reader.now, reader.zone, reader.locale)),
            can_top_up: esim.is_some_and(|record| record.profile.is_some() && record.esim.status < EsimStatus::Cancelled && package.topup),
            top_ups: top_ups.iter().filter_map(|top_up| TopUpLine::of(&top_up.order.order, w)).collect(),
            mail: ordered.mail.as_deref().and_then(|state| mail_says(state, w)),
            mail_failed: matches!(ordered.mail.as_deref(), Some("refused" | "unclear")),
            next_copy: esim.filter(|record| record.profile.is_some() && ordered.copies < MOST_COPIES).map(|_| ordered.copies + 1),
            email: ordered.order.traveller.as_ref().map(|traveller| traveller.email.expose().to_owned()).unwrap_or_default(),
            steps: steps(order, esim, &top_ups, reader),
            moving: !order.status.is_settled() && order.sleeps(reader.now).is_none()
                || codes_pending
                || order.status == OrderStatus::Placed && ordered.mail.is_none()
                || ordered.mail.as_deref() == Some("sending")
                || top_ups.iter().any(|top_up| !top_up.order.order.status.is_settled()),
        }
    }
}

/// `10 Go · 15 jours · Japon`.
pub(super) fn facts(package: &crate::domain::Package, locale: Locale) -> String {
    let countries = words::countries(&package.iso_countries, locale);
    [words::volume(package.data_volume_mb, locale), words::days(package.validity_days, locale), countries].join(" · ")
}

/// When an order that was taken for a later day is delivered: `Livraison prévue le samedi 1er mai 2027`.
fn planned(order: &Order, reader: Reader<'_>) -> Option<String> {
    let later = order.later.as_ref().filter(|_| order.status == OrderStatus::Accepted)?;
    let day = words::date(&later.due_at.to_zoned_datetime(reader.zone.clone()), reader.locale);
    Some(format!("{} {day}", reader.words.delivery_planned))
}

fn order_chip(order: &Order, w: &Words) -> (&'static str, Tone) {
    match order.status {
        OrderStatus::Placing | OrderStatus::Accepted | OrderStatus::Placed | OrderStatus::Delivered => (w.short_pending, Tone::Waiting),
        OrderStatus::Queued => (w.short_waiting, Tone::Waiting),
        OrderStatus::Unknown => (w.short_checking, Tone::Waiting),
        OrderStatus::Rejected => (w.short_failed, Tone::Bad),
        OrderStatus::Parked => (w.short_person, Tone::Bad),
    }
}

fn order_says(order: &Order, w: &Words) -> Option<&'static str> {
    Some(match order.status {
        OrderStatus::Placing => w.order_placing,
        OrderStatus::Accepted => w.order_accepted,
        OrderStatus::Queued => w.order_queued,
        OrderStatus::Unknown => w.order_unknown,
        OrderStatus::Rejected => w.order_rejected,
        OrderStatus::Parked if order.problem.as_ref().is_some_and(|problem| problem.code == "not_sent") => w.order_not_sent,
        OrderStatus::Parked => w.order_unclear,
        OrderStatus::Placed | OrderStatus::Delivered => return None,
    })
}

/// An eSIM's state in one word, and how good that is.
pub(super) fn esim_state(status: EsimStatus, w: &Words) -> (&'static str, Tone) {
    match status {
        EsimStatus::Unknown => (w.esim_unknown, Tone::Calm),
        EsimStatus::Ordered => (w.esim_ordered, Tone::Waiting),
        EsimStatus::Released => (w.esim_released, Tone::Calm),
        EsimStatus::Downloaded => (w.esim_downloaded, Tone::Calm),
        EsimStatus::Installed => (w.esim_installed, Tone::Calm),
        EsimStatus::Activated => (w.esim_activated, Tone::Good),
        EsimStatus::Exhausted => (w.esim_exhausted, Tone::Bad),
        EsimStatus::Expired => (w.esim_expired, Tone::Calm),
        EsimStatus::Cancelled => (w.esim_cancelled, Tone::Bad),
    }
}

fn mail_says(state: &str, w: &Words) -> Option<&'static str> {
    match state {
        "sent" => Some(w.mail_sent),
        "sending" => Some(w.mail_sending),
        "refused" => Some(w.mail_refused),
        "unclear" => Some(w.mail_unclear),
        _ => None,
    }
}

impl TopUpLine {
    /// `None` when it is bought: the plan itself shows it.
    fn of(order: &Order, w: &Words) -> Option<Self> {
        let tone = order_chip(order, w).1.class();
        let detail = order.problem.as_ref().map(|problem| problem.detail.clone());
        Some(Self { title: order.package.title.clone(), says: order_says(order, w)?, detail, tone })
    }
}

fn steps(order: &Order, esim: Option<&EsimRecord>, top_ups: &[&Ordered], reader: Reader<'_>) -> Vec<Step> {
    let w = reader.words;
    let first = |order: &Order, status: OrderStatus| order.history.iter().find(|one: &&Move| one.status == status).map(|one| one.at);
    let plan = esim.map(|record| &record.esim.plan);
    let mut known: Vec<(Timestamp, &'static str)> = [
        (Some(order.created_at), w.step_ordered),
        (first(order, OrderStatus::Placed), w.step_bought),
        (first(order, OrderStatus::Delivered), w.step_delivered),
        (plan.and_then(|plan| plan.activated_at), w.step_activated),
        (plan.and_then(|plan| plan.expires_at), w.step_ends),
    ]
    .into_iter()
    .filter_map(|(at, what)| Some((at?, what)))
    .collect();
    known.extend(top_ups.iter().filter_map(|top_up| Some((first(&top_up.order.order, OrderStatus::Placed)?, w.step_topped_up))));
    known.sort_by_key(|(at, _)| *at);
    let written = |at: Timestamp| words::moment(&at.to_zoned_datetime(reader.zone.clone()), reader.locale);
    known.into_iter().map(|(at, what)| Step { what, at: written(at) }).collect()
}
