//! The demo agency: the JSON of its secret, pointing at the simulators.

use std::path::Path;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::Partners;
use super::seller::Seller;
use crate::sim::{Sim, Simulators};
use crate::stack::{During, Result, StackError};

/// Where the demo agency lives; "two days before" is counted there.
pub const TIME_ZONE: &str = "Europe/Paris";

/// The demo agency's logo.
const LOGO: &[u8] = include_bytes!("horizon.png");

/// An agency that buys from its seller, and whose CRM has this origin. Beside Airalo it has the reference provider, which sells in another
/// currency and stands in for it.
#[must_use]
pub fn demo(sims: &Simulators, partners: Partners, crm: &str) -> Value {
    let sellers: &[Seller] = if partners.seller == Seller::Airalo { &[Seller::Airalo, Seller::Reference] } else { &[partners.seller] };
    let providers: Vec<Value> = sellers.iter().map(|seller| provider(*seller, sims)).collect();
    json!({
        "name": "Voyages Horizon",
        "locale": "fr-FR",
        "timezone": TIME_ZONE,
        "currency": "EUR",
        "exchange": {"source": "ecb", "url": sims.ecb.base_url},
        "providers": providers,
        "fail_over": {"rule": "automatic", "price_band_percent": 10},
        "crm": partners.crm.settings(sims),
        "email": partners.mail.settings(sims, &unguessable(partners.mail.sim(sims))),
        "pages": {"framed_by": [crm], "accent": "#0a6b63", "margin_percent": 25, "logo_png": BASE64_STANDARD.encode(LOGO)},
        "feeds": {
            "back-office": mapping(include_str!("../../../crm/feeds/back-office/mapping.json")),
            "booking-tool": mapping(include_str!("../../../crm/feeds/booking-tool/mapping.json")),
        },
    })
}

/// A mapping that is shipped as an example.
fn mapping(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

/// The account as it is in every agency's secret, with the credentials that the simulator accepts.
fn provider(seller: Seller, sims: &Simulators) -> Value {
    let sim = seller.sim(sims);
    let mut account = json!({
        "account": seller.name(), "kind": seller.name(), "base_url": sim.base_url, "client_id": sim.credential("client_id"),
        "client_secret": sim.credential("client_secret"), "webhook_account": unguessable(sim),
    });
    if let (Some(account), Value::Object(own)) = (account.as_object_mut(), seller.account(sims)) {
        account.extend(own);
    }
    account
}

/// Nobody who does not know this id can call the webhook address: 128 bits of chance.
fn unguessable(sim: &Sim) -> String {
    use ring::rand::SecureRandom;
    let mut random = [0; 16];
    match ring::rand::SystemRandom::new().fill(&mut random) {
        Ok(()) => format!("wh_{}", hex::encode(random)),
        Err(_) => format!("wh_{}", sim.name),
    }
}

/// An agency from a file.
///
/// # Errors
/// When the file is missing or is no JSON object.
pub fn from_file(file: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(file).during(|| format!("reading {}", file.display()))?;
    let agency: Value = serde_json::from_str(&text).during(|| format!("{} as JSON", file.display()))?;
    if agency.is_object() { Ok(agency) } else { Err(StackError::new(format!("{} holds no JSON object", file.display()))) }
}

/// Whether every provider of an agency is on this machine.
#[must_use]
pub fn buys_only_here(agency: &Value) -> bool {
    let providers = agency.get("providers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let base = |provider: &Value| url::Url::parse(provider.get("base_url")?.as_str()?).ok();
    !providers.is_empty() && providers.iter().all(|provider| base(provider).is_some_and(|url| is_loopback(&url)))
}

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::buys_only_here;

    #[test]
    fn a_real_provider_is_never_bought_from() {
        let at = |url: &str| json!({"providers": [{"base_url": "http://127.0.0.1:1/"}, {"base_url": url}]});
        assert!(buys_only_here(&at("http://localhost:4010/v2/")));
        assert!(!buys_only_here(&at("https://partners-api.airalo.com/v2/")));
        assert!(!buys_only_here(&at("http://localhost.evil.example/")));
        assert!(!buys_only_here(&json!({"providers": []})));
    }
}
