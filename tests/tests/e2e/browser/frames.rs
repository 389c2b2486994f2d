//! The panel in a frame of the CRM.

use super::{in_the_crm, ordered};
use crate::{alone, api, booked, demo, mails_to, order, pages, purchases, until_order};
use passerelle_tests::{browser::Browser, local::room::Room, sim::Fault};

#[tokio::test]
async fn an_adviser_orders_in_the_frame_and_a_reload_buys_nothing_more() {
    let _alone = alone().await;
    let Some(browser) = Browser::start("an adviser orders from the panel in a CRM's frame").await.unwrap() else { return };
    let order_id = ordered(&browser, "PANEL-1").await;
    until_order(&api().await, &order_id, "delivered").await;
    browser.until_shown("#live", "E-mail envoyé").await.unwrap();
    // The frame's own reload, and the whole CRM's.
    browser.run("location.reload()").await.unwrap();
    browser.until_shown("#live .chip", "Prête à installer").await.unwrap();
    in_the_crm(&browser, "PANEL-1").await;
    assert_eq!(browser.count(".esim").await.unwrap(), 1);
    assert_eq!(purchases(&demo().sims.airalo.client(), &order_id).await, 1);
    assert_eq!(mails_to("panel-1@example.com").await.len(), 1);
    // The codes that the panel shows are the provider's, to the letter.
    browser.find(".esim details summary").await.unwrap().click().await.unwrap();
    let picture = browser.find(".esim .qr").await.unwrap().picture().await.unwrap();
    let theirs = demo().sims.airalo.client().esims().await.unwrap();
    let read = passerelle_tests::qr::read(&picture);
    assert!(read.len() == 1 && theirs.iter().any(|esim| esim.to_string().contains(&read[0])), "{} codes read", read.len());
}

#[tokio::test]
async fn a_double_click_buys_once() {
    let _alone = alone().await;
    let Some(browser) = Browser::start("a double click in the panel buys once").await.unwrap() else { return };
    booked(&api().await, "DOUBLE-1", "airalo").await;
    in_the_crm(&browser, "DOUBLE-1").await;
    browser.find(".offer .act a.button").await.unwrap().click().await.unwrap();
    browser.until_shown("h1", "Confirmer la commande").await.unwrap();
    // Both as the script lets a person do it, and past the script: the same form sent twice at once.
    let twice = "const form = document.querySelector('form'); const sent = () => fetch(form.action, {method: 'POST', redirect: 'manual', \
                 body: new URLSearchParams(new FormData(form))}); const both = [sent(), sent()]; \
                 form.querySelector('button').click(); form.querySelector('button').click(); await Promise.allSettled(both);";
    let _ = browser.run_promise(twice).await;
    browser.until_shown("#live .chip", "Prête à installer").await.unwrap();
    let order_id = browser.run("return document.querySelector('.esim').id").await.unwrap().as_str().unwrap().to_owned();
    until_order(&api().await, &order_id, "delivered").await;
    assert_eq!(browser.count(".esim").await.unwrap(), 1);
    let ledger = demo().sims.airalo.client().ledger().await.unwrap();
    let sims = ledger.iter().filter(|line| line["kind"] == "sim");
    let mine = api().await.get("/bookings/DOUBLE-1").await.unwrap().expect(&[200]).unwrap();
    assert_eq!(mine["reference"], "DOUBLE-1");
    assert_eq!(sims.filter(|line| line.to_string().contains(&order_id)).count(), 1);
    assert_eq!(mails_to("double-1@example.com").await.len(), 1, "one purchase, one mail");
}

#[tokio::test]
async fn an_order_that_waits_is_placed_before_the_advisers_eyes() {
    let _alone = alone().await;
    let Some(browser) = Browser::start("the panel shows a waiting order become placed").await.unwrap() else { return };
    let airalo = demo().sims.airalo.client();
    airalo.fault(&Fault::on("POST", "/v2/orders").times(1).status(429).header("Retry-After", "4")).await.unwrap();
    booked(&api().await, "LIVE-1", "airalo").await;
    in_the_crm(&browser, "LIVE-1").await;
    browser.find(".offer .act a.button").await.unwrap().click().await.unwrap();
    browser.until_shown("h1", "Confirmer la commande").await.unwrap();
    browser.find("form button[type=submit]").await.unwrap().click().await.unwrap();
    browser.until_shown("#live .chip", "En attente").await.unwrap();
    browser.run("window.untouched = true").await.unwrap();
    browser.until_shown("#live .chip", "Prête à installer").await.unwrap();
    assert_eq!(browser.run("return window.untouched").await.unwrap(), true, "without a reload");
}

#[tokio::test]
async fn the_mail_is_sent_again_and_a_top_up_is_bought_once() {
    let _alone = alone().await;
    let Some(browser) = Browser::start("resend and top-up from the panel").await.unwrap() else { return };
    let order_id = ordered(&browser, "TOPUP-1").await;
    until_order(&api().await, &order_id, "delivered").await;
    browser.find("form[action^=resend] button").await.unwrap().click().await.unwrap();
    browser.until_shown(".notice", "L’e-mail part").await.unwrap();
    passerelle_tests::local::wait::until("a second mail", async || {
        let mails = mails_to("topup-1@example.com").await.len();
        Ok(passerelle_tests::local::wait::Seen::of((mails == 2).then_some(()), || format!("{mails} mails")))
    })
    .await
    .unwrap();
    in_the_crm(&browser, "TOPUP-1").await;
    browser.find("a[href^=topup]").await.unwrap().click().await.unwrap();
    browser.until_shown("legend", "Choisissez une recharge").await.unwrap();
    browser.find("input[name=package]").await.unwrap().click().await.unwrap();
    browser.find("form button[type=submit]").await.unwrap().click().await.unwrap();
    browser.until_shown(".notice", "Recharge enregistrée").await.unwrap();
    browser.until_shown(".timeline", "Rechargée").await.unwrap();
    let ledger = demo().sims.airalo.client().ledger().await.unwrap();
    let esim_id = api().await.get(&format!("/orders/{order_id}")).await.unwrap().expect(&[200]).unwrap()["esim_id"].clone();
    let esim = api().await.get(&format!("/esims/{}", esim_id.as_str().unwrap())).await.unwrap().expect(&[200]).unwrap();
    let iccid = esim["iccid"].as_str().unwrap().to_owned();
    let topups = ledger.iter().filter(|line| line["kind"] == "topup" && line.to_string().contains(&iccid)).count();
    assert_eq!(topups, 1);
}

#[tokio::test]
async fn another_origin_shows_nothing_of_it() {
    let _alone = alone().await;
    let Some(browser) = Browser::start("framing by another origin is refused").await.unwrap() else { return };
    let api = api().await;
    let package = booked(&api, "ALIEN-1", "airalo").await;
    let placed = api.post("/orders", &order("ALIEN-1", &package), Some("alien-1")).await.unwrap().expect(&[201]).unwrap();
    let page = pages::page(&api, placed["esim_id"].as_str().unwrap()).await;
    for url in [pages::panel(&api, "ALIEN-1").await, page] {
        for (origin, shown) in [(demo().room.origin(), true), (demo().room.other_origin(), false)] {
            browser.open(&Room::framing(&origin, &url)).await.unwrap();
            browser.enter("#framed").await.unwrap();
            let text = browser.find("body").await.unwrap().text().await.unwrap();
            assert_eq!(text.contains("ALIEN-1"), shown, "{origin}: {text}");
            browser.leave().await.unwrap();
        }
    }
}
