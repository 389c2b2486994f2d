//! `GET /catalog/packages`: what the agency can sell, from the synced catalogue.

use serde_json::json;

use super::Run;
use crate::{
    domain::{Country, Package},
    problem::Problem,
};

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only plans that work there.
    pub iso_country: Option<Country>,
    /// Only plans that last this long at least.
    pub days: Option<u32>,
    /// Only plans with this much data at least, MB; unlimited ones too.
    pub data_mb: Option<u64>,
    /// Where the page starts, as the page before said.
    pub cursor: Option<String>,
    /// Packages a page.
    pub limit: usize,
}

/// One page, by account and package id. The cursor is the last package id of the page.
///
/// # Errors
/// [`Problem`] when the catalogue cannot be read.
pub async fn page(run: &Run<'_>, wanted: &Wanted) -> Result<String, Problem> {
    let mut found = match wanted.iso_country {
        Some(country) => of_country(run, wanted, country).await?,
        None => of_everywhere(run, wanted).await?,
    };
    let more = found.len() > wanted.limit;
    found.truncate(wanted.limit);
    let next = if more { found.last().map(|package| package.package_id.to_string()) } else { None };
    Ok(json!({ "packages": found, "next_cursor": next }).to_string())
}

fn fits(wanted: &Wanted, package: &Package) -> bool {
    let after_cursor = wanted.cursor.as_deref().is_none_or(|cursor| package.package_id.as_str() > cursor);
    let lasts = wanted.days.is_none_or(|days| package.validity_days >= days);
    let enough = wanted.data_mb.is_none_or(|mb| package.data_volume_mb.is_none_or(|volume| volume >= mb));
    after_cursor && lasts && enough
}

async fn of_country(run: &Run<'_>, wanted: &Wanted, country: Country) -> Result<Vec<Package>, Problem> {
    let mut found = Vec::new();
    for account in &run.agency.providers {
        let sold = run.house.store.packages_for(&run.agency_id, &account.account, country).await?;
        found.extend(sold.into_iter().filter(|package| fits(wanted, package)));
    }
    found.sort_by(|a, b| a.package_id.cmp(&b.package_id));
    Ok(found)
}

/// One more than a page, read account by account in order of their names.
async fn of_everywhere(run: &Run<'_>, wanted: &Wanted) -> Result<Vec<Package>, Problem> {
    let mut accounts: Vec<_> = run.agency.providers.iter().map(|account| &account.account).collect();
    accounts.sort();
    let mut found = Vec::new();
    for account in accounts {
        let own = format!("{account}:");
        let mut after = wanted.cursor.clone().filter(|cursor| cursor.starts_with(&own));
        if after.is_none() && wanted.cursor.as_deref().is_some_and(|cursor| cursor > own.as_str()) {
            continue;
        }
        loop {
            let (page, more) = run.house.store.packages_after(&run.agency_id, account, after.as_deref(), 200).await?;
            after = page.last().map(|package| package.package_id.to_string());
            found.extend(page.into_iter().filter(|package| fits(wanted, package)));
            if found.len() > wanted.limit {
                return Ok(found);
            }
            if !more || after.is_none() {
                break;
            }
        }
    }
    Ok(found)
}
