//! Every provider, as far as the scenarios need to know it.

use serde_json::{Value, json};

/// A provider in the scenarios.
pub struct Provider {
    /// The account, its simulator and the word of its kind.
    pub account: &'static str,
    /// Its name in docs/PROVIDERS.md.
    pub name: &'static str,
    /// Part of the path of a purchase.
    pub order: &'static str,
    /// What its simulator is told when so many MB were used.
    pub used: fn(u64) -> Value,
    /// What comes of a scenario with it instead, and why.
    pub otherwise: &'static [Otherwise],
}

/// Another conclusion than the scenario's; none where there is no such scenario with the provider.
pub struct Otherwise {
    pub scenario: &'static str,
    pub concludes: Option<&'static str>,
    pub because: &'static str,
}

const NO_TOKEN: Otherwise = Otherwise {
    scenario: "the token dies before an order",
    concludes: None,
    because: "there is no token: the key, or a signature with it, goes with each call",
};

const HINT: Otherwise = Otherwise {
    scenario: "a webhook is forged",
    concludes: Some("taken, kept 1, released"),
    because: "its webhooks are not signed: each is a hint, and what is read back from the provider counts",
};

const fn no_webhooks(scenario: &'static str) -> Otherwise {
    Otherwise { scenario, concludes: None, because: "it sends no webhooks: everything is polled" }
}

fn used_mb(mb: u64) -> Value {
    json!({ "used_mb": mb })
}

pub const PROVIDERS: [Provider; 8] = [
    Provider { account: "airalo", name: "Airalo", order: "/v2/orders", used: used_mb, otherwise: &[] },
    Provider { account: "bics", name: "BICS", order: "SubscribeAddon", used: used_mb, otherwise: &[HINT] },
    Provider {
        account: "celitech",
        name: "Celitech",
        order: "/purchases/v2",
        used: |mb| json!({"status": "ENABLED", "connected": true, "used_mb": mb}),
        otherwise: &[
            no_webhooks("a webhook comes three times"),
            no_webhooks("webhooks come in the wrong order"),
            no_webhooks("a webhook is forged"),
        ],
    },
    Provider { account: "esim-access", name: "eSIM Access", order: "/esim/order", used: used_mb, otherwise: &[NO_TOKEN, HINT] },
    Provider { account: "esim-go", name: "eSIM Go", order: "/orders", used: used_mb, otherwise: &[NO_TOKEN] },
    Provider {
        account: "one-global",
        name: "1GLOBAL",
        order: "/v2/orders",
        used: used_mb,
        otherwise: &[
            Otherwise {
                scenario: "the request is lost, then absent",
                concludes: Some("parked: 0 bought, 0 mails, 1 task"),
                because: "absence proves nothing: a person looks, and nothing is sent again",
            },
            HINT,
        ],
    },
    Provider { account: "reference", name: "Reference", order: "/orders", used: used_mb, otherwise: &[] },
    Provider { account: "telna", name: "Telna", order: "/work-orders", used: used_mb, otherwise: &[NO_TOKEN, HINT] },
];
