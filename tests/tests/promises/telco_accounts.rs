//! What the agency's secret says of the operators' accounts.

use passerelle_tests::sim::{Sim, Simulators};
use serde_json::{Value, json};

/// The accounts, each of the name of its simulator.
pub fn accounts(sims: &Simulators) -> Vec<Value> {
    vec![one_global(&sims.one_global), telna(&sims.telna), bics(&sims.bics)]
}

fn one_global(sim: &Sim) -> Value {
    let mut account = common(sim);
    account["one_global"] = json!({"country_of_sale": "FR", "footprints": sim.credentials["footprints"]});
    account
}

/// As an agency sets it once Telna has confirmed the member of a top-up.
fn telna(sim: &Sim) -> Value {
    let mut account = common(sim);
    account["telna"] = json!({"top_up_member": "iccid"});
    account
}

/// With the tenant's own price table. BICS speaks TLS 1.2 only.
fn bics(sim: &Sim) -> Value {
    let mut account = common(sim);
    account["bics"] = json!({"plans": sim.credentials["plans"]});
    account["minimum_tls"] = json!("1.2");
    account
}

fn common(sim: &Sim) -> Value {
    json!({
        "account": sim.name, "kind": sim.name, "base_url": sim.base_url, "webhook_account": webhook_address(sim.name),
        "client_id": sim.credential("client_id"), "client_secret": sim.credential("client_secret"),
    })
}

/// Where an account's webhooks arrive.
pub fn webhook_address(account: &str) -> String {
    format!("wh_{account}_unguessable")
}
