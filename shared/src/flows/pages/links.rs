//! `POST /links` and `POST /links/revoke`: an agency's systems get the address of a page, and take all addresses of a page back.

use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Esim, EsimId},
    flows::{Run, purchase::esim_of},
    problem::Problem,
    security::{PageKind, PageLink},
};

/// How long a link to the panel is good where the caller asks for nothing else: a CRM asks anew each time it shows the panel.
const PANEL_MINUTES: i64 = 60;
/// A working day, at most.
const MOST_PANEL_MINUTES: i64 = 12 * 60;
/// How long a link to the traveller's page is good, where nothing else is known.
const TRAVELLER_DAYS: i64 = 180;
/// The longest that a caller may ask for.
const MOST_TRAVELLER_MINUTES: i64 = 400 * 24 * 60;
/// Days after the trip or the plan that the link in the traveller's mail stays good.
const DAYS_AFTER: i64 = 30;

/// The body of `POST /links`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    /// Which page.
    pub page: PageKind,
    /// The dossier, for the panel.
    pub booking_reference: Option<String>,
    /// The eSIM, for the traveller's page.
    pub esim_id: Option<EsimId>,
    /// How long it is to be good.
    pub valid_minutes: Option<i64>,
}

/// The body of `POST /links/revoke`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokedLinks {
    /// Which page.
    pub page: PageKind,
    /// The dossier, for the panel.
    pub booking_reference: Option<String>,
    /// The eSIM, for the traveller's page.
    pub esim_id: Option<EsimId>,
}

#[derive(Serialize)]
struct LinkView {
    url: String,
    expires_at: Timestamp,
}

/// `POST /links`. `base` is our public address.
///
/// # Errors
/// [`Problem`] that names the field.
pub async fn give(run: &Run<'_>, new: NewLink, base: &str) -> Result<String, Problem> {
    let subject = subject(run, new.page, new.booking_reference.as_deref(), new.esim_id.as_ref()).await?;
    let (usual, most) = match new.page {
        PageKind::Panel => (PANEL_MINUTES, MOST_PANEL_MINUTES),
        PageKind::Traveller => (TRAVELLER_DAYS * 24 * 60, MOST_TRAVELLER_MINUTES),
    };
    let minutes = new.valid_minutes.unwrap_or(usual);
    if !(1..=most).contains(&minutes) {
        return Err(Problem::field("valid_minutes", format!("must be 1 to {most} for this page")));
    }
    let expires_at = run.now().saturating_add(SignedDuration::from_mins(minutes)).map_or(run.now(), |t| t);
    let (url, expires_at) = address(run, new.page, subject, expires_at, base).await?;
    Ok(serde_json::to_string(&LinkView { url, expires_at }).unwrap_or_default())
}

/// `POST /links/revoke`: no link that was given out before opens this page any more.
///
/// # Errors
/// [`Problem`] that names the field.
pub async fn revoke(run: &Run<'_>, links: RevokedLinks) -> Result<(), Problem> {
    let subject = subject(run, links.page, links.booking_reference.as_deref(), links.esim_id.as_ref()).await?;
    Ok(run.house.store.revoke_links(&run.agency_id, links.page, &subject).await?)
}

/// The link for a traveller's mail; `None` where our own public address is not known: the mail holds everything as well.
///
/// # Errors
/// [`Problem`] when the table cannot be read.
pub async fn for_traveller(run: &Run<'_>, esim: &Esim) -> Result<Option<String>, Problem> {
    let told = run.house.store.public_base_url(&run.agency_id).await?;
    let Some(base) = told.or_else(|| run.house.settings.public_base_url.clone()) else { return Ok(None) };
    let trip_end = match &esim.booking_reference {
        Some(reference) => run.house.store.booking(&run.agency_id, reference, &run.house.seals).await?.map(|b| b.booking.trip.span().1),
        None => None,
    };
    let trip_end = trip_end.and_then(|day| day.to_zoned_datetime(run.agency.timezone.clone()).ok()).map(|day| day.timestamp());
    let known = [trip_end, esim.plan.expires_at].into_iter().flatten().max().map(|end| (end, DAYS_AFTER));
    let (from, days) = known.filter(|(end, _)| *end > run.now()).unwrap_or((run.now(), TRAVELLER_DAYS));
    let expires_at = from.saturating_add((days * 24).hours()).map_or(from, |t| t);
    let (url, _) = address(run, PageKind::Traveller, esim.esim_id.to_string(), expires_at, &base).await?;
    Ok(Some(url))
}

async fn address(
    run: &Run<'_>,
    page: PageKind,
    subject: String,
    expires_at: Timestamp,
    base: &str,
) -> Result<(String, Timestamp), Problem> {
    // To the second, as it is signed.
    let expires_at = Timestamp::from_second(expires_at.as_second()).unwrap_or(expires_at);
    let generation = run.house.store.link_generation(&run.agency_id, page, &subject).await?;
    let link = PageLink { agency: run.agency_id.clone(), page, subject, expires_at, generation };
    let name = match page {
        PageKind::Panel => "panel",
        PageKind::Traveller => "esim",
    };
    Ok((format!("{base}/pages/{}/{name}", run.house.index.links().sign(&link)), expires_at))
}

/// The dossier or eSIM that the page is about. It must be there, and the agency's.
async fn subject(run: &Run<'_>, page: PageKind, booking: Option<&str>, esim: Option<&EsimId>) -> Result<String, Problem> {
    match (page, booking, esim) {
        (PageKind::Panel, Some(reference), None) => {
            let found = run.house.store.booking(&run.agency_id, reference, &run.house.seals).await?;
            found
                .map(|record| record.booking.reference)
                .ok_or_else(|| Problem::field("booking_reference", "names no dossier of this agency"))
        }
        (PageKind::Traveller, None, Some(esim_id)) => match esim_of(run, esim_id).await {
            Ok(record) => Ok(record.esim.esim_id.to_string()),
            Err(Problem { status: 404, .. }) => Err(Problem::field("esim_id", "names no eSIM of this agency")),
            Err(problem) => Err(problem),
        },
        (PageKind::Panel, _, _) => Err(Problem::field("booking_reference", "is needed for the panel, and esim_id is not")),
        (PageKind::Traveller, _, _) => Err(Problem::field("esim_id", "is needed for the traveller's page, and booking_reference is not")),
    }
}
