//! What eSIM Access's errors mean for money (eSIM Access API, errors): `errorCode` in an envelope that comes with HTTP 200.

use crate::outbound::Answer;
use crate::providers::{ProviderError, reason};

use super::wire::Envelope;

/// What an envelope that is no success means. On reads it is the same: what is unknown there costs nothing and is read again.
pub(super) fn refusal(envelope: &Envelope) -> ProviderError {
    let Some(code) = envelope.error_code() else {
        return ProviderError::Unknown("the provider reports neither success nor an error");
    };
    let code = match code {
        "000001" => return ProviderError::Unknown("the provider failed (000001)"),
        "900001" => return ProviderError::Unknown("the provider is busy (900001)"),
        "200010" => return ProviderError::Unknown("the profile is not allocated yet (200010)"),
        "101001" | "101003" => return ProviderError::Unauthorised,
        "200002" => "not_rechargeable",
        "200007" => "insufficient_credit",
        "200011" => "sold_out",
        "310201" | "310211" | "310231" | "310241" | "310243" | "310251" => "invalid_package",
        "310272" | "310403" => "not_found",
        _ => "refused",
    };
    ProviderError::Rejected { code, reason: reason::reason(envelope.words()) }
}

/// What an answer without success in its status means.
pub(super) fn by_status(answer: &Answer) -> ProviderError {
    match answer.status.as_u16() {
        401 => ProviderError::Unauthorised,
        429 => ProviderError::Throttled { retry_after: answer.retry_after() },
        408 => ProviderError::Unknown("the provider gave up waiting (408)"),
        400..=499 => match answer.json::<Envelope>().filter(|envelope| envelope.error_code().is_some()) {
            Some(envelope) => refusal(&envelope),
            None => ProviderError::Rejected { code: "refused", reason: reason::reason("") },
        },
        500..=599 => ProviderError::Unknown("the provider failed (5xx)"),
        _ => ProviderError::Unknown("the provider gave an answer that is neither yes nor no"),
    }
}
