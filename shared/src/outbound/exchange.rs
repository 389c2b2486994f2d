//! What providers, CRM and mail have in common on the way out: how long a call may take, and why it may not be made.

use std::time::Duration;

use super::{
    Deadline, HttpRequest, SendError,
    breaker::{Held, HeldBy},
    time::between,
    tokens::LOGIN_ELSEWHERE,
};
use crate::{domain::TraceId, providers::ProviderError, world::World};

/// Nothing was sent: what is left of the deadline is too short.
pub const NO_TIME_LEFT: &str = "no time left to finish the call";
/// Nothing was sent: the breaker is open, or its probe is under way. Not an attempt: queued work waits
/// ([`super::ProviderClient::ready_in`]) without using one up.
pub const BREAKER_OPEN: &str = "breaker open";

/// Whether a call that was [`SendError::NotSent`] for this reason was tried at all. What was only held back here (breaker, deadline, a
/// log-in under way elsewhere) is not an attempt, and is not counted as one of those that a purchase has.
#[must_use]
pub fn was_tried(reason: &str) -> bool {
    !matches!(reason, BREAKER_OPEN | NO_TIME_LEFT | LOGIN_ELSEWHERE)
}

/// What must be left after a call to write down what came of it.
const RESERVE: Duration = Duration::from_secs(2);

/// The time-out of the next call, or [`NO_TIME_LEFT`].
pub(super) fn time_out(world: &World, deadline: Deadline, most: Duration) -> Result<Duration, SendError> {
    deadline.call_time_out(world.now(), most, RESERVE).ok_or(SendError::NotSent(NO_TIME_LEFT))
}

/// With the trace id that ties the call to its cause.
pub(super) fn traced(request: HttpRequest, trace_id: &TraceId) -> HttpRequest {
    request.header("x-request-id", trace_id.as_str())
}

/// What a call that was held back is to its caller.
pub(super) fn held_error(held: Held, world: &World) -> ProviderError {
    match held.by {
        HeldBy::Breaker => ProviderError::NotSent(BREAKER_OPEN),
        HeldBy::Pause => ProviderError::Throttled { retry_after: Some(between(world.now(), held.until)) },
    }
}

#[cfg(test)]
mod tests {
    use super::{BREAKER_OPEN, LOGIN_ELSEWHERE, NO_TIME_LEFT, was_tried};
    use crate::outbound::transport::{BAD_IDENTITY, NOT_REACHED};

    #[test]
    fn only_what_was_tried_is_an_attempt() {
        assert!([NOT_REACHED, BAD_IDENTITY].into_iter().all(was_tried));
        assert!(![BREAKER_OPEN, NO_TIME_LEFT, LOGIN_ELSEWHERE].into_iter().any(was_tried));
    }
}
