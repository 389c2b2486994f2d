//! The pages over HTTP, on the deployed system: what a browser would be told, without one.

use crate::{alone, api, booked, booking, demo, order, purchases, until_order};
use passerelle_tests::local::api::{Api, text};
use reqwest::{Response, redirect::Policy};
use serde_json::{Value, json};

/// The address of a dossier's panel.
pub(crate) async fn panel(api: &Api<'_>, reference: &str) -> String {
    let wanted = json!({"page": "panel", "booking_reference": reference});
    text(&api.post("/links", &wanted, None).await.unwrap().expect(&[201]).unwrap(), "url").unwrap()
}

/// The address of a traveller's page.
pub(crate) async fn page(api: &Api<'_>, esim_id: &str) -> String {
    let wanted = json!({"page": "traveller", "esim_id": esim_id});
    text(&api.post("/links", &wanted, None).await.unwrap().expect(&[201]).unwrap(), "url").unwrap()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

async fn get(url: &str) -> Response {
    client().get(url).send().await.unwrap()
}

/// Presses a button as a form does.
async fn press(panel: &str, button: &str, form: &[(&str, &str)]) -> Response {
    client().post(panel.replace("/panel", &format!("/{button}"))).form(form).send().await.unwrap()
}

fn header(answer: &Response, name: &str) -> String {
    answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn a_page_says_who_may_frame_it_and_is_kept_by_nobody() {
    let api = api().await;
    api.post("/bookings", &booking("FRAME-1"), None).await.unwrap().expect(&[201]).unwrap();
    let answer = get(&panel(&api, "FRAME-1").await).await;
    assert_eq!((answer.status(), header(&answer, "content-type").as_str()), (http::StatusCode::OK, "text/html; charset=utf-8"));
    let policy = header(&answer, "content-security-policy");
    assert!(policy.contains(&format!("frame-ancestors {}", demo().room.origin())) && !policy.contains("unsafe"), "{policy}");
    assert_eq!((header(&answer, "cache-control").as_str(), header(&answer, "referrer-policy").as_str()), ("no-store", "no-referrer"));
    assert!(answer.headers().get("set-cookie").is_none());
    assert!(answer.text().await.unwrap().contains("Offres pour ce voyage"));
}

#[tokio::test]
async fn files_are_compressed_and_kept_for_a_year_under_a_name_of_their_content() {
    let api = api().await;
    api.post("/bookings", &booking("FILES-1"), None).await.unwrap().expect(&[200, 201]).unwrap();
    let url = panel(&api, "FILES-1").await;
    let html = get(&url).await.text().await.unwrap();
    let mut weight = html.len();
    for extension in [".css", ".js"] {
        let name = html.split('"').find(|part| part.starts_with("../../assets/") && part.ends_with(extension)).expect("an asset");
        let url = format!("{}{}", demo().stack.deployed.api, &name[5..]);
        let plain = get(&url).await;
        let packed = client().get(&url).header("accept-encoding", "gzip, br").send().await.unwrap();
        assert_eq!(header(&packed, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!((header(&packed, "content-encoding").as_str(), header(&plain, "content-encoding").as_str()), ("gzip", ""));
        let (plain, packed) = (plain.bytes().await.unwrap(), packed.bytes().await.unwrap());
        assert!(packed.starts_with(&[0x1f, 0x8b]) && packed.len() < plain.len());
        weight += packed.len();
    }
    assert!(weight < 60_000, "{weight} bytes, the page itself not even compressed");
    assert_eq!(get(&format!("{}/assets/page-0000000000000000.css", demo().stack.deployed.api)).await.status(), 404);
}

#[tokio::test]
async fn the_same_form_sent_five_times_at_once_buys_once() {
    let _alone = alone().await;
    let api = api().await;
    let package = booked(&api, "FORM-1", "airalo").await;
    let panel = panel(&api, "FORM-1").await;
    let form = [("package", package.as_str()), ("traveller", "0"), ("sequence", "0")];
    let answers = futures::future::join_all((0..5).map(|_| press(&panel, "orders", &form))).await;
    let places: Vec<String> = answers.iter().map(|answer| format!("{} {}", answer.status().as_u16(), header(answer, "location"))).collect();
    assert!(places.iter().all(|place| place.starts_with("303 panel?")), "{places:?}");
    let shown = get(&panel).await.text().await.unwrap();
    let order_id = shown.split("id=\"ord_").nth(1).expect("one order").split('"').next().unwrap();
    until_order(&api, &format!("ord_{order_id}"), "delivered").await;
    assert_eq!(shown.matches("id=\"ord_").count(), 1);
    assert_eq!(purchases(&demo().sims.airalo.client(), &format!("ord_{order_id}")).await, 1);
    let again = press(&panel, "orders", &form).await;
    assert_eq!(again.status(), 303, "a late repeat is answered as the first");
    let ledger = demo().sims.airalo.client().ledger().await.unwrap();
    assert_eq!(ledger.iter().filter(|line| line.to_string().contains(&format!("ord_{order_id}"))).count(), 1);
}

#[tokio::test]
async fn links_that_are_not_good_are_refused_alike_and_say_nothing() {
    let _alone = alone().await;
    let api = api().await;
    let package = booked(&api, "LINK-1", "airalo").await;
    let placed = api.post("/orders", &order("LINK-1", &package), Some("link-1")).await.unwrap().expect(&[201]).unwrap();
    let esim_id = placed["esim_id"].as_str().unwrap();
    let (good, traveller) = (panel(&api, "LINK-1").await, page(&api, esim_id).await);
    assert_eq!((get(&good).await.status(), get(&traveller).await.status()), (http::StatusCode::OK, http::StatusCode::OK));
    let token = good.split('/').rev().nth(1).unwrap().to_owned();
    let forged = good.replace(&token, &format!("{}A", &token[..token.len() - 2]));
    // The traveller's link does not open the panel, and the panel's does not open the traveller's page.
    let (crossed, back) = (traveller.replace("/esim", "/panel"), good.replace("/panel", "/esim"));
    for bad in [&forged, &crossed, &back, &good.replace(&token, "x.y")] {
        let answer = get(bad).await;
        assert_eq!(answer.status(), 403, "{bad}");
        assert!(header(&answer, "content-security-policy").ends_with("frame-ancestors 'none'"));
        let said = answer.text().await.unwrap();
        assert!(said.contains("Ce lien") && !said.contains("LINK-1") && !said.contains("Ines"), "{said}");
    }
    assert_eq!(press(&forged, "orders", &[("package", &package), ("traveller", "0"), ("sequence", "0")]).await.status(), 403);
    let code = api.get(&format!("/esims/{esim_id}")).await.unwrap().expect(&[200]).unwrap();
    let (lpa, matching) = (code["lpa_code"].as_str().unwrap(), code["manual_activation_code"].as_str().unwrap());
    assert!(get(&traveller).await.text().await.unwrap().contains(lpa), "the code is on the page");
    assert!(!traveller.contains(matching) && !good.contains(matching), "and never in its address");
    let revoke = json!({"page": "traveller", "esim_id": esim_id});
    assert_eq!(api.post("/links/revoke", &revoke, None).await.unwrap().status, 204);
    assert_eq!(get(&traveller).await.status(), 403);
    let without = Api::of_client(&demo().stack, &demo().stack.client(), &["passerelle/orders.read"]).await.unwrap();
    let refused = without.post("/links", &json!({"page": "panel", "booking_reference": "LINK-1"}), None).await.unwrap();
    assert!([401, 403].contains(&refused.status), "a token without the scope gives no link: {}", refused.status);
}

#[tokio::test]
async fn a_page_in_english_and_a_form_that_is_none_are_understood() {
    let api = api().await;
    api.post("/bookings", &booking("LANG-1"), None).await.unwrap().expect(&[201]).unwrap();
    let panel = panel(&api, "LANG-1").await;
    let english = get(&format!("{panel}?lang=en")).await.text().await.unwrap();
    assert!(english.contains("<html lang=\"en\">") && english.contains("Offers for this trip"));
    let nobody = press(&panel, "orders", &[("package", "airalo:x"), ("sequence", "0")]).await;
    assert_eq!(nobody.status(), 422);
    assert!(nobody.text().await.unwrap().contains("Cochez au moins un voyageur"));
    let body: Value = json!({"package": "airalo:x"});
    let no_form = client().post(panel.replace("/panel", "/orders")).json(&body).send().await.unwrap();
    assert_eq!(no_form.status(), 415);
}
