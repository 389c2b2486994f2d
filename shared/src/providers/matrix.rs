//! What every provider can do, as the table of `docs/PROVIDERS.md`: written from the very values that the flows go by.

use std::time::Duration;

use super::{Capabilities, Delivery, Recovery, Signature, airalo, bics, celitech, esim_access, esim_go, one_global, reference, telna};

/// Every provider's abilities, by name.
pub static ALL: [&Capabilities; 8] = [
    &airalo::CAPABILITIES,
    &bics::CAPABILITIES,
    &celitech::CAPABILITIES,
    &esim_access::CAPABILITIES,
    &esim_go::CAPABILITIES,
    &one_global::CAPABILITIES,
    &reference::CAPABILITIES,
    &telna::CAPABILITIES,
];

/// A row: what it is about, and what it says of a provider.
type Row = (&'static str, fn(&Capabilities) -> String);

const ROWS: [Row; 16] = [
    ("An order's codes come", |of| delivery(of.delivery).to_owned()),
    ("An unknown order is found by", |of| recovery(of.recovery)),
    ("An unknown top-up is found by", |of| recovery(of.topup_recovery)),
    ("Topping up", |of| of.top_up.to_owned()),
    ("Webhooks", |of| signature(of).to_owned()),
    ("`esim.installed`", |of| told(of.observes.installed)),
    ("`esim.activated`", |of| told(of.observes.activated)),
    ("`esim.expired`", |of| told(of.observes.expired)),
    ("80 and 100 %", |of| if of.observes.thresholds { "pushed".to_owned() } else { "derived from usage".to_owned() }),
    ("Usage may be as old as", |of| minutes(of.usage_staleness)),
    ("Usage is read at most", |of| format!("{} times a minute", of.usage_calls_per_minute)),
    ("Credit that runs low", |of| of.credit.to_owned()),
    ("Taking a purchase back, by a person", |of| of.taking_back.to_owned()),
    ("What it tells of phones", |of| of.phones.to_owned()),
    ("Identity checks", |of| of.identity.to_owned()),
    ("TLS", |of| of.tls.to_owned()),
];

/// The table, one column a provider.
#[must_use]
pub fn markdown() -> String {
    let names: Vec<&str> = ALL.iter().map(|of| of.name).collect();
    let mut lines = vec![line("", names.iter().map(|name| (*name).to_owned())), line("---", names.iter().map(|_| "---".to_owned()))];
    lines.extend(ROWS.iter().map(|(about, says)| line(about, ALL.iter().map(|of| says(of)))));
    lines.concat()
}

fn line(first: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: String = cells.map(|cell| format!(" {cell} |")).collect();
    format!("| {first} |{cells}\n")
}

fn delivery(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::WithTheAnswer => "with the answer",
        Delivery::Later => "later: the order is asked about",
        Delivery::ByWorkers => "before it: a SIM of the stock is chosen, then workers buy",
    }
}

fn recovery(recovery: Recovery) -> String {
    match recovery {
        Recovery::Keyed => "sending again with the same key".to_owned(),
        Recovery::KeyedFor { remembered } => format!("sending again with the same key, for {} hours", remembered.as_secs() / 3600),
        Recovery::ListAndMatch { visible_after } => format!("our reference in a list; shows within {}", minutes(visible_after)),
        Recovery::ListByTime { visible_after } => format!("plan and time in a list; shows within {}", minutes(visible_after)),
        Recovery::FindOnly { look_for } => format!("a look-up, for {}; absence proves nothing", minutes(look_for)),
        Recovery::None => "a person".to_owned(),
    }
}

fn signature(of: &Capabilities) -> &'static str {
    match (of.signature, of.timestamped_webhooks) {
        (Signature::Hmac, true) => "signed, with the time",
        (Signature::Hmac, false) => "signed",
        (Signature::None, _) => "not signed: hints only",
        (Signature::Certificate, _) => "signed by Amazon SNS, checked where `telna.topic_arn` is set; hints only",
        (Signature::NoWebhooks, _) => "none: polled",
    }
}

fn told(can: bool) -> String {
    if can { "yes".to_owned() } else { "cannot be seen".to_owned() }
}

fn minutes(time: Duration) -> String {
    format!("{} min", time.as_secs().div_ceil(60))
}

#[cfg(test)]
mod tests {
    use super::{ALL, markdown};

    #[test]
    fn the_page_says_what_the_code_does() {
        let page = include_str!("../../../docs/PROVIDERS.md");
        assert!(page.contains(&markdown()), "write docs/PROVIDERS.md anew: cargo run --package passerelle --example providers");
    }

    #[test]
    fn every_provider_is_there_once() {
        let mut names: Vec<&str> = ALL.iter().map(|of| of.name).collect();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
