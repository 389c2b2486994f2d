//! Who is told of every call, for metrics: the outside is told apart by system and operation, never by content.

use std::time::Duration;

use crate::{providers::ProviderError, telemetry::Metrics};

/// Is told of every call that was tried.
pub trait CallObserver: Send + Sync {
    /// A call is over. `system` is a provider kind, a CRM or a mail service; `operation` the contract's word; `outcome` one of `ok`,
    /// `rejected`, `throttled`, `unauthorised`, `not_sent`, `unknown`, `unsupported`; for CRM and mail, whose answers are read
    /// elsewhere, one of `ok`, `refused`, `throttled`, `failed` by the status, or `not_sent`, `unknown`.
    fn called(&self, system: &str, operation: &str, outcome: &str, elapsed: Duration);

    /// A breaker changed its state: `system` is a provider kind, `class` `money` or `read`, `state` `open`, `half_open` or `closed`.
    /// Whose account it is stays out of it.
    fn breaker_changed(&self, system: &str, class: &str, state: &str);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl CallObserver for Unobserved {
    fn called(&self, _: &str, _: &str, _: &str, _: Duration) {}
    fn breaker_changed(&self, _: &str, _: &str, _: &str) {}
}

impl CallObserver for Metrics {
    fn called(&self, system: &str, operation: &str, outcome: &str, elapsed: Duration) {
        self.call(system, operation, outcome, elapsed);
    }

    fn breaker_changed(&self, system: &str, class: &str, state: &str) {
        self.breaker(system, class, state);
    }
}

/// The word for how a provider call ended.
pub(super) fn outcome_word<T>(result: &Result<T, ProviderError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(ProviderError::NotSent(_)) => "not_sent",
        Err(ProviderError::Throttled { .. }) => "throttled",
        Err(ProviderError::Unauthorised) => "unauthorised",
        Err(ProviderError::Rejected { .. }) => "rejected",
        Err(ProviderError::Unknown(_)) => "unknown",
        Err(ProviderError::Unsupported(_)) => "unsupported",
    }
}
