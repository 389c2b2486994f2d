//! What an adapter concludes from an answer, in one line of words.

use secrecy::SecretString;

use super::sample::Sample;
use super::{iccid, now, order_id};
use crate::domain::{Country, Locale, Package, UsageReading, usage::ReportedStatus};
use crate::flows::receive_webhook::receipt_id;
use crate::outbound::Answer;
use crate::providers::{
    CataloguePage, EsimKey, EsimProvider, FindOrder, FoundOrder, Placed, Placement, ProvidedEsim, ProviderError, ProviderEventKind,
};

pub(super) fn conclude(provider: &dyn EsimProvider, sample: &Sample) -> String {
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
        "webhook" if sample.then.is_empty() => Ok(webhook(provider, answer)),
        "webhook" => Ok(kept(provider, sample)),
        other => panic!("no operation is called {other}"),
    };
    concluded.unwrap_or_else(|error| error_text(&error))
}

pub(super) fn with_look_up<T>(top_up: bool, id: Option<&str>, cursor: Option<&str>, ask: impl FnOnce(&FindOrder<'_>) -> T) -> T {
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

pub(super) fn japan() -> Vec<Country> {
    vec![Country::parse("JP").unwrap()]
}

pub(super) fn secrets() -> Vec<SecretString> {
    ["", "new-secret", "old-secret"].map(SecretString::from).to_vec()
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
        Ok([event]) if matches!(event.kind, ProviderEventKind::OrderSettled { .. }) => "an order's news",
        Ok([event]) if event.kind == ProviderEventKind::CreditLow => "the account's news",
        Ok([event]) if event.kind == ProviderEventKind::Hint && provider.capabilities().signature.proves_nothing() => "look at an eSIM",
        Ok([event]) if event.iccid.is_some() || event.provider_esim_id.is_some() => "an eSIM's news",
        Ok(_) => "something else",
        Err(_) => "cannot be read",
    };
    format!("believed: {news}")
}

/// How many of a webhook and those that follow it are kept: the same thing told again is known by what names its receipt.
fn kept(provider: &dyn EsimProvider, sample: &Sample) -> String {
    let bodies: Vec<Vec<u8>> = std::iter::once(sample.answer()).chain(sample.more()).map(|answer| answer.body).collect();
    let name = |body: &Vec<u8>| receipt_id(&provider.read_webhook(body, now()).expect("a webhook that can be read"), body);
    let names: std::collections::BTreeSet<String> = bodies.iter().map(name).collect();
    format!("kept {} of {}", names.len(), bodies.len())
}
