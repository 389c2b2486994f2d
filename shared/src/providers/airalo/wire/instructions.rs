//! `GET sims/{iccid}/instructions` (Airalo Partner API v2, endpoints): for each system a list of guides, whose steps are an object keyed by
//! number. The QR code, its address, the activation code and the link for iPhones that come with them are not read.

use serde::Deserialize;
use serde_json::Value;

use super::{One, success};
use crate::outbound::Answer;
use crate::providers::{
    Guide, Instructions, ProviderError,
    guidance::{self, MOST_GUIDES, MOST_STEPS},
    lenient,
};

#[derive(Deserialize)]
struct Data {
    instructions: Told,
}

#[derive(Deserialize)]
struct Told {
    #[serde(default, deserialize_with = "lenient::text")]
    language: Option<String>,
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    ios: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    android: Vec<Value>,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default, deserialize_with = "lenient::text")]
    model: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    version: Option<String>,
    #[serde(default)]
    installation_via_qr_code: Value,
    #[serde(default)]
    installation_manual: Value,
    #[serde(default)]
    network_setup: Value,
}

/// The steps; a guide that cannot be read is passed over.
pub(in super::super) fn read(answer: &Answer) -> Result<Instructions, ProviderError> {
    let told = success::<One<Data>>(answer)?.data.instructions;
    Ok(Instructions { language: told.language.as_deref().and_then(language), ios: guides(told.ios), android: guides(told.android) })
}

/// `EN`, `fr-FR`: the two letters.
fn language(text: &str) -> Option<String> {
    let letters = text.split(['-', '_']).next()?.to_ascii_lowercase();
    (letters.len() == 2 && letters.bytes().all(|b| b.is_ascii_lowercase())).then_some(letters)
}

fn guides(rows: Vec<Value>) -> Vec<Guide> {
    let guides = rows.into_iter().filter_map(|row| serde_json::from_value::<Wire>(row).ok()).map(|wire| guide(&wire));
    guides.filter(|guide| !guide.is_empty()).take(MOST_GUIDES).collect()
}

fn guide(wire: &Wire) -> Guide {
    Guide {
        model: wire.model.as_deref().and_then(guidance::name),
        versions: wire.version.as_deref().and_then(versions),
        by_qr: steps(&wire.installation_via_qr_code),
        by_hand: steps(&wire.installation_manual),
        network: steps(&wire.network_setup),
        apn: apn(&wire.network_setup),
    }
}

/// `15.0,14.0.,13.0` is `15, 14, 13`.
fn versions(text: &str) -> Option<String> {
    let numbers = text.split(',').map(|number| number.trim().trim_end_matches('.').trim_end_matches(".0"));
    guidance::name(&numbers.filter(|number| !number.is_empty()).collect::<Vec<_>>().join(", "))
}

/// By their numbers, which JSON's objects do not keep in order.
fn steps(part: &Value) -> Vec<String> {
    let mut numbered: Vec<(u32, &Value)> = match part.get("steps") {
        Some(Value::Object(steps)) => steps.iter().map(|(number, step)| (number.parse().unwrap_or(u32::MAX), step)).collect(),
        Some(Value::Array(steps)) => (0..).zip(steps).collect(),
        _ => Vec::new(),
    };
    numbered.sort_by_key(|(number, _)| *number);
    numbered.into_iter().filter_map(|(_, step)| guidance::step(&lenient::text_of(step)?)).take(MOST_STEPS).collect()
}

/// Only what the traveller has to enter.
fn apn(network: &Value) -> Option<String> {
    network.get("apn_type").and_then(Value::as_str).filter(|kind| kind.eq_ignore_ascii_case("manual"))?;
    guidance::name(&network.get("apn_value").and_then(lenient::text_of)?)
}
