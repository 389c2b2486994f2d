//! The traveller's page on a desk and on phones.

use super::ordered;
use crate::{alone, api, demo, pages, until_order};
use passerelle_tests::{browser::Browser, qr};

const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1";
const ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/148.0.0.0 Mobile Safari/537.36";

#[tokio::test]
async fn the_qr_on_the_page_is_the_providers_exact_text_and_a_phone_gets_a_button() {
    let _alone = alone().await;
    let Some(browser) = Browser::start("the traveller's page on a desk and on phones").await.unwrap() else { return };
    let api = api().await;
    let order_id = ordered(&browser, "TRAVEL-1").await;
    let order = until_order(&api, &order_id, "delivered").await;
    let esim_id = order["esim_id"].as_str().unwrap();
    let page = pages::page(&api, esim_id).await;
    let details = api.get(&format!("/esims/{esim_id}")).await.unwrap().expect(&[200]).unwrap();
    let lpa = details["lpa_code"].as_str().unwrap();
    browser.screen(1280, 900, false).await.unwrap();
    browser.open(&page).await.unwrap();
    let picture = browser.find(".qr").await.unwrap().picture().await.unwrap();
    assert_eq!(qr::read(&picture), [lpa.to_owned()]);
    let width = browser.run("return document.querySelector('.qr').getBoundingClientRect().width").await.unwrap();
    assert!(width.as_f64().unwrap() >= 300.0, "{width}");
    let theirs = demo().sims.airalo.client().esims().await.unwrap();
    assert!(theirs.iter().any(|esim| esim.to_string().contains(lpa)));
    // By night it stays black on white.
    browser.screen(320, 700, true).await.unwrap();
    let picture = browser.find(".qr").await.unwrap().picture().await.unwrap();
    assert_eq!(qr::read(&picture), [lpa.to_owned()]);
    for (agent, host) in [(IPHONE, "https://esimsetup.apple.com/"), (ANDROID, "https://esimsetup.android.com/")] {
        browser.pretend(agent).await.unwrap();
        browser.open(&page).await.unwrap();
        let first = browser.run("return document.querySelector('a.button.big').href").await.unwrap();
        assert!(first.as_str().unwrap().starts_with(host), "{agent}");
    }
    assert!(!browser.address().await.unwrap().contains(details["manual_activation_code"].as_str().unwrap()));
    // Copying, by the button that the script wakes up.
    browser.run("document.querySelector('details').open = true").await.unwrap();
    browser.find("details .copy").await.unwrap().click().await.unwrap();
    browser.until_shown("#said", "Copié").await.unwrap();
}
