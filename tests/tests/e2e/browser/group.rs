//! Several travellers in one dossier: one button, an eSIM and a mail for each.

use crate::{alone, api, booking, demo, mails_to, pages};
use passerelle_tests::browser::Browser;
use serde_json::{Value, json};

/// What a page shows of a price, by its label.
async fn shown_price(browser: &Browser, label: &str) -> f64 {
    let text = browser
        .run(&format!("return [...document.querySelectorAll('.price div')].find((one) => one.querySelector('dt').textContent === '{label}').querySelector('dd').textContent"))
        .await
        .unwrap();
    let digits: String = text.as_str().unwrap().chars().filter(|c| c.is_ascii_digit() || *c == ',').collect();
    digits.replace(',', ".").parse().unwrap()
}

#[tokio::test]
async fn a_group_is_ordered_by_one_button_at_a_price_that_adds_up() {
    let _alone = alone().await;
    let Some(browser) = Browser::start("a group's order and its margin").await.unwrap() else { return };
    let api = api().await;
    let mut group = booking("GROUP-1");
    let person = |name: &str| json!({"name": name, "email": format!("group-1-{}@example.com", name.to_lowercase()), "locale": "en"});
    group["companions"] = json!([person("Bruno"), person("Chloe")]);
    api.post("/bookings", &group, None).await.unwrap().expect(&[201]).unwrap();
    browser.open(&format!("{}?provider=airalo&lang=fr", pages::panel(&api, "GROUP-1").await)).await.unwrap();
    browser.find(".offer .act a.button").await.unwrap().click().await.unwrap();
    browser.until_shown("h1", "Confirmer la commande").await.unwrap();
    let (sale, cost, margin) =
        (shown_price(&browser, "Prix de vente").await, shown_price(&browser, "Prix d’achat").await, shown_price(&browser, "Marge").await);
    assert!((sale - cost - margin).abs() < 0.005 && (margin - cost * 0.25).abs() < 0.011, "{sale} = {cost} + {margin}");
    assert_eq!(browser.count("input[name=traveller]:checked").await.unwrap(), 3, "everybody who has none");
    browser.find("form button[type=submit]").await.unwrap().click().await.unwrap();
    browser.until_shown("#live", "Bruno").await.unwrap();
    let ready = "return [...document.querySelectorAll('#live .chip')].filter((one) => one.textContent === 'Prête à installer').length";
    passerelle_tests::local::wait::until("three eSIMs that are ready", async || {
        let ready = browser.run(ready).await?;
        Ok(passerelle_tests::local::wait::Seen::of((ready == json!(3)).then_some(()), || ready.to_string()))
    })
    .await
    .unwrap();
    let orders = browser.run("return [...document.querySelectorAll('.esim')].map((one) => one.id)").await.unwrap();
    let orders: Vec<&str> = orders.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let ledger = demo().sims.airalo.client().ledger().await.unwrap();
    let bought = |order: &str| ledger.iter().filter(|line| line.to_string().contains(order)).count();
    assert_eq!(orders.iter().map(|order| bought(order)).collect::<Vec<_>>(), [1, 1, 1]);
    for address in ["group-1@example.com", "group-1-bruno@example.com", "group-1-chloe@example.com"] {
        passerelle_tests::local::wait::until("each traveller's mail", async || {
            let mails = mails_to(address).await.len();
            Ok(passerelle_tests::local::wait::Seen::of((mails == 1).then_some(()), || format!("{mails} mails to {address}")))
        })
        .await
        .unwrap();
    }
}
