//! Links that are over, altered, for another page or of another agency: refused in the browser, and nothing is said.

use crate::{api, booked, booking, demo, pages};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use passerelle_tests::{
    browser::Browser,
    local::{
        api::{Api, text},
        wait::{Seen, until_within},
    },
};
use serde_json::{Value, json};
use std::time::Duration;

/// Good for a minute, the shortest that a link can be made for; then refused, as one that was altered and one for another page.
#[tokio::test]
async fn links_that_are_over_altered_or_for_another_page_are_refused() {
    let Some(browser) = Browser::start("expired, forged and foreign links are refused").await.unwrap() else { return };
    let api = api().await;
    booked(&api, "OVER-1", "airalo").await;
    let wanted = json!({"page": "panel", "booking_reference": "OVER-1", "valid_minutes": 1});
    let good = text(&api.post("/links", &wanted, None).await.unwrap().expect(&[201]).unwrap(), "url").unwrap();
    let token = good.split('/').rev().nth(1).unwrap();
    let forged = good.replace(token, &format!("{}A", &token[..token.len() - 2]));
    assert!(said(&browser, &good).await.contains("OVER-1"));
    for bad in [forged, good.replace("/panel", "/esim")] {
        assert!(refuses(&said(&browser, &bad).await), "{bad}");
    }
    until_within(Duration::from_secs(120), "the link to be over", async || {
        let said = said(&browser, &good).await;
        Ok(Seen::of(refuses(&said).then_some(()), || said))
    })
    .await
    .unwrap();
}

async fn said(browser: &Browser, url: &str) -> String {
    browser.open(url).await.unwrap();
    browser.find("body").await.unwrap().text().await.unwrap()
}

fn refuses(said: &str) -> bool {
    // In the browser's language.
    (said.contains("Ce lien") || said.contains("This link")) && !said.contains("OVER-1")
}

/// A second agency on the same deployment, which buys where nobody tells anything by itself.
async fn another_agency() -> Api<'static> {
    let stack = &demo().stack;
    let mut agency = demo().agency.clone();
    let celitech = &demo().sims.celitech;
    agency["name"] = json!("Voyages Lointains");
    agency["crm"] = Value::Null;
    agency["email"].as_object_mut().unwrap().remove("webhook_account");
    agency["providers"] = json!([{
        "account": "celitech", "kind": "celitech", "base_url": celitech.base_url, "token_url": celitech.credential("token_url"),
        "client_id": celitech.credential("client_id"), "client_secret": celitech.credential("client_secret"),
    }]);
    stack.put_secret("passerelle/agency/lointains", &agency).await.unwrap();
    let scopes = ["bookings.read", "bookings.write", "links.write"];
    let client = stack.new_client("lointains", &scopes).await.unwrap();
    let event = json!({"agency": "lointains", "client_id": client.id, "public_base_url": stack.deployed.api});
    stack.invoke("onboard", &event).await.unwrap().succeeded().unwrap();
    Api::of_client(stack, &client, &scopes).await.unwrap()
}

/// Both agencies have a dossier of the same name.
#[tokio::test]
async fn an_agencys_link_shows_its_own_dossier_and_none_of_another() {
    let Some(browser) = Browser::start("a foreign agency's link is refused").await.unwrap() else { return };
    let (ours, theirs) = (api().await, another_agency().await);
    booked(&ours, "TWIN-1", "airalo").await;
    let mut twin = booking("TWIN-1");
    twin["traveller"]["name"] = json!("Odile Perrin");
    theirs.post("/bookings", &twin, None).await.unwrap().expect(&[201]).unwrap();
    let (our_link, their_link) = (pages::panel(&ours, "TWIN-1").await, pages::panel(&theirs, "TWIN-1").await);
    let shown = said(&browser, &their_link).await;
    assert!(shown.contains("Odile Perrin") && !shown.contains("Ines Faure"), "{shown}");
    let token = |link: &str| link.split('/').rev().nth(1).unwrap().to_owned();
    let (payload, tag) = token(&their_link).split_once('.').map(|(payload, tag)| (payload.to_owned(), tag.to_owned())).unwrap();
    let written = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(&payload).unwrap()).unwrap();
    assert!(written.contains("lointains"), "{written}");
    let for_us = BASE64_URL_SAFE_NO_PAD.encode(written.replace("lointains", "demo"));
    let our_payload = token(&our_link).split_once('.').unwrap().0.to_owned();
    for foreign in [format!("{for_us}.{tag}"), format!("{our_payload}.{tag}")] {
        let shown = said(&browser, &their_link.replace(&token(&their_link), &foreign)).await;
        assert!(refuses(&shown) && !shown.contains("TWIN-1") && !shown.contains("Ines Faure"), "{shown}");
    }
}
