//! BICS's simulator: errors inside HTTP 200, a stock of SIMs, steps that are said to be done already.

use passerelle_tests::sim::{Fault, Sim, bics};
use serde_json::{Value, json};

use crate::http::{Ask, ask};

async fn token(sim: &Sim) -> String {
    let body = json!({"username": "bics-user", "password": "bics-password"});
    let login = ask("POST", &format!("{}/login", sim.base_url)).json(&body).send().await.expect(200);
    login["AccessToken"].as_str().unwrap().to_owned()
}

fn call(sim: &Sim, token: &str, method: &str, path: &str) -> Ask {
    ask(method, &format!("{}/{path}", sim.base_url)).header("x-authorization", &format!("Bearer {token}"))
}

/// Outer and inner code.
fn codes(answer: &Value) -> (&str, &str) {
    let response = &answer["Response"];
    (response["resultCode"].as_str().unwrap(), response["resultParam"]["resultCode"].as_str().unwrap())
}

async fn stock(sim: &Sim, token: &str) -> Vec<Value> {
    let path = "fetchSIM?simStatusId=12&simAttachStatusId=1&page=1&perPage=50";
    call(sim, token, "GET", path).send().await.expect(200)["Response"]["responseParam"]["rows"].as_array().unwrap().clone()
}

async fn post(sim: &Sim, token: &str, path: &str, endpoint: &str, param: Value) -> Value {
    let body = json!({"Request": {"endPointId": endpoint, "requestParam": param}});
    call(sim, token, "POST", path).json(&body).send().await.expect(200)
}

#[tokio::test]
async fn tokens_go_into_a_header_of_their_own_and_die_inside_an_answer() {
    let sim = bics::start(None).await.unwrap();
    let wrong = ask("POST", &format!("{}/login", sim.base_url)).json(&json!({"username": "x"})).send().await.expect(200);
    assert_eq!(codes(&wrong), ("1", "401"));
    let token = token(&sim).await;
    assert_eq!(token.split('.').count(), 3);
    let plans = "QueryRatePlan?planCategory=ADDON&planType=0";
    assert_eq!(codes(&call(&sim, &token, "GET", plans).send().await.expect(200)), ("0", "0"));
    let elsewhere = ask("GET", &format!("{}/{plans}", sim.base_url)).bearer(&token).send().await.expect(200);
    assert_eq!(codes(&elsewhere), ("1", "401"), "Authorization is not looked at");
    sim.client().post("tokens/expire", &json!({})).await.unwrap();
    assert_eq!(codes(&call(&sim, &token, "GET", plans).send().await.expect(200)), ("1", "401"));
}

#[tokio::test]
async fn a_sim_is_made_active_once_and_told_so_afterwards() {
    let sim = bics::start(None).await.unwrap();
    let token = token(&sim).await;
    let rows = stock(&sim, &token).await;
    assert!(rows.iter().all(|row| row["endPointId"] != "-" && row["simStatus"] == "Pre-Active"));
    let endpoint = rows[0]["endPointId"].as_str().unwrap();
    let early = post(&sim, &token, "SubscribeAddon", endpoint, json!({"addonPlanId": "90001"})).await;
    assert_eq!(codes(&early).0, "1", "not active yet");
    let change = json!({"lifeCycle": "A", "reason": "1"});
    assert_eq!(codes(&post(&sim, &token, "EndPointLifeCycleChange", endpoint, change.clone()).await), ("0", "5017"));
    assert_eq!(codes(&post(&sim, &token, "EndPointLifeCycleChange", endpoint, change.clone()).await), ("1", "2507"));
    assert_eq!(codes(&post(&sim, &token, "EndPointLifeCycleChange", "EP-0", change).await), ("1", "6420"));
    assert_eq!(codes(&post(&sim, &token, "EndPointLifeCycleChange", endpoint, json!({"lifeCycle": "X"})).await).0, "1");
    assert_eq!(stock(&sim, &token).await.len(), rows.len() - 1);
}

#[tokio::test]
async fn two_subscriptions_are_two_purchases_and_both_are_listed() {
    let sim = bics::start(None).await.unwrap();
    let token = token(&sim).await;
    let row = stock(&sim, &token).await.remove(0);
    let (endpoint, iccid) = (row["endPointId"].as_str().unwrap(), row["iccid"].as_str().unwrap());
    post(&sim, &token, "EndPointActivation", endpoint, json!({})).await;
    sim.client().fault(&Fault::on("POST", "SubscribeAddon").times(1).dropping_the_reply()).await.unwrap();
    let body = json!({"Request": {"endPointId": endpoint, "requestParam": {"addonPlanId": "90001"}}});
    assert!(call(&sim, &token, "POST", "SubscribeAddon").json(&body).attempt().await.is_none());
    let second = post(&sim, &token, "SubscribeAddon", endpoint, json!({"addonPlanId": "90001"})).await;
    assert!(second["Response"]["responseParam"]["rows"][0]["uniqueId"].is_string());
    assert_eq!(codes(&post(&sim, &token, "SubscribeAddon", endpoint, json!({"addonPlanId": "1"})).await), ("1", "7100"));
    sim.client().set_esim(iccid, &json!({"used_mb": 12})).await.unwrap();
    let details = call(&sim, &token, "GET", &format!("GetEndpointAddonDetails?endPointId={endpoint}")).send().await.expect(200);
    let rows = details["Response"]["responseParam"]["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["activationDate"], &rows[1]["usedVolume"]), (2, &json!("-"), &json!("12.000")));
    let days = "from_date=20270401&to_date=20270430";
    let statistics = call(&sim, &token, "GET", &format!("GetStatistics?endPointId={endpoint}&{days}")).send().await.expect(200);
    assert_eq!(statistics["Response"]["responseParam"]["dataTotalUsage"]["totalVolume"], "12.000");
    assert_eq!(sim.client().ledger().await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_not_there_is_not_found_inside_an_answer() {
    let sim = bics::start(None).await.unwrap();
    let token = token(&sim).await;
    assert_eq!(codes(&call(&sim, &token, "GET", "GetEndpointAddonDetails?endPointId=none").send().await.expect(200)), ("1", "404"));
    assert_eq!(codes(&call(&sim, &token, "GET", "QueryRatePlan").send().await.expect(200)).0, "1");
    call(&sim, &token, "GET", "Unknown").send().await.expect(404);
    sim.client().post("stock/empty", &json!({})).await.unwrap();
    assert!(stock(&sim, &token).await.is_empty());
}
