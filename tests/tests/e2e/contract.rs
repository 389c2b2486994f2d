//! The contract holds the running system: every answer is one that `openapi.yaml` describes.

use crate::{alone, api, booking, demo, order, until_order};
use passerelle_tests::{contract::Contract, local::api::Answer};
use serde_json::{Value, json};

struct Judge(Contract);

impl Judge {
    fn hold(&self, path: &str, answer: Answer, status: u16) -> Value {
        let method = answer.call.split_whitespace().next().unwrap_or_default().to_owned();
        assert_eq!(answer.status, status, "{}: {}", answer.call, answer.body);
        self.0.check(&method, path, answer.status, &answer.body).unwrap_or_else(|fault| panic!("{fault}\n{}", answer.body));
        answer.body
    }
}

#[tokio::test]
async fn every_answer_is_one_that_the_contract_describes() {
    let _alone = alone().await;
    let (api, judge) = (api().await, Judge(Contract::read().await.unwrap()));
    let booked = judge.hold("/bookings", api.post("/bookings", &booking("CONTRACT-1"), None).await.unwrap(), 201);
    judge.hold("/bookings", api.post("/bookings", &booking("CONTRACT-1"), None).await.unwrap(), 200);
    judge.hold("/bookings", api.post("/bookings", &json!({"reference": 1}), None).await.unwrap(), 422);
    judge.hold("/bookings/{reference}", api.get("/bookings/CONTRACT-1").await.unwrap(), 200);
    let wrong = judge.0.check("GET", "/bookings/{reference}", 200, &json!({"reference": 1}));
    assert!(wrong.is_err(), "the judge sees what is wrong");
    judge.hold("/bookings/{reference}", api.get("/bookings/NO-SUCH").await.unwrap(), 404);
    judge.hold("/bookings/{reference}/offers", api.get("/bookings/CONTRACT-1/offers").await.unwrap(), 200);
    let air = json!({"file": "AIR-BLK207;7D;;\nAMD 0100000001;1/1;\nMUC1A ABC123007;\nD-261220;;\nENDX\nAIR-BLK207;ZZ;;\n"});
    judge.hold("/intake/amadeus/air", api.post("/intake/amadeus/air", &air, None).await.unwrap(), 200);
    judge.hold("/intake/amadeus/air", api.post("/intake/amadeus/air", &json!({"file": "no record"}), None).await.unwrap(), 422);
    let answer = json!({"data": {"type": "flight-order", "associatedRecords": [{"reference": "ABC123", "creationDate": "2026-12-20"}], "flightOffers": []}});
    judge.hold("/intake/amadeus/pnr", api.post("/intake/amadeus/pnr", &answer, None).await.unwrap(), 200);
    judge.hold("/intake/amadeus/pnr", api.post("/intake/amadeus/pnr", &json!({"file": answer.to_string()}), None).await.unwrap(), 200);
    judge.hold("/intake/amadeus/pnr", api.post("/intake/amadeus/pnr", &json!({"data": {}}), None).await.unwrap(), 422);
    let trip =
        "<Export><Trip number='CONTRACT-2' status='quoted'/><Trip number='CONTRACT-3' status='cancelled'><Traveller/></Trip></Export>";
    judge.hold("/intake/feed/{mapping}", api.post("/intake/feed/booking-tool", &json!({ "file": trip }), None).await.unwrap(), 200);
    judge.hold(
        "/intake/feed/{mapping}",
        api.post("/intake/feed/booking-tool?check=true", &json!({ "file": trip }), None).await.unwrap(),
        200,
    );
    judge.hold(
        "/intake/feed/{mapping}",
        api.post("/intake/feed/booking-tool?check=maybe", &json!({ "file": trip }), None).await.unwrap(),
        400,
    );
    judge.hold("/intake/feed/{mapping}", api.post("/intake/feed/booking-tool", &json!({"file": "a;b"}), None).await.unwrap(), 422);
    judge.hold("/intake/feed/{mapping}", api.post("/intake/feed/nobody", &json!({"file": "a;b"}), None).await.unwrap(), 404);
    judge.hold("/exports/sales", api.get("/exports/sales?from=2026-01-01&to=2026-12-31").await.unwrap(), 400);
    judge.hold("/catalog/packages", api.get("/catalog/packages?iso_country=JP&limit=3").await.unwrap(), 200);
    judge.hold("/catalog/packages", api.get("/catalog/packages?limit=none").await.unwrap(), 400);
    judge.hold("/health", api.get("/health").await.unwrap(), 200);
    let offers = booked["offers"].as_array().unwrap();
    let package = offers.iter().find_map(|offer| offer["package_id"].as_str()).expect("an offer of one package");
    judge.hold("/orders", api.post("/orders", &order("CONTRACT-1", package), None).await.unwrap(), 400);
    let placed = judge.hold("/orders", api.post("/orders", &order("CONTRACT-1", package), Some("contract-1")).await.unwrap(), 201);
    let (order_id, esim_id) = (placed["order_id"].as_str().unwrap(), placed["esim_id"].as_str().unwrap());
    until_order(&api, order_id, "delivered").await;
    judge.hold("/orders/{order_id}", api.get(&format!("/orders/{order_id}")).await.unwrap(), 200);
    let today = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let days = format!("from={}&to={}", today.yesterday().unwrap(), today.tomorrow().unwrap());
    let sold = judge.hold("/exports/sales", api.get(&format!("/exports/sales?{days}")).await.unwrap(), 200);
    assert!(sold["lines"].to_string().contains(order_id), "{sold}");
    judge.hold("/esims/{esim_id}", api.get(&format!("/esims/{esim_id}")).await.unwrap(), 200);
    judge.hold("/esims/{esim_id}/usage", api.get(&format!("/esims/{esim_id}/usage")).await.unwrap(), 200);
    let panel = json!({"page": "panel", "booking_reference": "CONTRACT-1"});
    judge.hold("/links", api.post("/links", &panel, None).await.unwrap(), 201);
    judge.hold("/links", api.post("/links", &json!({"page": "traveller", "esim_id": esim_id}), None).await.unwrap(), 201);
    judge.hold("/links", api.post("/links", &json!({"page": "panel"}), None).await.unwrap(), 422);
    assert_eq!(api.post("/links/revoke", &panel, None).await.unwrap().status, 204);
    let topups = judge.hold("/esims/{esim_id}/topups", api.get(&format!("/esims/{esim_id}/topups")).await.unwrap(), 200);
    let topup = json!({"package_id": topups["packages"][0]["package_id"]});
    judge.hold("/esims/{esim_id}/topup", api.post(&format!("/esims/{esim_id}/topup"), &topup, Some("contract-2")).await.unwrap(), 201);
    let inbox = json!({"url": format!("{}/hook", demo().sims.inbox.url), "events": ["esim.activated"]});
    judge.hold("/webhooks/register", api.post("/webhooks/register", &inbox, None).await.unwrap(), 201);
}
