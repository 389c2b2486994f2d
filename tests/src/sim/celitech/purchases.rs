//! `POST /purchases/v2`, `POST /purchases/topup`, `GET /purchases`, `GET /purchases/{id}/consumption`.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::{iso, plus_days};
use super::super::core::json::text;
use super::super::core::reply::Reply;
use super::catalogue::{self, Package};
use super::esims::Esim;
use super::{Provider, State, message, number};

/// Sizes and durations that can be bought.
const SIZES: [f64; 8] = [0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 20.0, 50.0];
const DURATIONS: [i64; 6] = [1, 2, 7, 14, 30, 90];

/// One plan on one eSIM.
#[derive(Debug, Clone)]
pub struct Purchase {
    pub id: String,
    pub iccid: String,
    pub package: &'static Package,
    pub days: i64,
    pub created_at: Timestamp,
    /// First use; the plan ends `days` later.
    pub started_at: Option<Timestamp>,
    /// End set by hand.
    pub ends_at: Option<Timestamp>,
    pub used_bytes: i64,
    pub reference: Option<String>,
    pub topup: bool,
}

/// One line of `GET /_sim/ledger`.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    pub order_id: String,
    pub package_id: String,
    pub external_reference: Option<String>,
    /// `sim` or `topup`.
    pub kind: &'static str,
    pub iccid: String,
    pub at: String,
}

/// What is asked for, checked.
struct Wanted {
    package: &'static Package,
    days: i64,
    reference: Option<String>,
}

impl Purchase {
    /// When the plan is over.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        self.ends_at.or_else(|| self.started_at.map(|start| plus_days(start, self.days)))
    }

    /// Bytes left; -1 is unlimited.
    #[must_use]
    pub fn remaining(&self) -> i64 {
        if self.package.bytes() < 0 { -1 } else { (self.package.bytes() - self.used_bytes).max(0) }
    }

    fn show(&self) -> Value {
        json!({
            "id": self.id, "startDate": self.started_at.map(zoned), "endDate": self.end().map(zoned), "duration": self.days,
            "createdDate": zoned(self.created_at), "createdAt": self.created_at.as_second(),
            "startTime": self.started_at.map(Timestamp::as_second), "endTime": self.end().map(Timestamp::as_second),
            "package": self.package.of_purchase(), "esim": {"iccid": self.iccid}, "source": "API",
            "purchaseType": if self.topup { "Top-up Purchase" } else { "First Purchase" }, "referenceId": self.reference,
        })
    }
}

/// `yyyy-MM-ddThh:mm:ssZZ`.
fn zoned(at: Timestamp) -> String {
    iso(at).replace('Z', "+0000")
}

impl Provider {
    pub(super) fn buy(&self, body: &Value) -> Result<Value, Reply> {
        let destination = text(body, "destination").ok_or_else(|| message(400, "destination is required"))?;
        let quantity = number(body, "quantity").ok_or_else(|| message(400, "quantity must be a number"))?;
        let Some(count) = (1..=5_u8).find(|count| (f64::from(*count) - quantity).abs() < f64::EPSILON) else {
            return Err(message(400, "quantity must be 1 to 5"));
        };
        let wanted = wanted(body, destination)?;
        let mut state = self.state();
        pay(&mut state, wanted.package.cents * i64::from(count))?;
        let bought = (0..count).map(|_| {
            let profile = self.profiles.issue();
            let esim = Esim::new(profile.iccid, profile.matching_id);
            state.esims.push(esim.clone());
            let purchase = self.record(&mut state, &wanted, &esim.iccid, false);
            json!({"purchase": summary(&purchase), "profile": esim.profile()})
        });
        Ok(bought.collect())
    }

    pub(super) fn top_up(&self, body: &Value) -> Result<Value, Reply> {
        let iccid = text(body, "iccid").ok_or_else(|| message(400, "iccid is required"))?;
        let mut state = self.state();
        let esim = state.esim(iccid).cloned().ok_or_else(|| message(400, "eSIM not found"))?;
        if !esim.topup_allowed() {
            return Err(message(400, "This eSIM is not eligible for a top-up"));
        }
        let first = state.purchases.iter().find(|purchase| purchase.iccid == iccid).map(|purchase| purchase.package.iso2);
        let wanted = wanted(body, first.unwrap_or_default())?;
        pay(&mut state, wanted.package.cents)?;
        let purchase = self.record(&mut state, &wanted, iccid, true);
        Ok(json!({"purchase": summary(&purchase), "profile": {"iccid": iccid}}))
    }

    fn record(&self, state: &mut State, wanted: &Wanted, iccid: &str, topup: bool) -> Purchase {
        let purchase = Purchase {
            id: format!("pur-{}-{:05}", self.profiles.seed(), state.purchases.len() + 1),
            iccid: iccid.to_owned(),
            package: wanted.package,
            days: wanted.days,
            created_at: self.now(),
            started_at: None,
            ends_at: None,
            used_bytes: 0,
            reference: wanted.reference.clone(),
            topup,
        };
        state.ledger.push(Line {
            order_id: purchase.id.clone(),
            package_id: wanted.package.id(),
            external_reference: wanted.reference.clone(),
            kind: if topup { "topup" } else { "sim" },
            iccid: iccid.to_owned(),
            at: iso(purchase.created_at),
        });
        state.purchases.push(purchase.clone());
        purchase
    }

    /// At most 100 a page, 20 without `limit`.
    pub(super) fn list_purchases(&self, call: &Call) -> Reply {
        let limit = match call.query("limit").map(|text| text.parse::<usize>()) {
            None => 20,
            Some(Ok(limit @ 1..=100)) => limit,
            Some(_) => return message(400, "limit must be greater than 0 and less than or equal to 100"),
        };
        let from = call.query("afterCursor").and_then(|cursor| cursor.strip_prefix("after-")?.parse().ok()).unwrap_or(0);
        let is = |name: &str, value: &str| call.query(name).is_none_or(|wanted| wanted == value);
        let state = self.state();
        let fits = |purchase: &&Purchase| {
            is("purchaseId", &purchase.id)
                && is("iccid", &purchase.iccid)
                && is("referenceId", purchase.reference.as_deref().unwrap_or_default())
        };
        let all: Vec<Value> = state.purchases.iter().filter(fits).map(Purchase::show).collect();
        let page: Vec<Value> = all.iter().skip(from).take(limit).cloned().collect();
        let end = from + page.len();
        let cursor = (end < all.len()).then(|| format!("after-{end}"));
        Reply::json(200, &json!({"purchases": page, "afterCursor": cursor}))
    }

    pub(super) fn consumption(&self, id: &str) -> Reply {
        let state = self.state();
        let Some(purchase) = state.purchases.iter().find(|purchase| purchase.id == id) else {
            return message(400, "Purchase not found");
        };
        let active = state.esim(&purchase.iccid).is_some_and(|esim| esim.connected);
        #[allow(clippy::cast_precision_loss, reason = "sizes stay far below 2^53 bytes")]
        let gigabytes = if purchase.remaining() < 0 { -1.0 } else { purchase.remaining() as f64 / 1_073_741_824.0 };
        Reply::json(
            200,
            &json!({
                "dataUsageRemainingInBytes": purchase.remaining(), "dataUsageRemainingInGB": gigabytes,
                "status": if active { "ACTIVE" } else { "NOT_ACTIVE" },
            }),
        )
    }
}

fn summary(purchase: &Purchase) -> Value {
    json!({"id": purchase.id, "packageId": purchase.package.id(), "createdDate": zoned(purchase.created_at)})
}

fn pay(state: &mut State, cents: i64) -> Result<(), Reply> {
    match state.balance {
        Some(balance) if balance < cents => Err(message(400, "Insufficient balance")),
        Some(balance) => {
            state.balance = Some(balance - cents);
            Ok(())
        }
        None => Ok(()),
    }
}

fn wanted(body: &Value, destination: &str) -> Result<Wanted, Reply> {
    let gigabytes = number(body, "dataLimitInGB").ok_or_else(|| message(400, "dataLimitInGB must be a number"))?;
    let unlimited = gigabytes < 0.0;
    if !unlimited && !SIZES.iter().any(|size| (size - gigabytes).abs() < f64::EPSILON) {
        return Err(message(400, "dataLimitInGB must be 0.5, 1, 2, 3, 5, 8, 20 or 50, or -1"));
    }
    let days = match (number(body, "duration"), dates(body)) {
        (Some(duration), None) if !unlimited => whole_days(duration)?,
        (None, Some(days)) if !unlimited || (3..=30).contains(&days) => days,
        _ => return Err(message(400, "Provide either startDate and endDate or duration; unlimited packages take dates of 3 to 30 days")),
    };
    let reference = match body.get("referenceId") {
        None => None,
        Some(Value::String(text)) if is_reference(text) => Some(text.clone()),
        Some(_) => return Err(message(400, "referenceId may hold letters, digits and -_.@+, 255 at most")),
    };
    let package = catalogue::find(destination, gigabytes, days).ok_or_else(|| message(400, "Package not found"))?;
    Ok(Wanted { package, days, reference })
}

fn whole_days(duration: f64) -> Result<i64, Reply> {
    #[allow(clippy::cast_precision_loss, reason = "durations are below a hundred")]
    let found = DURATIONS.into_iter().find(|days| (*days as f64 - duration).abs() < f64::EPSILON);
    found.ok_or_else(|| message(400, "duration must be 1, 2, 7, 14, 30 or 90"))
}

/// Days between two dates, both counted.
fn dates(body: &Value) -> Option<i64> {
    let from: Date = text(body, "startDate")?.parse().ok()?;
    let to: Date = text(body, "endDate")?.parse().ok()?;
    Some(i64::from((to - from).get_days()) + 1).filter(|days| (1..=90).contains(days))
}

fn is_reference(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.@+".contains(&byte))
}
