//! What is to be concluded in every scenario, for every provider.

use crate::providers::{Capabilities, Recovery, Signature};

/// One scenario: what is asked, what the provider says, what is concluded, and for whom it makes sense.
pub(super) struct Scenario(pub(super) &'static str, pub(super) &'static str, pub(super) &'static str, pub(super) fn(&Capabilities) -> bool);

fn always(_: &Capabilities) -> bool {
    true
}

fn lists_orders(capabilities: &Capabilities) -> bool {
    matches!(capabilities.recovery, Recovery::ListAndMatch { .. } | Recovery::ListByTime { .. })
}

/// Purchases can be looked for, whatever not finding them proves.
fn looks_for(capabilities: &Capabilities) -> bool {
    lists_orders(capabilities) || matches!(capabilities.recovery, Recovery::FindOnly { .. })
}

fn signs(capabilities: &Capabilities) -> bool {
    capabilities.signature == Signature::Hmac
}

fn hints(capabilities: &Capabilities) -> bool {
    capabilities.signature.proves_nothing()
}

fn signs_time(capabilities: &Capabilities) -> bool {
    capabilities.timestamped_webhooks
}

/// It tells something by itself, signed or not.
fn tells(capabilities: &Capabilities) -> bool {
    capabilities.signature != Signature::NoWebhooks
}

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario("login", "token", "token", always),
    Scenario("login", "refused", "rejected refused", always),
    Scenario("login", "throttled", "throttled 20s", always),
    Scenario("login", "server error", "not sent", always),
    Scenario("login", "unreadable", "not sent", always),
    Scenario(
        "catalogue",
        "more to come",
        "jp-1gb-7d JP 1024MB 7d 4.5USD NTT DOCOMO,SoftBank topup; world-10d JP,TH,FR unlimited 10d 49.9USD - final | 0 left out | next 2",
        always,
    ),
    Scenario("catalogue", "oddities", "eu-3gb-30d FR,ES 3072MB 30d 13USD Orange topup | 5 left out | last", always),
    Scenario("catalogue", "empty", " | 0 left out | last", always),
    Scenario("catalogue", "no list", "unknown", always),
    Scenario("catalogue", "unreadable", "unknown", always),
    Scenario("catalogue", "throttled", "throttled 30s", always),
    Scenario("catalogue", "server error", "unknown", always),
    Scenario("catalogue", "token refused", "unauthorised", always),
    Scenario("place", "bought", "placed 1001 with an eSIM", always),
    Scenario("place", "codes to follow", "accepted 1001", always),
    Scenario("place", "a new status", "accepted 1001", always),
    Scenario("place", "sold out", "rejected sold_out", always),
    Scenario("place", "sold out in other words", "rejected sold_out", always),
    Scenario("place", "no credit", "rejected insufficient_credit", always),
    Scenario("place", "invalid package", "rejected invalid_package", always),
    Scenario("place", "maintenance", "rejected maintenance", always),
    Scenario("place", "refused for a new reason", "rejected refused", always),
    Scenario("place", "refused without words", "rejected refused", always),
    Scenario("place", "throttled", "throttled 30s", always),
    Scenario("place", "throttled without a time", "throttled", always),
    Scenario("place", "token refused", "unauthorised", always),
    Scenario("place", "server error", "unknown", always),
    Scenario("place", "server error with a code", "unknown", always),
    Scenario("place", "gateway time-out", "unknown", always),
    Scenario("place", "request time-out", "unknown", always),
    Scenario("place", "redirect", "unknown", always),
    Scenario("place", "cut short", "unknown", always),
    Scenario("place", "empty", "unknown", always),
    Scenario("place", "without an id", "unknown", always),
    Scenario("find", "bought", "placed 1001 with an eSIM", always),
    Scenario("find", "pending", "pending 1001", always),
    Scenario("find", "a new status", "pending 1001", always),
    Scenario("find", "failed", "failed", always),
    Scenario("find", "throttled", "throttled 30s", always),
    Scenario("find", "server error", "unknown", always),
    Scenario("find", "token refused", "unauthorised", always),
    Scenario("find", "unreadable", "unknown", always),
    Scenario("find", "refused", "unknown", always),
    Scenario("find", "given back", "failed", lists_orders),
    Scenario("find", "failed and bought", "placed 1001 with an eSIM", lists_orders),
    Scenario("find", "absent", "absent", looks_for),
    Scenario("find", "another's reference only", "absent", looks_for),
    Scenario("find", "next page", "next 2", looks_for),
    Scenario("find", "failed with a next page", "next 2", lists_orders),
    Scenario("find", "an unreadable order", "unknown", looks_for),
    Scenario("find", "no list", "unknown", looks_for),
    Scenario("find top-up", "bought", "placed 2002 without an eSIM", always),
    Scenario("find top-up", "pending", "pending 2002", always),
    Scenario("find top-up", "a new status", "pending 2002", always),
    Scenario("find top-up", "failed", "failed", always),
    Scenario("find top-up", "absent", "absent", looks_for),
    Scenario("find top-up", "throttled", "throttled 30s", always),
    Scenario("find top-up", "server error", "unknown", always),
    Scenario("find top-up", "unreadable", "unknown", always),
    Scenario("esim", "details", "eSIM …0127 at smdp.example.com", always),
    Scenario("esim", "padded, without prefix", "eSIM …0127 at smdp.example.com", always),
    Scenario("esim", "unreadable code", "unknown", always),
    Scenario("esim", "not found", "rejected not_found", always),
    Scenario("esim", "throttled", "throttled 30s", always),
    Scenario("esim", "server error", "unknown", always),
    Scenario("esim", "token refused", "unauthorised", always),
    Scenario("usage", "not started", "not active, 0 used, 1024 left of 1024, no end", always),
    Scenario("usage", "running", "active, 257 used, 767 left of 1024, ends 2026-11-20T12:00:00Z", always),
    Scenario("usage", "fractions", "active, 1023 used, 1 left of 1024, ends 2026-11-20T12:00:00Z", always),
    Scenario("usage", "used up", "exhausted, 1024 used, 0 left of 1024, ends 2026-11-20T12:00:00Z", always),
    Scenario("usage", "used too much", "exhausted, 1024 used, 0 left of 1024, ends 2026-11-20T12:00:00Z", always),
    Scenario("usage", "expired", "expired, 900 used, 124 left of 1024, ends 2026-11-09T12:00:00Z", always),
    Scenario("usage", "taken back", "cancelled, ? used, ? left of ?, no end", always),
    Scenario("usage", "a new status", "HIBERNATING?, 257 used, 767 left of 1024, ends 2026-11-20T12:00:00Z", always),
    Scenario("usage", "unlimited", "active, ? left of no limit, ends 2026-11-20T12:00:00Z", always),
    Scenario("usage", "nothing said", "unknown", always),
    Scenario("usage", "unreadable", "unknown", always),
    Scenario("usage", "throttled", "throttled 30s", always),
    Scenario("usage", "server error", "unknown", always),
    Scenario("usage", "token refused", "unauthorised", always),
    Scenario("usage", "not found", "rejected not_found", always),
    Scenario("topups", "two", "jp-1gb-7d-topup JP 1024MB 7d 4USD - topup; jp-unl-topup JP unlimited 5d 9.5USD - topup", always),
    Scenario("topups", "none", "", always),
    Scenario("topups", "said not to be rechargeable", "", always),
    Scenario("topups", "no list", "unknown", always),
    Scenario("topups", "not found", "rejected not_found", always),
    Scenario("topups", "unreadable", "unknown", always),
    Scenario("topups", "throttled", "throttled 30s", always),
    Scenario("topups", "server error", "unknown", always),
    Scenario("topups", "token refused", "unauthorised", always),
    Scenario("top_up", "bought", "placed 2002 without an eSIM", always),
    Scenario("top_up", "not rechargeable", "rejected not_rechargeable", always),
    Scenario("top_up", "no credit", "rejected insufficient_credit", always),
    Scenario("top_up", "invalid package", "rejected invalid_package", always),
    Scenario("top_up", "refused for a new reason", "rejected refused", always),
    Scenario("top_up", "throttled", "throttled 30s", always),
    Scenario("top_up", "token refused", "unauthorised", always),
    Scenario("top_up", "server error", "unknown", always),
    Scenario("top_up", "gateway time-out", "unknown", always),
    Scenario("top_up", "request time-out", "unknown", always),
    Scenario("top_up", "cut short", "unknown", always),
    Scenario("top_up", "empty", "unknown", always),
    Scenario("top_up", "without an id", "unknown", always),
    Scenario("top_up", "a new status", "accepted 2002", always),
    Scenario("register", "registered", "registered", always),
    Scenario("register", "refused", "rejected refused", always),
    Scenario("register", "server error", "unknown", always),
    Scenario("register", "throttled", "throttled 30s", always),
    Scenario("register", "token refused", "unauthorised", always),
    Scenario("webhook", "good", "believed: an eSIM's news", signs),
    Scenario("webhook", "the old secret", "believed: an eSIM's news", signs),
    Scenario("webhook", "an unknown kind", "believed: unknown", signs),
    Scenario("webhook", "forged", "turned away", signs),
    Scenario("webhook", "altered", "turned away", signs),
    Scenario("webhook", "unsigned", "turned away", signs),
    Scenario("webhook", "signed with nothing", "turned away", signs),
    Scenario("webhook", "not hex", "turned away", signs),
    Scenario("webhook", "signed and unreadable", "believed: cannot be read", signs),
    Scenario("webhook", "a hint", "believed: look at an eSIM", hints),
    Scenario("webhook", "a hint of an unknown kind", "believed: unknown", hints),
    Scenario("webhook", "no hint", "believed: cannot be read", hints),
    Scenario("webhook", "stale", "turned away", signs_time),
    Scenario("webhook", "from the future", "turned away", signs_time),
    Scenario("webhook", "signed without a time", "turned away", signs_time),
    Scenario("webhook", "an order settled", "believed: an order's news", tells),
    Scenario("webhook", "credit runs low", "believed: the account's news", tells),
    Scenario("webhook", "sent again, then another", "kept 2 of 3", tells),
];
