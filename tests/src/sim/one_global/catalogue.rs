//! `GET /v2/products`, page by page.

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::json::money;
use super::super::core::reply::Reply;
use super::error;

/// A line of the price list.
#[derive(Debug, Clone, Copy)]
pub struct Product {
    pub id: &'static str,
    pub name: &'static str,
    pub footprint: &'static str,
    pub sim_types: &'static [&'static str],
    pub duration: i64,
    pub duration_unit: &'static str,
    pub data: i64,
    pub data_unit: &'static str,
    /// Hundredths of a US dollar.
    pub price: i64,
}

const fn esim(id: &'static str, name: &'static str, footprint: &'static str, gigabytes: i64, days: i64, price: i64) -> Product {
    Product {
        id,
        name,
        footprint,
        sim_types: &["ESIM", "PSIM"],
        duration: days,
        duration_unit: "DAYS",
        data: gigabytes,
        data_unit: "GB",
        price,
    }
}

const PRODUCTS: &[Product] = &[
    esim("one-jp-3gb-15d", "Japan 3 GB", "FP-JP", 3, 15, 690),
    Product { duration: 1, duration_unit: "MONTHS", ..esim("one-jp-10gb-1m", "Japan 10 GB", "FP-JP", 10, 0, 1590) },
    Product { data: 512, data_unit: "MB", ..esim("one-jp-512mb-7d", "Japan 512 MB", "FP-JP", 0, 7, 250) },
    esim("one-eu-5gb-30d", "Europe 5 GB", "FP-EU", 5, 30, 1290),
    esim("one-world-5gb-30d", "World 5 GB", "FP-WORLD", 5, 30, 2990),
    esim("one-moon-1gb-7d", "Nowhere 1 GB", "FP-MOON", 1, 7, 990),
    Product { sim_types: &["PSIM"], ..esim("one-plastic-jp", "Japan on plastic", "FP-JP", 3, 15, 590) },
    // For provoking a failure after acceptance.
    esim("one-failing", "Fails", "FP-FAIL", 1, 7, 500),
];

/// What 1GLOBAL would tell a reseller who asks for the countries of its footprints.
pub fn footprints() -> Value {
    json!({"FP-JP": ["JP"], "FP-EU": ["FR", "ES", "IT", "DE", "PT", "GR"], "FP-WORLD": ["JP", "US", "FR", "ES", "TH", "AU"], "FP-FAIL": ["AQ"]})
}

impl Product {
    /// Days that a subscription lasts once it has started.
    pub fn days(&self) -> i64 {
        if self.duration_unit == "MONTHS" { 30 * self.duration } else { self.duration }
    }

    /// Bytes, 1,024 of each unit in the next.
    pub fn bytes(&self) -> i64 {
        self.data * if self.data_unit == "GB" { 1_073_741_824 } else { 1_048_576 }
    }

    fn show(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "sim_type": self.sim_types, "duration": self.duration, "duration_unit": self.duration_unit,
            "data": self.data, "data_unit": self.data_unit, "price": money(self.price), "price_currency": "USD",
            "footprint_code": self.footprint, "_metadata": {"links": {}},
        })
    }
}

/// The product of an id.
pub fn find(id: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.id == id)
}

/// The list, five a page by default.
pub fn list(url: &str, call: &Call) -> Reply {
    paged(url, call, "products", 5, PRODUCTS.iter().map(Product::show).collect())
}

/// A page of rows: `page` from 1, `page_size`.
pub fn paged(url: &str, call: &Call, what: &str, usual: usize, rows: Vec<Value>) -> Reply {
    let number = |name: &str, usual: usize| match call.query(name).map(|text| text.parse::<usize>()) {
        None => Some(usual),
        Some(Ok(number)) if number > 0 => Some(number),
        Some(_) => None,
    };
    let (Some(page), Some(size)) = (number("page", 1), number("page_size", usual)) else {
        return error(400, "INVALID_REQUEST_PARAMS", "page and page_size are whole numbers from 1");
    };
    let count = rows.len().div_ceil(size).max(1);
    let data: Vec<Value> = rows.into_iter().skip((page - 1) * size).take(size).collect();
    let link = |page: usize| format!("{url}/connect-api/v2/{what}?page={page}&page_size={size}");
    let mut links = json!({"_self": link(page)});
    if page < count {
        super::super::core::json::put(&mut links, "_next", link(page + 1));
    }
    Reply::json(200, &json!({"data": data, "_metadata": {"page": page, "page_size": size, "page_count": count, "links": links}}))
}
