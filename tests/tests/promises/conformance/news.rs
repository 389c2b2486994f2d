//! What a provider tells by itself of the eSIM that it sold: that its plan runs, and so much is used.

use hmac::{Hmac, KeyInit, Mac};
use passerelle::problem::Problem;
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

use super::providers::Provider;
use crate::{
    fixture::{AIRALO_ADDRESS, WEBHOOK_ADDRESS, World},
    telco_accounts::webhook_address,
};

/// Who signs.
#[derive(Clone, Copy)]
pub enum Signed {
    ByThem,
    ByAStranger,
}

/// A webhook before it is signed.
pub struct Sent {
    body: String,
}

impl Sent {
    /// That `used_mb` are used. Where the provider names its events, this one is called `name`.
    pub async fn about(world: &World, provider: &Provider, used_mb: u64, name: &str) -> Self {
        let key = world.provider_esim(provider.account).await;
        let (bytes, total) = (used_mb * 1_048_576, 1_073_741_824_000_u64);
        let body = match provider.account {
            "airalo" => json!({"level": "75%", "package_name": name, "remaining_percentage": 25, "iccid": key}),
            "bics" => json!({"apiCallback": {"accountId": "1", "callbackProcessId": name, "event": "First Activation", "iccid": key}}),
            "esim-access" => {
                json!({"notifyType": "DATA_USAGE", "notifyId": name, "content": {"iccid": key, "orderUsage": bytes, "remain": 0}})
            }
            "esim-go" => json!({"iccid": key, "alertType": "Utilisation", "bundle": {
                "id": "1", "reference": "r", "name": "b", "initialQuantity": total, "remainingQuantity": total - bytes, "unlimited": false}}),
            "one-global" => json!({"id": name, "type": "USAGE_THRESHOLD", "iccid": key, "subscription_id": "s", "threshold": 80}),
            "reference" => json!({"id": name, "type": "usage.threshold_reached", "occurred_at": world.now().to_string(),
                                  "data": {"esim_id": key, "data_used_mb": used_mb}}),
            "telna" => notification(name, &key, bytes),
            other => panic!("{other} has no webhooks here"),
        };
        Self { body: body.to_string() }
    }

    /// Arrives at the account's address.
    pub async fn arrive(&self, world: &World, provider: &Provider, signed: Signed) -> Result<(), Problem> {
        let secret = |name: &str| match signed {
            Signed::ByThem => world.sim(provider.account).credential(name),
            Signed::ByAStranger => "a stranger's secret".to_owned(),
        };
        let (address, header) = match provider.account {
            "airalo" => (AIRALO_ADDRESS.to_owned(), Some(("airalo-signature", sha512(&secret("client_secret"), &self.body)))),
            "esim-go" => ("wh_esim_go_unguessable".to_owned(), Some(("x-signature-sha256", sha256(&secret("client_secret"), &self.body)))),
            "esim-access" => ("wh_esim_access_unguessable".to_owned(), None),
            "reference" => {
                let at = world.now().as_second();
                let signature = format!("t={at},v1={}", sha256(&secret("webhook_secret"), &format!("{at}.{}", self.body)));
                (WEBHOOK_ADDRESS.to_owned(), Some(("x-passerelle-signature", signature)))
            }
            telco => (webhook_address(telco), None),
        };
        let headers: Vec<(&str, &str)> = header.iter().map(|(name, value)| (*name, value.as_str())).collect();
        world.webhook_at(&address, &headers, &self.body).await
    }
}

/// An event of Telna's in its envelope of Amazon SNS.
fn notification(id: &str, iccid: &str, used_bytes: u64) -> Value {
    let message = json!({"eventName": "PACKAGE_DATA_USAGE_ALERT", "eventTimestamp": 1_800_000_000_000_u64,
                         "eventDetails": {"sim": {"iccid": iccid}, "package": {"id": 1, "packageUsedBytes": used_bytes}}});
    json!({"Type": "Notification", "MessageId": id, "TopicArn": "arn:aws:sns:eu-west-1:1:telna", "Message": message.to_string()})
}

fn sha256(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

fn sha512(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
