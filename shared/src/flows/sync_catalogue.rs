//! The hourly catalogue sync: each account's whole catalogue is read first, then the table is brought up to it. A sync that
//! fails half-way, or reads nothing, leaves the catalogue as it was.

use serde::Serialize;
use std::collections::HashSet;

use super::{House, Run, exchange, renew_offers, watch_credit};
use crate::{
    domain::{AccountName, Package, TraceId},
    outbound::Deadline,
    problem::Problem,
    providers::ProviderError,
    store::{StoreError, catalogue::CatalogueChange},
};

/// Pages that a catalogue may have: a provider that never ends is cut off, and its catalogue stays as it was.
const MOST_PAGES: usize = 200;

/// What came of one account.
#[derive(Debug, Serialize)]
pub struct Synced {
    /// The account.
    pub account: AccountName,
    /// What changed (`Ok`), or why nothing did (`Err`).
    pub result: Result<CatalogueChange, String>,
}

/// Syncs every account of every agency, the exchange rates that they are compared by, and looks at the credit that is left there. One account's
/// failure stops no other.
///
/// # Errors
/// [`Problem`] when the agencies cannot be listed.
pub async fn sync_all(house: &House, trace_id: &TraceId, deadline: Deadline) -> Result<Vec<Synced>, Problem> {
    let (mut all, mut rates) = (Vec::new(), HashSet::new());
    for agency_id in house.store.agencies().await? {
        match house.run(agency_id.clone(), trace_id.clone(), deadline).await {
            Ok(run) => {
                exchange::renew(&run, &mut rates).await;
                all.extend(sync_agency(&run).await);
                watch_credit::check(&run).await;
            }
            Err(problem) => tracing::error!(agency = %agency_id, problem = problem.code, "the agency's catalogues were not synced"),
        }
    }
    Ok(all)
}

/// Syncs every account of one agency.
pub async fn sync_agency(run: &Run<'_>) -> Vec<Synced> {
    let mut all = Vec::new();
    for account in &run.agency.providers {
        let result = sync_account(run, &account.account).await;
        match &result {
            Ok(change) => {
                tracing::info!(
                    account = %account.account, packages = change.packages, new = change.new, gone = change.gone, repriced = change.repriced,
                    written = change.written, removed = change.removed, "catalogue synced"
                );
                // At first everything is new: that is no change.
                if change.new < change.packages {
                    for (what, packages) in [("new", change.new), ("gone", change.gone), ("repriced", change.repriced)] {
                        run.house.metrics.catalogue(account.kind.as_str(), what, packages);
                    }
                }
            }
            Err(reason) => {
                tracing::error!(account = %account.account, reason, "the catalogue was not synced and stays as it was");
                run.house.metrics.error("catalogue_sync");
            }
        }
        all.push(Synced { account: account.account.clone(), result });
    }
    all
}

async fn sync_account(run: &Run<'_>, account: &AccountName) -> Result<CatalogueChange, String> {
    let packages = read_all(run, account).await.map_err(|error| error.to_string())?;
    if packages.is_empty() {
        return Err("the provider's catalogue was empty".to_owned());
    }
    replace(run, account, &packages).await.map_err(|error| error.to_string())
}

/// What offers there may be of packages that change is written down before the change is: the next sync would not see it any more.
async fn replace(run: &Run<'_>, account: &AccountName, packages: &[Package]) -> Result<CatalogueChange, StoreError> {
    let store = &run.house.store;
    let pending = store.compare_catalogue(&run.agency_id, account, packages).await?;
    renew_offers::tell(run, pending.changed()).await?;
    store.write_catalogue(pending).await
}

async fn read_all(run: &Run<'_>, account: &AccountName) -> Result<Vec<Package>, ProviderError> {
    let provider = run.provider(account).map_err(|_| ProviderError::NotSent("the agency's settings no longer name the account"))?;
    let mut packages = Vec::new();
    let mut unreadable = 0;
    let mut cursor: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let mut page = provider.catalogue_page(cursor.as_deref(), run.agency.locale, run.deadline).await?;
        packages.append(&mut page.packages);
        unreadable += page.unreadable;
        match page.next {
            Some(next) => cursor = Some(next),
            None => {
                if unreadable > 0 {
                    tracing::warn!(account = %account, unreadable, "catalogue entries were left out");
                }
                return Ok(packages);
            }
        }
    }
    Err(ProviderError::Unknown("the catalogue has too many pages"))
}
