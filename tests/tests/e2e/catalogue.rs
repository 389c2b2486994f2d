//! The hourly sync on the deployed system.

use crate::demo;
use serde_json::json;

#[tokio::test]
async fn a_sync_of_what_is_known_changes_nothing() {
    let answer = demo().play("catalog-sync", jiff::Timestamp::now()).await.unwrap();
    // Other agencies of the deployment have accounts of their own.
    let mut synced = answer.as_array().expect("one entry an account").clone();
    synced.retain(|account| account["account"] == "airalo" || account["account"] == "reference");
    let accounts: Vec<_> = synced.iter().map(|account| account["account"].clone()).collect();
    assert_eq!(accounts, ["airalo", "reference"]);
    for account in synced {
        let change = &account["result"]["Ok"];
        assert!(change["packages"].as_u64().is_some_and(|packages| packages > 20), "{account}");
        for what in ["written", "removed", "new", "gone", "repriced"] {
            assert_eq!(change[what], json!(0), "{account}");
        }
    }
}
