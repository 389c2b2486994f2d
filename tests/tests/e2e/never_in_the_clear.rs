//! Nothing that installs a profile, names a traveller or opens an account lies in the table, the queues or the logs.

use crate::{alone, api, booked, demo, order, until_order};

#[tokio::test]
async fn table_queues_and_logs_hold_no_secret() {
    let _alone = alone().await;
    let api = api().await;
    let mut secrets = vec!["clear-".to_owned(), "Ines Faure".to_owned()];
    for account in ["airalo", "reference"] {
        let reference = format!("CLEAR-{}", account.to_uppercase());
        let package = booked(&api, &reference, account).await;
        let placed = api.post("/orders", &order(&reference, &package), Some(&reference)).await.unwrap().expect(&[201]).unwrap();
        until_order(&api, placed["order_id"].as_str().unwrap(), "delivered").await;
        let details = api.get(&format!("/esims/{}", placed["esim_id"].as_str().unwrap())).await.unwrap().expect(&[200]).unwrap();
        for field in ["iccid", "lpa_code", "manual_activation_code"] {
            secrets.push(details[field].as_str().unwrap().to_owned());
        }
    }
    let sims = &demo().sims;
    for (sim, name) in
        [(&sims.airalo, "client_secret"), (&sims.reference, "client_secret"), (&sims.hubspot, "access_token"), (&sims.sendgrid, "api_key")]
    {
        secrets.push(sim.credential(name));
    }
    let stack = &demo().stack;
    let mut places = vec![("the table".to_owned(), serde_json::to_string(&stack.items().await.unwrap()).unwrap())];
    for queue in ["fulfilment", "notifier", "fulfilment-dlq", "notifier-dlq"] {
        places.push((queue.to_owned(), format!("{:?}", stack.messages(queue).await.unwrap())));
    }
    places.extend(stack.all_logs().await.unwrap());
    places.push(("the emulator's log".to_owned(), std::fs::read_to_string(stack.log()).unwrap()));
    for (place, text) in places {
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            assert!(
                !text.contains(secret.as_str()),
                "{place} holds a secret of {} characters starting {}",
                secret.len(),
                &secret[..4.min(secret.len())]
            );
        }
    }
}
