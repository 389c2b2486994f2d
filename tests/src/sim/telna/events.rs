//! Events through Amazon SNS (§4). The envelope is SNS's, its signature is not: whoever checks it must refuse these.

use serde_json::{Value, json};

use super::super::core::clock::iso_ms;
use super::super::core::deliver::Outgoing;
use super::super::core::json::text;
use super::super::core::reply::Reply;
use super::Telna;

/// The simulated topic.
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:telna-events";

impl Telna {
    /// Sends an event about a SIM to `url`: `event` is one of the names of §4, `HandleDownloadProgressInfo` by default.
    pub(super) async fn notify(&self, iccid: &str, wish: &Value) -> Option<Reply> {
        let message = self.message(iccid, wish)?;
        let (id, body) = self.envelope("Notification", &message, None);
        let url = text(wish, "url")?.to_owned();
        let headers = ["x-amz-sns-message-type", "x-amz-sns-message-id", "x-amz-sns-topic-arn"].map(str::to_owned);
        let values = ["Notification".to_owned(), id, TOPIC.to_owned()];
        let outgoing = Outgoing { url, headers: headers.into_iter().zip(values).collect(), body: body.clone() };
        Some(Reply::json(200, &json!({"status": self.courier.send(&outgoing).await, "body": body})))
    }

    fn message(&self, iccid: &str, wish: &Value) -> Option<Value> {
        let now = self.now();
        let mut state = self.state();
        let card = state.card(iccid)?.clone();
        let order = state.newest_order_mut(iccid)?;
        let (used, total) = (order.used_bytes, order.product.bytes());
        Some(match text(wish, "event").unwrap_or("HandleDownloadProgressInfo") {
            "PACKAGE_DATA_USAGE_ALERT" => json!({
                "eventName": "PACKAGE_DATA_USAGE_ALERT", "eventTimestamp": now.as_millisecond(),
                "eventDetails": {"sim": {"iccid": card.iccid}, "package": {"id": 77, "packageUsedBytes": used, "packageTotalBytes": total}, "session": {}},
            }),
            "PACKAGE_STATUS_CHANGE" => json!({
                "eventName": "PACKAGE_STATUS_CHANGE", "eventTimestamp": now.as_millisecond(),
                "eventDetails": {"sim": {"iccid": card.iccid}, "package": {"id": 77, "status": {"currentValue": "TERMINATED"}}},
            }),
            _ => json!({
                "header": {"functionRequesterIdentifier": "1.2.3", "functionCallIdentifier": "call"}, "eid": null, "iccid": card.iccid,
                "profileType": "telna", "timestamp": iso_ms(now), "notificationPointId": if card.state == "ENABLED" { 6 } else { 4 },
                "notificationPointStatus": {"status": "Executed-Success"},
            }),
        })
    }

    /// The first post of a subscription: somebody must visit `SubscribeURL`.
    pub(super) fn confirmation(&self, subscribe_url: &str) -> Reply {
        let (_, body) = self.envelope("SubscriptionConfirmation", &Value::from("You have chosen to subscribe"), Some(subscribe_url));
        Reply::json(200, &json!({ "body": body }))
    }

    fn envelope(&self, kind: &str, message: &Value, subscribe_url: Option<&str>) -> (String, String) {
        let mut state = self.state();
        state.events_sent += 1;
        let id = format!("sns-{}-{}", self.profiles.seed(), state.events_sent);
        let mut body = json!({
            "Type": kind, "MessageId": id, "TopicArn": TOPIC, "Message": message.as_str().map_or_else(|| message.to_string(), str::to_owned),
            "Timestamp": iso_ms(self.now()), "SignatureVersion": "1", "Signature": "c2ltdWxhdGVk",
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-simulated.pem",
        });
        if let Some(url) = subscribe_url {
            super::super::core::json::put(&mut body, "SubscribeURL", url);
        }
        (id, body.to_string())
    }
}
