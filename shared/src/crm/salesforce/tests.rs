#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap, index or panic is a failed test")]

use super::Salesforce;
use crate::{
    config::SalesforceSettings,
    crm::{
        Crm, CrmError, CrmEvent, ErasedSubscription, RevenueRecord, RevenueSums, SubscriptionRecord,
        hubspot::scripted::{Scripted, subscription},
    },
    domain::{CrmLink, EsimId},
};
use serde_json::{Value, json};
use std::time::Duration;

fn org() -> Salesforce {
    Salesforce::new(&SalesforceSettings {
        base_url: "https://horizon.my.salesforce.com".parse().unwrap(),
        client_id: "3MVG9".to_owned(),
        client_secret: "secret".to_owned().into(),
        api_version: "v66.0".to_owned(),
    })
}

fn login() -> (u16, Value) {
    (200, json!({"access_token": "00D!1", "instance_url": "https://horizon-eu.my.salesforce.com", "issued_at": "1"}))
}

fn description(fields: &[&str]) -> (u16, Value) {
    let fields: Vec<Value> = fields.iter().map(|name| json!({ "name": name })).collect();
    (200, json!({ "fields": fields }))
}

#[tokio::test]
async fn a_record_is_upserted_on_the_instance_by_its_external_id_which_is_not_in_the_body() {
    let fields = description(&["eSIM_Id__c", "Status__c", "Price__c", "Data_Remaining_MB__c", "Opportunity__c"]);
    let http =
        Scripted::answering([login(), fields, (201, json!({"id": "a01", "success": true, "errors": []})), (200, json!({"success": true}))]);
    let org = org();
    org.upsert_subscription(&http, &subscription()).await.unwrap();
    org.upsert_subscription(&http, &subscription()).await.unwrap();
    assert_eq!(
        http.urls(),
        [
            "https://horizon.my.salesforce.com/services/oauth2/token",
            "https://horizon-eu.my.salesforce.com/services/data/v66.0/sobjects/eSIM_Subscription__c/describe",
            "https://horizon-eu.my.salesforce.com/services/data/v66.0/sobjects/eSIM_Subscription__c/eSIM_Id__c/esim_1",
            "https://horizon-eu.my.salesforce.com/services/data/v66.0/sobjects/eSIM_Subscription__c/eSIM_Id__c/esim_1",
        ],
        "one log-in and one description, kept"
    );
    assert_eq!(
        http.body(2),
        json!({"Status__c": "activated", "Price__c": 4.5, "Data_Remaining_MB__c": 4608, "Opportunity__c": "301"}),
        "what the org has"
    );
}

#[tokio::test]
async fn revenue_is_written_where_the_opportunity_has_fields_and_emptied_where_it_is_not_known() {
    let revenue = |sums| RevenueRecord {
        booking_reference: "D-1".to_owned(),
        link: CrmLink { deal_id: Some("006".to_owned()), ..CrmLink::default() },
        currency: "EUR".to_owned(),
        sums,
    };
    let http = Scripted::answering([
        login(),
        description(&["eSIM_Net__c", "eSIM_Margin__c", "eSIM_Currency__c"]),
        (204, Value::Null),
        (204, Value::Null),
    ]);
    let org = org();
    let sums = RevenueSums { net: "9.00".parse().unwrap(), sale: Some("11.26".parse().unwrap()) };
    org.show_revenue(&http, &revenue(Some(sums))).await.unwrap();
    assert_eq!(http.body(2), json!({"eSIM_Net__c": 9, "eSIM_Margin__c": 2.26, "eSIM_Currency__c": "EUR"}));
    org.show_revenue(&http, &revenue(None)).await.unwrap();
    assert_eq!(http.body(3), json!({"eSIM_Net__c": null, "eSIM_Margin__c": null, "eSIM_Currency__c": "EUR"}));
    org.show_revenue(&Scripted::answering([]), &RevenueRecord { link: CrmLink::default(), ..revenue(None) }).await.unwrap();
}

#[tokio::test]
async fn rows_of_a_collection_fail_alone_and_one_that_is_refused_whole_is_written_one_by_one() {
    let records: Vec<SubscriptionRecord> =
        (1..=3).map(|number| SubscriptionRecord { esim_id: EsimId::parse(&format!("esim_{number}")).unwrap(), ..subscription() }).collect();
    let row = |code: &str| json!({"success": false, "errors": [{"statusCode": code, "message": "no", "fields": ["X__c"]}]});
    let rows = json!([{"id": "a01", "success": true, "errors": [], "created": true}, row("INVALID_CROSS_REFERENCE_KEY"), row("UNABLE_TO_LOCK_ROW")]);
    let http = Scripted::answering([login(), description(&["eSIM_Id__c", "Status__c"]), (200, rows)]);
    let outcomes = org().upsert_subscriptions(&http, &records).await;
    assert!(outcomes[0].is_ok() && matches!(outcomes[2], Err(CrmError::Later { .. })));
    assert_eq!(outcomes[1], Err(CrmError::Refused { reason: "HTTP 200 INVALID_CROSS_REFERENCE_KEY X__c: no".to_owned() }));
    let body = http.body(2);
    assert_eq!((&body["allOrNone"], body["records"].as_array().unwrap().len()), (&json!(false), 3));
    assert_eq!(
        body["records"][1],
        json!({"attributes": {"type": "eSIM_Subscription__c"}, "eSIM_Id__c": "esim_2", "Status__c": "activated"})
    );
    assert!(http.urls()[2].ends_with("/services/data/v66.0/composite/sobjects/eSIM_Subscription__c/eSIM_Id__c"));
    let whole = (400, json!([{"errorCode": "JSON_PARSER_ERROR", "message": "no"}]));
    let one = || (200, json!({"success": true}));
    let http = Scripted::answering([login(), description(&["Status__c"]), whole, one(), one(), one()]);
    assert!(org().upsert_subscriptions(&http, &records).await.iter().all(Result::is_ok));
    let short = Scripted::answering([login(), description(&["Status__c"]), (200, json!([{"success": true}]))]);
    assert!(org().upsert_subscriptions(&short, &records).await.iter().all(|outcome| matches!(outcome, Err(CrmError::Later { .. }))));
}

#[tokio::test]
async fn a_forgotten_esim_is_emptied_and_none_is_made_for_it() {
    let erased = ErasedSubscription { esim_id: EsimId::parse("esim_1").unwrap(), deal_id: None };
    let fields = description(&["Status__c", "ICCID_Masked__c", "Contact__c", "Booking_Reference__c", "Price__c"]);
    let http = Scripted::answering([login(), (200, json!({"Id": "a01"})), fields, (200, json!({"success": true}))]);
    org().erase_subscription(&http, &erased).await.unwrap();
    assert_eq!(http.body(3), json!({"ICCID_Masked__c": null, "Contact__c": null, "Booking_Reference__c": null}));
    let missing = (404, json!([{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]));
    let nobody = Scripted::answering([login(), missing]);
    org().erase_subscription(&nobody, &erased).await.unwrap();
    assert_eq!(nobody.calls().len(), 2);
}

#[tokio::test]
async fn a_session_that_is_over_is_renewed_once() {
    let over = || (401, json!([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]));
    let http = Scripted::answering([login(), over(), login(), description(&["Status__c"]), (200, json!({"success": true}))]);
    org().upsert_subscription(&http, &subscription()).await.unwrap();
    let refused = Scripted::answering([login(), over(), login(), over()]);
    assert!(matches!(org().upsert_subscription(&refused, &subscription()).await, Err(CrmError::Later { .. })));
}

async fn after(status: u16, code: &str, message: &str) -> CrmError {
    let http = Scripted::answering([
        login(),
        description(&["Status__c"]),
        (status, json!([{"errorCode": code, "message": message, "fields": ["X__c"]}])),
    ]);
    org().upsert_subscription(&http, &subscription()).await.unwrap_err()
}

#[tokio::test]
async fn a_limit_is_a_throttle_whatever_its_status_and_locks_pass() {
    let wait = |error| match error {
        CrmError::Later { retry_after, .. } => retry_after,
        other => panic!("{other:?}"),
    };
    assert_eq!(wait(after(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.").await), Some(Duration::from_secs(3600)));
    assert_eq!(
        wait(after(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.").await),
        Some(Duration::from_secs(10))
    );
    assert_eq!(wait(after(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access").await), None);
    assert_eq!(wait(after(400, "DUPLICATE_VALUE", "duplicate value found").await), None);
    assert_eq!(wait(after(503, "SERVER_UNAVAILABLE", "busy").await), None);
    let no = after(400, "INVALID_EMAIL_ADDRESS", "marie@exemple.fr is no address").await;
    assert_eq!(no, CrmError::Refused { reason: "HTTP 400 INVALID_EMAIL_ADDRESS X__c: … is no address".to_owned() });
    assert!(matches!(after(403, "INSUFFICIENT_ACCESS_OR_READONLY", "").await, CrmError::Refused { .. }));
}

#[tokio::test]
async fn an_event_that_is_enqueued_is_no_failure_though_it_lists_an_error() {
    let enqueued = json!({"id": "e00", "success": true, "errors": [{"statusCode": "OPERATION_ENQUEUED", "message": "u", "fields": []}]});
    let http = Scripted::answering([login(), description(&["Event_Type__c", "Webhook_Id__c", "Threshold__c"]), (201, enqueued)]);
    let event = CrmEvent {
        event_id: "evt-1".to_owned(),
        name: "usage.threshold_reached".to_owned(),
        link: CrmLink::default(),
        traveller_email: None,
        occurred_at: "2026-11-24T12:00:00Z".parse().unwrap(),
        properties: vec![("threshold_percent".to_owned(), "80".to_owned())],
    };
    org().emit_event(&http, &event).await.unwrap();
    assert_eq!(http.body(2), json!({"Event_Type__c": "usage.threshold_reached", "Webhook_Id__c": "evt-1", "Threshold__c": 80}));
}

#[tokio::test]
async fn a_log_in_that_is_refused_says_why_and_not_with_what() {
    let http = Scripted::answering([(400, json!({"error": "invalid_grant", "error_description": "request not supported on this domain"}))]);
    let error = org().upsert_subscription(&http, &subscription()).await.unwrap_err();
    assert_eq!(error, CrmError::Refused { reason: "log-in: HTTP 400 invalid_grant: request not supported on this domain".to_owned() });
}
