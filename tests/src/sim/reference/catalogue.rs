//! `GET /catalog/packages`: by country, page by page.

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::json::money;
use super::super::core::reply::Reply;
use super::{Settings, problem};

/// A line of the price list: id, English and French name, countries, MB (0 = unlimited), days, hundredths of a euro.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    pub id: &'static str,
    pub english: &'static str,
    pub french: &'static str,
    pub countries: &'static [&'static str],
    pub megabytes: i64,
    pub days: i64,
    pub price: i64,
    pub topup: bool,
}

const EUROPE: &[&str] = &["FR", "ES", "IT", "DE", "PT", "GR", "GB", "AT", "BE", "NL", "CH"];
const ASIA: &[&str] = &["JP", "KR", "TH", "SG", "MY", "ID", "VN"];
const WORLD: &[&str] = &["JP", "KR", "TH", "US", "GB", "ES", "FR", "IT", "DE", "PT", "MA", "GR", "TR", "CA", "MX", "SG", "AU"];

const fn one(
    id: &'static str,
    names: [&'static str; 2],
    countries: &'static [&'static str],
    megabytes: i64,
    days: i64,
    price: i64,
) -> Package {
    Package { id, english: names[0], french: names[1], countries, megabytes, days, price, topup: true }
}

const PACKAGES: &[Package] = &[
    one("ref-jp-3gb-15d", ["Japan", "Japon"], &["JP"], 3072, 15, 850),
    one("ref-jp-10gb-30d", ["Japan", "Japon"], &["JP"], 10_240, 30, 1990),
    one("ref-jp-unlimited-10d", ["Japan", "Japon"], &["JP"], 0, 10, 2990),
    one("ref-kr-5gb-30d", ["South Korea", "Corée du Sud"], &["KR"], 5120, 30, 1290),
    one("ref-th-5gb-15d", ["Thailand", "Thaïlande"], &["TH"], 5120, 15, 990),
    one("ref-us-5gb-30d", ["United States", "États-Unis"], &["US"], 5120, 30, 1390),
    one("ref-us-10gb-30d", ["United States", "États-Unis"], &["US"], 10_240, 30, 2190),
    one("ref-gb-5gb-30d", ["United Kingdom", "Royaume-Uni"], &["GB"], 5120, 30, 1190),
    one("ref-es-5gb-30d", ["Spain", "Espagne"], &["ES"], 5120, 30, 1090),
    one("ref-fr-5gb-30d", ["France", "France"], &["FR"], 5120, 30, 1090),
    one("ref-it-5gb-30d", ["Italy", "Italie"], &["IT"], 5120, 30, 1090),
    one("ref-de-5gb-30d", ["Germany", "Allemagne"], &["DE"], 5120, 30, 1090),
    one("ref-pt-3gb-15d", ["Portugal", "Portugal"], &["PT"], 3072, 15, 790),
    one("ref-ma-1gb-7d", ["Morocco", "Maroc"], &["MA"], 1024, 7, 790),
    one("ref-ma-3gb-30d", ["Morocco", "Maroc"], &["MA"], 3072, 30, 1790),
    one("ref-gr-5gb-30d", ["Greece", "Grèce"], &["GR"], 5120, 30, 1090),
    one("ref-tr-5gb-30d", ["Turkey", "Turquie"], &["TR"], 5120, 30, 1190),
    one("ref-europe-10gb-30d", ["Europe", "Europe"], EUROPE, 10_240, 30, 2490),
    one("ref-asia-5gb-15d", ["Asia", "Asie"], ASIA, 5120, 15, 1890),
    one("ref-world-5gb-30d", ["World", "Monde"], WORLD, 5120, 30, 3490),
    Package { topup: false, ..one("ref-fr-once-1gb-3d", ["France", "France"], &["FR"], 1024, 3, 350) },
    // For provoking refusals.
    one("ref-out-of-stock", ["Out of stock", "Épuisé"], &["AQ"], 1024, 7, 500),
    one("ref-insufficient-funds", ["No credit", "Sans crédit"], &["AQ"], 1024, 7, 500),
];

impl Package {
    fn title(&self, french: bool) -> String {
        let (name, unit) = if french { (self.french, "Go") } else { (self.english, "GB") };
        let size = match (self.megabytes, french) {
            (0, true) => "illimité".to_owned(),
            (0, false) => "unlimited".to_owned(),
            (megabytes, _) => format!("{} {unit}", megabytes / 1024),
        };
        format!("{name} {size} {} {}", self.days, if french { "jours" } else { "days" })
    }

    fn show(&self, french: bool) -> Value {
        json!({
            "package_id": self.id, "title": self.title(french), "iso_country": one_country(self.countries),
            "iso_countries": self.countries, "data_volume_mb": (self.megabytes > 0).then_some(self.megabytes),
            "validity_days": self.days, "price": money(self.price), "currency": "EUR",
            "network_operators": self.countries.iter().take(4).map(|code| format!("Operator {code}")).collect::<Vec<_>>(),
            "topup": self.topup,
        })
    }
}

fn one_country(countries: &[&'static str]) -> Option<&'static str> {
    match countries {
        [only] => Some(only),
        _ => None,
    }
}

/// The package of an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Package> {
    PACKAGES.iter().find(|package| package.id == id)
}

/// What can be added to an eSIM of a package: everything rechargeable that covers the same countries.
#[must_use]
pub fn topups(of: &Package, french: bool) -> Vec<Value> {
    if !of.topup {
        return Vec::new();
    }
    PACKAGES.iter().filter(|package| fits(of, package)).map(|package| package.show(french)).collect()
}

/// Whether a package can be added to an eSIM of another.
#[must_use]
pub fn fits(of: &Package, package: &Package) -> bool {
    of.topup && package.topup && package.countries == of.countries
}

/// Whether a caller reads French.
#[must_use]
pub fn french(call: &Call) -> bool {
    call.header("accept-language").is_some_and(|wanted| wanted.trim_start().to_ascii_lowercase().starts_with("fr"))
}

/// The list. `cursor` is the id that a page begins after; `limit` is 1 to 200, 50 by default.
pub(super) fn list(call: &Call, settings: &Settings) -> Reply {
    let country = call.query("iso_country").map(|code| code.to_ascii_uppercase());
    if country.as_deref().is_some_and(|code| code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase())) {
        return problem::field("iso_country", "iso_country is an ISO 3166-1 alpha-2 code.");
    }
    let limit = match call.query("limit").map(|text| text.parse::<usize>()) {
        None => 50,
        Some(Ok(limit)) if (1..=200).contains(&limit) => limit,
        Some(_) => return problem::field("limit", "limit is a whole number from 1 to 200."),
    };
    let wanted = |package: &Package| country.as_deref().is_none_or(|code| package.countries.contains(&code));
    let sold = |package: &Package| !settings.gone.iter().any(|id| id == package.id);
    let priced = |package: &Package| Package { price: settings.prices.get(package.id).copied().unwrap_or(package.price), ..*package };
    let all: Vec<Package> = PACKAGES.iter().filter(|package| wanted(package) && sold(package)).map(priced).collect();
    let start = match call.query("cursor") {
        None => 0,
        Some(cursor) => match all.iter().position(|package| package.id == cursor) {
            Some(position) => position + 1,
            None => return problem::field("cursor", "The cursor is not one of ours."),
        },
    };
    let page: Vec<&Package> = all.iter().skip(start).take(limit).collect();
    let more = start + page.len() < all.len();
    let next = page.last().filter(|_| more).map(|package| package.id);
    let shown: Vec<Value> = page.iter().map(|package| package.show(french(call))).collect();
    Reply::json(200, &json!({"packages": shown, "next_cursor": next}))
}
