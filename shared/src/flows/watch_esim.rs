//! Webhooks that a provider takes for each eSIM (1GLOBAL): registered by a worker once the codes are known. Polls see everything that
//! they would tell, so that nothing hangs on them.

use std::time::Duration;

use super::{
    Run,
    purchase::{Next, esim_of, key_of},
};
use crate::{
    domain::EsimId,
    problem::Problem,
    providers::{self, ProviderError},
    store::{StoreError, Transaction, esims::EsimRecord, outbox::Work},
};

/// Adds the registration to what must follow, where the provider wants one.
///
/// # Errors
/// [`StoreError`] when the entry cannot be written.
pub fn follow(run: &Run<'_>, transaction: Transaction, esim: &EsimRecord) -> Result<Transaction, StoreError> {
    if address(run, esim).is_none() {
        return Ok(transaction);
    }
    transaction.enqueue(&run.to_do(Work::WatchEsim { esim_id: esim.esim.esim_id.clone() }, Duration::ZERO))
}

/// Where the provider reaches us; `None` where it takes no webhook for an eSIM, or our own address is not known.
fn address(run: &Run<'_>, esim: &EsimRecord) -> Option<String> {
    let account = run.account(&esim.esim.plan.package.provider).ok()?;
    providers::extras(account).esim_webhooks?;
    let base = run.house.settings.public_base_url.as_deref()?;
    Some(format!("{}/api/webhooks/esim/{}", base.trim_end_matches('/'), account.webhook_account.as_deref()?))
}

/// Registers them.
///
/// # Errors
/// [`Problem`] when the table or the provider cannot be used; it is tried again.
pub async fn register(run: &Run<'_>, esim_id: &EsimId) -> Result<Next, Problem> {
    let esim = esim_of(run, esim_id).await?;
    let Some(url) = address(run, &esim) else { return Ok(Next::Done) };
    let provider = run.provider(&esim.esim.plan.package.provider)?;
    match provider.register_esim_webhooks(key_of(&esim), &url, run.deadline).await {
        Ok(_) => Ok(Next::Done),
        Err(error @ (ProviderError::Rejected { .. } | ProviderError::Unsupported(_))) => {
            tracing::warn!(%error, "webhooks of an eSIM were not registered: it is polled");
            Ok(Next::Done)
        }
        Err(ProviderError::Throttled { retry_after }) => Ok(Next::Later(super::house::back_off(&run.house.world, 3, retry_after))),
        Err(error) => Err(Problem::unavailable(error.to_string())),
    }
}
