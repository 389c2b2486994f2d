//! What Airalo sells here: local, regional and world plans (Airalo Partner API v2, "Catalogue").
//!
//! Brands, networks and prices are made up; shapes, units and identifiers follow the page.

use serde_json::{Map, Value, json};

use super::super::core::json::money;

/// A country that plans cover: ISO 3166-1 alpha-2, name, slug, a network, its generations.
struct Country(&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

const LTE: &[&str] = &["LTE"];
const ALL: &[&str] = &["LTE", "5G"];

const COUNTRIES: &[Country] = &[
    Country("JP", "Japan", "japan", "SoftBank", ALL),
    Country("KR", "South Korea", "south-korea", "SK Telecom", ALL),
    Country("TH", "Thailand", "thailand", "AIS", ALL),
    Country("US", "United States", "united-states", "T-Mobile", ALL),
    Country("GB", "United Kingdom", "united-kingdom", "O2", ALL),
    Country("ES", "Spain", "spain", "Orange", ALL),
    Country("FR", "France", "france", "Bouygues Telecom", ALL),
    Country("IT", "Italy", "italy", "TIM", ALL),
    Country("DE", "Germany", "germany", "Telekom", ALL),
    Country("PT", "Portugal", "portugal", "NOS", ALL),
    Country("MA", "Morocco", "morocco", "Inwi", LTE),
    Country("GR", "Greece", "greece", "Cosmote", ALL),
    Country("TR", "Turkey", "turkey", "Turkcell", LTE),
    Country("CH", "Switzerland", "switzerland", "Swisscom", ALL),
    Country("AT", "Austria", "austria", "A1", ALL),
    Country("BE", "Belgium", "belgium", "Proximus", ALL),
    Country("NL", "Netherlands", "netherlands", "KPN", ALL),
    Country("VN", "Vietnam", "vietnam", "Viettel", LTE),
    Country("SG", "Singapore", "singapore", "Singtel", ALL),
    Country("ID", "Indonesia", "indonesia", "Telkomsel", LTE),
    Country("MY", "Malaysia", "malaysia", "Maxis", ALL),
    Country("CN", "China", "china", "China Unicom", LTE),
    Country("CA", "Canada", "canada", "Rogers", ALL),
    Country("MX", "Mexico", "mexico", "Telcel", LTE),
    Country("AE", "United Arab Emirates", "united-arab-emirates", "Etisalat", ALL),
    Country("AU", "Australia", "australia", "Optus", ALL),
    Country("EG", "Egypt", "egypt", "Vodafone", LTE),
];

/// One brand ("operator") of the catalogue.
struct Brand {
    id: i64,
    slug: &'static str,
    title: &'static str,
    /// Slug of the country or region that it is listed under.
    listed: &'static str,
    /// ISO codes covered.
    covers: &'static [&'static str],
    /// Price of the smallest plan of 1 GB, hundredths of a US dollar.
    base: i64,
    unlimited: bool,
    voice: bool,
    kyc: bool,
    rechargeable: bool,
}

const EUROPE: &[&str] = &["FR", "ES", "IT", "DE", "PT", "GR", "GB", "CH", "AT", "BE", "NL", "TR"];
const ASIA: &[&str] = &["JP", "KR", "TH", "VN", "SG", "ID", "MY"];
const WORLD: &[&str] = &[
    "JP", "KR", "TH", "US", "GB", "ES", "FR", "IT", "DE", "PT", "MA", "GR", "TR", "CH", "AT", "BE", "NL", "VN", "SG", "ID", "MY", "CN",
    "CA", "MX", "AE", "AU", "EG",
];

const fn local(
    id: i64,
    slug: &'static str,
    title: &'static str,
    listed: &'static str,
    covers: &'static [&'static str],
    base: i64,
) -> Brand {
    Brand { id, slug, title, listed, covers, base, unlimited: false, voice: false, kyc: false, rechargeable: true }
}

const BRANDS: &[Brand] = &[
    Brand { unlimited: true, ..local(101, "sakura-line", "Sakura Line", "japan", &["JP"], 450) },
    Brand { unlimited: true, ..local(102, "hanbit", "Hanbit", "south-korea", &["KR"], 450) },
    local(103, "mai-pen", "Mai Pen", "thailand", &["TH"], 400),
    Brand { unlimited: true, ..local(104, "change", "Change", "united-states", &["US"], 450) },
    Brand { voice: true, ..local(105, "change-plus", "Change Plus", "united-states", &["US"], 700) },
    local(106, "thames-mobile", "Thames Mobile", "united-kingdom", &["GB"], 450),
    local(107, "tapa-mobil", "Tapa Mobil", "spain", &["ES"], 400),
    local(108, "allo-seine", "Allô Seine", "france", &["FR"], 400),
    local(109, "ciao-rete", "Ciao Rete", "italy", &["IT"], 400),
    local(110, "funkwald", "Funkwald", "germany", &["DE"], 400),
    local(111, "fado-movel", "Fado Móvel", "portugal", &["PT"], 400),
    local(112, "souk-tel", "Souk Tel", "morocco", &["MA"], 650),
    local(113, "meltemi", "Meltemi", "greece", &["GR"], 400),
    local(114, "bosfor", "Bosfor", "turkey", &["TR"], 400),
    local(115, "alpenruf", "Alpenruf", "switzerland", &["CH"], 450),
    local(116, "maple-data", "Maple Data", "canada", &["CA"], 500),
    local(117, "nopal", "Nopal", "mexico", &["MX"], 500),
    local(118, "dune-link", "Dune Link", "united-arab-emirates", &["AE"], 600),
    local(119, "reef-mobile", "Reef Mobile", "australia", &["AU"], 500),
    Brand { kyc: true, rechargeable: false, ..local(120, "great-wall-data", "Great Wall Data", "china", &["CN"], 500) },
    local(201, "eurobridge", "Eurobridge", "europe", EUROPE, 500),
    local(202, "asiabridge", "Asiabridge", "asia", ASIA, 500),
    Brand { voice: true, ..local(203, "worldbridge", "Worldbridge", "world", WORLD, 900) },
];

/// Regions, in the order listed: slug and title.
const REGIONS: &[(&str, &str)] = &[("europe", "Europe"), ("asia", "Asia"), ("world", "World")];

/// Gigabytes, days and price in hundredths of the price of 1 GB; 0 GB stands for unlimited.
const LADDER: &[(i64, i64, i64)] = &[(1, 7, 100), (2, 15, 180), (3, 30, 250), (5, 30, 380), (10, 30, 650), (20, 30, 1050)];
const UNLIMITED: &[(i64, i64, i64)] = &[(0, 5, 480), (0, 10, 820)];

/// Units of a currency for one US dollar, in ten-thousandths.
const RATES: &[(&str, i64)] = &[
    ("USD", 10_000),
    ("EUR", 9_200),
    ("GBP", 7_900),
    ("AUD", 15_200),
    ("BRL", 54_000),
    ("CAD", 13_700),
    ("AED", 36_725),
    ("INR", 840_000),
    ("IDR", 158_000_000),
    ("ILS", 37_000),
    ("JPY", 1_510_000),
    ("KWD", 3_070),
    ("MYR", 44_000),
    ("MXN", 200_000),
    ("SGD", 13_400),
    ("ZAR", 180_000),
    ("KRW", 13_900_000),
    ("VND", 254_000_000),
];

/// One plan that can be bought.
#[derive(Debug, Clone)]
pub struct Package {
    /// Slug, `change-7days-1gb`; top-ups end in `-topup`.
    pub id: String,
    /// A top-up for an eSIM of the same brand.
    pub topup: bool,
    /// Slug of the brand.
    pub brand: String,
    /// Title of the brand, shown in order texts.
    pub brand_title: String,
    /// Volume in MB of 1,048,576 bytes; 0 when unlimited.
    pub amount: i64,
    /// Validity in days.
    pub days: i64,
    /// No volume limit.
    pub unlimited: bool,
    /// Minutes of voice.
    pub voice: Option<i64>,
    /// Text messages.
    pub text: Option<i64>,
    /// Recommended retail price, hundredths of a US dollar.
    pub price: i64,
    /// What the partner pays, hundredths of a US dollar.
    pub net: i64,
    /// Top-ups can be bought for it.
    pub rechargeable: bool,
}

impl Package {
    /// `1 GB` or `Unlimited`.
    #[must_use]
    pub fn data(&self) -> String {
        if self.unlimited { "Unlimited".to_owned() } else { format!("{} GB", self.amount / 1024) }
    }

    /// `1 GB - 7 Days`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} - {} Days", self.data(), self.days)
    }

    /// As the catalogue shows it. `net` is left out under discount pricing.
    #[must_use]
    pub fn show(&self, discount: bool) -> Value {
        let mut shown = json!({
            "id": self.id, "type": if self.topup { "topup" } else { "sim" },
            "price": money(self.price), "net_price": if discount { Value::Null } else { money(self.net) },
            "amount": self.amount, "day": self.days, "is_unlimited": self.unlimited,
            "title": self.title(), "data": self.data(), "short_info": Value::Null,
            "voice": self.voice, "text": self.text,
            "prices": prices(self.price, (!discount).then_some(self.net)),
        });
        if !self.topup {
            let parts = json!({
                "qr_installation": "<p>Scan the QR code.</p>", "manual_installation": "<p>Type the address and the code.</p>",
                "is_fair_usage_policy": self.unlimited,
                "fair_usage_policy": self.unlimited.then_some("3 GB a day at full speed, then 1 Mbps."),
            });
            if let (Some(shown), Some(parts)) = (shown.as_object_mut(), parts.as_object()) {
                shown.extend(parts.clone());
            }
        }
        shown
    }
}

/// The plan of an id, top-ups and the sandbox's magic ids included (Airalo Partner API v2, "Sandbox magic values").
#[must_use]
pub fn find(id: &str) -> Option<Package> {
    BRANDS.iter().flat_map(|brand| packages(brand, true)).find(|package| package.id == id).or_else(|| magic(id))
}

/// The top-ups of a brand.
#[must_use]
pub fn topups(brand: &str) -> Vec<Package> {
    let of = BRANDS.iter().filter(|candidate| candidate.slug == brand);
    of.flat_map(|brand| packages(brand, true)).filter(|package| package.topup).collect()
}

/// Entries of the catalogue: countries first, then regions.
///
/// `kind` is `local` or `global`, `country` an ISO code that selects the country's own entry.
#[must_use]
pub fn entries(kind: Option<&str>, country: Option<&str>, with_topups: bool, discount: bool) -> Vec<Value> {
    let mut entries = Vec::new();
    if kind != Some("global") {
        let wanted = COUNTRIES.iter().filter(|entry| country.is_none_or(|code| code.eq_ignore_ascii_case(entry.0)));
        entries.extend(wanted.filter_map(|entry| listing(entry.2, entry.0, entry.1, with_topups, discount)));
    }
    if kind != Some("local") && country.is_none() {
        entries.extend(REGIONS.iter().filter_map(|(slug, title)| listing(slug, "", title, with_topups, discount)));
    }
    entries
}

fn listing(slug: &str, code: &str, title: &str, with_topups: bool, discount: bool) -> Option<Value> {
    let brands: Vec<&Brand> = BRANDS.iter().filter(|brand| brand.listed == slug).collect();
    let cheapest = brands.iter().flat_map(|brand| packages(brand, false)).min_by_key(|package| package.price)?;
    Some(json!({
        "slug": slug, "country_code": code, "title": title, "image": image(slug),
        "min_price": prices(cheapest.price, (!discount).then_some(cheapest.net)),
        "operators": brands.iter().map(|brand| operator(brand, with_topups, discount)).collect::<Vec<_>>(),
    }))
}

fn operator(brand: &Brand, with_topups: bool, discount: bool) -> Value {
    let covered: Vec<&Country> = COUNTRIES.iter().filter(|country| brand.covers.contains(&country.0)).collect();
    json!({
        "id": brand.id, "title": brand.title, "style": "light", "type": if brand.covers.len() > 1 { "global" } else { "local" },
        "plan_type": if brand.voice { "data-voice-text" } else { "data" },
        "is_prepaid": false, "is_roaming": true, "is_kyc_verify": brand.kyc, "rechargeability": brand.rechargeable,
        "esim_type": "Prepaid", "warning": Value::Null, "other_info": Value::Null, "info": [],
        "apn_type": "automatic", "apn_value": Value::Null,
        "apn": {"ios": {"apn_type": "automatic", "apn_value": Value::Null}, "android": {"apn_type": "automatic", "apn_value": Value::Null}},
        "activation_policy": "first-usage", "install_window_days": Value::Null, "topup_grace_window_days": Value::Null,
        "image": image(brand.slug),
        "coverages": covered.iter().map(|country| json!({
            "name": country.0, "code": country.0, "networks": [{"name": country.3, "types": country.4}],
        })).collect::<Vec<_>>(),
        "countries": covered.iter().map(|country| json!({
            "country_code": country.0, "title": country.1, "image": image(country.2),
        })).collect::<Vec<_>>(),
        "packages": packages(brand, with_topups).iter().map(|package| package.show(discount)).collect::<Vec<_>>(),
    })
}

fn packages(brand: &Brand, with_topups: bool) -> Vec<Package> {
    let unlimited = if brand.unlimited { UNLIMITED } else { &[] };
    let steps = || LADDER.iter().chain(unlimited);
    let mut all: Vec<Package> = steps().map(|step| package(brand, *step, false)).collect();
    if with_topups && brand.rechargeable {
        all.extend(steps().map(|step| package(brand, *step, true)));
    }
    all
}

fn package(brand: &Brand, (gigabytes, days, factor): (i64, i64, i64), topup: bool) -> Package {
    let size = if gigabytes == 0 { "unlimited".to_owned() } else { format!("{gigabytes}gb") };
    let suffix = if topup { "-topup" } else { "" };
    let price = brand.base * factor / 100;
    Package {
        id: format!("{}-{days}days-{size}{suffix}", brand.slug),
        topup,
        brand: brand.slug.to_owned(),
        brand_title: brand.title.to_owned(),
        amount: gigabytes * 1024,
        days,
        unlimited: gigabytes == 0,
        voice: brand.voice.then_some(gigabytes * 20),
        text: brand.voice.then_some(gigabytes * 20),
        price,
        net: price * 80 / 100,
        rechargeable: brand.rechargeable,
    }
}

/// Plans that exist only in the sandbox, for provoking refusals; all are 1 GB for 7 days.
fn magic(id: &str) -> Option<Package> {
    let families = [
        "test-insufficient-balance-",
        "test-out-of-stock-",
        "test-maintenance-mode-",
        "test-disabled-top-up-",
        "test-not-enough-",
        "test-create-",
    ];
    families.iter().any(|family| id.starts_with(family)).then(|| Package {
        id: id.to_owned(),
        topup: id.ends_with("-topup"),
        brand: "test".to_owned(),
        brand_title: "Sandbox".to_owned(),
        amount: 1024,
        days: 7,
        unlimited: false,
        voice: None,
        text: None,
        price: 450,
        net: 360,
        rechargeable: !id.starts_with("test-disabled-top-up-"),
    })
}

fn prices(retail: i64, net: Option<i64>) -> Value {
    let in_all = |amount: i64| -> Value {
        let convert = |rate: i64| money(amount * rate / 10_000);
        RATES.iter().map(|(code, rate)| ((*code).to_owned(), convert(*rate))).collect::<Map<_, _>>().into()
    };
    let mut prices = json!({"recommended_retail_price": in_all(retail)});
    if let (Some(net), Some(members)) = (net, prices.as_object_mut()) {
        members.insert("net_price".to_owned(), in_all(net));
    }
    prices
}

fn image(slug: &str) -> Value {
    json!({"width": 132, "height": 99, "url": format!("https://cdn.airalo.example/images/{slug}.png")})
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test reports by failing")]
    use super::*;

    #[test]
    fn every_id_is_unique_and_found_again() {
        let mut seen = std::collections::HashSet::new();
        for package in BRANDS.iter().flat_map(|brand| packages(brand, true)) {
            assert_eq!(find(&package.id).unwrap().id, package.id);
            assert!(seen.insert(package.id));
        }
        assert!(find("change-7days-1gb").is_some() && find("change-7days-1gb-topup").unwrap().topup);
        assert!(find("change-7days-9gb").is_none());
    }

    #[test]
    fn every_country_that_a_brand_covers_is_known() {
        for brand in BRANDS {
            for code in brand.covers {
                assert!(COUNTRIES.iter().any(|country| country.0 == *code), "{code}");
            }
        }
    }

    #[test]
    fn regional_entries_have_an_empty_code_and_many_countries() {
        let regions = entries(Some("global"), None, false, false);
        assert_eq!(regions.len(), 3);
        for region in regions {
            assert_eq!(region.get("country_code").unwrap(), "");
            assert!(region.pointer("/operators/0/countries").unwrap().as_array().unwrap().len() > 5);
        }
    }
}
