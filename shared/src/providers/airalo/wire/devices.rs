//! `GET compatible-devices-lite` (Airalo Partner API v2, endpoints): `data` lists `{os, brand, name}`, some phones several times.

use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;

use super::{Page, success};
use crate::outbound::Answer;
use crate::providers::{
    Phone, ProviderError,
    guidance::{self, MOST_PHONES},
    lenient,
};

#[derive(Deserialize)]
struct Device {
    #[serde(default, deserialize_with = "lenient::text")]
    brand: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
}

/// Each phone once, in the order of the list; what has no name is passed over.
pub(in super::super) fn read(answer: &Answer) -> Result<Vec<Phone>, ProviderError> {
    let rows: Vec<Value> = success::<Page>(answer)?.data.ok_or(ProviderError::Unknown("the devices are no list"))?;
    let mut seen = HashSet::new();
    let phones = rows.into_iter().filter_map(|row| phone(serde_json::from_value(row).ok()?));
    Ok(phones.filter(|phone| seen.insert(phone.clone())).take(MOST_PHONES).collect())
}

fn phone(device: Device) -> Option<Phone> {
    let name = guidance::name(&device.name?)?;
    Some(Phone { brand: device.brand.as_deref().and_then(guidance::name).unwrap_or_default(), name })
}
