//! Every operation of a provider account, over the network: deadline, breaker, token, trace id, and the adapter's reading of the answer.
//!
//! **A purchase is sent once.** The one exception is an answer of 401 to it, which proves that nothing was done: then the token is got
//! anew and the purchase sent a second time. Whether to send it again after anything else is decided where orders are kept.

mod calls;

use async_trait::async_trait;
use http::{Method, StatusCode};
use std::{sync::Arc, time::Duration};

use super::{
    Answer, BreakerKey, BreakerRecord, Deadline, HttpRequest, OperationClass, Outbound, Route, SendError, ShelfUnreachable, TokenKey,
    breaker::{Held, Outcome},
    exchange::{NO_TIME_LEFT, held_error, time_out, traced},
    observer::outcome_word,
    time::between,
    tokens::{HeldToken, LOGIN_ELSEWHERE, LOGIN_TIME_OUT, Login},
    transport::BROKE_OFF,
};
use crate::{
    config::ProviderAccount,
    domain::{AgencyId, TraceId},
    providers::{self, AccessToken, Capabilities, EsimProvider, Extras, ProviderError},
};

/// One provider account, for one cause.
pub struct ProviderClient {
    outbound: Outbound,
    adapter: Arc<dyn EsimProvider>,
    extras: Extras,
    system: &'static str,
    account: TokenKey,
    route: Route,
    trace_id: TraceId,
}

/// One call, before it is made.
struct Call<'a, T> {
    request: HttpRequest,
    class: OperationClass,
    most: Duration,
    deadline: Deadline,
    read: &'a (dyn Fn(&Answer) -> Result<T, ProviderError> + Send + Sync),
}

/// A call that was tried, and what it taught of the provider's health.
struct Tried<T> {
    result: Result<T, ProviderError>,
    health: Outcome,
}

impl<T> Tried<T> {
    fn without_answer(error: impl Into<ProviderError>) -> Self {
        let error = error.into();
        let health = match error {
            // Not the provider's doing, or nothing was asked of it.
            ProviderError::NotSent(NO_TIME_LEFT | LOGIN_ELSEWHERE) => Outcome::Neutral,
            ProviderError::NotSent(_) | ProviderError::Unknown(_) => Outcome::Failure,
            // The log-in's own limit, or credentials: its lease waits, the operation need not.
            _ => Outcome::Neutral,
        };
        Self { result: Err(error), health }
    }
}

impl ProviderClient {
    /// The client of an account, through an adapter.
    #[must_use]
    pub fn new(
        outbound: Outbound,
        adapter: Arc<dyn EsimProvider>,
        agency: &AgencyId,
        account: &ProviderAccount,
        trace_id: &TraceId,
    ) -> Self {
        Self {
            outbound,
            adapter,
            extras: providers::extras(account),
            system: account.kind.as_str(),
            account: TokenKey { agency: agency.clone(), account: account.account.clone() },
            route: Route::of(account),
            trace_id: trace_id.clone(),
        }
    }

    /// What the provider can do.
    #[must_use]
    pub fn capabilities(&self) -> &'static Capabilities {
        self.adapter.capabilities()
    }

    /// What holds `operation` (the contract's word) back; `None` when it may be called now. Takes no probe and sends nothing.
    pub async fn held(&self, class: OperationClass, operation: &str) -> Option<Held> {
        self.outbound.breaker.held(&self.breaker_key(class), operation).await
    }

    /// The breaker of a class of this account's operations, as it stands in the table.
    ///
    /// # Errors
    /// [`ShelfUnreachable`] when the table cannot be read.
    pub async fn breaker(&self, class: OperationClass) -> Result<BreakerRecord, ShelfUnreachable> {
        self.outbound.breaker.show(&self.breaker_key(class)).await
    }

    /// What it needs beyond the common operations.
    #[must_use]
    pub fn extras(&self) -> &Extras {
        &self.extras
    }

    /// Proves the account's credentials, by a token.
    ///
    /// # Errors
    /// [`ProviderError::Unauthorised`] when they are refused; [`ProviderError::NotSent`] or [`ProviderError::Throttled`] when that
    /// cannot be known now.
    pub async fn check_credentials(&self, deadline: Deadline) -> Result<(), ProviderError> {
        if self.adapter.has_login() {
            return self.token(deadline).await.map(|_| ());
        }
        LoginCall { client: self, deadline }.log_in().await.map(|_| ())
    }

    fn breaker_key(&self, class: OperationClass) -> BreakerKey {
        let TokenKey { agency, account } = self.account.clone();
        BreakerKey { agency, account, class, system: self.system }
    }

    /// One call, from the breaker's leave to its reading.
    async fn call<T>(&self, call: Call<'_, T>) -> Result<T, ProviderError> {
        let (operation, world) = (call.request.operation, &self.outbound.world);
        // Before the breaker is asked: a probe must not go to a call that will not be made.
        time_out(world, call.deadline, call.most)?;
        let key = self.breaker_key(call.class);
        let started = world.now();
        let result = match self.outbound.breaker.admit(&key, operation).await {
            Err(held) => Err(held_error(held, world)),
            Ok(ticket) => {
                let tried = self.attempt(call).await;
                self.outbound.breaker.settle(&key, operation, ticket, tried.health).await;
                tried.result
            }
        };
        self.outbound.observer.called(self.system, operation, outcome_word(&result), between(started, world.now()));
        result
    }

    /// Sends, and sends again only what may be: anything after a 401, a read after a broken connection, each once.
    async fn attempt<T>(&self, call: Call<'_, T>) -> Tried<T> {
        let may_repeat = call.class == OperationClass::Read && call.request.method == Method::GET;
        let mut token = match self.token(call.deadline).await {
            Ok(token) => token,
            Err(error) => return Tried::without_answer(error),
        };
        let (mut logged_in_again, mut repeated) = (false, false);
        loop {
            let started = self.outbound.world.now();
            match self.send(&call, &token).await {
                Err(SendError::Unknown(BROKE_OFF)) if may_repeat && !repeated => repeated = true,
                Err(error) => return Tried::without_answer(error),
                Ok(answer) if refuses_token(&call, &answer) && !logged_in_again => {
                    logged_in_again = true;
                    if !self.outbound.tokens.refused(&self.account, &token).await {
                        return self.read(&call, &answer, started);
                    }
                    token = match self.token(call.deadline).await {
                        Ok(token) => token,
                        Err(error) => return Tried::without_answer(error),
                    };
                }
                Ok(answer) => return self.read(&call, &answer, started),
            }
        }
    }

    async fn send<T>(&self, call: &Call<'_, T>, token: &HeldToken) -> Result<Answer, SendError> {
        let time_out = time_out(&self.outbound.world, call.deadline, call.most)?;
        let request = self.adapter.authorise(call.request.clone(), token.secret());
        self.outbound.transport.send(traced(self.signed(request), &self.trace_id), &self.route, time_out).await
    }

    fn signed(&self, request: HttpRequest) -> HttpRequest {
        let mut once = [0; 16];
        self.outbound.world.entropy.fill(&mut once);
        self.adapter.sign(request, self.outbound.world.now(), once)
    }

    fn read<T>(&self, call: &Call<'_, T>, answer: &Answer, started: jiff::Timestamp) -> Tried<T> {
        let result = (call.read)(answer);
        let elapsed = between(started, self.outbound.world.now());
        let health = match &result {
            Err(ProviderError::Throttled { retry_after }) => Outcome::Throttled { retry_after: *retry_after },
            _ if answer.status == StatusCode::TOO_MANY_REQUESTS => Outcome::Throttled { retry_after: answer.retry_after() },
            _ if answer.status.is_server_error() => Outcome::Failure,
            Err(ProviderError::Unknown(_)) => Outcome::Failure,
            _ if elapsed > call.most.mul_f64(SLOW_SHARE) => Outcome::Slow,
            _ => Outcome::Success,
        };
        Tried { result, health }
    }

    async fn token(&self, deadline: Deadline) -> Result<HeldToken, ProviderError> {
        if !self.adapter.has_login() {
            return Ok(HeldToken::unneeded(self.outbound.world.now()));
        }
        let login = LoginCall { client: self, deadline };
        self.outbound.tokens.token(&self.account, &login, deadline).await
    }
}

/// By its status, or inside an answer that calls itself a success (BICS, §1: business errors arrive as HTTP 200).
fn refuses_token<T>(call: &Call<'_, T>, answer: &Answer) -> bool {
    answer.status == StatusCode::UNAUTHORIZED || matches!((call.read)(answer), Err(ProviderError::Unauthorised))
}

/// A call that takes more than this share of its time-out is slow.
const SLOW_SHARE: f64 = 0.6;

/// The log-in of an account, within the deadline of the call that needs it.
struct LoginCall<'a> {
    client: &'a ProviderClient,
    deadline: Deadline,
}

impl LoginCall<'_> {
    async fn exchange(&self) -> Result<AccessToken, ProviderError> {
        let client = self.client;
        let time_out = time_out(&client.outbound.world, self.deadline, LOGIN_TIME_OUT)?;
        let request = traced(client.signed(client.adapter.login()), &client.trace_id);
        let answer = client.outbound.transport.send(request, &client.route, time_out).await?;
        client.adapter.read_login(&answer)
    }
}

#[async_trait]
impl Login for LoginCall<'_> {
    async fn log_in(&self) -> Result<AccessToken, ProviderError> {
        let outbound = &self.client.outbound;
        let started = outbound.world.now();
        let result = self.exchange().await;
        outbound.observer.called(self.client.system, "login", outcome_word(&result), between(started, outbound.world.now()));
        result.map_err(|error| self.nothing_bought(error))
    }
}

impl LoginCall<'_> {
    /// Whatever becomes of a log-in, the call that needed it was not sent.
    fn nothing_bought(&self, error: ProviderError) -> ProviderError {
        match error {
            ProviderError::Unknown(_) | ProviderError::Unsupported(_) => ProviderError::NotSent("the log-in had no readable answer"),
            ProviderError::Rejected { code, .. } => {
                tracing::error!(account = %self.client.account.account, code, "the provider refused the account's credentials");
                ProviderError::Unauthorised
            }
            ProviderError::NotSent(_) | ProviderError::Throttled { .. } | ProviderError::Unauthorised => error,
        }
    }
}

#[cfg(test)]
mod tests;
