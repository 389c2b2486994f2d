//! What the network operators' own APIs leave to each account: values that no public page states, each with a documented default.
//! `onboard` reports those that still stand on a default.

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::domain::{Country, Money};

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

/// Telna Connect Flex (reference page `telna`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelnaSettings {
    /// What stands before the key in `Authorization`: nothing, or `Bearer` (§1: integrations disagree).
    pub auth_scheme: Option<String>,
    /// Whether the key is also sent as `ApiKey` (§1: one vendor collection does).
    pub api_key_header: bool,
    /// `account` of products and orders, where the tenant needs one.
    pub account_id: Option<String>,
    /// Words of a work order that was fulfilled. `SHIPPED` is the one that is known (§2).
    pub fulfilled_statuses: Vec<String>,
    /// Words of a work order that failed for good. None is known: every other word is pending.
    pub failed_statuses: Vec<String>,
    /// Name of the query that filters the list of work orders by `customer_ref`, once Telna has confirmed one. Without it the whole list
    /// is read: a filter that does not work would make a purchase look absent.
    pub reference_filter: Option<String>,
    /// Member of a work order that names the ICCID to be topped up, once Telna has confirmed one (`iccid` in integrations). Without it no
    /// top-up is sold: a member that is passed over would buy a new eSIM.
    pub top_up_member: Option<String>,
    /// The SNS topic whose subscription is confirmed by itself and whose signature is asked for (§4); without it somebody must visit the
    /// `SubscribeURL`, and no signature is looked at.
    pub topic_arn: Option<String>,
}

impl Default for TelnaSettings {
    fn default() -> Self {
        Self {
            auth_scheme: None,
            api_key_header: false,
            account_id: None,
            fulfilled_statuses: vec!["SHIPPED".to_owned()],
            failed_statuses: Vec::new(),
            reference_filter: None,
            top_up_member: None,
            topic_arn: None,
        }
    }
}

/// BICS SIM for Things (reference page `bics`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BicsSettings {
    /// `targetAccountId` of the log-in, for reseller log-ins (§1, Accounts).
    pub target_account_id: Option<String>,
    /// What is sold: BICS lists the tenant's own plans without price, countries or networks (§6).
    pub plans: Vec<BicsPlan>,
    /// Names in the two calls whose bodies are not public (§2), to be taken from the partner's own access.
    pub names: BicsNames,
}

/// One add-on plan of the tenant, as it is sold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BicsPlan {
    /// Its id at BICS.
    pub plan_id: String,
    /// For people.
    pub title: String,
    /// Every country that it works in.
    pub iso_countries: Vec<Country>,
    /// MB; `null` is unlimited.
    pub data_volume_mb: Option<u64>,
    /// Days that it lasts.
    pub validity_days: u32,
    /// What the agency pays, with its currency.
    #[serde(flatten)]
    pub price: Money,
    /// Visited networks, where known.
    #[serde(default)]
    pub network_operators: Vec<String>,
    /// Whether it may be added to a running eSIM.
    #[serde(default = "yes")]
    pub topup: bool,
}

fn yes() -> bool {
    true
}

/// Names that BICS's public pages do not give. The defaults are formed after the calls whose names are public.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BicsNames {
    /// Path of the call that adds an add-on.
    pub subscribe_path: String,
    /// Member of its `requestParam` that names the plan.
    pub subscribe_plan: String,
    /// Path of the call that lists an endpoint's add-ons.
    pub details_path: String,
    /// Members of its rows: the subscription, its plan, MB in it, MB used, when it was subscribed, when it began and ends.
    pub unique_id: String,
    /// The plan.
    pub plan: String,
    /// MB in the plan.
    pub total_mb: String,
    /// MB used.
    pub used_mb: String,
    /// When it was subscribed.
    pub subscribed_at: String,
    /// When it began.
    pub activated_at: String,
    /// When it ends.
    pub expires_at: String,
    /// Member of the rows of `QueryRatePlan` that names the plan.
    pub listed_plan: String,
}

impl Default for BicsNames {
    fn default() -> Self {
        let [
            subscribe_path,
            subscribe_plan,
            details_path,
            unique_id,
            plan,
            total_mb,
            used_mb,
            subscribed_at,
            activated_at,
            expires_at,
            listed_plan,
        ] = [
            "SubscribeAddon",
            "addonPlanId",
            "GetEndpointAddonDetails",
            "uniqueId",
            "addonId",
            "totalVolume",
            "usedVolume",
            "subscriptionDate",
            "activationDate",
            "expiryDate",
            "planId",
        ]
        .map(str::to_owned);
        Self {
            subscribe_path,
            subscribe_plan,
            details_path,
            unique_id,
            plan,
            total_mb,
            used_mb,
            subscribed_at,
            activated_at,
            expires_at,
            listed_plan,
        }
    }
}
