//! `GET /destinations` and `GET /packages`.

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::reply::Reply;
use super::message;

/// Bytes of a gigabyte.
const GIGABYTE: f64 = 1_073_741_824.0;

/// What can be bought: destination, size (-1 is unlimited), range of days, cents.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    pub iso3: &'static str,
    pub iso2: &'static str,
    pub name: &'static str,
    pub gigabytes: f64,
    pub days: (i64, i64),
    pub cents: i64,
}

const fn plan(iso: [&'static str; 3], gigabytes: f64, days: (i64, i64), cents: i64) -> Package {
    Package { iso3: iso[0], iso2: iso[1], name: iso[2], gigabytes, days, cents }
}

const JAPAN: [&str; 3] = ["JPN", "JP", "Japan"];
const FRANCE: [&str; 3] = ["FRA", "FR", "France"];
const SPAIN: [&str; 3] = ["ESP", "ES", "Spain"];
const STATES: [&str; 3] = ["USA", "US", "United States"];

const PACKAGES: &[Package] = &[
    plan(JAPAN, 0.5, (1, 7), 290),
    plan(JAPAN, 1.0, (1, 7), 450),
    plan(JAPAN, 3.0, (1, 30), 990),
    plan(JAPAN, 5.0, (1, 30), 1490),
    plan(JAPAN, 20.0, (1, 90), 3990),
    plan(FRANCE, 1.0, (1, 7), 390),
    plan(FRANCE, 5.0, (1, 30), 1290),
    plan(SPAIN, 5.0, (1, 30), 1290),
    plan(STATES, 5.0, (1, 30), 1590),
    plan(STATES, 8.0, (3, 5), 1690),
    plan(JAPAN, -1.0, (3, 30), 4990),
];

impl Package {
    /// Its id, which nothing is bought by.
    #[must_use]
    pub fn id(&self) -> String {
        format!("pkg-{}-{}-{}", self.iso3.to_lowercase(), self.gigabytes, self.days.1)
    }

    /// Its size; -1 is unlimited.
    #[must_use]
    pub fn bytes(&self) -> i64 {
        #[allow(clippy::cast_possible_truncation, reason = "sizes are a few dozen gigabytes")]
        let bytes = (self.gigabytes * GIGABYTE) as i64;
        if self.gigabytes < 0.0 { -1 } else { bytes }
    }

    /// As a line of the list of packages.
    fn show(&self) -> Value {
        json!({
            "id": self.id(), "destination": self.iso3, "destinationISO2": self.iso2, "dataLimitInBytes": self.bytes(),
            "dataLimitInGB": self.gigabytes, "minDays": self.days.0, "maxDays": self.days.1, "priceInCents": self.cents,
        })
    }

    /// As the `package` of a purchase.
    #[must_use]
    pub fn of_purchase(&self) -> Value {
        json!({
            "id": self.id(), "dataLimitInBytes": self.bytes(), "dataLimitInGB": self.gigabytes, "destination": self.iso3,
            "destinationISO2": self.iso2, "destinationName": self.name, "priceInCents": self.cents,
        })
    }

    /// Whether a destination, by two or three letters, is this one's.
    #[must_use]
    pub fn goes_to(&self, destination: &str) -> bool {
        destination == self.iso2 || destination == self.iso3
    }
}

/// The package of a destination and size that lasts so many days.
#[must_use]
pub fn find(destination: &str, gigabytes: f64, days: i64) -> Option<&'static Package> {
    PACKAGES.iter().find(|package| {
        package.goes_to(destination)
            && (package.gigabytes - gigabytes).abs() < f64::EPSILON
            && (package.days.0..=package.days.1).contains(&days)
    })
}

/// `GET /destinations`.
pub fn destinations() -> Reply {
    let mut seen = Vec::new();
    let mut shown = Vec::new();
    for package in PACKAGES {
        if !seen.contains(&package.iso3) {
            seen.push(package.iso3);
            let supported = [package.iso3];
            shown.push(json!({
                "name": package.name, "destination": package.iso3, "destinationISO2": package.iso2, "supportedCountries": supported,
            }));
        }
    }
    Reply::json(200, &json!({ "destinations": shown }))
}

/// `GET /packages`: at most 160 a page, 20 without `limit`; unlimited ones only when asked for.
pub fn list(call: &Call) -> Reply {
    let limit = match call.query("limit").map(|text| text.parse::<usize>()) {
        None => 20,
        Some(Ok(limit @ 1..=160)) => limit,
        Some(_) => return message(400, "limit must be greater than 0 and less than or equal to 160"),
    };
    let from = match call.query("afterCursor").map(|cursor| cursor.strip_prefix("after-").and_then(|place| place.parse().ok())) {
        None => 0,
        Some(Some(place)) => place,
        Some(None) => return message(400, "afterCursor is not one of ours"),
    };
    let destination = call.query("destination");
    let unlimited = call.query("includeUnlimited").as_deref() == Some("true");
    let fits =
        |package: &&Package| destination.as_deref().is_none_or(|wanted| package.goes_to(wanted)) && (unlimited || package.gigabytes > 0.0);
    let all: Vec<Value> = PACKAGES.iter().filter(fits).map(Package::show).collect();
    let page: Vec<Value> = all.iter().skip(from).take(limit).cloned().collect();
    let end = from + page.len();
    let cursor = (end < all.len()).then(|| format!("after-{end}"));
    Reply::json(200, &json!({"packages": page, "afterCursor": cursor}))
}
