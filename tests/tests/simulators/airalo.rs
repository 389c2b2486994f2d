//! Airalo Partner API v2.

use passerelle_tests::sim::{Sim, airalo, inbox};
use serde_json::{Value, json};

use crate::http::{Answer, Ask, ask, eventually};

async fn login(sim: &Sim) -> String {
    let fields = [("client_id", "airalo-client"), ("client_secret", "airalo-secret"), ("grant_type", "client_credentials")];
    let body = ask("POST", &format!("{}token", sim.base_url)).form(&fields).send().await.expect(200);
    assert_eq!(body["data"]["expires_in"], json!(31_622_400));
    body["data"]["access_token"].as_str().unwrap().to_owned()
}

struct Partner {
    sim: Sim,
    token: String,
}

impl Partner {
    async fn new() -> Self {
        let sim = airalo::start(None).await.unwrap();
        let token = login(&sim).await;
        Self { sim, token }
    }

    fn ask(&self, method: &str, path: &str) -> Ask {
        ask(method, &format!("{}{path}", self.sim.base_url)).bearer(&self.token)
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).send().await
    }

    async fn order(&self, package: &str, description: &str) -> Answer {
        let body = json!({"package_id": package, "quantity": 1, "type": "sim", "description": description});
        self.ask("POST", "orders").json(&body).send().await
    }

    async fn iccid(&self) -> String {
        let order = self.order("change-7days-1gb", "CRM-1").await.expect(200);
        order["data"]["sims"][0]["iccid"].as_str().unwrap().to_owned()
    }
}

fn multipart(fields: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    fields.iter().map(part).collect::<String>() + "--b--\r\n"
}

#[tokio::test]
async fn a_token_is_given_in_all_three_encodings_and_the_fourth_login_of_a_minute_is_refused() {
    let sim = airalo::start(None).await.unwrap();
    let url = format!("{}token", sim.base_url);
    let fields = [("client_id", "airalo-client"), ("client_secret", "airalo-secret"), ("grant_type", "client_credentials")];
    ask("POST", &url).form(&fields).send().await.expect(200);
    ask("POST", &url)
        .json(&json!({"client_id": "airalo-client", "client_secret": "airalo-secret", "grant_type": "client_credentials"}))
        .send()
        .await
        .expect(200);
    ask("POST", &url).text("multipart/form-data; boundary=b", &multipart(&fields)).send().await.expect(200);
    let fourth = ask("POST", &url).form(&fields).send().await;
    assert_eq!(fourth.expect(429), json!({"message": "Too Many Attempts."}));
    assert!(fourth.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(fourth.header("x-ratelimit-remaining"), "0");
    sim.client().post("limits/reset", &json!({})).await.unwrap();
    let wrong = [("client_id", "airalo-client"), ("client_secret", "x"), ("grant_type", "client_credentials")];
    assert_eq!(ask("POST", &url).form(&wrong).send().await.expect(401)["meta"]["message"], "Client authentication failed");
    let missing = ask("POST", &url).form(&[("client_id", "airalo-client")]).send().await.expect(422);
    assert!(missing["data"]["client_secret"].is_string());
}

#[tokio::test]
async fn nothing_is_answered_without_a_living_token() {
    let partner = Partner::new().await;
    ask("GET", &format!("{}packages", partner.sim.base_url)).send().await.expect(401);
    partner.get("packages").await.expect(200);
    partner.sim.client().post("tokens/expire", &json!({})).await.unwrap();
    let refused = partner.get("packages").await.expect(401);
    assert_eq!(refused, json!({"data": [], "meta": {"message": "This action is unauthorized."}}));
}

#[tokio::test]
async fn a_signature_is_checked_when_there_is_one() {
    let partner = Partner::new().await;
    let body = r#"{"package_id":"change-7days-1gb","quantity":1,"type":"sim","description":"CRM-1"}"#;
    let send =
        |signature: String| partner.ask("POST", "orders").text("application/json", body).header("airalo-signature", &signature).send();
    assert_eq!(send("00".repeat(64)).await.expect(422)["code"], json!(14));
    assert!(partner.sim.client().ledger().await.unwrap().is_empty());
    // HMAC-SHA512 of the body under `airalo-secret`, by another implementation (Python's hmac).
    send(include_str!("airalo_signature.txt").trim().to_owned()).await.expect(200);
}

#[tokio::test]
async fn the_catalogue_has_countries_regions_and_the_second_page_as_an_object() {
    let partner = Partner::new().await;
    let all = partner.get("packages").await.expect(200);
    assert_eq!(all["pricing"]["model"], "net_pricing");
    let codes: Vec<&str> = all["data"].as_array().unwrap().iter().map(|entry| entry["country_code"].as_str().unwrap()).collect();
    for code in ["JP", "KR", "TH", "US", "GB", "ES", "FR", "IT", "DE", "PT", "MA", "GR", "TR"] {
        assert!(codes.contains(&code), "{code}");
    }
    assert_eq!(codes.iter().filter(|code| code.is_empty()).count(), 3);
    assert!(all["meta"]["per_page"].is_string());
    let japan = partner.get("packages?filter%5Bcountry%5D=JP&include=topup").await.expect(200);
    assert_eq!(japan["data"].as_array().unwrap().len(), 1);
    let packages = japan["data"][0]["operators"][0]["packages"].as_array().unwrap();
    assert!(packages.iter().any(|package| package["is_unlimited"] == json!(true) && package["amount"] == json!(0)));
    assert!(packages.iter().any(|package| package["type"] == json!("topup") && package["id"].as_str().unwrap().ends_with("-topup")));
    assert!(packages[0]["net_price"].as_f64().unwrap() < packages[0]["price"].as_f64().unwrap());
    assert!(japan["data"][0]["operators"][0]["coverages"][0]["networks"][0]["name"].is_string());
    let second = partner.get("packages?limit=5&page=2").await.expect(200);
    assert!(second["data"].is_object() && second["data"]["0"]["slug"].is_string());
    assert_eq!(partner.get("packages?limit=5&page=99").await.expect(200)["data"], json!([]));
    let regions = partner.get("packages?filter%5Btype%5D=global").await.expect(200);
    assert_eq!(regions["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn an_order_in_every_encoding_delivers_an_esim_and_stands_in_the_ledger() {
    let partner = Partner::new().await;
    let fields = [("package_id", "change-7days-1gb"), ("quantity", "1"), ("type", "sim"), ("description", "CRM-2")];
    let as_json = partner.order("change-7days-1gb", "CRM-1").await.expect(200);
    let as_form = partner.ask("POST", "orders").form(&fields).send().await.expect(200);
    let as_parts = partner.ask("POST", "orders").text("multipart/form-data; boundary=b", &multipart(&fields)).send().await.expect(200);
    assert_eq!((&as_json["data"]["quantity"], &as_form["data"]["quantity"]), (&json!(1), &json!("1")));
    let sim = &as_json["data"]["sims"][0];
    let expected = format!("LPA:1${}${}", sim["lpa"].as_str().unwrap(), sim["matching_id"].as_str().unwrap());
    assert_eq!(sim["qrcode"], json!(expected));
    let iccids: Vec<&Value> = [&as_json, &as_form, &as_parts].map(|order| &order["data"]["sims"][0]["iccid"]).to_vec();
    assert!(iccids[0] != iccids[1] && iccids[1] != iccids[2]);
    let ledger = partner.sim.client().ledger().await.unwrap();
    assert_eq!(ledger.iter().map(|line| line["description"].as_str().unwrap()).collect::<Vec<_>>(), ["CRM-1", "CRM-2", "CRM-2"]);
    let picture = ask("GET", sim["qrcode_url"].as_str().unwrap()).send().await;
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));
    assert_eq!(decoded(&picture.body), expected);
}

/// The text of a QR picture.
pub fn decoded(png: &[u8]) -> String {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (info.width as usize, info.height as usize);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    image.detect_grids()[0].decode().unwrap().1
}

#[tokio::test]
async fn orders_are_found_by_a_part_of_their_description_and_shown_with_texts_for_numbers() {
    let partner = Partner::new().await;
    for description in ["CRM-10", "CRM-1", "other"] {
        partner.order("change-7days-1gb", description).await.expect(200);
    }
    let found = partner.get("orders?filter%5Bdescription%5D=CRM-1&include=sims,status").await.expect(200);
    let found = found["data"].as_array().unwrap();
    assert_eq!(found.iter().map(|order| order["description"].as_str().unwrap()).collect::<Vec<_>>(), ["CRM-1", "CRM-10"]);
    assert!(found[0]["price"].is_string() && found[0]["validity"].is_string() && found[0]["sims"][0]["iccid"].is_string());
    assert_eq!(found[0]["status"]["slug"], "completed");
    let bare = partner.get(&format!("orders/{}", found[0]["id"])).await.expect(200);
    assert!(bare["data"].get("sims").is_none());
    partner.get("orders/999999999").await.expect(404);
    partner.get("orders/7").await.expect(401);
}

#[tokio::test]
async fn refusals_come_in_both_shapes_and_buy_nothing() {
    let partner = Partner::new().await;
    assert_eq!(partner.order("test-insufficient-balance-7days-1gb", "a").await.expect(422)["code"], json!(11));
    assert_eq!(partner.order("test-out-of-stock-7days-1gb", "a").await.expect(422)["code"], json!(33));
    assert_eq!(partner.order("test-maintenance-mode-7days-1gb", "a").await.expect(422)["code"], json!(13));
    assert!(partner.order("test-not-enough-7days-1gb", "a").await.expect(422)["data"]["quantity"].is_string());
    assert_eq!(partner.order("no-such", "a").await.expect(422)["data"]["package_id"], "The selected package is invalid.");
    let many = json!({"package_id": "change-7days-1gb", "quantity": 51});
    assert!(partner.ask("POST", "orders").json(&many).send().await.expect(422)["data"]["quantity"].is_string());
    assert!(partner.sim.client().ledger().await.unwrap().is_empty());
    partner.sim.client().post("balance", &json!({"hundredths": 100})).await.unwrap();
    assert_eq!(partner.order("change-7days-1gb", "a").await.expect(422)["code"], json!(11));
    assert!(partner.sim.client().ledger().await.unwrap().is_empty());
}

#[tokio::test]
async fn usage_follows_the_life_of_the_esim_and_the_played_date() {
    let partner = Partner::new().await;
    let client = partner.sim.client();
    client.set_clock(Some("2026-12-01T00:00:00Z")).await.unwrap();
    let iccid = partner.iccid().await;
    let usage = || async { partner.get(&format!("sims/{iccid}/usage")).await.expect(200) };
    let fresh = usage().await;
    assert_eq!((&fresh["data"]["status"], &fresh["data"]["expired_at"]), (&json!("NOT_ACTIVE"), &json!(null)));
    assert_eq!(fresh["meta"]["message"], "api.succes");
    client.set_esim(&iccid, &json!({"status": "ACTIVE", "used_mb": 900})).await.unwrap();
    let active = usage().await;
    assert_eq!(
        active["data"],
        json!({"remaining": 124, "total": 1024, "expired_at": "2026-12-08 00:00:00", "is_unlimited": false,
        "status": "ACTIVE", "remaining_voice": 0, "remaining_text": 0, "total_voice": 0, "total_text": 0})
    );
    client.set_clock(Some("2026-12-08T00:00:00Z")).await.unwrap();
    assert_eq!(usage().await["data"]["status"], "EXPIRED");
    partner.get("sims/8910000000000000000/usage").await.expect(404);
    assert!(client.set_esim(&iccid, &json!({"colour": "red"})).await.is_err());
}

#[tokio::test]
async fn the_usage_cache_repeats_an_answer_for_its_life_when_switched_on() {
    let partner = Partner::new().await;
    let client = partner.sim.client();
    client.post("settings", &json!({"usage_cache_seconds": 1200})).await.unwrap();
    client.set_clock(Some("2026-12-01T00:00:00Z")).await.unwrap();
    let iccid = partner.iccid().await;
    let status = || async { partner.get(&format!("sims/{iccid}/usage")).await.expect(200)["data"]["status"].clone() };
    assert_eq!(status().await, "NOT_ACTIVE");
    client.set_esim(&iccid, &json!({"status": "ACTIVE"})).await.unwrap();
    client.set_clock(Some("2026-12-01T00:19:59Z")).await.unwrap();
    assert_eq!(status().await, "NOT_ACTIVE");
    client.set_clock(Some("2026-12-01T00:20:00Z")).await.unwrap();
    assert_eq!(status().await, "ACTIVE");
    assert!(client.post("settings", &json!({"usage_cash_seconds": 1})).await.is_err());
}

#[tokio::test]
async fn a_top_up_prolongs_the_plan_and_wrong_ones_are_refused() {
    let partner = Partner::new().await;
    let client = partner.sim.client();
    client.set_clock(Some("2026-12-01T00:00:00Z")).await.unwrap();
    let iccid = partner.iccid().await;
    client.set_esim(&iccid, &json!({"status": "ACTIVE", "used_mb": 1000})).await.unwrap();
    let offered = partner.get(&format!("sims/{iccid}/topups")).await.expect(200);
    assert!(offered["data"].as_array().unwrap().iter().any(|package| package["id"] == "change-15days-2gb-topup"));
    let topup = |package: &str| {
        let body = json!({"package_id": package, "iccid": iccid, "description": "CRM-T"});
        partner.ask("POST", "orders/topups").json(&body).send()
    };
    assert_eq!(topup("change-15days-2gb").await.expect(422)["data"]["package_id"], "invalid topup package");
    let bought = topup("change-15days-2gb-topup").await.expect(200);
    assert_eq!(bought["data"]["type"], "topup");
    assert!(bought["data"].get("sims").is_none());
    let usage = partner.get(&format!("sims/{iccid}/usage")).await.expect(200);
    assert_eq!((&usage["data"]["total"], &usage["data"]["expired_at"]), (&json!(3072), &json!("2026-12-23 00:00:00")));
    let history = partner.get(&format!("sims/{iccid}/packages")).await.expect(200);
    assert_eq!(history["data"].as_array().unwrap().len(), 2);
    assert_eq!(client.ledger().await.unwrap()[1]["kind"], "topup");
    client.set_esim(&iccid, &json!({"status": "RECYCLED"})).await.unwrap();
    assert_eq!(topup("change-15days-2gb-topup").await.expect(422)["code"], json!(73));
    let china = partner.order("great-wall-data-7days-1gb", "x").await.expect(200);
    let china = china["data"]["sims"][0]["iccid"].as_str().unwrap();
    assert_eq!(partner.get(&format!("sims/{china}/topups")).await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn an_asynchronous_order_is_told_by_webhook_only() {
    let partner = Partner::new().await;
    let inbox = inbox::start(None).await.unwrap();
    let body = |package: &str, url: Option<&str>| json!({"package_id": package, "quantity": 1, "description": "CRM/é", "webhook_url": url});
    let order = |body: Value| partner.ask("POST", "orders-async").json(&body).send();
    assert!(order(body("change-7days-1gb", None)).await.expect(422)["reason"].as_str().unwrap().contains("not opted in"));
    order(body("change-7days-1gb", Some(&format!("{}/v2/nowhere", partner.sim.url)))).await.expect(422);
    let accepted = order(body("change-7days-1gb", Some(&inbox.base_url))).await.expect(202);
    let request_id = accepted["data"]["request_id"].clone();
    assert_eq!(request_id.as_str().unwrap().len(), 25);
    let told = eventually(|| async { inbox.client().requests_to("POST", "/hook").await.unwrap().into_iter().next() }).await;
    assert_eq!((&told["body"]["request_id"], &told["body"]["description"]), (&request_id, &json!("CRM/é")));
    assert!(told["body"]["sims"][0]["iccid"].is_string() && told["headers"]["airalo-signature"].as_str().unwrap().len() == 128);
    order(body("test-out-of-stock-7days-1gb", Some(&inbox.base_url))).await.expect(202);
    let failed = eventually(|| async { inbox.client().requests_to("POST", "/hook").await.unwrap().into_iter().nth(1) }).await;
    assert!(failed["body"]["reason"].is_string() && failed["body"].get("sims").is_none());
    let raw = partner.sim.client().deliveries().await.unwrap()[0]["body"].as_str().unwrap().to_owned();
    assert!(raw.contains("CRM\\/\\u00e9"), "PHP's spelling: {raw}");
}

#[tokio::test]
async fn opting_in_needs_an_address_that_answers_head() {
    let partner = Partner::new().await;
    let inbox = inbox::start(None).await.unwrap();
    let opt_in =
        |url: &str| partner.ask("POST", "notifications/opt-in").json(&json!({"type": "webhook_low_data", "webhook_url": url})).send();
    let refused = opt_in(&format!("{}/nowhere", partner.sim.url)).await.expect(422);
    assert!(refused["data"]["webhook_url"].is_string());
    let notification = opt_in(&inbox.base_url).await.expect(200)["data"]["notification"].clone();
    assert_eq!(notification, json!({"type": "webhook_low_data", "contact_point": inbox.base_url}));
    assert_eq!(inbox.client().requests_to("HEAD", "/hook").await.unwrap().len(), 1);
    let iccid = partner.iccid().await;
    let fire = json!({"event": "low_data_notification", "type": "data_75", "iccid": iccid});
    assert_eq!(partner.ask("POST", "simulator/webhook").json(&fire).send().await.expect(200)["success"], "Notification sent");
    partner.sim.client().post(&format!("esims/{iccid}/notify"), &json!({"level": "3days", "times": 2})).await.unwrap();
    let told = inbox.client().requests_to("POST", "/hook").await.unwrap();
    assert_eq!(told.iter().map(|one| one["body"]["level"].as_str().unwrap()).collect::<Vec<_>>(), ["75%", "3days", "3days"]);
    assert_eq!(told[0]["body"]["remaining_percentage"], json!(25));
    partner.ask("POST", "notifications/opt-out").json(&json!({"type": "webhook_low_data"})).send().await.expect(204);
    assert!(partner.ask("POST", "simulator/webhook").json(&fire).send().await.expect(400)["error"].is_string());
}

#[tokio::test]
async fn a_refund_is_asked_for_ones_own_esims_and_a_reason_of_the_list() {
    let partner = Partner::new().await;
    let iccid = partner.iccid().await;
    let ask = |body: Value| partner.ask("POST", "refund").json(&body).send();
    let told = |answer: Value| answer["meta"]["message"].as_str().unwrap().to_owned();
    assert!(told(ask(json!({"iccids": [], "reason": "TRIP_CANCELLATION"})).await.expect(422)).contains("1 to 5"));
    assert!(told(ask(json!({"iccids": [iccid], "reason": "SERVICE_ISSUES"})).await.expect(422)).contains("reason is invalid"));
    assert!(told(ask(json!({"iccids": [iccid], "reason": "OTHERS"})).await.expect(422)).contains("notes"));
    let foreign = told(ask(json!({"iccids": [iccid, "894000000000001"], "reason": "NO_COVERAGE"})).await.expect(422));
    assert!(foreign.ends_with("your company: 894000000000001"), "{foreign}");
    let taken =
        ask(json!({"iccids": [iccid], "reason": "TRIP_CANCELLATION", "notes": "CRM-1", "email": "a@example.com"})).await.expect(202);
    let asked = partner.sim.client().get("refunds").await.unwrap();
    assert_eq!((&asked[0]["refund_id"], &asked[0]["iccids"][0]), (&taken["data"]["refund_id"], &json!(iccid)));
    assert_eq!(ask(json!({"iccids": [iccid], "reason": "NO_COVERAGE"})).await.status, 429, "five a minute");
    assert_eq!(partner.sim.client().ledger().await.unwrap().len(), 1, "nothing is bought or given back by asking");
}

/// `YYYY-MM-DD HH:MM` so many hours after the simulator's frozen start.
fn due(hours: i64) -> String {
    let start: jiff::Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    (start + jiff::SignedDuration::from_hours(hours)).strftime("%Y-%m-%d %H:%M").to_string()
}

#[tokio::test]
async fn a_future_order_is_carried_out_on_its_day_listed_until_then_and_told_by_webhook() {
    let partner = Partner::new().await;
    let (client, inbox) = (partner.sim.client(), inbox::start(None).await.unwrap());
    client.set_clock(Some("2026-12-01T00:00:00Z")).await.unwrap();
    let order = |package: &str, due: &str, url: Option<&str>| {
        let body = json!({"package_id": package, "quantity": 1, "due_date": due, "description": "CRM-1", "webhook_url": url});
        partner.ask("POST", "future-orders").json(&body).send()
    };
    let (package, hook) = ("change-7days-1gb", Some(inbox.base_url.as_str()));
    for wrong in [due(47), due(367 * 24), "2026-12-09T10:00:00Z".to_owned(), "soon".to_owned()] {
        assert!(order(package, &wrong, hook).await.expect(422)["data"]["due_date"].is_string(), "{wrong}");
    }
    assert!(order(package, &due(72), None).await.expect(422)["reason"].as_str().unwrap().contains("not opted in"));
    let taken = order(package, &due(72), hook).await.expect(200)["data"].clone();
    let id = taken["request_id"].as_str().unwrap().to_owned();
    assert_eq!((id.len(), &taken["due_date"], &taken["latest_cancellation_date"]), (25, &json!(due(72)), &json!(due(48))));
    order("test-create-retry-future-order-7days-1gb", &due(72), hook).await.expect(200);
    let (listing, partner) = (&partner, &partner);
    let listed = |query: &'static str| async move { listing.get(&format!("future-orders{query}")).await.expect(200)["data"].clone() };
    let pending = listed("?from_due_date=2026-12-04%2000:00&to_due_date=2026-12-04%2000:00").await;
    assert_eq!(
        (pending.as_array().unwrap().len(), &pending[0]["request_id"], &pending[0]["description"]),
        (1, &json!(id), &json!("CRM-1"))
    );
    assert_eq!(listed("?from_due_date=2026-12-04%2000:01").await, json!([]));
    assert_eq!(listed("?status=retry").await.as_array().unwrap().len(), 1);
    partner.get("future-orders?status=processed").await.expect(422);
    assert!(client.ledger().await.unwrap().is_empty(), "nothing is bought before the day");
    client.set_clock(Some("2026-12-04T00:00:00Z")).await.unwrap();
    assert_eq!(client.ledger().await.unwrap().len(), 1);
    assert_eq!(listed("").await, json!([]), "what is carried out is not listed");
    let found = partner.get("orders?filter%5Bdescription%5D=CRM-1&include=sims,status").await.expect(200);
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    let told = eventually(|| async { inbox.client().requests_to("POST", "/hook").await.unwrap().into_iter().next() }).await;
    assert_eq!((&told["body"]["request_id"], &told["body"]["description"]), (&json!(id), &json!("CRM-1")));
    client.post("settings", &json!({"future_at_once": true})).await.unwrap();
    order(package, &due(24 * 9), hook).await.expect(200);
    assert_eq!(client.ledger().await.unwrap().len(), 2, "the sandbox carries it out at once");
}

#[tokio::test]
async fn a_future_order_is_cancelled_until_a_day_before_it_is_due_and_not_twice() {
    let partner = Partner::new().await;
    let (client, inbox) = (partner.sim.client(), inbox::start(None).await.unwrap());
    client.set_clock(Some("2026-12-01T00:00:00Z")).await.unwrap();
    let order = || async {
        let body = json!({"package_id": "change-7days-1gb", "quantity": 1, "due_date": due(72), "webhook_url": inbox.base_url});
        partner.ask("POST", "future-orders").json(&body).send().await.expect(200)["data"]["request_id"].as_str().unwrap().to_owned()
    };
    let cancel = |ids: Value| partner.ask("POST", "cancel-future-orders").json(&json!({ "request_ids": ids })).send();
    let (first, second) = (order().await, order().await);
    assert!(cancel(json!(["short"])).await.expect(422)["data"]["request_ids.0"].as_str().unwrap().contains("25 characters"));
    let unknown = cancel(json!([first, "x".repeat(25)])).await.expect(422);
    assert_eq!(unknown["data"]["request_ids.1"], format!("Request ID: {} does not exist.", "x".repeat(25)));
    assert_eq!(cancel(json!([first])).await.expect(200), json!({"data": [], "meta": {"message": "Future orders cancelled successfully"}}));
    assert!(cancel(json!([first])).await.expect(422)["data"]["request_ids.0"].as_str().unwrap().contains("already processed"));
    client.set_clock(Some("2026-12-03T00:01:00Z")).await.unwrap();
    assert!(cancel(json!([second])).await.expect(422)["data"]["request_ids.0"].is_string(), "a day before it is too late");
    client.set_clock(Some("2026-12-05T00:00:00Z")).await.unwrap();
    assert_eq!(client.ledger().await.unwrap().len(), 1, "the one that was not cancelled");
}

#[tokio::test]
async fn steps_come_in_the_language_asked_for_with_everything_that_installs_and_devices_without_meta() {
    let partner = Partner::new().await;
    let iccid = partner.iccid().await;
    let sim = partner.get(&format!("sims/{iccid}")).await.expect(200);
    let path = format!("sims/{iccid}/instructions");
    let english = partner.get(&path).await.expect(200);
    let told = &english["data"]["instructions"];
    assert_eq!(
        (&told["language"], &told["ios"][0]["version"], &told["android"][0]["version"]),
        (&json!("EN"), &json!("14,15,13"), &Value::Null)
    );
    assert_eq!(told["ios"][0]["installation_via_qr_code"]["qr_code_data"], sim["data"]["qrcode"]);
    assert_eq!(told["ios"][0]["installation_manual"]["steps"]["10"], "Your eSIM has been installed successfully.");
    assert!(told["ios"][0]["installation_via_qr_code"]["direct_apple_installation_url"].is_string());
    assert_eq!(told["android"][0]["network_setup"]["apn_value"], "singleall");
    let french = partner.ask("GET", &path).header("accept-language", "fr").send().await.expect(200);
    assert_eq!(french["data"]["instructions"]["language"], "FR");
    assert_eq!(french["data"]["instructions"]["ios"][0]["installation_via_qr_code"]["steps"]["2"], "Scannez le QR code.");
    partner.get("sims/8900000000000000000/instructions").await.expect(404);
    let devices = partner.get("compatible-devices-lite").await.expect(200);
    assert!(
        devices.get("meta").is_none()
            && devices["data"].as_array().unwrap().contains(&json!({"os": "android", "brand": "Google", "name": "Pixel 5"}))
    );
    partner.get("compatible-devices").await.expect(404);
}
