//! What the network operators' own APIs leave to each account: values that no public page states, each with a documented default.
//! `onboard` reports those that still stand on a default.

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::domain::Country;

/// 1GLOBAL Connect v2 (reference page `one-global`, §2 and §4).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OneGlobalSettings {
    /// `country` of an order: where the agency sells.
    pub country_of_sale: Option<Country>,
    /// Domain of the subscriber's e-mail, which is `<our order id>@<domain>` and the key that an order is found again by. Nobody is
    /// written to: the default lies below `.invalid` (RFC 6761 §6.4).
    pub subscriber_domain: String,
    /// `subscriber.device.operating_system`: required by the API, and unknown when a plan is sold ahead of the trip.
    pub device_operating_system: String,
    /// `subscriber.device.model`, likewise.
    pub device_model: String,
    /// Countries by `footprint_code`. Connect v2 names none (§2, Products): what has no line here is not sold.
    pub footprints: BTreeMap<String, Vec<Country>>,
    /// SM-DP+ host of the activation codes, which are put together from it and `matching_id`.
    pub smdp_address: String,
    /// Path below the base URL that registers one webhook; `{iccid}` and `{type}` are filled in. The v2 path is not public: v1's stands in.
    pub webhook_path: String,
    /// Method of that call.
    pub webhook_method: WebhookMethod,
}

/// How a webhook is registered for one eSIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum WebhookMethod {
    /// v1.
    Post,
    /// What v2's page announces, without its path.
    Put,
}

impl Default for OneGlobalSettings {
    fn default() -> Self {
        Self {
            country_of_sale: None,
            subscriber_domain: "orders.passerelle.invalid".to_owned(),
            device_operating_system: "ios".to_owned(),
            device_model: "unknown".to_owned(),
            footprints: BTreeMap::new(),
            smdp_address: "rsp.truphone.com".to_owned(),
            webhook_path: "v1/sim/{iccid}/preferences/notifications/{type}".to_owned(),
            webhook_method: WebhookMethod::Post,
        }
    }
}
