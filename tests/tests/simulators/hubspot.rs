//! HubSpot.

use passerelle_tests::sim::{Sim, hubspot};
use serde_json::{Value, json};

use crate::http::{Answer, ask};

async fn call(sim: &Sim, method: &str, path: &str, body: &Value) -> Answer {
    let request = ask(method, &format!("{}{path}", sim.base_url)).bearer("pat-eu1-simulated");
    if body.is_null() { request.send().await } else { request.json(body).send().await }
}

fn schema() -> Value {
    json!({
        "name": "esim_subscription", "labels": {"singular": "eSIM subscription", "plural": "eSIM subscriptions"},
        "requiredProperties": ["esim_id"], "primaryDisplayProperty": "esim_id", "associatedObjects": ["CONTACT", "DEAL"],
        "properties": [
            {"name": "esim_id", "label": "eSIM", "type": "string", "fieldType": "text", "hasUniqueValue": true},
            {"name": "data_used_mb", "label": "Used", "type": "number", "fieldType": "number"},
            {"name": "expires_on", "label": "Expires", "type": "date", "fieldType": "date"},
            {"name": "status", "label": "Status", "type": "enumeration", "fieldType": "select", "options": [
                {"label": "Placed", "value": "placed", "displayOrder": 0, "hidden": false}]},
        ],
    })
}

fn upsert(id: &str, properties: &Value) -> Value {
    json!({"inputs": [{"id": id, "idProperty": "esim_id", "properties": properties}]})
}

#[tokio::test]
async fn a_token_is_needed_and_unknown_paths_and_versions_are_not_found() {
    let sim = hubspot::start(None).await.unwrap();
    let url = format!("{}/crm/v3/objects/contacts", sim.base_url);
    assert_eq!(ask("GET", &url).send().await.expect(401)["category"], "INVALID_AUTHENTICATION");
    ask("GET", &url).bearer("other").send().await.expect(401);
    call(&sim, "GET", "/crm/objects/2025-01/contacts", &Value::Null).await.expect(404);
    call(&sim, "GET", "/crm/objects/2026-09/contacts", &Value::Null).await.expect(200);
}

#[tokio::test]
async fn a_contact_is_made_once_and_shown_by_number_or_address() {
    let sim = hubspot::start(None).await.unwrap();
    let contact = json!({"properties": {"email": "a@example.com", "firstname": "A"}});
    let made = call(&sim, "POST", "/crm/v3/objects/contacts", &contact).await.expect(201);
    let id = made["id"].as_str().unwrap().to_owned();
    let again = call(&sim, "POST", "/crm/objects/2026-09/contacts", &contact).await.expect(409);
    assert_eq!(
        (&again["category"], again["message"].as_str().unwrap()),
        (&json!("CONFLICT"), format!("Contact already exists. Existing ID: {id}").as_str())
    );
    let shown = call(&sim, "GET", "/crm/v3/objects/0-1/a@example.com?idProperty=email&properties=phone", &Value::Null).await.expect(200);
    assert_eq!((&shown["id"], &shown["properties"]["phone"]), (&json!(id), &json!(null)));
    call(&sim, "PATCH", &format!("/crm/v3/objects/contacts/{id}"), &json!({"properties": {"phone": "+33 1"}})).await.expect(200);
    let stored = &sim.client().objects("contacts").await.unwrap()[0];
    assert_eq!((&stored["properties"]["phone"], &stored["writes"]), (&json!("+33 1"), &json!(2)));
    call(&sim, "DELETE", &format!("/crm/v3/objects/contacts/{id}"), &Value::Null).await.expect(204);
    assert_eq!(
        call(&sim, "GET", &format!("/crm/v3/objects/contacts/{id}"), &Value::Null).await.expect(404)["category"],
        "OBJECT_NOT_FOUND"
    );
}

#[tokio::test]
async fn values_are_strings_of_known_properties_and_right_kinds() {
    let sim = hubspot::start(None).await.unwrap();
    let refused = |properties: Value| {
        let sim = &sim;
        async move { call(sim, "POST", "/crm/v3/objects/deals", &json!({ "properties": properties })).await.expect(400) }
    };
    assert_eq!(refused(json!({"colour": "red"})).await["errors"][0]["code"], "PROPERTY_DOESNT_EXIST");
    assert!(refused(json!({"amount": 12})).await["message"].as_str().unwrap().contains("java.lang.String"));
    assert_eq!(refused(json!({"amount": "twelve"})).await["errors"][0]["code"], "INVALID_NUMBER");
    assert!(refused(json!({"deal_currency_code": "XXX"})).await["message"].as_str().unwrap().contains("INVALID_OPTION"));
    assert_eq!(refused(json!({"hs_object_id": "1"})).await["errors"][0]["code"], "READ_ONLY_VALUE");
    assert!(
        call(&sim, "POST", "/crm/v3/objects/tasks", &json!({"properties": {"hs_task_subject": "x"}})).await.expect(400)["message"]
            .as_str()
            .unwrap()
            .contains("hs_timestamp")
    );
    assert!(sim.client().objects("deals").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_custom_object_is_made_and_upserted_by_its_unique_property() {
    let sim = hubspot::start(None).await.unwrap();
    let made = call(&sim, "POST", "/crm-object-schemas/2026-09/schemas", &schema()).await.expect(201);
    assert!(made["objectTypeId"].as_str().unwrap().starts_with("2-"));
    assert_eq!(made["fullyQualifiedName"], "p424242_esim_subscription");
    call(&sim, "POST", "/crm-object-schemas/v3/schemas", &schema()).await.expect(409);
    call(&sim, "GET", "/crm-object-schemas/v3/schemas/esim_subscription", &Value::Null).await.expect(200);
    let path = "/crm/objects/2026-09/esim_subscription/batch/upsert";
    let first = call(&sim, "POST", path, &upsert("es_1", &json!({"status": "placed", "expires_on": "2026-12-16"}))).await.expect(200);
    assert_eq!(first["results"][0]["new"], json!(true));
    let by_type = format!("/crm/v3/objects/{}/batch/upsert", made["objectTypeId"].as_str().unwrap());
    let second = call(&sim, "POST", &by_type, &upsert("es_1", &json!({"data_used_mb": "12"}))).await.expect(200);
    assert_eq!((&second["results"][0]["new"], &second["results"][0]["id"]), (&json!(false), &first["results"][0]["id"]));
    let stored = sim.client().objects("esim_subscription").await.unwrap();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0]["properties"], json!({"esim_id": "es_1", "status": "placed", "expires_on": "2026-12-16", "data_used_mb": "12"}));
    let by_status = json!({"inputs": [{"id": "placed", "idProperty": "status", "properties": {}}]});
    assert!(call(&sim, "POST", path, &by_status).await.expect(400)["message"].as_str().unwrap().contains("non-unique"));
    let twice = json!({"inputs": [upsert("es_2", &json!({}))["inputs"][0], upsert("es_2", &json!({}))["inputs"][0]]});
    call(&sim, "POST", path, &twice).await.expect(400);
    let many: Vec<Value> = (0..101).map(|n| upsert(&format!("es_{n}"), &json!({}))["inputs"][0].clone()).collect();
    call(&sim, "POST", path, &json!({"inputs": many})).await.expect(400);
    call(&sim, "DELETE", "/crm-object-schemas/v3/schemas/esim_subscription", &Value::Null).await.expect(400);
    assert_eq!(sim.client().objects("esim_subscription").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_portal_without_custom_objects_says_missing_scopes() {
    let sim = hubspot::start(None).await.unwrap();
    sim.client().post("settings", &json!({"custom_objects": false, "custom_events": false})).await.unwrap();
    for (method, path, body) in [
        ("GET", "/crm-object-schemas/2026-09/schemas/esim_subscription", Value::Null),
        ("POST", "/crm-object-schemas/v3/schemas", schema()),
        ("POST", "/events/v3/event-definitions", json!({"label": "x"})),
    ] {
        assert_eq!(call(&sim, method, path, &body).await.expect(403)["category"], "MISSING_SCOPES", "{path}");
    }
    let group = json!({"name": "esim", "label": "eSIM"});
    call(&sim, "POST", "/crm/properties/2026-09/deals/groups", &group).await.expect(201);
    let property = json!({"name": "esim_status", "label": "Status", "type": "string", "fieldType": "text", "groupName": "esim"});
    call(&sim, "POST", "/crm/v3/properties/deals", &property).await.expect(201);
    call(&sim, "POST", "/crm/v3/properties/deals", &property).await.expect(409);
    let mismatched = json!({"name": "esim_used", "label": "Used", "type": "number", "fieldType": "text", "groupName": "esim"});
    call(&sim, "POST", "/crm/v3/properties/deals", &mismatched).await.expect(400);
    call(&sim, "POST", "/crm/v3/objects/deals", &json!({"properties": {"dealname": "Trip", "esim_status": "placed"}})).await.expect(201);
}

#[tokio::test]
async fn records_are_associated_both_ways() {
    let sim = hubspot::start(None).await.unwrap();
    let (contact, deal) = sim.client().seed_trip("a@example.com", "Tokyo").await.unwrap();
    let schema = call(&sim, "POST", "/crm-object-schemas/v3/schemas", &schema()).await.expect(201);
    assert_eq!(schema["associations"].as_array().unwrap().len(), 4);
    let made = call(&sim, "POST", "/crm/v3/objects/esim_subscription/batch/upsert", &upsert("es_1", &json!({}))).await.expect(200);
    let id = made["results"][0]["id"].as_str().unwrap();
    call(&sim, "PUT", &format!("/crm/objects/2026-09/esim_subscription/{id}/associations/default/contacts/{contact}"), &Value::Null)
        .await
        .expect(200);
    call(&sim, "PUT", &format!("/crm/v4/objects/esim_subscription/{id}/associations/default/deals/{deal}"), &Value::Null).await.expect(200);
    call(&sim, "PUT", &format!("/crm/v4/objects/esim_subscription/{id}/associations/default/deals/1"), &Value::Null).await.expect(404);
    let task = json!({
        "properties": {"hs_timestamp": "2026-12-01T08:00:00Z", "hs_task_subject": "Call", "hs_task_status": "NOT_STARTED"},
        "associations": [
            {"to": {"id": contact}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}]},
            {"to": {"id": deal}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 216}]},
        ],
    });
    call(&sim, "POST", "/crm/v3/objects/tasks", &task).await.expect(201);
    let mut wrong = task.clone();
    wrong["associations"][0]["types"][0]["associationTypeId"] = json!(999);
    call(&sim, "POST", "/crm/v3/objects/tasks", &wrong).await.expect(400);
    let seen = call(&sim, "GET", &format!("/crm/v3/objects/contacts/{contact}?associations=deals,tasks,esim_subscription"), &Value::Null)
        .await
        .expect(200);
    for kind in ["deals", "tasks", "esim_subscription"] {
        assert_eq!(seen["associations"][kind]["results"].as_array().unwrap().len(), 1, "{kind}");
    }
    let stored = &sim.client().objects("deals").await.unwrap()[0];
    assert_eq!(stored["associations"]["esim_subscription"], json!([id]));
    assert_eq!(sim.client().objects("tasks").await.unwrap().len(), 1);
}

#[tokio::test]
async fn search_lags_behind_writes_and_filters() {
    let sim = hubspot::start(None).await.unwrap();
    sim.client().post("settings", &json!({"search_lag_ms": 60_000})).await.unwrap();
    sim.client().seed_trip("seeded@example.com", "Tokyo").await.unwrap();
    call(&sim, "POST", "/crm/v3/objects/contacts", &json!({"properties": {"email": "fresh@example.com"}})).await.expect(201);
    let query = |operator: &str, value: Value| json!({"filterGroups": [{"filters": [{"propertyName": "email", "operator": operator, "value": value}]}], "properties": ["email"]});
    let found = call(&sim, "POST", "/crm/v3/objects/contacts/search", &query("EQ", json!("seeded@example.com"))).await.expect(200);
    assert_eq!(found["total"], json!(1));
    assert_eq!(
        call(&sim, "POST", "/crm/v3/objects/contacts/search", &query("EQ", json!("fresh@example.com"))).await.expect(200)["total"],
        json!(0)
    );
    sim.client().post("settings", &json!({"search_lag_ms": 0})).await.unwrap();
    assert_eq!(
        call(&sim, "POST", "/crm/v3/objects/contacts/search", &query("CONTAINS_TOKEN", json!("fresh"))).await.expect(200)["total"],
        json!(1)
    );
    call(&sim, "POST", "/crm/v3/objects/contacts/search", &query("LIKE", json!("x"))).await.expect(400);
}

#[tokio::test]
async fn an_event_is_kept_once_a_uuid() {
    let sim = hubspot::start(None).await.unwrap();
    sim.client().seed_trip("a@example.com", "Tokyo").await.unwrap();
    let definition = json!({"label": "eSIM activated", "name": "esim_activated", "primaryObject": "CONTACT",
        "propertyDefinitions": [{"name": "country", "label": "Country", "type": "string"}]});
    let made = call(&sim, "POST", "/events/custom/2026-09/event-definitions", &definition).await.expect(201);
    let event = json!({"eventName": made["fullyQualifiedName"], "email": "a@example.com", "properties": {"country": "JP"},
        "occurredAt": "2026-12-01T00:00:00Z", "uuid": "u-1"});
    for path in ["/events/v3/send", "/events/custom/2026-09/send"] {
        call(&sim, "POST", path, &event).await.expect(204);
    }
    let kept = sim.client().get("events").await.unwrap();
    assert_eq!((kept.as_array().unwrap().len(), &kept[0]["repeats"], &kept[0]["matched"]), (1, &json!(1), &json!(true)));
    for (member, value) in [
        ("eventName", json!("pe1_other")),
        ("properties", json!({"country": 1})),
        ("properties", json!({"planet": "x"})),
        ("email", json!(null)),
    ] {
        let mut broken = event.clone();
        broken[member] = value;
        call(&sim, "POST", "/events/v3/send", &broken).await.expect(400);
    }
}

#[tokio::test]
async fn the_burst_limit_answers_as_hubspot_does() {
    let sim = hubspot::start(None).await.unwrap();
    sim.client().post("settings", &json!({"requests_per_10_seconds": 2})).await.unwrap();
    let get = || call(&sim, "GET", "/crm/v3/objects/contacts", &Value::Null);
    assert_eq!(get().await.header("x-hubspot-ratelimit-remaining"), "1");
    get().await.expect(200);
    let refused = get().await.expect(429);
    assert_eq!((&refused["policyName"], &refused["errorType"]), (&json!("TEN_SECONDLY_ROLLING"), &json!("RATE_LIMIT")));
}

#[tokio::test]
async fn batches_fail_whole_unless_every_input_is_traced() {
    let sim = hubspot::start(None).await.unwrap();
    let input = |email: &str, trace: Option<&str>| json!({"properties": {"email": email}, "objectWriteTraceId": trace});
    let path = |version: &str| format!("/crm/{version}/contacts/batch/create");
    let plain = json!({"inputs": [input("a@example.com", None), input("a@example.com", None)]});
    call(&sim, "POST", &path("v3/objects"), &plain).await.expect(409);
    assert!(sim.client().objects("contacts").await.unwrap().is_empty());
    let traced = json!({"inputs": [input("a@example.com", Some("1")), input("a@example.com", Some("2"))]});
    let partly = call(&sim, "POST", &path("v3/objects"), &traced).await.expect(207);
    assert_eq!((&partly["numErrors"], &partly["errors"][0]["context"]["objectWriteTraceId"]), (&json!(1), &json!(["2"])));
    let read = json!({"inputs": [{"id": "a@example.com"}, {"id": "b@example.com"}], "idProperty": "email", "properties": ["email"]});
    let partly = call(&sim, "POST", "/crm/v3/objects/contacts/batch/read", &read).await.expect(207);
    assert_eq!((partly["results"].as_array().unwrap().len(), &partly["numErrors"]), (1, &json!(1)));
    call(&sim, "POST", "/crm/objects/2026-09/contacts/batch/read", &read).await.expect(200);
}
