//! The settings of the agency that all promises are made to.

use passerelle::security::{MemorySecrets, Secrets};
use passerelle_tests::sim::Simulators;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::fixture::{AGENCY, AIRALO_ADDRESS, MAIL_ADDRESS, WEBHOOK_ADDRESS};

/// The agency's secret and the keys, as Secrets Manager would hold them.
pub fn secrets_of(agency: &Value, world: &passerelle::world::World) -> Secrets {
    let secrets = MemorySecrets::new([
        (format!("passerelle/agency/{AGENCY}"), agency.to_string()),
        ("sealing".to_owned(), json!({"current": "k1", "k1": "s".repeat(64)}).to_string()),
        ("index".to_owned(), json!({"key": "i".repeat(64)}).to_string()),
    ]);
    Secrets::new(Arc::new(secrets), world.clone(), "passerelle/agency/")
}

/// The agency's secret with these provider accounts, each named as its simulator.
pub fn agency_secret(sims: &Simulators, accounts: &[&str]) -> Value {
    let airalo = json!({
        "account": "airalo", "kind": "airalo", "base_url": sims.airalo.base_url,
        "client_id": sims.airalo.credential("client_id"), "client_secret": sims.airalo.credential("client_secret"),
        "webhook_account": AIRALO_ADDRESS,
    });
    let reference = json!({
        "account": "reference", "kind": "reference", "base_url": sims.reference.base_url,
        "client_id": sims.reference.credential("client_id"), "client_secret": sims.reference.credential("client_secret"),
        "webhook_secrets": [sims.reference.credential("webhook_secret")], "webhook_account": WEBHOOK_ADDRESS,
    });
    let celitech = json!({
        "account": "celitech", "kind": "celitech", "base_url": sims.celitech.base_url, "token_url": sims.celitech.credential("token_url"),
        "client_id": sims.celitech.credential("client_id"), "client_secret": sims.celitech.credential("client_secret"),
    });
    let esim_go = json!({
        "account": "esim-go", "kind": "esim-go", "base_url": sims.esim_go.base_url,
        "client_id": sims.esim_go.credential("client_id"), "client_secret": sims.esim_go.credential("client_secret"),
        "webhook_account": "wh_esim_go_unguessable",
    });
    let esim_access = json!({
        "account": "esim-access", "kind": "esim-access", "base_url": sims.esim_access.base_url,
        "client_id": sims.esim_access.credential("client_id"), "client_secret": sims.esim_access.credential("client_secret"),
        "webhook_account": "wh_esim_access_unguessable",
    });
    let all =
        [airalo, celitech, esim_access, esim_go, reference].into_iter().chain(crate::telco_accounts::accounts(sims)).collect::<Vec<_>>();
    let providers: Vec<Value> = all.into_iter().filter(|account| accounts.iter().any(|name| account["account"] == *name)).collect();
    json!({
        "name": "Voyages Horizon", "locale": "fr-FR", "timezone": "Europe/Paris", "currency": "EUR", "providers": providers,
        "crm": {"kind": "hubspot", "base_url": sims.hubspot.base_url, "access_token": sims.hubspot.credential("access_token"), "api_version": "2026-09"},
        "email": {"kind": "sendgrid", "base_url": sims.sendgrid.base_url, "api_key": sims.sendgrid.credential("api_key"),
                  "from": {"email": "voyages@horizon.example", "name": "Voyages Horizon"},
                  "webhook_account": MAIL_ADDRESS, "webhook_public_keys": [sims.sendgrid.credential("webhook_public_key")]},
    })
}
