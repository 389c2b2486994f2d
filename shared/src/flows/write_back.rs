//! Where the agency wants it, each eSIM is noted in the booking at Amadeus that it was bought for, by one remark.

use jiff::civil::Date;
use std::time::Duration;

use super::{
    Run,
    purchase::{Next, esim_of},
    sync_crm,
};
use crate::{
    crm::amadeus::{Amadeus, Remark},
    domain::{EsimId, Package},
    outbound::{OutboundHttp, Route},
    problem::Problem,
    store::{StoreError, Transaction, esims::EsimRecord, outbox::Work},
};

/// Adds the remark to what must follow, where the agency wants one and the dossier may be a booking at Amadeus.
///
/// # Errors
/// [`StoreError`] when the entry cannot be written.
pub fn follow(run: &Run<'_>, transaction: Transaction, esim: &EsimRecord) -> Result<Transaction, StoreError> {
    if run.agency.amadeus.write_back.is_none() || esim.esim.booking_reference.as_deref().and_then(booked).is_none() {
        return Ok(transaction);
    }
    transaction.enqueue(&run.to_do(Work::WriteRemark { esim_id: esim.esim.esim_id.clone() }, Duration::ZERO))
}

/// Locator and day of a reference that was made of them ([`crate::intake::amadeus::Record::reference`]).
fn booked(reference: &str) -> Option<(&str, Date)> {
    let (locator, day) = reference.split_once('-')?;
    let is_locator = locator.len() == 6 && locator.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_locator.then_some((locator, Date::strptime("%Y%m%d", day).ok()?))
}

/// Writes it. An eSIM that was forgotten meanwhile, or whose dossier did not come from Amadeus, needs none.
///
/// # Errors
/// [`Problem`] when Amadeus or the table cannot be used, or Amadeus refuses.
pub async fn write(run: &Run<'_>, esim_id: &EsimId) -> Result<Next, Problem> {
    let Some(settings) = &run.agency.amadeus.write_back else { return Ok(Next::Done) };
    let esim = match esim_of(run, esim_id).await {
        Err(Problem { status: 404, .. }) => return Ok(Next::Done),
        found => found?,
    };
    let Some((reference, (locator, created))) = esim.esim.booking_reference.as_deref().and_then(|own| Some((own, booked(own)?))) else {
        return Ok(Next::Done);
    };
    let told = run.house.store.told_booking(&run.agency_id, locator, reference, &run.house.seals).await?;
    if told.version == 0 {
        return Ok(Next::Done);
    }
    let key = key(esim_id);
    let text = text(&key, &esim.esim.plan.package);
    let remark = Remark { locator: locator.to_owned(), created, key, text };
    let route = Route { minimum_tls: settings.minimum_tls, ..Route::default() };
    let http = OutboundHttp::new(run.house.outbound.clone(), "amadeus", route, run.trace_id.clone(), run.deadline);
    sync_crm::outcome(Amadeus::new(settings, &run.house.world).add_remark(&http, &remark).await)
}

/// The eSIM's id in what a booking can hold.
fn key(esim_id: &EsimId) -> String {
    let id = esim_id.as_str();
    id.strip_prefix("esim_").unwrap_or(id).chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

/// `ESIM/SOLD 01JK… JP 5GB 15D`. Behind `ESIM/`, where remarks for us stand, so that none of them is an instruction: no word is `SOLD`.
fn text(key: &str, package: &Package) -> String {
    let countries = match package.iso_countries.as_slice() {
        [only] => only.to_string(),
        many => format!("{} COUNTRIES", many.len()),
    };
    let size = match package.data_volume_mb {
        None => "UNLIMITED".to_owned(),
        Some(mb) if mb.is_multiple_of(1024) => format!("{}GB", mb / 1024),
        Some(mb) => format!("{mb}MB"),
    };
    format!("ESIM/SOLD {key} {countries} {size} {}D", package.validity_days)
}

#[cfg(test)]
mod tests {
    use super::booked;

    #[test]
    fn only_references_of_ours_name_a_booking_at_amadeus() {
        assert_eq!(booked("ABC123-20261220").map(|(locator, day)| (locator, day.to_string())), Some(("ABC123", "2026-12-20".to_owned())));
        for other in ["VH-2027-0042", "ABC123", "abc123-20261220", "ABC1234-20261220", "ABC123-20261320", "ABC123-20261220-1", ""] {
            assert_eq!(booked(other), None, "{other}");
        }
    }
}
