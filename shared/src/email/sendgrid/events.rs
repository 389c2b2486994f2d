//! SendGrid's event webhook (SendGrid facts, "Event webhook"): a list of events, signed with ECDSA over the timestamp and the raw body.

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{domain::MailOutcome, email::MailEvent, quoting::repeatable, security::ecdsa};

/// The custom argument that holds our reference; it comes back at the top of every event, hence the long name.
pub(super) const REFERENCE: &str = "passerelle_reference";
/// How old a signature may be: SendGrid repeats for 24 hours, and says nowhere that it signs anew. Repeats change nothing.
const OLDEST: SignedDuration = SignedDuration::from_hours(25);
/// How far its clock may be ahead.
const NEWEST: SignedDuration = SignedDuration::from_mins(5);
/// Characters of a reason that are kept.
const MOST_REASON: usize = 200;

/// Whether SendGrid signed it, and lately.
pub(super) fn verify(keys: &[String], headers: &HeaderMap, body: &[u8], now: Timestamp) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = header("x-twilio-email-event-webhook-signature");
    let Some((signature, time)) = signature.zip(header("x-twilio-email-event-webhook-timestamp")) else { return false };
    let signed_at = time.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
    let recent = signed_at.is_some_and(|at| {
        let age = now.duration_since(at);
        age <= OLDEST && -age <= NEWEST
    });
    recent && ecdsa::verify_p256_sha256(keys, &[time.as_bytes(), body], signature)
}

#[derive(Deserialize)]
struct Event {
    event: Option<String>,
    timestamp: Option<i64>,
    sg_message_id: Option<String>,
    passerelle_reference: Option<String>,
    reason: Option<String>,
    response: Option<String>,
}

/// The events that say what became of a mail of ours. One that cannot be read does not hide the others.
pub(super) fn read(body: &[u8]) -> Option<Vec<MailEvent>> {
    let all: Vec<serde_json::Value> = serde_json::from_slice(body).ok()?;
    Some(all.into_iter().filter_map(|event| said(serde_json::from_value(event).ok()?)).collect())
}

fn said(event: Event) -> Option<MailEvent> {
    let outcome = match event.event.as_deref()? {
        "delivered" => MailOutcome::Delivered,
        // `blocked` comes as a bounce of that type.
        "bounce" | "dropped" => MailOutcome::Bounced,
        // On its way, or about reading: nothing that anybody must do something about.
        _ => return None,
    };
    let why = event.reason.or(event.response).map(|reason| repeatable(&reason, MOST_REASON));
    Some(MailEvent {
        reference: event.passerelle_reference?,
        // What stands before the first dot is what the sending was answered with.
        message_id: event.sg_message_id.and_then(|id| id.split('.').next().map(str::to_owned)),
        outcome,
        reason: why.filter(|_| outcome == MailOutcome::Bounced),
        at: Timestamp::from_second(event.timestamp?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]
    use super::read;
    use crate::domain::MailOutcome;

    #[test]
    fn what_became_of_our_mails_is_read_and_nothing_else() {
        let body = br#"[
            {"event":"processed","timestamp":1,"passerelle_reference":"delivery-e-o"},
            {"event":"delivered","timestamp":1600112492,"sg_message_id":"abc.filter1.0","passerelle_reference":"delivery-e-o","response":"250 OK"},
            {"event":"delivered","timestamp":1600112492,"email":"somebody@else.example"},
            {"event":"bounce","type":"blocked","timestamp":1600112493,"passerelle_reference":"delivery-e-o","reason":"550 marie@exemple.fr unknown"},
            {"event":17}, "odd"]"#;
        let events = read(body).unwrap();
        assert_eq!(events.iter().map(|event| event.outcome).collect::<Vec<_>>(), [MailOutcome::Delivered, MailOutcome::Bounced]);
        assert_eq!(events[0].message_id.as_deref(), Some("abc"));
        assert_eq!(events[0].reason, None);
        assert_eq!(events[1].reason.as_deref(), Some("550 … unknown"));
        assert!(read(b"{}").is_none());
    }
}
