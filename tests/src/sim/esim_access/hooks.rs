//! Webhooks: one address an account, nothing signed.

use serde_json::{Value, json};

use super::super::core::clock::iso;
use super::super::core::deliver::Outgoing;
use super::super::core::iccid::digest;
use super::super::core::json::text;
use super::esims::Esim;
use super::{Provider, Refusal};

impl Provider {
    /// Saving sends CHECK_HEALTH, and fails when it is not answered with success.
    pub(super) async fn save_webhook(&self, body: &Value) -> Result<Value, Refusal> {
        let url = text(body, "webhook").filter(|url| url.starts_with("http")).ok_or(Refusal("000105", "webhook is mandatory"))?;
        let check = json!({"notifyType": "CHECK_HEALTH", "content": {"orderNo": "1234567890", "orderStatus": "Test"}});
        let answered = self.courier.send(&Outgoing { url: url.to_owned(), headers: Vec::new(), body: check.to_string() }).await;
        if !answered.is_some_and(|status| (200..300).contains(&status)) {
            return Err(Refusal("000105", "the webhook does not answer"));
        }
        self.state().webhook = Some(url.to_owned());
        Ok(json!({}))
    }

    /// A notice about an eSIM, as it stands.
    pub(super) fn notice(&self, esim: &Esim, kind: &str) -> Value {
        let now = self.now();
        let mut state = self.state();
        state.notices += 1;
        let id = digest(&format!("notice {} {}", self.profiles.seed(), state.notices), 32);
        let used = esim.used_bytes(now);
        let content = match kind {
            "ORDER_STATUS" => json!({"orderNo": esim.order, "orderStatus": "GOT_RESOURCE"}),
            "DATA_USAGE" => json!({
                "orderNo": esim.order, "transactionId": esim.transaction, "esimTranNo": esim.number, "iccid": esim.iccid,
                "totalVolume": esim.total_bytes, "orderUsage": used, "remain": esim.total_bytes - used, "lastUpdateTime": iso(now),
                "remainThreshold": 0.2,
            }),
            _ => json!({
                "eid": "89049032007108882600137544319616", "iccid": esim.iccid, "esimStatus": esim.status(now),
                "smdpStatus": esim.smdp_status, "orderNo": esim.order, "esimTranNo": esim.number, "transactionId": esim.transaction,
            }),
        };
        json!({"notifyType": kind, "eventGenerateTime": iso(now), "notifyId": id, "content": content})
    }

    /// Sends a notice to the saved address, or to another; the receiver's status.
    pub(super) async fn notify(&self, notice: &Value, url: Option<&str>) -> Option<u16> {
        let url = url.map(str::to_owned).or_else(|| self.state().webhook.clone())?;
        self.courier.send(&Outgoing { url, headers: Vec::new(), body: notice.to_string() }).await
    }
}
