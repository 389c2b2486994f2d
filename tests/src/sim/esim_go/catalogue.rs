//! `GET /catalogue` and `GET /catalogue/bundle/{name}`.

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::json::money;
use super::super::core::reply::Reply;
use super::message;

/// A bundle: name, base country, further countries, MB (0 = unlimited), days, hundredths.
#[derive(Debug, Clone, Copy)]
pub struct Bundle {
    pub name: &'static str,
    pub base: (&'static str, &'static str),
    pub roaming: &'static [(&'static str, &'static str)],
    pub megabytes: i64,
    pub days: i64,
    pub price: i64,
}

const JAPAN: (&str, &str) = ("Japan", "JP");
const FRANCE: (&str, &str) = ("France", "FR");
const ASIA: (&str, &str) = ("Asia", "Asia");
const AROUND: &[(&str, &str)] = &[("Japan", "JP"), ("Thailand", "TH"), ("South Korea", "KR")];

const fn one(name: &'static str, base: (&'static str, &'static str), megabytes: i64, days: i64, price: i64) -> Bundle {
    Bundle { name, base, roaming: &[], megabytes, days, price }
}

const BUNDLES: &[Bundle] = &[
    one("esim_1GB_7D_JP_V2", JAPAN, 1_000, 7, 340),
    one("esim_5GB_30D_JP_V2", JAPAN, 5_000, 30, 1_150),
    one("esim_UL_7D_JP_V2", JAPAN, 0, 7, 1_990),
    one("esim_1GB_7D_FR_V2", FRANCE, 1_000, 7, 190),
    one("esim_5GB_30D_FR_V2", FRANCE, 5_000, 30, 890),
    Bundle { roaming: AROUND, ..one("esim_3GB_30D_AS_V2", ASIA, 3_000, 30, 1_290) },
    one("esim_OUT_OF_STOCK", ("Antarctica", "AQ"), 1_000, 7, 500),
];

impl Bundle {
    /// Bytes; a megabyte of this provider is a million.
    #[must_use]
    pub fn bytes(&self) -> i64 {
        self.megabytes * 1_000_000
    }

    fn show(&self) -> Value {
        let country = |(name, iso): &(&str, &str)| json!({"name": name, "region": "Somewhere", "iso": iso});
        json!({
            "name": self.name, "description": format!("eSIM, {} MB, {} Days, {}", self.megabytes, self.days, self.base.0),
            "groups": ["Standard Fixed"], "countries": [country(&self.base)],
            "roamingEnabled": self.roaming.iter().map(country).collect::<Vec<_>>(), "dataAmount": self.megabytes, "duration": self.days,
            "speed": ["2G", "3G", "4G", "5G"], "autostart": true, "unlimited": self.megabytes == 0, "price": money(self.price),
            "billingType": "FixedCost",
        })
    }
}

/// A bundle by its name, whose case matters.
#[must_use]
pub fn find(name: &str) -> Option<&'static Bundle> {
    BUNDLES.iter().find(|bundle| bundle.name == name)
}

/// By base country, page by page: `{bundles, pageCount, rows}`, without the number of the page.
pub fn list(call: &Call) -> Reply {
    let number = |name: &str, otherwise: usize| match call.query(name).map(|text| text.parse::<usize>()) {
        None => Some(otherwise),
        Some(Ok(number)) if number > 0 => Some(number),
        Some(_) => None,
    };
    let (Some(page), Some(per_page)) = (number("page", 1), number("perPage", 50)) else {
        return message(400, "page and perPage must be positive numbers");
    };
    let countries = call.query("countries");
    let wanted = |bundle: &&Bundle| countries.as_deref().is_none_or(|list| list.split(',').any(|iso| iso == bundle.base.1));
    let all: Vec<Value> = BUNDLES.iter().filter(wanted).map(Bundle::show).collect();
    let bundles: Vec<Value> = all.iter().skip((page - 1) * per_page).take(per_page).cloned().collect();
    Reply::json(200, &json!({"bundles": bundles, "pageCount": all.len().div_ceil(per_page), "rows": all.len()}))
}

/// One bundle.
pub fn show(name: &str) -> Reply {
    find(name).map_or_else(|| message(400, "Bundle not found"), |bundle| Reply::json(200, &bundle.show()))
}
