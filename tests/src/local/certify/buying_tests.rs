use serde_json::{Value, json};

use super::super::scenario::{Scenario, Verdict};
use super::{Answer, Bought, NAMES, Purchase, codes, judged_order, same_key, topups, usage};

fn answer(status: u16, body: &Value, replayed: bool) -> Answer {
    let mut headers = http::HeaderMap::new();
    if replayed {
        headers.insert("idempotent-replayed", http::HeaderValue::from_static("true"));
    }
    Answer { call: String::new(), status, headers, body: body.clone(), bytes: body.to_string().into_bytes() }
}

fn purchase() -> Purchase {
    Purchase::of(&json!({"package_id": "go:x", "title": "1 GB", "price": 4.5, "currency": "USD"}), "key".to_owned())
}

#[test]
fn the_order_is_the_same_each_time_and_says_what_it_costs() {
    assert_eq!(purchase().order().to_string(), purchase().order().to_string());
    assert_eq!(purchase().told, "`go:x`, “1 GB”, 4.5 USD");
}

#[test]
fn a_repeat_is_the_first_answer_or_the_same_order_further_on() {
    let (one, two) = (json!({"order_id": "ord_1", "status": "placed"}), json!({"order_id": "ord_2", "status": "placed"}));
    let further = json!({"order_id": "ord_1", "status": "delivered"});
    let verdict = |first: Answer, second: Answer| same_key(&first, &second).verdict;
    assert_eq!(verdict(answer(201, &one, false), answer(201, &one, true)), Verdict::Matched);
    assert_eq!(verdict(answer(202, &one, false), answer(201, &further, true)), Verdict::Matched);
    assert_eq!(verdict(answer(201, &one, false), answer(201, &one, false)), Verdict::Differs);
    assert_eq!(verdict(answer(201, &one, false), answer(201, &two, true)), Verdict::Differs);
    assert_eq!(verdict(answer(201, &one, false), answer(201, &further, true)), Verdict::Differs);
}

#[test]
fn only_an_order_with_an_esim_is_bought() {
    let first = answer(201, &json!({"order_id": "ord_1"}), false);
    let order =
        |status: &str| json!({"order_id": "ord_1", "status": status, "esim_id": "esim_1", "history": [{"status": status, "note": "n"}]});
    let (scenario, esim) = judged_order(&purchase(), &first, &order("delivered"));
    assert_eq!((scenario.verdict, esim.as_deref()), (Verdict::Matched, Some("esim_1")));
    let (scenario, esim) = judged_order(&purchase(), &first, &order("parked"));
    assert_eq!((scenario.verdict, esim), (Verdict::Differs, None));
}

#[test]
fn codes_are_judged_and_not_told() {
    let esim = json!({"iccid": "8910300000000000017", "lpa_code": "LPA:1$smdp.example$CODE-1", "smdp_address": "smdp.example",
                      "manual_activation_code": "CODE-1", "status": "released"});
    let good = codes(&esim);
    assert!(good.verdict == Verdict::Matched && !format!("{good:?}").contains("CODE-1") && !format!("{good:?}").contains("89103"));
    let mut other = esim.clone();
    if let Some(members) = other.as_object_mut() {
        members.insert("lpa_code".to_owned(), json!("LPA:1$smdp.example$CODE-2"));
    }
    assert_eq!(codes(&other).verdict, Verdict::Differs);
    assert_eq!(codes(&json!({"iccid": "8910300000000000017"})).verdict, Verdict::Differs);
}

#[test]
fn usage_must_have_been_read_and_what_cannot_be_topped_up_is_no_failure() {
    let body =
        json!({"status": "released", "data_used_mb": 0, "data_total_mb": 1024, "expiry_date": null, "measured_at": "2027-01-01T00:00:00Z"});
    assert_eq!(usage(&json!({"read": 1}), &answer(200, &body, false)).verdict, Verdict::Matched);
    assert_eq!(usage(&json!({"read": 0}), &answer(200, &body, false)).verdict, Verdict::Differs);
    assert_eq!(topups(&answer(200, &json!({"packages": []}), false)).verdict, Verdict::Matched);
    assert_eq!(topups(&answer(422, &json!({"code": "not_rechargeable"}), false)).verdict, Verdict::Matched);
    assert_eq!(topups(&answer(422, &json!({"code": "other"}), false)).verdict, Verdict::Differs);
    assert_eq!(topups(&answer(503, &Value::Null, false)).verdict, Verdict::Differs);
}

#[test]
fn what_was_not_run_is_named() {
    let bought = Bought::default().ended(Scenario::differs("purchase", "no answer"));
    assert!(bought.scenarios.iter().map(|scenario| scenario.name).eq(NAMES));
    assert!(bought.scenarios.iter().skip(1).all(|scenario| scenario.verdict == Verdict::NotRun));
}
