//! A Salesforce org.

use passerelle_tests::sim::{Sim, salesforce};
use serde_json::{Value, json};

use crate::http::{Answer, ask};

async fn token(sim: &Sim) -> String {
    let form = [("grant_type", "client_credentials"), ("client_id", "3MVG9simulated"), ("client_secret", "salesforce-secret")];
    let told = ask("POST", &format!("{}/services/oauth2/token", sim.base_url)).form(&form).send().await.expect(200);
    assert!(told.get("expires_in").is_none() && told["issued_at"].is_string());
    told["access_token"].as_str().unwrap().to_owned()
}

async fn call(sim: &Sim, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let url = format!("{}/services/data/v66.0/sobjects/{path}", sim.base_url);
    ask(method, &url).bearer(token).json(body).send().await
}

#[tokio::test]
async fn log_ins_are_forms_with_the_right_credentials() {
    let sim = salesforce::start(None).await.unwrap();
    let url = format!("{}/services/oauth2/token", sim.base_url);
    let refused = |answer: Answer| answer.expect(400)["error"].clone();
    assert_eq!(refused(ask("POST", &url).json(&json!({"grant_type": "client_credentials"})).send().await), "unsupported_grant_type");
    let wrong = [("grant_type", "client_credentials"), ("client_id", "3MVG9simulated"), ("client_secret", "guess")];
    assert_eq!(refused(ask("POST", &url).form(&wrong).send().await), "invalid_client");
    let stale = call(&sim, "00D!stale", "GET", "Task/describe", &json!({})).await.expect(401);
    assert_eq!(stale[0]["errorCode"], "INVALID_SESSION_ID");
}

#[tokio::test]
async fn an_upsert_makes_one_record_and_refuses_what_the_org_would() {
    let sim = salesforce::start(None).await.unwrap();
    let token = token(&sim).await;
    let path = "eSIM_Subscription__c/eSIM_Id__c/esim_1";
    assert_eq!(call(&sim, &token, "PATCH", path, &json!({"Status__c": "released"})).await.expect(201)["created"], true);
    assert_eq!(call(&sim, &token, "PATCH", path, &json!({"Status__c": "activated"})).await.expect(200)["created"], false);
    let cases = [
        (json!({"eSIM_Id__c": "esim_1"}), "INVALID_FIELD"),
        (json!({"No_Such__c": 1}), "INVALID_FIELD"),
        (json!({"Status__c": "flying"}), "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        (json!({"Currency_Code__c": "EURO"}), "STRING_TOO_LONG"),
        (json!({"Opportunity__c": "301"}), "MALFORMED_ID"),
        (json!({"Opportunity__c": "006000000000000AAA"}), "INVALID_CROSS_REFERENCE_KEY"),
        (json!({"Data_Used_MB__c": "12"}), "JSON_PARSER_ERROR"),
    ];
    for (body, code) in cases {
        assert_eq!(call(&sim, &token, "PATCH", path, &body).await.expect(400)[0]["errorCode"], code, "{body}");
    }
    call(&sim, &token, "PATCH", "eSIM_Subscription__c/Status__c/x", &json!({})).await.expect(404);
    let kept = sim.client().objects("eSIM_Subscription__c").await.unwrap();
    assert_eq!((kept.len(), &kept[0]["writes"], &kept[0]["properties"]["Status__c"]), (1, &json!(2), &json!("activated")));
}

#[tokio::test]
async fn rows_of_a_collection_fail_alone_and_two_hundred_are_all() {
    let sim = salesforce::start(None).await.unwrap();
    let token = token(&sim).await;
    let url = format!("{}/services/data/v66.0/composite/sobjects/eSIM_Subscription__c/eSIM_Id__c", sim.base_url);
    let send = |rows: Vec<Value>| ask("PATCH", &url).bearer(&token).json(&json!({"allOrNone": false, "records": rows})).send();
    let row = |id: &str, status: &str| json!({"attributes": {"type": "eSIM_Subscription__c"}, "eSIM_Id__c": id, "Status__c": status});
    let told = send(vec![row("esim_1", "released"), row("esim_2", "flying"), json!({"eSIM_Id__c": "esim_3"})]).await.expect(200);
    assert_eq!((&told[0]["success"], &told[0]["created"]), (&json!(true), &json!(true)));
    assert_eq!(told[1]["errors"][0]["statusCode"], "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST");
    assert_eq!(told[2]["errors"][0]["statusCode"], "MISSING_ARGUMENT");
    assert_eq!(send(vec![row("esim_1", "activated")]).await.expect(200)[0]["created"], false);
    assert_eq!(sim.client().objects("eSIM_Subscription__c").await.unwrap().len(), 1);
    send(vec![row("esim_1", "activated"); 201]).await.expect(400);
}

#[tokio::test]
async fn an_event_is_enqueued_and_a_limit_is_a_403() {
    let sim = salesforce::start(None).await.unwrap();
    let token = token(&sim).await;
    let told = call(&sim, &token, "POST", "eSIM_Event__e", &json!({"Webhook_Id__c": "evt-1"})).await.expect(201);
    assert_eq!((&told["success"], &told["errors"][0]["statusCode"]), (&json!(true), &json!("OPERATION_ENQUEUED")));
    sim.client().post("limit", &json!({"kind": "daily"})).await.unwrap();
    let limited = call(&sim, &token, "GET", "Task/describe", &json!({})).await.expect(403);
    assert_eq!(limited[0]["errorCode"], "REQUEST_LIMIT_EXCEEDED");
}
