//! `/esim/usage/query`: as old as the setting says.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::core::clock::iso;
use super::super::core::json::texts;
use super::{Provider, Refusal};

impl Provider {
    /// At most ten eSIMs; those that were never used are told with nothing used.
    pub(super) fn usage(&self, body: &Value) -> Result<Value, Refusal> {
        let numbers = texts(body, "esimTranNoList");
        if numbers.is_empty() || numbers.len() > 10 {
            return Err(Refusal("000107", "esimTranNoList holds 1 to 10"));
        }
        let (now, state) = (self.now(), self.state());
        let lag = SignedDuration::from_secs(state.settings.usage_lag_seconds);
        let known = now.saturating_sub(lag).unwrap_or(now);
        let found = numbers.iter().filter_map(|number| state.esims.iter().find(|esim| esim.number == *number));
        let shown = found.map(|esim| {
            json!({
                "esimTranNo": esim.number, "dataUsage": esim.used_bytes(known), "totalData": esim.total_bytes,
                "lastUpdateTime": iso(known).replace('Z', "+0000"),
            })
        });
        Ok(shown.collect())
    }
}
