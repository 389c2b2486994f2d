//! Without JavaScript: everything can be read, and forms still order.

use crate::{alone, api, booked, demo, pages, purchases, until_order};
use passerelle_tests::{
    browser::Browser,
    local::wait::{Seen, until},
    qr,
};

async fn text(browser: &Browser) -> String {
    browser.find("body").await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn everything_can_be_read_and_ordered_without_a_script() {
    let _alone = alone().await;
    let Some(browser) = Browser::start("both pages without JavaScript").await.unwrap() else { return };
    let api = api().await;
    booked(&api, "PLAIN-1", "airalo").await;
    browser.scripts(false).await.unwrap();
    browser.open(&format!("{}?provider=airalo&lang=fr", pages::panel(&api, "PLAIN-1").await)).await.unwrap();
    assert!(text(&browser).await.contains("Offres pour ce voyage"));
    browser.find(".offer .act a.button").await.unwrap().click().await.unwrap();
    browser.find("form button[type=submit]").await.unwrap().click().await.unwrap();
    until("the order, after reloads", async || {
        browser.reload().await?;
        let shown = browser.find("#live").await?.text().await?;
        Ok(Seen::of(shown.contains("Prête à installer").then_some(()), || shown))
    })
    .await
    .unwrap();
    assert_eq!(browser.count(".copy").await.unwrap(), browser.count(".copy[hidden]").await.unwrap(), "no button that does nothing");
    let mine = api.get("/bookings/PLAIN-1").await.unwrap().expect(&[200]).unwrap();
    assert_eq!(mine["reference"], "PLAIN-1");
    let order_id = browser.find(".esim").await.unwrap().attribute("id").await.unwrap();
    let order = until_order(&api, &order_id, "delivered").await;
    assert_eq!(purchases(&demo().sims.airalo.client(), &order_id).await, 1);
    let esim_id = order["esim_id"].as_str().unwrap();
    let details = api.get(&format!("/esims/{esim_id}")).await.unwrap().expect(&[200]).unwrap();
    browser.open(&pages::page(&api, esim_id).await).await.unwrap();
    let picture = browser.find(".qr").await.unwrap().picture().await.unwrap();
    assert_eq!(qr::read(&picture), [details["lpa_code"].as_str().unwrap().to_owned()]);
    browser.find("details summary").await.unwrap().click().await.unwrap();
    assert!(text(&browser).await.contains(details["manual_activation_code"].as_str().unwrap()), "the codes fold out");
}
