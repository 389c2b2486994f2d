//! The controls of this simulator beyond the common ones.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso;
use super::super::core::json::{text, whole};
use super::super::core::reply::Reply;
use super::super::core::settings;
use super::Provider;
use super::esims::Esim;

/// Bytes of a megabyte.
const MEGABYTE: i64 = 1_048_576;

impl Provider {
    pub(super) async fn controlled(&self, call: &Call, rest: &[&str]) -> Option<Reply> {
        let body = call.json_or_empty();
        let reply = match (call.method.as_str(), rest) {
            ("GET", ["ledger"]) => Reply::json(200, &json!(self.state().ledger)),
            ("GET", ["esims"]) => Reply::json(200, &self.every_esim()),
            ("GET", ["settings"]) => Reply::json(200, &json!(self.state().settings)),
            ("POST", ["settings"]) => settings::change(&mut self.state().settings, &body),
            ("POST", ["esims", key, "set"]) => self.set_esim(key, &body)?,
            ("POST", ["esims", key, "notify"]) => {
                let esim = self.state().esim(key)?.clone();
                let notice = self.notice(&esim, text(&body, "type")?);
                Reply::json(200, &json!({"status": self.notify(&notice, text(&body, "url")).await}))
            }
            ("POST", ["esims", key, "reuse-iccid"]) => self.reuse_iccid(key)?,
            ("GET", ["deliveries"]) => Reply::json(200, &self.courier.deliveries()),
            ("POST", ["balance"]) => {
                self.state().balance = whole(&body, "ten_thousandths");
                Reply::empty(204)
            }
            ("POST", ["limits", "reset"]) => {
                self.state().rates.clear();
                Reply::empty(204)
            }
            _ => return None,
        };
        Some(reply)
    }

    fn every_esim(&self) -> Value {
        let now = self.now();
        self.state().esims.iter().map(|esim| shown(esim, now)).collect()
    }

    /// Gives the ICCID of an eSIM to the one that was sold last, as happens in life once the first is over.
    fn reuse_iccid(&self, key: &str) -> Option<Reply> {
        let mut state = self.state();
        let iccid = state.esim(key)?.iccid.clone();
        state.esims.last_mut()?.iccid = iccid;
        Some(Reply::empty(204))
    }

    /// Changes facts of an eSIM. The first data that is used puts it in use.
    fn set_esim(&self, key: &str, change: &Value) -> Option<Reply> {
        let now = self.now();
        let mut state = self.state();
        let mut esim = state.esim(key)?.clone();
        for (member, value) in change.as_object().into_iter().flatten() {
            if altered(&mut esim, member, value, now).is_none() {
                return Some(Reply::json(400, &json!({"error": format!("{member}: {value}")})));
            }
        }
        *state.esim_mut(&esim.number)? = esim.clone();
        Some(Reply::json(200, &shown(&esim, now)))
    }
}

/// `None`: not understood.
fn altered(esim: &mut Esim, member: &str, value: &Value, now: Timestamp) -> Option<()> {
    match member {
        "smdp_status" => value.as_str()?.clone_into(&mut esim.smdp_status),
        "esim_status" => value.as_str()?.clone_into(&mut esim.esim_status),
        "expires_at" => esim.expires_at = Some(value.as_str()?.parse().ok()?),
        "used_mb" => {
            let used = value.as_i64()? * MEGABYTE;
            esim.used.push((now, used));
            if used > 0 {
                esim.started_at = esim.started_at.or(Some(now));
                let status = if used >= esim.total_bytes { "USED_UP" } else { "IN_USE" };
                status.clone_into(&mut esim.esim_status);
            }
        }
        _ => return None,
    }
    Some(())
}

fn shown(esim: &Esim, now: Timestamp) -> Value {
    json!({
        "esim_tran_no": esim.number, "iccid": esim.iccid, "lpa": esim.lpa(), "order_id": esim.order, "smdp_status": esim.smdp_status,
        "esim_status": esim.status(now), "used_mb": esim.used_bytes(now) / MEGABYTE, "total_mb": esim.total_bytes / MEGABYTE,
        "expires_at": esim.end().map(iso),
    })
}
