//! Bad input: a clear 4xx each, and nothing written.

use crate::{api, booked, booking, demo, order};
use passerelle_tests::local::{AGENCY_ID, api::Api};
use serde_json::{Value, json};

/// Orders and bookings in the table.
async fn written() -> usize {
    let items = demo().stack.items().await.expect("the table");
    items.iter().filter(|item| ["order", "key"].contains(&item["kind"].as_str().unwrap_or_default())).count()
}

fn names_the_field(body: &Value, field: &str) -> bool {
    body["errors"].as_array().is_some_and(|errors| errors.iter().any(|error| error["field"].as_str().is_some_and(|f| f.contains(field))))
}

#[tokio::test]
async fn bookings_are_refused_with_the_field_that_is_wrong() {
    let api = api().await;
    let mut past = booking("BAD-1");
    past["destinations"][0]["from"] = json!("2020-01-01");
    past["destinations"][0]["to"] = json!("2020-01-09");
    let mut reversed = booking("BAD-1");
    reversed["destinations"][0]["to"] = json!("2020-01-01");
    let cases = [
        ("destinations[0].iso_country", with("destinations", json!([{"iso_country": "ZZ", "from": "2027-01-01", "to": "2027-01-02"}]))),
        ("destinations[0].from", with("destinations", json!([{"iso_country": "JP", "from": "soon", "to": "2027-01-02"}]))),
        ("destinations", with("destinations", json!([]))),
        ("destinations", reversed),
        ("destinations[0].to", past),
        ("traveller.email", with("traveller", json!({"name": "Ines", "email": "nobody"}))),
        ("reference", with("reference", json!(""))),
        ("reference", with("reference", json!(7))),
        ("surprise", with("surprise", json!(true))),
    ];
    for (field, body) in cases {
        let answer = api.post("/bookings", &body, None).await.unwrap();
        assert_eq!(answer.status, 422, "{field}: {}", answer.body);
        assert!(names_the_field(&answer.body, field), "{field}: {}", answer.body);
        assert!(answer.body["trace_id"].is_string());
        assert!(!answer.body.to_string().contains("nobody"), "input is not quoted");
    }
    let found = api.get("/bookings/BAD-1").await.unwrap();
    assert_eq!(found.status, 404, "nothing was written");
}

fn with(field: &str, value: Value) -> Value {
    let mut body = booking("BAD-1");
    body[field] = value;
    body
}

#[tokio::test]
async fn orders_are_refused_before_anything_is_written_or_sent() {
    let api = api().await;
    let package = booked(&api, "BAD-2", "airalo").await;
    let no_key = api.post("/orders", &order("BAD-2", &package), None).await.unwrap();
    assert_eq!((no_key.status, no_key.body["code"].as_str()), (400, Some("missing_idempotency_key")));
    let cases = [
        ("package_id", order("BAD-2", "airalo:no-such-package")),
        ("booking_reference", order("NO-SUCH-BOOKING", &package)),
        ("quantity", json!({"external_reference": "x", "package_id": package, "booking_reference": "BAD-2", "quantity": 2})),
        ("traveller", json!({"external_reference": "x", "package_id": package})),
    ];
    for (place, (field, body)) in cases.into_iter().enumerate() {
        let answer = api.post("/orders", &body, Some(&format!("bad-2-{place}"))).await.unwrap();
        assert_eq!(answer.status, 422, "{field}: {}", answer.body);
        assert!(names_the_field(&answer.body, field), "{field}: {}", answer.body);
    }
    let ledger = demo().sims.airalo.client().ledger().await.unwrap();
    assert!(!ledger.iter().any(|line| line.to_string().contains("BAD-2")));
}

#[tokio::test]
async fn a_body_that_is_no_json_or_too_large_or_of_another_type_is_refused() {
    let token = demo().stack.token(&["bookings.write", "orders.write"]).await.unwrap();
    let send = async |body: String, content_type: &str| {
        let call = demo().stack.call("POST", "/bookings").unwrap().bearer_auth(&token).header("content-type", content_type).body(body);
        call.send().await.unwrap().status().as_u16()
    };
    assert_eq!(send("{".to_owned(), "application/json").await, 400);
    assert_eq!(send("[] []".to_owned(), "application/json").await, 422);
    assert_eq!(send(booking("BAD-3").to_string(), "text/plain").await, 415);
    assert_eq!(send(format!("{{\"reference\":\"{}\"}}", "x".repeat(1_048_576)), "application/json").await, 413);
}

#[tokio::test]
async fn tokens_decide_who_may_do_what() {
    let stack = &demo().stack;
    let none = stack.call("GET", "/bookings/X").unwrap().send().await.unwrap();
    assert_eq!(none.status(), 401);
    let altered = format!("{}x", stack.token(&["bookings.read"]).await.unwrap());
    assert_eq!(stack.call("GET", "/bookings/X").unwrap().bearer_auth(altered).send().await.unwrap().status(), 401);
    let narrow = stack.token(&["catalog.read"]).await.unwrap();
    let refused = stack.call("GET", "/bookings/X").unwrap().bearer_auth(narrow).send().await.unwrap().status().as_u16();
    assert!([401, 403].contains(&refused), "a token without the scope: {refused}");
    // A client that belongs to no agency gets nothing, least of all another agency's dossiers.
    let stranger = stack.new_client("stranger", &["bookings.read", "orders.read"]).await.unwrap();
    let api = Api::of_client(stack, &stranger, &["bookings.read", "orders.read"]).await.unwrap();
    let answer = api.get("/bookings/X").await.unwrap();
    assert_eq!((answer.status, answer.body["code"].as_str()), (403, Some("unknown_client")));
    assert_eq!(AGENCY_ID, "demo");
}

#[tokio::test]
async fn path_tricks_and_unknown_things_find_nothing() {
    let api = api().await;
    let before = written().await;
    for path in
        ["/orders/..%2f..%2fetc", "/orders/ord_unknown", "/esims/esim_unknown", "/esims/%2e%2e/qr.png", "/bookings/a%23b", "/orders/%00"]
    {
        let status = api.get(path).await.unwrap().status;
        assert!([400, 403, 404].contains(&status), "{path}: {status}");
    }
    let parameter = api.get("/catalog/packages?iso_country=Japan").await.unwrap();
    assert_eq!(parameter.status, 400);
    assert!(names_the_field(&parameter.body, "iso_country"));
    assert_eq!(written().await, before.max(written().await), "nothing of these was written");
}

#[tokio::test]
async fn the_catalogue_is_paged_and_filtered() {
    let api = api().await;
    let first = api.get("/catalog/packages?iso_country=JP&days=5&limit=2").await.unwrap().expect(&[200]).unwrap();
    let packages = first["packages"].as_array().unwrap();
    assert_eq!(packages.len(), 2);
    let cursor = first["next_cursor"].as_str().expect("there is more");
    let second =
        api.get(&format!("/catalog/packages?iso_country=JP&days=5&limit=2&cursor={cursor}")).await.unwrap().expect(&[200]).unwrap();
    assert!(second["packages"][0]["package_id"].as_str().unwrap() > packages[1]["package_id"].as_str().unwrap());
    for package in packages {
        assert!(package["validity_days"].as_u64().unwrap() >= 5);
        assert!(package["iso_countries"].as_array().unwrap().iter().any(|country| country == "JP"));
        assert!(package["price"].is_number() && package["currency"].is_string());
    }
}
