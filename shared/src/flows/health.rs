//! `GET /health`: whether the agency can buy now, and what stands in the way. Reads only.
//!
//! `ok`: nothing is held back. `degraded`: orders are taken, and some wait for a provider that fails or asked for patience. `down`:
//! purchases are refused with 503, because the table, or the agency's settings, cannot be read.

use futures::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;

use super::{House, Run};
use crate::{
    config::ProviderAccount,
    domain::{AccountName, TraceId},
    outbound::{BreakerRecord, OperationClass, Phase, ShelfUnreachable},
};

/// The whole in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nothing is held back.
    Ok,
    /// Orders are taken; some wait.
    Degraded,
    /// Purchases are refused.
    Down,
}

/// A part of ours that everything stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// It answers.
    Ok,
    /// It does not.
    Unreachable,
    /// Not looked at: what comes before it does not answer.
    Unknown,
}

/// What `GET /health` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// The whole in one word.
    pub status: Status,
    /// When it was looked at.
    pub checked_at: Timestamp,
    /// The table.
    pub table: Part,
    /// The agency's settings.
    pub settings: Part,
    /// The agency's accounts, in its order of preference; none while the table or the settings cannot be read.
    pub accounts: Vec<Account>,
    /// The call.
    pub trace_id: TraceId,
}

/// One provider account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The agency's name for it.
    pub account: AccountName,
    /// The kind of provider.
    pub provider: &'static str,
    /// Purchases and top-ups.
    pub money: Operations,
    /// Catalogue, eSIMs, usage, look-ups.
    pub read: Operations,
}

/// How one class of an account's operations stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operations {
    /// The breaker's state.
    pub state: State,
    /// When the next call is let through, where something is held back.
    pub until: Option<Timestamp>,
    /// What holds back.
    pub reason: Option<Reason>,
    /// The operations that the provider asked us to leave alone (429), and until when.
    pub paused: Vec<Paused>,
}

/// A breaker's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Calls are made.
    Closed,
    /// No calls.
    Open,
    /// The next call, or one that is out, decides.
    HalfOpen,
}

/// What holds calls back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// Too many calls failed, or were slow.
    Failing,
    /// One call is out to see whether the provider is back, or will be the next.
    Probing,
    /// The provider asked for patience (429).
    Throttled,
}

/// One operation that the provider asked us to leave alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paused {
    /// The contract's word for it.
    pub operation: String,
    /// Until when.
    pub until: Timestamp,
}

/// Whether the table can be read. Asked before anything else, since even the caller's agency stands in it.
pub async fn table_answers(house: &House) -> bool {
    match house.store.answers().await {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(%error, "the table cannot be read");
            false
        }
    }
}

/// How everything stands for an agency.
pub async fn look(run: &Run<'_>) -> Health {
    match try_join_all(run.agency.providers.iter().map(|account| look_at(run, account))).await {
        Ok(accounts) => Health { accounts, ..Health::of(run.now(), run.trace_id.clone()) }.summed_up(),
        Err(error) => {
            tracing::error!(%error, "a breaker cannot be read");
            Health::without_table(run.now(), run.trace_id.clone())
        }
    }
}

async fn look_at(run: &Run<'_>, account: &ProviderAccount) -> Result<Account, ShelfUnreachable> {
    let client = run.house.outbound.provider(&run.agency_id, account, &run.trace_id);
    let money = client.breaker(OperationClass::Money).await?;
    let read = client.breaker(OperationClass::Read).await?;
    Ok(Account {
        account: account.account.clone(),
        provider: account.kind.as_str(),
        money: Operations::of(&money, run.now()),
        read: Operations::of(&read, run.now()),
    })
}

impl Health {
    fn of(checked_at: Timestamp, trace_id: TraceId) -> Self {
        Self { status: Status::Ok, checked_at, table: Part::Ok, settings: Part::Ok, accounts: Vec::new(), trace_id }
    }

    /// The table cannot be read.
    #[must_use]
    pub fn without_table(checked_at: Timestamp, trace_id: TraceId) -> Self {
        Self { status: Status::Down, table: Part::Unreachable, settings: Part::Unknown, ..Self::of(checked_at, trace_id) }
    }

    /// The agency's settings cannot be read.
    #[must_use]
    pub fn without_settings(checked_at: Timestamp, trace_id: TraceId) -> Self {
        Self { status: Status::Down, settings: Part::Unreachable, ..Self::of(checked_at, trace_id) }
    }

    fn summed_up(self) -> Self {
        let held = |operations: &Operations| operations.reason.is_some();
        let degraded = self.accounts.iter().any(|account| held(&account.money) || held(&account.read));
        Self { status: if degraded { Status::Degraded } else { Status::Ok }, ..self }
    }

    /// 503 when purchases are refused, as they themselves would be answered; 200 otherwise.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        if self.status == Status::Down { 503 } else { 200 }
    }

    /// The body.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Operations {
    fn of(record: &BreakerRecord, now: Timestamp) -> Self {
        let paused: Vec<Paused> = record.pauses.iter().filter(|(_, until)| **until > now).map(Paused::of).collect();
        let (state, until, reason) = match &record.phase {
            Phase::Open { until } if *until > now => (State::Open, Some(*until), Some(Reason::Failing)),
            // Its time is over: the next call probes.
            Phase::Open { .. } => (State::HalfOpen, None, Some(Reason::Probing)),
            Phase::HalfOpen { lease_until, .. } => (State::HalfOpen, Some(*lease_until).filter(|at| *at > now), Some(Reason::Probing)),
            Phase::Closed => {
                let last = paused.iter().map(|pause| pause.until).max();
                (State::Closed, last, last.map(|_| Reason::Throttled))
            }
        };
        Self { state, until, reason, paused }
    }
}

impl Paused {
    fn of((operation, until): (&String, &Timestamp)) -> Self {
        Self { operation: operation.clone(), until: *until }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::{Operations, Reason, State};
    use crate::outbound::{BreakerRecord, Phase};
    use jiff::Timestamp;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn seen(phase: Phase, pauses: &[(&str, i64)]) -> Operations {
        let pauses = pauses.iter().map(|(operation, second)| ((*operation).to_owned(), at(*second))).collect();
        Operations::of(&BreakerRecord { phase, pauses, ..BreakerRecord::default() }, at(0))
    }

    #[test]
    fn a_breaker_is_shown_as_the_next_call_would_meet_it() {
        let short = |seen: Operations| (seen.state, seen.until, seen.reason);
        let probing = |second| Phase::HalfOpen { probe: "p".to_owned(), lease_until: at(second) };
        assert_eq!(short(seen(Phase::Closed, &[])), (State::Closed, None, None));
        assert_eq!(short(seen(Phase::Open { until: at(9) }, &[])), (State::Open, Some(at(9)), Some(Reason::Failing)));
        assert_eq!(short(seen(Phase::Open { until: at(0) }, &[])), (State::HalfOpen, None, Some(Reason::Probing)));
        assert_eq!(short(seen(probing(4), &[])), (State::HalfOpen, Some(at(4)), Some(Reason::Probing)));
        assert_eq!(short(seen(probing(-1), &[])), (State::HalfOpen, None, Some(Reason::Probing)));
    }

    #[test]
    fn a_pause_is_named_until_it_is_over() {
        let paused = seen(Phase::Closed, &[("place_order", 30), ("top_up", 20), ("usage", 0)]);
        assert_eq!((paused.state, paused.until, paused.reason), (State::Closed, Some(at(30)), Some(Reason::Throttled)));
        let named: Vec<_> = paused.paused.iter().map(|pause| (pause.operation.as_str(), pause.until)).collect();
        assert_eq!(named, [("place_order", at(30)), ("top_up", at(20))]);
        assert_eq!(seen(Phase::Closed, &[("usage", 0)]).reason, None);
    }
}
