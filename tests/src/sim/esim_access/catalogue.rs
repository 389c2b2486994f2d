//! `/package/list`: everything, whatever page is asked for.

use serde_json::{Value, json};

use super::super::core::json::text;
use super::{Provider, Refusal};

/// A plan: code, name, countries, MB, days, ten-thousandths of a dollar, networks.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    pub code: &'static str,
    pub name: &'static str,
    pub location: &'static str,
    pub megabytes: i64,
    pub days: i64,
    pub price: i64,
    pub networks: &'static [&'static str],
    /// A daily allowance.
    pub daily: bool,
    pub topup: bool,
}

const fn plan(code: &'static str, name: &'static str, location: &'static str, size: (i64, i64), price: i64) -> Package {
    Package {
        code,
        name,
        location,
        megabytes: size.0,
        days: size.1,
        price,
        networks: &["NTT DOCOMO", "SoftBank"],
        daily: false,
        topup: true,
    }
}

const BASE: &[Package] = &[
    plan("JC016", "Japan 1GB 7Days", "JP", (1_024, 7), 32_000),
    plan("JC172", "Japan 5GB 30Days", "JP", (5_120, 30), 115_000),
    plan("FR001", "France 1GB 7Days", "FR", (1_024, 7), 21_000),
    plan("AS011", "Asia 3GB 30Days", "JP,KR,TH,SG,XK", (3_072, 30), 129_000),
    Package { topup: false, ..plan("JC900", "Japan 500MB 1Day", "JP", (500, 1), 9_000) },
    Package { daily: true, ..plan("JD001", "Japan 1GB/Day", "JP", (1_024, 1), 15_000) },
    plan("OUT_OF_STOCK", "Nobody has this", "AQ", (1_024, 7), 50_000),
];

const TOPUPS: &[Package] = &[
    plan("TOPUP_JC016", "Japan 1GB 7Days", "JP", (1_024, 7), 31_000),
    plan("TOPUP_JC172", "Japan 5GB 30Days", "JP", (5_120, 30), 114_000),
    plan("TOPUP_FR001", "France 1GB 7Days", "FR", (1_024, 7), 20_000),
];

impl Package {
    /// Bytes.
    #[must_use]
    pub fn bytes(&self) -> i64 {
        self.megabytes * 1_048_576
    }

    fn show(&self) -> Value {
        let operators: Vec<Value> = self.networks.iter().map(|name| json!({"operatorName": name, "networkType": "5G"})).collect();
        json!({
            "packageCode": self.code, "slug": format!("{}_{}", self.location, self.days), "name": self.name, "price": self.price,
            "currencyCode": "USD", "volume": self.bytes(), "duration": self.days, "durationUnit": "DAY", "location": self.location,
            "speed": "4G/5G", "dataType": if self.daily { 2 } else { 1 }, "favorite": false,
            "supportTopUpType": if self.topup { 2 } else { 1 }, "fupPolicy": "", "ipExport": "HK", "smsStatus": 0,
            "locationNetworkList": [{"locationName": self.location, "operatorList": operators}],
        })
    }
}

/// A plan that a new eSIM can be bought with.
#[must_use]
pub fn base(code: &str) -> Option<&'static Package> {
    BASE.iter().find(|package| package.code == code)
}

/// A plan that an eSIM can be topped up with.
#[must_use]
pub fn topup(code: &str) -> Option<&'static Package> {
    TOPUPS.iter().find(|package| package.code == code)
}

impl Provider {
    pub(super) fn packages(&self, body: &Value) -> Result<Value, Refusal> {
        let location = text(body, "locationCode").filter(|code| !code.is_empty());
        let here = |package: &&Package| location.is_none_or(|code| package.location.split(',').any(|one| one == code));
        let list: Vec<Value> = match text(body, "type").unwrap_or("BASE") {
            // One comes twice, as in life.
            "BASE" | "" => BASE.iter().chain(BASE.first()).filter(here).map(Package::show).collect(),
            "TOPUP" => {
                let country = match text(body, "iccid").filter(|iccid| !iccid.is_empty()) {
                    Some(iccid) => {
                        let state = self.state();
                        let esim = state.esim(iccid).ok_or(Refusal("310403", "ICCID not in the order"))?;
                        Some(if esim.package.topup { esim.package.location } else { "-" })
                    }
                    None => None,
                };
                TOPUPS.iter().filter(|package| country.is_none_or(|code| package.location == code)).map(Package::show).collect()
            }
            _ => return Err(Refusal("000105", "type must be BASE or TOPUP")),
        };
        Ok(json!({ "packageList": list }))
    }
}
