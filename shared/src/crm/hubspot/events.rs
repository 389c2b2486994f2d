//! Custom events for marketing (HubSpot facts, "Marketing triggers"). An event is sent under its fully qualified name
//! `pe{HubID}_{name}`, which only the portal knows: it is read from the event definitions once and kept.

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, sync::PoisonError};

use super::{
    Hubspot,
    answer::Failure,
    fields::{EVENTS, iso},
};
use crate::{
    crm::{CrmEvent, EVENT_FACTS},
    outbound::Http,
};

/// Pages of definitions that are read: 100 each, far above a portal's own limit.
const MOST_PAGES: usize = 20;

#[derive(Deserialize)]
struct Definitions {
    #[serde(default)]
    results: Vec<Definition>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Definition {
    name: Option<String>,
    #[serde(rename = "fullyQualifiedName")]
    fully_qualified_name: Option<String>,
}

#[derive(Deserialize)]
struct Paging {
    next: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    after: Option<String>,
}

impl Hubspot {
    /// Sends the event of a contact, known by id or by address. HubSpot keeps one event per UUID.
    pub(super) async fn send_event(&self, http: &dyn Http, event: &CrmEvent) -> Result<(), Failure> {
        let known = EVENTS.iter().find(|(ours, _, _)| *ours == event.name);
        let (_, name, _) = known.ok_or_else(|| Failure::refused("no such event is told to HubSpot"))?;
        let mut body = body(event)?;
        body.insert("eventName".to_owned(), json!(self.qualified(http, name).await?));
        let url = self.paths.events(&["send"]);
        match self.call(http, "crm_emit_event", Method::POST, url, Some(&Value::Object(body))).await {
            Err(Failure::Refused(refusal)) if refusal.already_there() => Ok(()),
            other => other.map(drop),
        }
    }

    async fn qualified(&self, http: &dyn Http, name: &str) -> Result<String, Failure> {
        if let Some(known) = self.kept(name) {
            return Ok(known);
        }
        let names = self.event_definitions(http).await?;
        *self.event_names.lock().unwrap_or_else(PoisonError::into_inner) = names;
        self.kept(name).ok_or_else(|| Failure::refused("the portal does not know our custom events: run onboard"))
    }

    fn kept(&self, name: &str) -> Option<String> {
        self.event_names.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Every custom event of the portal: its fully qualified name by its name.
    pub(super) async fn event_definitions(&self, http: &dyn Http) -> Result<BTreeMap<String, String>, Failure> {
        let mut names = BTreeMap::new();
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut url = self.paths.events(&["event-definitions"]);
            url.query_pairs_mut().append_pair("limit", "100");
            if let Some(after) = &after {
                url.query_pairs_mut().append_pair("after", after);
            }
            let page = self.call(http, "crm_event_definitions", Method::GET, url, None).await?;
            let unreadable = |_| Failure::Later { reason: "the event definitions could not be read".to_owned(), retry_after: None };
            let page: Definitions = serde_json::from_value(page).map_err(unreadable)?;
            names.extend(page.results.into_iter().filter_map(named));
            after = page.paging.and_then(|paging| paging.next).and_then(|next| next.after);
            if after.is_none() {
                break;
            }
        }
        Ok(names)
    }
}

/// A definition by its short name, which is read from the qualified one where it is not told apart.
fn named(definition: Definition) -> Option<(String, String)> {
    let qualified = definition.fully_qualified_name?;
    let short = definition.name.filter(|name| *name != qualified).or_else(|| qualified.split_once('_').map(|(_, name)| name.to_owned()))?;
    Some((short, qualified))
}

fn body(event: &CrmEvent) -> Result<Map<String, Value>, Failure> {
    let facts = event.properties.iter().filter(|(name, _)| EVENT_FACTS.contains(&name.as_str()));
    let facts: Map<String, Value> = facts.map(|(name, value)| (name.clone(), json!(value))).collect();
    let mut body = Map::from_iter([
        ("uuid".to_owned(), json!(uuid_of(&event.event_id))),
        ("occurredAt".to_owned(), json!(iso(event.occurred_at))),
        ("properties".to_owned(), Value::Object(facts)),
    ]);
    match (&event.link.contact_id, &event.traveller_email) {
        (Some(contact), _) => body.insert("objectId".to_owned(), json!(contact)),
        (None, Some(email)) => body.insert("email".to_owned(), json!(email.expose())),
        (None, None) => return Err(Failure::refused("the event names no contact and no address")),
    };
    Ok(body)
}

/// The same UUID for the same event, always (RFC 9562 §5.8: version 8 leaves the making to us).
fn uuid_of(event_id: &str) -> String {
    let digest = Sha256::new().chain_update("passerelle crm event\n").chain_update(event_id).finalize();
    let mut bytes = [0_u8; 16];
    bytes.iter_mut().zip(digest).for_each(|(byte, from)| *byte = from);
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = (*version & 0x0F) | 0x80;
    *variant = (*variant & 0x3F) | 0x80;
    let mut text = hex::encode(bytes);
    for place in [20, 16, 12, 8] {
        text.insert(place, '-');
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]
    use super::uuid_of;
    use crate::{
        config::HubspotRecords,
        crm::{
            Crm, CrmError, CrmEvent,
            hubspot::scripted::{Scripted, adapter, adapter_of},
        },
        domain::{CrmLink, EmailAddress},
    };
    use serde_json::{Value, json};

    fn event() -> CrmEvent {
        CrmEvent {
            event_id: "esim_1:activated".to_owned(),
            name: "esim.activated".to_owned(),
            link: CrmLink { contact_id: Some("401".to_owned()), ..CrmLink::default() },
            traveller_email: Some(EmailAddress::parse("marie@exemple.fr").unwrap()),
            occurred_at: "2026-11-24T12:00:00Z".parse().unwrap(),
            properties: vec![("esim_id".to_owned(), "esim_1".to_owned()), ("not_declared".to_owned(), "x".to_owned())],
        }
    }

    fn definitions() -> Value {
        json!({"results": [{"name": "passerelle_esim_activated", "fullyQualifiedName": "pe144_passerelle_esim_activated"}]})
    }

    #[tokio::test]
    async fn an_event_goes_under_the_portals_own_name_which_is_asked_for_once() {
        let hubspot = adapter();
        let http = Scripted::answering([(200, definitions()), (204, Value::Null), (204, Value::Null)]);
        hubspot.emit_event(&http, &event()).await.unwrap();
        hubspot.emit_event(&http, &event()).await.unwrap();
        assert_eq!(
            http.calls(),
            ["GET /events/custom/2026-09/event-definitions", "POST /events/custom/2026-09/send", "POST /events/custom/2026-09/send"]
        );
        assert_eq!(
            http.body(1),
            json!({"eventName": "pe144_passerelle_esim_activated", "uuid": uuid_of("esim_1:activated"), "occurredAt": "2026-11-24T12:00:00.000Z",
                   "objectId": "401", "properties": {"esim_id": "esim_1"}})
        );
        assert_eq!(http.body(1), http.body(2), "the same event is the same event again");
    }

    #[tokio::test]
    async fn a_contact_without_id_is_named_by_address_in_the_body() {
        let mut event = event();
        event.link.contact_id = None;
        let http = Scripted::answering([(200, definitions()), (204, Value::Null)]);
        adapter_of("v3", HubspotRecords::CustomObject).emit_event(&http, &event).await.unwrap();
        assert_eq!(http.calls(), ["GET /events/v3/event-definitions", "POST /events/v3/send"]);
        assert_eq!(http.body(1)["email"], "marie@exemple.fr");
        event.traveller_email = None;
        assert!(matches!(adapter().emit_event(&Scripted::answering([]), &event).await, Err(CrmError::Refused { .. })));
    }

    #[tokio::test]
    async fn definitions_are_read_page_by_page_and_a_known_event_is_no_failure() {
        let first = json!({"results": [{"name": "other", "fullyQualifiedName": "pe144_other"}], "paging": {"next": {"after": "100"}}});
        let http = Scripted::answering([(200, first), (200, definitions()), (409, json!({"category": "CONFLICT"}))]);
        adapter().emit_event(&http, &event()).await.unwrap();
        assert!(http.urls()[1].ends_with("?limit=100&after=100"));
    }

    #[tokio::test]
    async fn a_portal_that_was_not_prepared_is_told_apart() {
        let http = Scripted::answering([(200, json!({"results": []}))]);
        let refused = adapter().emit_event(&http, &event()).await;
        assert_eq!(refused, Err(CrmError::Refused { reason: "the portal does not know our custom events: run onboard".to_owned() }));
    }

    #[test]
    fn an_event_id_always_makes_the_same_uuid_and_another_id_another() {
        let uuid = uuid_of("a");
        assert_eq!(uuid, uuid_of("a"));
        assert_ne!(uuid, uuid_of("b"));
        let parts: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(uuid.chars().nth(14), Some('8'));
        assert!(matches!(uuid.chars().nth(19), Some('8' | '9' | 'a' | 'b')));
    }
}
