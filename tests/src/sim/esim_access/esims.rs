//! `/esim/query`.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::core::clock::{iso, plus_days};
use super::super::core::json::{text, whole};
use super::catalogue::Package;
use super::{Provider, Refusal};

/// Host of the simulated SM-DP+.
const SMDP_HOST: &str = "smdp.esimaccess.example";
/// Days that an unused eSIM is kept.
const SHELF_LIFE: i64 = 180;

/// An eSIM.
#[derive(Debug, Clone)]
pub struct Esim {
    /// `esimTranNo`.
    pub number: String,
    pub iccid: String,
    pub matching_id: String,
    pub order: String,
    pub transaction: String,
    pub package: &'static Package,
    pub allocated_at: Timestamp,
    pub smdp_status: String,
    pub esim_status: String,
    pub total_bytes: i64,
    pub days: i64,
    pub started_at: Option<Timestamp>,
    /// Set by hand.
    pub expires_at: Option<Timestamp>,
    /// Bytes used in all, and since when.
    pub used: Vec<(Timestamp, i64)>,
}

impl Esim {
    /// The activation code.
    #[must_use]
    pub fn lpa(&self) -> String {
        format!("LPA:1${SMDP_HOST}${}", self.matching_id)
    }

    /// End of the plan, or of the shelf life before it has begun.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        let planned = self.started_at.map_or_else(|| plus_days(self.allocated_at, SHELF_LIFE), |start| plus_days(start, self.days));
        Some(self.expires_at.unwrap_or(planned))
    }

    /// Bytes used at an instant.
    #[must_use]
    pub fn used_bytes(&self, at: Timestamp) -> i64 {
        self.used.iter().rev().find(|(since, _)| *since <= at).map_or(0, |(_, bytes)| *bytes)
    }

    /// `esimStatus`: as set, and over with the clock.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> String {
        let over = self.end().is_some_and(|end| end <= now);
        match self.esim_status.as_str() {
            "GOT_RESOURCE" if over => "UNUSED_EXPIRED".to_owned(),
            "IN_USE" | "USED_UP" if over => "USED_EXPIRED".to_owned(),
            other => other.to_owned(),
        }
    }

    fn show(&self, now: Timestamp, lag: SignedDuration) -> Value {
        let known = now.saturating_sub(lag).unwrap_or(now);
        let eid = if self.smdp_status == "RELEASED" { "" } else { "89049032007108882600137544319616" };
        json!({
            "esimTranNo": self.number, "orderNo": self.order, "imsi": "454006109846571", "iccid": self.iccid, "msisdn": "",
            "ac": self.lpa(), "qrCodeUrl": "https://p.example/qr.png", "shortUrl": "https://p.example/qr", "smdpStatus": self.smdp_status,
            "esimStatus": self.status(now), "eid": eid, "activeType": 2, "expiredTime": self.end().map(|end| iso(end).replace('Z', "+0000")),
            "totalVolume": self.total_bytes, "totalDuration": self.days, "durationUnit": "DAY", "orderUsage": self.used_bytes(known),
            "smsStatus": 0, "dataType": 1,
            "packageList": [{"packageCode": self.package.code, "duration": self.package.days, "volume": self.package.bytes(), "locationCode": self.package.location}],
        })
    }
}

impl Provider {
    /// By order, number or ICCID; `pager` is mandatory. Before the profiles of an order are there: 200010.
    pub(super) fn query(&self, body: &Value) -> Result<Value, Refusal> {
        let pager = body.get("pager").ok_or(Refusal("000105", "pager is mandatory"))?;
        let (number, size) = (whole(pager, "pageNum"), whole(pager, "pageSize"));
        if !number.is_some_and(|number| (1..=10_000).contains(&number)) || !size.is_some_and(|size| (5..=500).contains(&size)) {
            return Err(Refusal("000107", "pageNum is 1 to 10000, pageSize 5 to 500"));
        }
        let said = |name: &str| text(body, name).filter(|value| !value.is_empty());
        let (order, esim) = (said("orderNo"), said("esimTranNo").or_else(|| said("iccid")));
        let (now, state) = (self.now(), self.state());
        let found: Vec<&Esim> = match (order, esim) {
            (Some(order), _) => {
                if !state.orders.iter().any(|known| known.number == order) {
                    return Err(Refusal("310272", "orderNo does not exist"));
                }
                state.esims.iter().filter(|esim| esim.order == order).collect()
            }
            (None, Some(key)) => vec![state.esim(key).ok_or(Refusal("310403", "ICCID not in the order"))?],
            (None, None) => return Err(Refusal("000105", "orderNo, iccid or esimTranNo is mandatory")),
        };
        if found.iter().any(|esim| esim.allocated_at > now) {
            return Err(Refusal("200010", "Profile is being downloaded for the order"));
        }
        let lag = SignedDuration::from_secs(state.settings.usage_lag_seconds);
        let list: Vec<Value> = found.iter().map(|esim| esim.show(now, lag)).collect();
        Ok(json!({"esimList": list, "pager": {"pageNum": number, "pageSize": size, "total": list.len()}}))
    }
}
