//! Doubles for the tests of this folder: answers in a row, and a portal that remembers what is defined.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]

use async_trait::async_trait;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Mutex,
};

use super::Hubspot;
use crate::{
    config::{HubspotRecords, HubspotSettings},
    crm::SubscriptionRecord,
    domain::{CrmLink, EmailAddress, EsimId, EsimStatus, Money, OrderId},
    outbound::{Answer, Http, HttpRequest, SendError},
};

fn answer(status: u16, body: &Value) -> Answer {
    let body = if body.is_null() { Vec::new() } else { serde_json::to_vec(body).unwrap() };
    Answer { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body }
}

/// Gives its answers in their order, then none, and keeps what was asked.
pub(crate) struct Scripted {
    answers: Mutex<VecDeque<(u16, Value)>>,
    asked: Mutex<Vec<HttpRequest>>,
}

impl Scripted {
    pub(crate) fn answering<const N: usize>(answers: [(u16, Value); N]) -> Self {
        Self { answers: Mutex::new(answers.into()), asked: Mutex::default() }
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|request| format!("{} {}", request.method, request.url.path())).collect()
    }

    pub(crate) fn urls(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|request| request.url.to_string()).collect()
    }

    pub(crate) fn body(&self, call: usize) -> Value {
        serde_json::from_slice(&self.asked.lock().unwrap().get(call).unwrap().body).unwrap()
    }

    pub(crate) fn all_carry_the_token(&self) -> bool {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .all(|request| request.headers.get("authorization").is_some_and(|value| value == "Bearer pat-1" && value.is_sensitive()))
    }
}

#[async_trait]
impl Http for Scripted {
    async fn send(&self, request: HttpRequest) -> Result<Answer, SendError> {
        self.asked.lock().unwrap().push(request);
        let next = self.answers.lock().unwrap().pop_front();
        next.map(|(status, body)| answer(status, &body)).ok_or(SendError::Unknown("the script is over"))
    }
}

/// Remembers schemas, properties and event definitions like a portal, and refuses what is there already.
#[derive(Default)]
pub(crate) struct Portal {
    enterprise_refused: bool,
    schema: Mutex<Option<Value>>,
    properties: Mutex<BTreeMap<String, Vec<Value>>>,
    groups: Mutex<Vec<String>>,
    events: Mutex<Vec<Value>>,
}

impl Portal {
    pub(crate) fn without_enterprise() -> Self {
        Self { enterprise_refused: true, ..Self::default() }
    }

    pub(crate) fn with_schema(schema: Value) -> Self {
        Self { schema: Mutex::new(Some(schema)), ..Self::default() }
    }

    pub(crate) fn property(&self, object: &str, name: &str) -> Option<Value> {
        self.properties.lock().unwrap().get(object)?.iter().find(|property| property["name"] == name).cloned()
    }

    fn schemas(&self, method: &Method, body: Value) -> (u16, Value) {
        let mut schema = self.schema.lock().unwrap();
        match (method.as_str(), schema.clone()) {
            ("GET", Some(schema)) => (200, schema),
            ("GET", None) => (404, json!({"category": "OBJECT_NOT_FOUND"})),
            _ => {
                *schema = Some(body);
                (201, json!({"objectTypeId": "2-1"}))
            }
        }
    }

    fn properties(&self, method: &Method, rest: &[&str], body: Value) -> (u16, Value) {
        let object = rest.first().copied().unwrap_or_default();
        if rest.get(1) == Some(&"groups") {
            self.groups.lock().unwrap().push(object.to_owned());
            return (201, json!({}));
        }
        let mut all = self.properties.lock().unwrap();
        let list = all.entry(object.to_owned()).or_default();
        if method == Method::GET {
            return (200, json!({"results": list}));
        }
        let group = body["groupName"].as_str().unwrap_or_default();
        if group == "passerelle" && !self.groups.lock().unwrap().contains(&object.to_owned()) {
            return (400, json!({"category": "VALIDATION_ERROR", "message": "no such group"}));
        }
        list.push(body);
        (201, json!({}))
    }

    fn events(&self, method: &Method, mut body: Value) -> (u16, Value) {
        let mut events = self.events.lock().unwrap();
        if method == Method::GET {
            return (200, json!({"results": *events}));
        }
        body["fullyQualifiedName"] = json!(format!("pe144_{}", body["name"].as_str().unwrap()));
        events.push(body);
        (201, json!({}))
    }
}

#[async_trait]
impl Http for Portal {
    async fn send(&self, request: HttpRequest) -> Result<Answer, SendError> {
        let path: Vec<&str> = request.url.path_segments().unwrap().collect();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let forbidden = (403, json!({"category": "MISSING_SCOPES", "message": "This app hasn't been granted all required scopes"}));
        let (status, body) = match path.as_slice() {
            ["crm-object-schemas", ..] | ["events", ..] if self.enterprise_refused => forbidden,
            ["crm-object-schemas", ..] => self.schemas(&request.method, body),
            ["crm", "properties", _, rest @ ..] | ["crm", "v3", "properties", rest @ ..] => self.properties(&request.method, rest, body),
            ["events", ..] => self.events(&request.method, body),
            _ => (404, Value::Null),
        };
        Ok(answer(status, &body))
    }
}

pub(crate) fn adapter() -> Hubspot {
    adapter_of("2026-09", HubspotRecords::CustomObject)
}

pub(crate) fn adapter_of(api_version: &str, records: HubspotRecords) -> Hubspot {
    Hubspot::new(&HubspotSettings {
        base_url: "https://api.hubapi.com".parse().unwrap(),
        access_token: "pat-1".to_owned().into(),
        api_version: api_version.to_owned(),
        records,
    })
}

/// An eSIM that runs, on deal 301 of contact 401.
pub(crate) fn subscription() -> SubscriptionRecord {
    SubscriptionRecord {
        esim_id: EsimId::parse("esim_1").unwrap(),
        order_id: OrderId::parse("order_1").unwrap(),
        booking_reference: Some("D-1".to_owned()),
        external_reference: "CRM-1".to_owned(),
        link: CrmLink { deal_id: Some("301".to_owned()), contact_id: Some("401".to_owned()), owner_id: None },
        traveller_email: Some(EmailAddress::parse("marie@exemple.fr").unwrap()),
        status: EsimStatus::Activated,
        provider: "airalo".to_owned(),
        package_title: "Japon 5 Go".to_owned(),
        iso_countries: "JP".to_owned(),
        iccid_masked: Some("…0127".to_owned()),
        data_used_mb: 512,
        data_remaining_mb: Some(4608),
        data_total_mb: Some(5120),
        activated_at: None,
        expires_at: Some("2026-12-03T12:30:00Z".parse().unwrap()),
        measured_at: Some("2026-11-24T12:00:00Z".parse().unwrap()),
        price: Money::new("4.50".parse().unwrap(), "EUR").unwrap(),
        mail: None,
    }
}
