//! `GET /ordering/products`.

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
    pub countries: &'static [&'static str],
    pub gigabytes: i64,
    pub days: i64,
    /// Hundredths of a US dollar.
    pub price: i64,
    pub status: &'static str,
}

const fn product(
    id: &'static str,
    name: &'static str,
    countries: &'static [&'static str],
    gigabytes: i64,
    days: i64,
    price: i64,
) -> Product {
    Product { id, name, countries, gigabytes, days, price, status: "AVAILABLE" }
}

const PRODUCTS: &[Product] = &[
    product("tel-jp-3gb-15d", "Japan 3 GB", &["JPN"], 3, 15, 640),
    product("tel-jp-10gb-30d", "Japan 10 GB", &["JPN"], 10, 30, 1490),
    product("tel-eu-5gb-30d", "Europe 5 GB", &["FRA", "ESP", "ITA", "DEU", "PRT"], 5, 30, 1190),
    product("tel-world-5gb-30d", "World 5 GB", &["JPN", "USA", "FRA", "ESP", "THA", "AUS"], 5, 30, 2790),
    Product { status: "RETIRED", ..product("tel-old", "Old", &["JPN"], 1, 7, 100) },
];

impl Product {
    /// Bytes.
    pub fn bytes(&self) -> i64 {
        self.gigabytes * 1_073_741_824
    }

    fn show(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "sim_product": 3, "status": self.status, "unit_cost": money(self.price),
            "created_date": 1_793_620_800_000_i64,
            "package_template": {
                "id": 7, "name": self.name, "data_usage_allowance": self.bytes(), "voice_usage_allowance": 0, "sms_usage_allowance": 0,
                "time_allowance": {"unit": "SECOND", "duration": self.days * 86_400}, "activation_time_allowance": 15_552_000,
                "supported_countries": self.countries, "traffic_policy": 2, "activation_type": "AUTO",
            },
        })
    }
}

/// The product of an id that can be had.
pub fn find(id: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.id == id && product.status == "AVAILABLE")
}

pub fn show(id: &str) -> Reply {
    match PRODUCTS.iter().find(|product| product.id == id) {
        Some(product) => Reply::json(200, &product.show()),
        None => error(404, "product not found"),
    }
}

pub fn list(call: &Call) -> Reply {
    paged(call, "products", PRODUCTS.iter().map(Product::show).collect())
}

/// `{total, offset, count, <name>[]}`; two a page unless `count` asks for more.
pub fn paged(call: &Call, name: &str, rows: Vec<Value>) -> Reply {
    let number = |name: &str, usual: usize| call.query(name).map_or(Ok(usual), |text| text.parse::<usize>());
    let (Ok(offset), Ok(count)) = (number("offset", 0), number("count", 2)) else {
        return error(400, "offset and count must be numbers");
    };
    let total = rows.len();
    let page: Vec<Value> = rows.into_iter().skip(offset).take(count).collect();
    Reply::json(200, &json!({"total": total, "offset": offset, "count": page.len(), name: page}))
}
