//! The operators' accounts: what the agency's secret says of each, and the simulator that it buys from.

use passerelle_tests::sim::{Sim, Simulators};
use serde_json::{Value, json};

/// The operators' simulators with the names of their accounts.
pub fn sims(sims: &Simulators) -> Vec<(&'static str, &Sim)> {
    vec![("one-global", &sims.one_global)]
}

/// The simulator of an account.
pub fn sim<'a>(all: &'a Simulators, account: &str) -> Option<&'a Sim> {
    sims(all).into_iter().find(|(name, _)| *name == account).map(|(_, sim)| sim)
}

/// The account in the agency's secret.
pub fn account(all: &Simulators, name: &str) -> Option<Value> {
    let sim = sim(all, name)?;
    let mut account = json!({
        "account": name, "kind": name, "base_url": sim.base_url, "webhook_account": webhook_address(name),
        "client_id": sim.credential("client_id"), "client_secret": sim.credential("client_secret"),
    });
    if name == "one-global" {
        account["one_global"] = json!({"country_of_sale": "FR", "footprints": sim.credentials["footprints"]});
    }
    Some(account)
}

/// Where an account's webhooks arrive.
pub fn webhook_address(account: &str) -> String {
    format!("wh_{account}_unguessable")
}
