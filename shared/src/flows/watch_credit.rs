//! The agency's credit at its providers: a person is told while orders still go through, by a webhook where the provider sends one, and
//! every hour where the account says below which amount (`credit_alert_below`).

use super::{Run, tasks};
use crate::{
    config::ProviderAccount,
    domain::{AccountName, Money},
    problem::Problem,
    providers::ProviderError,
    store::outbox::TaskKind,
};

/// Looks at the credit of every account that has a threshold. What cannot be read is logged and counted; the next hour looks again.
pub async fn check(run: &Run<'_>) {
    for account in &run.agency.providers {
        if let Some(threshold) = account.credit_alert_below {
            match left(run, account).await {
                Ok(left) if left.amount < threshold => low(run, account, &left).await,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(account = %account.account, %error, "the credit was not read");
                    run.house.metrics.error("credit_check");
                }
            }
        }
    }
}

/// What is left of an account's credit.
///
/// # Errors
/// [`ProviderError`]; `Unsupported` where the provider has no call for it.
pub async fn left(run: &Run<'_>, account: &ProviderAccount) -> Result<Money, ProviderError> {
    let provider =
        run.provider(&account.account).map_err(|_| ProviderError::NotSent("the agency's settings no longer name the account"))?;
    provider.credit(run.deadline).await
}

async fn low(run: &Run<'_>, account: &ProviderAccount, left: &Money) {
    run.house.metrics.error("credit_low");
    if let Err(problem) = tell(run, &account.account, Some(left)).await {
        tracing::error!(account = %account.account, problem = problem.code, "nobody was told of the low credit; the next hour tells");
    }
}

/// A task about an account whose credit runs low: one a day, however it was learned.
///
/// # Errors
/// [`Problem`] when it could not be written.
pub async fn tell(run: &Run<'_>, account: &AccountName, left: Option<&Money>) -> Result<(), Problem> {
    let day = run.now().to_zoned_datetime(run.agency.timezone.clone()).date();
    let detail = left.map_or_else(|| account.to_string(), |left| format!("{account}: {}", written(left)));
    let task = tasks::about_account(run, format!("credit-{account}-{day}"), TaskKind::CreditLow, detail);
    run.house.store.transaction().enqueue(&task)?.commit().await?;
    Ok(())
}

/// An amount for a person.
#[must_use]
pub fn written(money: &Money) -> String {
    format!("{} {}", money.amount.normalize(), money.currency.code())
}
