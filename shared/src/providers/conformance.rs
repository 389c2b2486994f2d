//! The scenarios that every provider must pass: one table of what is to be concluded, and in each provider's `samples` the bytes that say so
//! in its own words. A scenario without sample fails, and so does a sample without scenario.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests: a failed unwrap is a failed test")]

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use super::{
    Capabilities, CataloguePage, EsimKey, EsimProvider, FindOrder, FoundOrder, Placed, Placement, ProvidedEsim, ProviderError,
    ProviderEventKind, Recovery, Signature,
};
use crate::config::ProviderAccount;
use crate::domain::{Country, Iccid, Locale, OrderId, Package, UsageReading, usage::ReportedStatus};
use crate::outbound::Answer;

/// Now, in every scenario.
const NOW: &str = "2026-11-10T12:00:00Z";
/// Our reference, in every scenario.
const REFERENCE: &str = "ord_01JCONFORMANCE";

/// One scenario: what is asked, what the provider says, what is concluded, and for whom it makes sense.
struct Scenario(&'static str, &'static str, &'static str, fn(&Capabilities) -> bool);

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
    capabilities.signature == Signature::None
}

fn signs_time(capabilities: &Capabilities) -> bool {
    capabilities.timestamped_webhooks
}

const SCENARIOS: &[Scenario] = &[
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
    Scenario("esim", "details", "eSIM …0127 at smdp.example.com", always),
    Scenario("esim", "padded, without prefix", "eSIM …0127 at smdp.example.com", always),
    Scenario("esim", "unreadable code", "unknown", always),
    Scenario("esim", "not found", "rejected not_found", always),
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
    Scenario("usage", "not found", "rejected not_found", always),
    Scenario("topups", "two", "jp-1gb-7d-topup JP 1024MB 7d 4USD - topup; jp-unl-topup JP unlimited 5d 9.5USD - topup", always),
    Scenario("topups", "none", "", always),
    Scenario("topups", "said not to be rechargeable", "", always),
    Scenario("topups", "no list", "unknown", always),
    Scenario("topups", "not found", "rejected not_found", always),
    Scenario("top_up", "bought", "placed 2002 without an eSIM", always),
    Scenario("top_up", "not rechargeable", "rejected not_rechargeable", always),
    Scenario("top_up", "no credit", "rejected insufficient_credit", always),
    Scenario("top_up", "throttled", "throttled 30s", always),
    Scenario("top_up", "server error", "unknown", always),
    Scenario("top_up", "cut short", "unknown", always),
    Scenario("register", "registered", "registered", always),
    Scenario("register", "refused", "rejected refused", always),
    Scenario("register", "server error", "unknown", always),
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
];

/// What a provider said, word for word. `body` is written compactly; `text` is for bytes that matter or are no JSON.
///
/// Where a provider cannot say what a scenario asks, `because` tells why, and `concludes` what is concluded instead; without an answer the
/// scenario does not exist for it. `then` holds the answers to further calls about usage. Look-ups may have asked by `provider_order_id`, and
/// at a `cursor`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    operation: String,
    scenario: String,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    because: Option<String>,
    #[serde(default)]
    concludes: Option<String>,
    #[serde(default)]
    then: Vec<Value>,
    #[serde(default)]
    provider_order_id: Option<String>,
    #[serde(default)]
    cursor: Option<String>,
}

impl Sample {
    fn is_answer(&self) -> bool {
        self.body.is_some() || self.text.is_some()
    }

    /// The further answers, each a success with this body.
    fn more(&self) -> Vec<Answer> {
        self.then.iter().map(answer).collect()
    }

    fn answer(&self) -> Answer {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let body = self.text.clone().or_else(|| self.body.as_ref().map(Value::to_string)).unwrap_or_default();
        Answer { status: StatusCode::from_u16(self.status.unwrap_or(200)).unwrap(), headers, body: body.into_bytes() }
    }
}

/// An account named `test`, with the secrets that the samples are signed with.
pub(super) fn account(kind: &str) -> ProviderAccount {
    serde_json::from_value(serde_json::json!({
        "account": "test", "kind": kind, "base_url": "https://api.example.com/v2/", "client_id": "client", "client_secret": "test-secret",
        "webhook_secrets": [], "webhook_account": null, "token_url": null, "api_version": null, "client_identity_pem": null,
    }))
    .unwrap()
}

pub(super) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(super) fn order_id() -> OrderId {
    OrderId::parse(REFERENCE).unwrap()
}

pub(super) fn iccid() -> Iccid {
    Iccid::parse("8933200000000000127").unwrap()
}

/// A success with this body.
pub(super) fn answer(body: &Value) -> Answer {
    Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: body.to_string().into_bytes() }
}

/// Plays every scenario with the provider's samples.
pub(super) fn passes(provider: &dyn EsimProvider, samples: &[&str]) {
    let samples = read(samples);
    let mut unused: BTreeSet<(&str, &str)> = samples.keys().map(|(operation, scenario)| (operation.as_str(), scenario.as_str())).collect();
    let mut wrong = Vec::new();
    for Scenario(operation, scenario, expected, applies) in SCENARIOS {
        unused.remove(&(*operation, *scenario));
        match (applies(provider.capabilities()), samples.get(&((*operation).to_owned(), (*scenario).to_owned()))) {
            (true, Some(sample)) => {
                let reasoned = sample.because.as_deref().is_some_and(|because| !because.is_empty());
                if reasoned != (sample.concludes.is_some() || !sample.is_answer()) {
                    wrong.push(format!("{operation}, {scenario}: another conclusion, or none, needs a reason, and nothing else does"));
                }
                if !sample.is_answer() {
                    continue;
                }
                let concluded = conclude(provider, sample);
                let expected = sample.concludes.as_deref().unwrap_or(expected);
                if concluded != expected {
                    wrong.push(format!("{operation}, {scenario}:\n  expected {expected}\n  but got  {concluded}"));
                }
            }
            (true, None) => wrong.push(format!("{operation}, {scenario}: no sample")),
            (false, Some(_)) => wrong.push(format!("{operation}, {scenario}: a sample for what the provider does not do")),
            (false, None) => {}
        }
    }
    wrong.extend(unused.iter().map(|(operation, scenario)| format!("{operation}, {scenario}: a sample without scenario")));
    assert!(wrong.is_empty(), "{}: {}", provider.capabilities().name, wrong.join("\n"));
}

/// Reads what no provider should say: every sample under every kind of status, any bytes, and samples cut short or with bytes changed.
/// Nothing may panic, and no error may tell an ICCID, an activation code or an address.
pub(super) fn survives(provider: &dyn EsimProvider, samples: &[&str]) {
    let samples: Vec<Sample> = read(samples).into_values().collect();
    for sample in &samples {
        for status in [200, 302, 400, 401, 402, 403, 404, 408, 409, 422, 425, 429, 500, 503] {
            everything(provider, &Answer { status: StatusCode::from_u16(status).unwrap(), ..sample.answer() });
        }
    }
    let status = prop_oneof![Just(200_u16), Just(201), Just(202), Just(422), Just(409), 100_u16..600];
    let any_bytes = (status.clone(), proptest::collection::vec(any::<u8>(), 0..200));
    TestRunner::default()
        .run(&any_bytes, |(status, body)| {
            everything(provider, &Answer { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body });
            Ok(())
        })
        .unwrap();
    let harmed = (status, any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), any::<bool>());
    TestRunner::default()
        .run(&harmed, |(status, which, place, byte, cut)| {
            let mut answer = which.get(&samples).answer();
            answer.status = StatusCode::from_u16(status).unwrap();
            if !answer.body.is_empty() {
                let place = place.index(answer.body.len());
                if cut {
                    answer.body.truncate(place);
                } else if let Some(changed) = answer.body.get_mut(place) {
                    *changed = byte;
                }
            }
            everything(provider, &answer);
            Ok(())
        })
        .unwrap();
}

fn everything(provider: &dyn EsimProvider, answer: &Answer) {
    let errors = [
        provider.read_login(answer).err(),
        provider.read_catalogue(answer).err(),
        provider.read_place(answer).err(),
        with_look_up(false, None, None, |order| provider.read_find_order(order, answer).err()),
        with_look_up(true, None, None, |order| provider.read_find_order(order, answer).err()),
        with_look_up(false, Some("1001"), None, |order| provider.read_find_order(order, answer).err()),
        provider.read_esim(answer).err(),
        provider.read_usage(answer, now()).err(),
        provider.read_usage(answer, now()).and_then(|reading| provider.read_more_usage(reading, answer, now())).err(),
        provider.read_topups(answer, &japan()).err(),
        provider.read_top_up(answer).err(),
        provider.read_register_webhook(answer).err(),
        provider.read_webhook(&answer.body, now()).err(),
    ];
    for error in errors.into_iter().flatten() {
        let text = format!("{error} {error:?}");
        assert!(!text.contains("8933200000000000127") && !text.contains("K2-48XR-77TB") && !text.contains("anna@example.com"), "{text}");
    }
    let iccid = iccid();
    let esim = EsimKey { provider_esim_id: Some("esim-77"), iccid: Some(&iccid) };
    provider.more_usage(esim, std::slice::from_ref(answer));
    provider.more_usage(esim, &[answer.clone(), answer.clone()]);
    provider.next_page(Some("2"), answer);
    provider.verify_webhook(&secrets(), &answer.headers, &answer.body, now());
}

fn read(files: &[&str]) -> BTreeMap<(String, String), Sample> {
    let mut samples = BTreeMap::new();
    for sample in files.iter().flat_map(|file| serde_json::from_str::<Vec<Sample>>(file).unwrap()) {
        let key = (sample.operation.clone(), sample.scenario.clone());
        assert!(samples.insert(key.clone(), sample).is_none(), "two samples of {key:?}");
    }
    samples
}

fn with_look_up<T>(top_up: bool, id: Option<&str>, cursor: Option<&str>, ask: impl FnOnce(&FindOrder<'_>) -> T) -> T {
    let (reference, iccid) = (order_id(), iccid());
    ask(&FindOrder {
        reference: &reference,
        provider_order_id: id,
        provider_package_id: "jp-1gb-7d",
        top_up_of: top_up.then_some(EsimKey { provider_esim_id: Some("esim-77"), iccid: Some(&iccid) }),
        sent_at: now(),
        locale: Locale::Fr,
        cursor,
    })
}

fn japan() -> Vec<Country> {
    vec![Country::parse("JP").unwrap()]
}

fn secrets() -> Vec<SecretString> {
    ["", "new-secret", "old-secret"].map(SecretString::from).to_vec()
}

fn conclude(provider: &dyn EsimProvider, sample: &Sample) -> String {
    let answer = &sample.answer();
    let (id, cursor) = (sample.provider_order_id.as_deref(), sample.cursor.as_deref());
    let concluded = match sample.operation.as_str() {
        "login" => provider.read_login(answer).map(|_| "token".to_owned()),
        "catalogue" => provider
            .read_catalogue(answer)
            .map(|read| page(CataloguePage { next: read.next.or_else(|| provider.next_page(None, answer)), ..read })),
        "place" => provider.read_place(answer).map(placement),
        "find" => with_look_up(false, id, cursor, |order| provider.read_find_order(order, answer)).map(found),
        "find top-up" => with_look_up(true, id, cursor, |order| provider.read_find_order(order, answer)).map(found),
        "esim" => provider.read_esim(answer).map(esim),
        "usage" => whole_usage(provider, answer, &sample.more()).map(usage),
        "topups" => provider.read_topups(answer, &japan()).map(|packages| list(&packages)),
        "top_up" => provider.read_top_up(answer).map(placement),
        "register" => provider.read_register_webhook(answer).map(|_| "registered".to_owned()),
        "webhook" => Ok(webhook(provider, answer)),
        other => panic!("no operation is called {other}"),
    };
    concluded.unwrap_or_else(|error| error_text(&error))
}

/// Every call about usage that the provider needs, each answered by the next of the sample.
fn whole_usage(provider: &dyn EsimProvider, first: &Answer, more: &[Answer]) -> Result<UsageReading, ProviderError> {
    let iccid = iccid();
    let esim = EsimKey { provider_esim_id: Some("esim-77"), iccid: Some(&iccid) };
    let mut reading = provider.read_usage(first, now())?;
    let mut answers = vec![first.clone()];
    let mut rest = more.iter();
    while provider.more_usage(esim, &answers).is_some() {
        let next = rest.next().expect("a sample for each call");
        reading = provider.read_more_usage(reading, next, now())?;
        answers.push(next.clone());
    }
    assert!(rest.next().is_none(), "a sample for no call");
    Ok(reading)
}

fn error_text(error: &ProviderError) -> String {
    match error {
        ProviderError::NotSent(_) => "not sent".to_owned(),
        ProviderError::Throttled { retry_after: None } => "throttled".to_owned(),
        ProviderError::Throttled { retry_after: Some(wait) } => format!("throttled {}s", wait.as_secs()),
        ProviderError::Unauthorised => "unauthorised".to_owned(),
        ProviderError::Rejected { code, .. } => format!("rejected {code}"),
        ProviderError::Unknown(_) => "unknown".to_owned(),
        ProviderError::Unsupported(_) => "unsupported".to_owned(),
    }
}

fn page(page: CataloguePage) -> String {
    let next = page.next.map_or_else(|| "last".to_owned(), |cursor| format!("next {cursor}"));
    format!("{} | {} left out | {next}", list(&page.packages), page.unreadable)
}

fn list(packages: &[Package]) -> String {
    packages.iter().map(package).collect::<Vec<_>>().join("; ")
}

fn package(package: &Package) -> String {
    let id = package.package_id.as_str().strip_prefix("test:").expect("the account comes first");
    let countries: Vec<_> = package.iso_countries.iter().map(Country::as_str).collect();
    let data = package.data_volume_mb.map_or_else(|| "unlimited".to_owned(), |mb| format!("{mb}MB"));
    let price = format!("{}{}", package.price.amount.normalize(), package.price.currency.code());
    let networks = if package.network_operators.is_empty() { "-".to_owned() } else { package.network_operators.join(",") };
    let topup = if package.topup { "topup" } else { "final" };
    format!("{id} {} {data} {}d {price} {networks} {topup}", countries.join(","), package.validity_days)
}

fn placement(placement: Placement) -> String {
    match placement {
        Placement::Placed(done) => placed(done),
        Placement::Accepted { provider_order_id } => format!("accepted {}", provider_order_id.unwrap_or_default()),
    }
}

fn placed(placed: Placed) -> String {
    format!("placed {} {} an eSIM", placed.provider_order_id, if placed.esim.is_some() { "with" } else { "without" })
}

fn found(found: FoundOrder) -> String {
    match found {
        FoundOrder::Placed(done) => placed(done),
        FoundOrder::Pending { provider_order_id } => format!("pending {}", provider_order_id.unwrap_or_default()),
        FoundOrder::Failed { .. } => "failed".to_owned(),
        FoundOrder::Unclaimed { orders, next: None } => orders.into_iter().map(placed).collect::<Vec<_>>().join("; "),
        FoundOrder::Unclaimed { next: Some(cursor), .. } | FoundOrder::Next(cursor) => format!("next {cursor}"),
        FoundOrder::Absent => "absent".to_owned(),
    }
}

fn esim(esim: ProvidedEsim) -> String {
    let profile = esim.profile.expect("the call is for the profile");
    assert_eq!(profile.activation_code.lpa(), "LPA:1$smdp.example.com$K2-48XR-77TB");
    format!("eSIM {} at {}", profile.iccid.masked(), profile.activation_code.smdp_address())
}

fn usage(reading: UsageReading) -> String {
    assert!(reading.measured_at <= now());
    let status = match reading.status {
        ReportedStatus::NotActive => "not active".to_owned(),
        ReportedStatus::Unknown(word) => format!("{word}?"),
        other => format!("{other:?}").to_lowercase(),
    };
    let number = |mb: Option<u64>| mb.map_or_else(|| "?".to_owned(), |mb| mb.to_string());
    let used = if reading.unlimited { String::new() } else { format!(" {} used,", number(reading.used_mb)) };
    let total = if reading.unlimited { "no limit".to_owned() } else { number(reading.total_mb) };
    let end = reading.expires_at.map_or_else(|| "no end".to_owned(), |end| format!("ends {end}"));
    format!("{status},{used} {} left of {total}, {end}", number(reading.remaining_mb))
}

fn webhook(provider: &dyn EsimProvider, answer: &Answer) -> String {
    if !provider.verify_webhook(&secrets(), &answer.headers, &answer.body, now()) {
        return "turned away".to_owned();
    }
    let news = match provider.read_webhook(&answer.body, now()).as_deref() {
        Ok([event]) if event.kind == ProviderEventKind::Unknown => "unknown",
        Ok([event]) if event.kind == ProviderEventKind::Hint && provider.capabilities().signature == Signature::None => "look at an eSIM",
        Ok([event]) if event.iccid.is_some() || event.provider_esim_id.is_some() => "an eSIM's news",
        Ok(_) => "something else",
        Err(_) => "cannot be read",
    };
    format!("believed: {news}")
}
