//! `QueryRatePlan` (§2): which of the plans that the settings sell exist at BICS.

use std::collections::HashSet;

use super::super::refusals::success;
use super::text;
use crate::config::{BicsPlan, BicsSettings};
use crate::domain::{AccountName, Country, Package, PackageId};
use crate::outbound::Answer;
use crate::providers::{CataloguePage, ProviderError};

/// The plans that are both in the settings and at BICS. A plan of the settings that BICS does not list is counted as unreadable.
pub(in super::super) fn read(account: &AccountName, settings: &BicsSettings, answer: &Answer) -> Result<CataloguePage, ProviderError> {
    let rows = success(answer)?.rows().ok_or(ProviderError::Unknown("the list of plans holds no list"))?;
    let listed: HashSet<String> = rows.iter().filter_map(|row| text(row, &settings.names.listed_plan)).collect();
    let sold = settings.plans.iter().filter(|plan| listed.contains(&plan.plan_id));
    let packages: Vec<Package> = sold.filter_map(|plan| package(account, plan)).collect();
    let unreadable = if rows.is_empty() { 0 } else { settings.plans.len().saturating_sub(packages.len()) };
    Ok(CataloguePage { unreadable, packages, next: None })
}

/// What can be added to an eSIM: the plans that work in all of its countries.
pub(in super::super) fn read_topups(
    account: &AccountName,
    settings: &BicsSettings,
    answer: &Answer,
    countries: &[Country],
) -> Result<Vec<Package>, ProviderError> {
    let mut packages = read(account, settings, answer)?.packages;
    packages.retain(|package| package.topup && countries.iter().all(|country| package.iso_countries.contains(country)));
    Ok(packages)
}

/// `None` when the settings say what cannot be sold.
fn package(account: &AccountName, plan: &BicsPlan) -> Option<Package> {
    let sensible = plan.validity_days > 0 && plan.data_volume_mb != Some(0) && !plan.iso_countries.is_empty();
    sensible.then_some(())?;
    Some(Package {
        package_id: PackageId::of(account, &plan.plan_id).ok()?,
        provider: account.clone(),
        title: plan.title.clone(),
        iso_countries: plan.iso_countries.clone(),
        data_volume_mb: plan.data_volume_mb,
        validity_days: plan.validity_days,
        price: plan.price,
        network_operators: plan.network_operators.clone(),
        topup: plan.topup,
    })
}
