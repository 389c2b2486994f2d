//! What Airalo does beyond what all providers do: plan history, install steps, phones, refunds, orders for a later day.

use serde_json::{Value, json};

use super::{Airalo, airalo, body, header, signed};
use crate::domain::Locale;
use crate::outbound::Answer;
use crate::providers::conformance::{account, answer, iccid, order_id};
use crate::providers::{
    EsimKey, FoundLater, FutureOrders, Guide, InstallSteps, Instructions, Phone, PhoneList, PlaceOrder, PlanHistory, ProviderError,
    Refunds, Scheduled, extras,
};

#[test]
fn the_plans_say_when_the_newest_that_has_begun_did_so() {
    let iccid = iccid();
    let known = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    let request = airalo().history(known).unwrap();
    assert_eq!((request.operation, request.url.path()), ("history", "/v2/sims/8933200000000000127/packages"));
    assert!(airalo().history(EsimKey { provider_esim_id: Some("77"), iccid: None }).is_err());
    let read = |data: Value| airalo().read_history(&answer(&json!({"pricing": {"model": "net_pricing"}, "data": data})));
    let plan = |status: &str, activated_at: Value| json!({"id": 1, "status": status, "remaining": 5, "activated_at": activated_at});
    let plans = json!([
        plan("FINISHED", json!("2026-11-01T08:00:00Z")),
        plan("ACTIVE", json!("2026-11-05T08:00:00+01:00")),
        plan("NOT_ACTIVE", Value::Null),
        "odd"
    ]);
    assert_eq!(read(plans), Ok(Some("2026-11-05T07:00:00Z".parse().unwrap())));
    assert_eq!(read(json!([plan("NOT_ACTIVE", Value::Null)])), Ok(None));
    assert!(read(Value::Null).is_err());
    let mut account = account("airalo");
    assert!(extras(&account).history.is_none());
    account.airalo.history = true;
    assert!(extras(&account).history.is_some());
}

#[test]
fn steps_are_read_in_their_order_and_without_what_installs() {
    let iccid = iccid();
    let known = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    let request = airalo().instructions(known, Locale::Fr).unwrap();
    assert_eq!((request.operation, request.url.path()), ("instructions", "/v2/sims/8933200000000000127/instructions"));
    assert_eq!(header(&request, "accept-language"), "fr");
    assert!(airalo().instructions(EsimKey { provider_esim_id: Some("77"), iccid: None }, Locale::Fr).is_err());
    let read = |told: Value| airalo().read_instructions(&answer(&json!({"data": {"instructions": told}, "meta": {"message": "success"}})));
    let ios = json!({
        "model": null, "version": "15.0,14.0.,13",
        "installation_via_qr_code": {
            "steps": {"10": "Label the eSIM.", "2": "Scan the <b>QR Code</b>.", "1": "Go to Settings > Mobile.", "3": null},
            "qr_code_data": "LPA:1$smdp.example.com$K2-48XR-77TB", "qr_code_url": "https://sandbox.example.com/qr?id=1",
            "direct_apple_installation_url": "https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=LPA:1$smdp.example.com$K2-48XR-77TB"},
        "installation_manual": {"steps": ["Enter LPA:1$smdp.example.com$K2-48XR-77TB"], "smdp_address_and_activation_code": "K2-48XR-77TB"},
        "network_setup": {"steps": {"1": "Turn on the Data Roaming."}, "apn_type": "manual", "apn_value": "singleall", "is_roaming": true},
    });
    let android = json!({"version": null, "network_setup": {"steps": {"1": "Turn it on."}, "apn_type": "automatic", "apn_value": "x"}});
    let steps = read(json!({"language": "EN", "ios": [ios, "odd", {"version": "17"}], "android": {"0": android}})).unwrap();
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
    let expected = Instructions {
        language: Some("en".to_owned()),
        ios: vec![Guide {
            model: None,
            versions: Some("15, 14, 13".to_owned()),
            by_qr: texts(&["Go to Settings > Mobile.", "Scan the QR Code .", "Label the eSIM."]),
            by_hand: texts(&["Enter [activation code]"]),
            network: texts(&["Turn on the Data Roaming."]),
            apn: Some("singleall".to_owned()),
        }],
        android: vec![Guide { network: texts(&["Turn it on."]), ..Guide::default() }],
    };
    assert_eq!(steps, expected);
    assert!(!format!("{steps:?}").contains("77TB"));
    assert!(read(json!({"language": "?", "ios": [], "android": null})).unwrap().is_empty());
    assert!(read(Value::Null).is_err());
    let many: Vec<Value> = (0..99).map(|_| json!({"network_setup": {"steps": vec!["word ".repeat(999); 99]}})).collect();
    let bounded = read(json!({ "ios": many })).unwrap();
    assert_eq!((bounded.ios.len(), bounded.ios[0].network.len(), bounded.ios[0].network[0].chars().count()), (10, 20, 300));
}

#[test]
fn phones_are_read_once_each_and_bounded() {
    let request = airalo().compatible_devices();
    assert_eq!((request.operation, request.url.path()), ("compatible_devices", "/v2/compatible-devices-lite"));
    let read = |data: Value| airalo().read_compatible_devices(&answer(&json!({ "data": data })));
    let device = |brand: Value, name: Value| json!({"os": "android", "brand": brand, "name": name});
    let list = json!([
        device(json!("Zebra"), json!("ET56")),
        device(json!("Zebra"), json!(" ET56 ")),
        device(Value::Null, json!("C330")),
        device(json!("Nobody"), Value::Null),
        "odd"
    ]);
    let phone = |brand: &str, name: &str| Phone { brand: brand.to_owned(), name: name.to_owned() };
    assert_eq!(read(list), Ok(vec![phone("Zebra", "ET56"), phone("", "C330")]));
    assert_eq!(read(json!([])), Ok(Vec::new()));
    assert!(read(Value::Null).is_err());
    assert_eq!(read(json!([device(json!("x".repeat(999)), json!("y"))])).unwrap()[0].brand.chars().count(), 80);
}

#[test]
fn a_refund_is_asked_for_one_esim_with_our_reference_and_signed() {
    let mut account = account("airalo");
    assert!(extras(&account).refunds.is_none());
    account.airalo = serde_json::from_value(json!({"refunds": {"email": "back.office@example.com"}})).unwrap();
    assert!(extras(&account).refunds.is_some());
    let (reference, iccid) = (order_id(), iccid());
    let known = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    let request = Airalo::new(&account).refund(known, &reference).unwrap();
    assert_eq!((request.method.as_str(), request.url.path()), ("POST", "/v2/refund"));
    let expected = json!({"iccids": ["8933200000000000127"], "reason": "TRIP_CANCELLATION", "notes": "ord_01JCONFORMANCE",
                          "email": "back.office@example.com"});
    assert_eq!(body(&request), expected);
    assert!(signed(&request, &request.body));
    assert!(airalo().refund(EsimKey { provider_esim_id: Some("77"), iccid: None }, &reference).is_err());
    let read = |status: u16, said: Value| {
        let status = http::StatusCode::from_u16(status).unwrap();
        airalo().read_refund(&Answer { status, ..answer(&said) })
    };
    assert_eq!(read(202, json!({"data": {"refund_id": "12345", "created_at": "2026-11-10 09:30"}})), Ok("12345".to_owned()));
    assert!(matches!(read(202, json!({"data": {}})), Err(ProviderError::Unknown(_))));
    let foreign = json!({"data": [], "meta": {"message": "The following ICCIDs do not belong to your company: 8933200000000000127"}});
    let refused =
        ProviderError::Rejected { code: "refused", reason: "The following ICCIDs do not belong to your company: [ICCID]".to_owned() };
    assert_eq!(read(422, foreign), Err(refused));
    assert!(matches!(read(504, Value::Null), Err(ProviderError::Unknown(_))));
}

/// A recorded answer of `answers/future_orders.json`, by its name.
fn future_sample(name: &str) -> Answer {
    let samples: Value = serde_json::from_str(include_str!("../answers/future_orders.json")).unwrap();
    let sample = samples.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
    let status = http::StatusCode::from_u16(u16::try_from(sample["status"].as_u64().unwrap()).unwrap()).unwrap();
    Answer { status, ..answer(&sample["body"]) }
}

fn scheduled() -> Scheduled {
    Scheduled { request_id: "9HrK4-KGgz8n71eGgdNS5cV7Y".to_owned(), cancel_by: Some("2025-03-27T10:00:00Z".parse().unwrap()) }
}

#[test]
fn a_future_order_names_its_minute_and_our_reference_and_is_taken_with_an_id() {
    let mut account = account("airalo");
    assert!(extras(&account).future_orders.is_none());
    account.airalo.future_orders = true;
    assert!(extras(&account).future_orders.is_some());
    let (reference, due) = (order_id(), "2025-03-28T10:00:59Z".parse().unwrap());
    let order = PlaceOrder { provider_package_id: "jp-1gb-7d", reference: &reference, locale: Locale::Fr };
    let request = airalo().place_later(&order, due);
    assert_eq!((request.method.as_str(), request.url.path(), request.operation), ("POST", "/v2/future-orders", "place_order"));
    let expected = json!({"quantity": 1, "package_id": "jp-1gb-7d", "due_date": "2025-03-28 10:00", "description": "ord_01JCONFORMANCE"});
    assert_eq!(body(&request), expected);
    assert!(signed(&request, &request.body));
    let read = |name: &str| airalo().read_place_later(&future_sample(name));
    assert_eq!(read("taken"), Ok(scheduled()));
    for (name, code, words) in [
        ("too soon", "refused", "due_date: Minimum due date must be at least the day after tomorrow in UTC timezone."),
        ("no stock", "sold_out", "The requested eSIM package is invalid or it is currently out of stock. Please try again later."),
        ("nobody is told", "refused", "User is not opted in and no webhook URL provided."),
    ] {
        assert_eq!(read(name), Err(ProviderError::Rejected { code, reason: words.to_owned() }), "{name}");
    }
    for name in ["a refusal as a success", "an empty success", "a failure"] {
        assert!(matches!(read(name), Err(ProviderError::Unknown(_))), "{name}");
    }
}

#[test]
fn a_future_order_is_looked_for_in_every_list_by_our_whole_reference() {
    let (reference, due) = (order_id(), "2025-03-28T10:00:00Z".parse().unwrap());
    let request = airalo().find_later(due, Some("retry:2"));
    let query: Vec<_> = request.url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
    let expected = ["status=retry", "from_due_date=2025-03-28 09:59", "to_due_date=2025-03-28 10:01", "limit=100", "page=2"];
    assert_eq!(
        (request.method.as_str(), request.url.path(), query.as_slice()),
        ("GET", "/v2/future-orders", expected.map(String::from).as_slice())
    );
    let read = |name: &str, cursor: Option<&str>| airalo().read_find_later(&reference, cursor, &future_sample(name));
    let next = |cursor: &str| Ok(FoundLater::Next(cursor.to_owned()));
    assert_eq!(read("listed", None), Ok(FoundLater::Waiting(scheduled())));
    assert_eq!(read("listed", Some("retry:1")), Ok(FoundLater::Waiting(scheduled())));
    assert_eq!(read("listed", Some("failed:1")), Ok(FoundLater::Failed));
    assert_eq!(read("others, more to come", None), next("pending:2"));
    assert_eq!(
        (read("none", None), read("none", Some("pending:2")), read("none", Some("retry:1"))),
        (next("retry:1"), next("retry:1"), next("failed:1"))
    );
    assert_eq!(read("none", Some("failed:1")), Ok(FoundLater::Absent));
    for name in ["a refused list", "an empty success", "a failure", "listed without an id"] {
        assert!(matches!(read(name, None), Err(ProviderError::Unknown(_))), "{name}");
    }
}

#[test]
fn only_an_empty_success_says_that_a_future_order_is_cancelled() {
    let request = airalo().cancel_later("9HrK4-KGgz8n71eGgdNS5cV7Y");
    assert_eq!((request.method.as_str(), request.url.path()), ("POST", "/v2/cancel-future-orders"));
    assert_eq!(body(&request), json!({"request_ids": ["9HrK4-KGgz8n71eGgdNS5cV7Y"]}));
    assert!(signed(&request, &request.body));
    let read = |name: &str| airalo().read_cancel_later(&future_sample(name));
    assert_eq!((read("cancelled"), read("cancelled, as the SDK shows it")), (Ok(()), Ok(())));
    for name in ["already processed", "already processed, as a success"] {
        let Err(ProviderError::Rejected { reason, .. }) = read(name) else { panic!("{name}") };
        assert!(reason.ends_with("is already processed and can not be cancelled."), "{reason}");
    }
    for name in ["taken", "a failure"] {
        assert!(matches!(read(name), Err(ProviderError::Unknown(_))), "{name}");
    }
}
