//! The controls of this simulator beyond the common ones.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso;
use super::super::core::json::{text, truth, whole};
use super::super::core::reply::Reply;
use super::super::core::settings;
use super::Provider;
use super::callbacks::Receiver;
use super::esims::Esim;

/// Bytes of a megabyte of the contract.
const MEGABYTE: i64 = 1_048_576;

impl Provider {
    pub(super) async fn controlled(&self, call: &Call, rest: &[&str]) -> Option<Reply> {
        let body = call.json_or_empty();
        let reply = match (call.method.as_str(), rest) {
            ("GET", ["ledger"]) => Reply::json(200, &json!(self.state().ledger)),
            ("GET", ["esims"]) => Reply::json(200, &self.every_esim()),
            ("GET", ["settings"]) => Reply::json(200, &json!(self.state().settings)),
            ("POST", ["settings"]) => settings::change(&mut self.state().settings, &body),
            ("POST", ["esims", iccid, "set"]) => self.set_esim(iccid, &body)?,
            ("POST", ["esims", iccid, "callback"]) => {
                let esim = self.state().esim(iccid)?.clone();
                let callback = self.callback(&esim, text(&body, "kind")?);
                Reply::json(200, &json!({"status": self.send_callback(&callback, &body).await}))
            }
            ("POST", ["callback"]) => {
                let (base64, unsigned) = (truth(&body, "base64"), truth(&body, "unsigned"));
                self.state().receiver = text(&body, "url").map(|url| Receiver { url: url.to_owned(), base64, unsigned });
                Reply::empty(204)
            }
            ("GET", ["deliveries"]) => Reply::json(200, &self.courier.deliveries()),
            ("POST", ["balance"]) => {
                self.state().balance = whole(&body, "hundredths");
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

    /// Changes facts of an eSIM and of its latest bundle. The first data that is used starts it.
    fn set_esim(&self, iccid: &str, change: &Value) -> Option<Reply> {
        let now = self.now();
        let mut state = self.state();
        let mut esim = state.esim(iccid)?.clone();
        for (member, value) in change.as_object().into_iter().flatten() {
            if altered(&mut esim, member, value, now).is_none() {
                return Some(Reply::json(400, &json!({"error": format!("{member}: {value}")})));
            }
        }
        *state.esim_mut(iccid)? = esim.clone();
        Some(Reply::json(200, &shown(&esim, now)))
    }
}

/// `None`: not understood.
fn altered(esim: &mut Esim, member: &str, value: &Value, now: Timestamp) -> Option<()> {
    match member {
        "profile_status" => {
            esim.profile_status = value.as_str()?.to_owned();
            if esim.profile_status == "Installed" {
                esim.installed_at = esim.installed_at.or(Some(now));
            }
        }
        "deactivated" => esim.deactivated = value.as_bool()?,
        "used_mb" => {
            let (used, assignment) = (value.as_i64()?, esim.assignments.last_mut()?);
            assignment.used_bytes = used * MEGABYTE;
            assignment.started_at = assignment.started_at.or(Some(now).filter(|_| used > 0));
        }
        "state" => esim.assignments.last_mut()?.state = Some(value.as_str()?.to_owned()),
        "expires_at" => esim.assignments.last_mut()?.ends_at = Some(value.as_str()?.parse().ok()?),
        _ => return None,
    }
    Some(())
}

fn shown(esim: &Esim, now: Timestamp) -> Value {
    let latest = esim.assignments.last();
    json!({
        "iccid": esim.iccid, "lpa": esim.lpa(), "profile_status": esim.profile_status, "customer_ref": esim.customer_ref,
        "bundle": latest.map(|one| one.bundle.name), "state": latest.map(|one| one.state(now)),
        "used_mb": latest.map(|one| one.used_bytes / MEGABYTE), "expires_at": latest.and_then(|one| one.end()).map(iso),
    })
}
