//! What the agency can sell, as `GET /catalog/packages` says it, and what is odd about it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::local::api::{Api, list};
use crate::stack::Result;

/// What is odd about a package, in words and as a question.
type Odd = (&'static str, fn(&Value) -> bool);

/// The most that one page may hold.
const PAGE: u32 = 200;
/// As many pages as the catalogue sync reads at most, and more than a listing of ours can have.
const MOST_PAGES: usize = 1_000;

/// Every package, page by page; with a country, only what works there.
///
/// # Errors
/// When a page is not answered with 200.
pub async fn listed(api: &Api<'_>, country: Option<&str>) -> Result<Vec<Value>> {
    let (mut packages, mut cursor) = (Vec::new(), None::<String>);
    for _ in 0..MOST_PAGES {
        let path = path(country, cursor.as_deref());
        let page = api.get(&path).await?.expect(&[200])?;
        packages.extend_from_slice(list(&page, "packages")?);
        cursor = page.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    Ok(packages)
}

fn path(country: Option<&str>, cursor: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &PAGE.to_string());
    query.extend_pairs(country.map(|country| ("iso_country", country)));
    query.extend_pairs(cursor.map(|cursor| ("cursor", cursor)));
    format!("/catalog/packages?{}", query.finish())
}

/// How many packages work in each country.
#[must_use]
pub fn by_country(packages: &[Value]) -> BTreeMap<String, usize> {
    let mut countries = BTreeMap::new();
    for country in packages.iter().flat_map(|package| texts(package, "iso_countries")) {
        *countries.entry(country.to_owned()).or_default() += 1;
    }
    countries
}

/// What a traveller or an accountant would stumble over, counted.
#[must_use]
pub fn oddities(packages: &[Value]) -> Vec<String> {
    let odd: [Odd; 4] = [
        ("without a price above 0", |package| price(package).is_none_or(|price| price <= 0.0)),
        ("without a country", |package| texts(package, "iso_countries").next().is_none()),
        ("that last no day", |package| package.get("validity_days").and_then(Value::as_u64).unwrap_or_default() == 0),
        ("with a limit of 0 MB", |package| package.get("data_volume_mb").and_then(Value::as_u64) == Some(0)),
    ];
    let counted = odd.iter().map(|(what, is_odd)| (what, packages.iter().filter(|package| is_odd(package)).count()));
    counted.filter(|(_, count)| *count > 0).map(|(what, count)| format!("{count} packages {what}")).collect()
}

/// The cheapest plan with a limit, in the currency that most plans have: prices of two currencies are not compared.
#[must_use]
pub fn cheapest_limited(packages: &[Value]) -> Option<&Value> {
    let currency = currencies(packages).into_iter().max_by_key(|(_, count)| *count)?.0;
    let sold = |package: &&Value| {
        let limited = package.get("data_volume_mb").is_some_and(Value::is_number);
        limited && text(package, "currency") == currency && price(package).is_some_and(|price| price > 0.0)
    };
    let cost = |package: &Value| price(package).unwrap_or(f64::MAX);
    packages.iter().filter(sold).min_by(|a, b| cost(a).total_cmp(&cost(b)).then_with(|| text(a, "package_id").cmp(text(b, "package_id"))))
}

/// How many packages are priced in each currency.
#[must_use]
pub fn currencies(packages: &[Value]) -> BTreeMap<&str, usize> {
    let mut currencies = BTreeMap::new();
    for package in packages {
        *currencies.entry(text(package, "currency")).or_default() += 1;
    }
    currencies
}

fn price(package: &Value) -> Option<f64> {
    package.get("price").and_then(Value::as_f64)
}

fn text<'a>(package: &'a Value, member: &str) -> &'a str {
    package.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn texts<'a>(package: &'a Value, member: &str) -> impl Iterator<Item = &'a str> {
    package.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{by_country, cheapest_limited, oddities};

    fn package(id: &str, mb: Value, price: f64, currency: &str) -> Value {
        json!({"package_id": id, "data_volume_mb": mb, "price": price, "currency": currency, "iso_countries": ["FR", "JP"], "validity_days": 7})
    }

    #[test]
    fn the_cheapest_limited_plan_is_bought_and_currencies_are_not_compared() {
        let packages = [
            package("unlimited", Value::Null, 0.5, "EUR"),
            package("dear", json!(1024), 4.0, "EUR"),
            package("cheap", json!(1024), 3.0, "EUR"),
            package("also-cheap", json!(500), 3.0, "EUR"),
            package("free", json!(500), 0.0, "EUR"),
            package("other", json!(1024), 1.0, "GBP"),
        ];
        let bought = cheapest_limited(&packages).and_then(|package| package.get("package_id"));
        assert_eq!(bought, Some(&json!("also-cheap")));
        assert_eq!(cheapest_limited(&[package("unlimited", Value::Null, 1.0, "EUR")]), None);
        assert_eq!(cheapest_limited(&[]), None);
    }

    #[test]
    fn countries_and_oddities_are_counted() {
        let mut odd = package("odd", json!(0), 0.0, "EUR");
        if let Some(members) = odd.as_object_mut() {
            members.insert("iso_countries".to_owned(), json!([]));
        }
        let packages = [package("plain", json!(1024), 1.0, "EUR"), odd];
        assert_eq!(by_country(&packages).into_iter().collect::<Vec<_>>(), [("FR".to_owned(), 1), ("JP".to_owned(), 1)]);
        let told = oddities(&packages).join("; ");
        assert_eq!(told, "1 packages without a price above 0; 1 packages without a country; 1 packages with a limit of 0 MB");
        assert!(oddities(&packages[..1]).is_empty());
    }
}
