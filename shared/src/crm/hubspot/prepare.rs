//! Makes a portal ready: the custom object, properties on deals and tasks, custom events. What is there is left as it is;
//! what the portal's plan or the token's scopes do not allow becomes a warning, and the rest is made all the same.

use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

use super::{
    Hubspot,
    answer::{Failure, Refusal},
    fields::{self, DEAL_PREFIX, EVENTS, Field, GROUP, OBJECT, OBJECT_KEY, OFFERS, REVENUE, SUBSCRIPTION, TASK},
};
use crate::{config::HubspotRecords, crm::Prepared, outbound::Http};

/// The property group that HubSpot has on deals and on tasks, for portals that let us make none.
const DEALS: (&str, &str) = ("deals", "dealinformation");
const TASKS: (&str, &str) = ("tasks", "task");

impl Hubspot {
    /// Looks for everything that we write to, and makes what is missing.
    pub(super) async fn prepare_portal(&self, http: &dyn Http) -> Result<Prepared, Failure> {
        let mut found = Prepared::default();
        let on_deals = match self.records {
            HubspotRecords::DealProperties => true,
            HubspotRecords::CustomObject => !self.prepare_object(http, &mut found).await?,
        };
        let deals: Vec<Field> = if on_deals { fields::subscription_on_deals().collect() } else { Vec::new() };
        self.prepare_properties(http, DEALS, OFFERS.iter().chain(REVENUE).chain(&deals), &mut found).await?;
        self.prepare_properties(http, TASKS, TASK.iter(), &mut found).await?;
        self.prepare_events(http, &mut found).await?;
        Ok(found)
    }

    /// Whether the custom object can be used.
    async fn prepare_object(&self, http: &dyn Http, found: &mut Prepared) -> Result<bool, Failure> {
        match self.call(http, "crm_read_schema", Method::GET, self.paths.schemas(&[OBJECT]), None).await {
            Ok(schema) => self.complete_object(http, &schema, found).await.map(|()| true),
            Err(Failure::Refused(refusal)) if refusal.not_found() => self.create_object(http, found).await,
            Err(Failure::Refused(refusal)) if refusal.forbidden() => Ok(no_custom_objects(&refusal, found)),
            Err(other) => Err(other),
        }
    }

    async fn create_object(&self, http: &dyn Http, found: &mut Prepared) -> Result<bool, Failure> {
        let made = self.call(http, "crm_create_schema", Method::POST, self.paths.schemas(&[]), Some(&fields::schema())).await;
        match made {
            Err(Failure::Refused(refusal)) if refusal.forbidden() => Ok(no_custom_objects(&refusal, found)),
            other => noted(other, format!("object {OBJECT}"), found).map(|()| true),
        }
    }

    /// Adds the properties that an older version of the object lacks.
    async fn complete_object(&self, http: &dyn Http, schema: &Value, found: &mut Prepared) -> Result<(), Failure> {
        found.present.push(format!("object {OBJECT}"));
        let properties = schema.get("properties").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let key = properties.iter().find(|property| name(property) == Some(OBJECT_KEY));
        if key.is_some_and(|key| key.get("hasUniqueValue") == Some(&Value::Bool(false))) {
            found
                .warnings
                .push(format!("{OBJECT}.{OBJECT_KEY} is not unique, which cannot be changed: delete the object and run onboard again"));
        }
        let there: BTreeSet<&str> = properties.iter().filter_map(name).collect();
        for missing in SUBSCRIPTION.iter().filter(|field| !there.contains(field.name)) {
            let definition = missing.definition("", Some(&format!("{OBJECT}_information")));
            self.create_property(http, OBJECT, &definition, found).await?;
        }
        Ok(())
    }

    async fn prepare_properties<'f>(
        &self,
        http: &dyn Http,
        (object, own_group): (&str, &'static str),
        wanted: impl Iterator<Item = &'f Field> + Send,
        found: &mut Prepared,
    ) -> Result<(), Failure> {
        let listed = self.call(http, "crm_read_properties", Method::GET, self.paths.properties(&[object]), None).await?;
        let there: BTreeSet<&str> = listed.get("results").and_then(Value::as_array).into_iter().flatten().filter_map(name).collect();
        let mut group = None;
        for field in wanted {
            let definition = field.definition(DEAL_PREFIX, None);
            let label = format!("property {object}.{}", name(&definition).unwrap_or_default());
            if there.contains(name(&definition).unwrap_or_default()) {
                found.present.push(label);
                continue;
            }
            if group.is_none() {
                group = Some(self.prepare_group(http, object, own_group, found).await?);
            }
            self.create_property(http, object, &field.definition(DEAL_PREFIX, group), found).await?;
        }
        Ok(())
    }

    /// The group that our properties go to: ours, or the object's own where ours is refused.
    async fn prepare_group(&self, http: &dyn Http, object: &str, own: &'static str, found: &mut Prepared) -> Result<&'static str, Failure> {
        let body = json!({"name": GROUP, "label": "Passerelle eSIM", "displayOrder": -1});
        let made =
            self.call(http, "crm_create_property_group", Method::POST, self.paths.properties(&[object, "groups"]), Some(&body)).await;
        match made {
            Err(Failure::Refused(refusal)) if !refusal.already_there() => {
                found.warnings.push(format!("property group {object}.{GROUP} could not be made, {own} is used: {}", refusal.reason()));
                Ok(own)
            }
            other => noted(other, format!("property group {object}.{GROUP}"), found).map(|()| GROUP),
        }
    }

    async fn create_property(&self, http: &dyn Http, object: &str, definition: &Value, found: &mut Prepared) -> Result<(), Failure> {
        let made = self.call(http, "crm_create_property", Method::POST, self.paths.properties(&[object]), Some(definition)).await;
        noted(made, format!("property {object}.{}", name(definition).unwrap_or_default()), found)
    }

    async fn prepare_events(&self, http: &dyn Http, found: &mut Prepared) -> Result<(), Failure> {
        let there = match self.event_definitions(http).await {
            Err(Failure::Refused(refusal)) if refusal.forbidden() => return no_custom_events(&refusal, found),
            other => other?,
        };
        for (_, event, label) in EVENTS {
            if there.contains_key(*event) {
                found.present.push(format!("event {event}"));
                continue;
            }
            let body = fields::event_definition(event, label);
            match self.call(http, "crm_create_event_definition", Method::POST, self.paths.events(&["event-definitions"]), Some(&body)).await
            {
                Err(Failure::Refused(refusal)) if refusal.forbidden() => return no_custom_events(&refusal, found),
                other => noted(other, format!("event {event}"), found)?,
            }
        }
        Ok(())
    }
}

fn name(definition: &Value) -> Option<&str> {
    definition.get("name")?.as_str()
}

/// Notes what a making call did: made, or there already.
fn noted(made: Result<Value, Failure>, what: String, found: &mut Prepared) -> Result<(), Failure> {
    match made {
        Ok(_) => found.created.push(what),
        Err(Failure::Refused(refusal)) if refusal.already_there() => found.present.push(what),
        Err(other) => return Err(other),
    }
    Ok(())
}

fn no_custom_objects(refusal: &Refusal, found: &mut Prepared) -> bool {
    let advice = "the portal does not let us keep a custom object (its plan, or the token's scope crm.schemas.custom.write); \
                  set \"records\":\"deal_properties\" in the agency's crm settings to keep eSIMs on deals";
    found.warnings.push(format!("{advice}: {}", refusal.reason()));
    false
}

fn no_custom_events(refusal: &Refusal, found: &mut Prepared) -> Result<(), Failure> {
    let advice = "the portal does not let us define custom events (its plan, or the token's scopes): no event reaches marketing";
    found.warnings.push(format!("{advice}: {}", refusal.reason()));
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]
    use crate::{
        config::HubspotRecords,
        crm::{
            Crm, CrmError,
            hubspot::{
                fields,
                scripted::{Portal, Scripted, adapter, adapter_of},
            },
        },
    };
    use serde_json::json;

    #[tokio::test]
    async fn an_empty_portal_gets_everything_and_the_second_time_nothing() {
        let portal = Portal::default();
        let first = adapter().prepare(&portal).await.unwrap();
        assert!(first.warnings.is_empty(), "{:?}", first.warnings);
        for made in [
            "object esim_subscription",
            "property deals.passerelle_offers",
            "property deals.passerelle_best_package_id",
            "property deals.passerelle_revenue_margin",
            "property tasks.passerelle_task_key",
        ] {
            assert!(first.created.iter().any(|created| created == made), "{made}");
        }
        assert_eq!(first.created.iter().filter(|made| made.starts_with("event ")).count(), 5);
        assert!(!first.created.iter().any(|made| made == "property deals.passerelle_status"), "the state lives on the object");
        let unique = portal.property("tasks", "passerelle_task_key").unwrap();
        assert_eq!((&unique["hasUniqueValue"], &unique["groupName"]), (&json!(true), &json!("passerelle")));

        let second = adapter().prepare(&portal).await.unwrap();
        assert!(second.created.is_empty() && second.warnings.is_empty(), "{second:?}");
        assert_eq!(second.present.len(), 1 + 3 + 4 + 1 + 5);
    }

    #[tokio::test]
    async fn a_portal_without_custom_objects_and_events_gets_deal_properties_and_is_told_so() {
        let portal = Portal::without_enterprise();
        let found = adapter().prepare(&portal).await.unwrap();
        assert!(
            found.warnings.iter().any(|warning| warning.contains(r#""records":"deal_properties""#) && warning.contains("MISSING_SCOPES"))
        );
        assert!(found.warnings.iter().any(|warning| warning.contains("custom events")));
        assert!(portal.property("deals", "passerelle_status").is_some());
        assert_eq!(portal.property("deals", "passerelle_esim_id").unwrap()["hasUniqueValue"], false);
    }

    #[tokio::test]
    async fn deal_properties_are_made_when_asked_for() {
        let portal = Portal::default();
        let found = adapter_of("v3", HubspotRecords::DealProperties).prepare(&portal).await.unwrap();
        assert!(!found.created.iter().any(|made| made.starts_with("object")));
        assert!(portal.property("deals", "passerelle_data_used_mb").is_some());
    }

    #[tokio::test]
    async fn an_older_object_gets_the_properties_it_lacks_and_a_key_that_is_not_unique_is_said() {
        let mut schema = fields::schema();
        let properties = schema["properties"].as_array_mut().unwrap();
        properties.retain(|property| property["name"] != "currency");
        properties[0]["hasUniqueValue"] = json!(false);
        let portal = Portal::with_schema(schema);
        let found = adapter().prepare(&portal).await.unwrap();
        assert!(found.created.contains(&"property esim_subscription.currency".to_owned()));
        assert!(found.warnings.iter().any(|warning| warning.contains("not unique")));
    }

    #[tokio::test]
    async fn a_wrong_token_is_a_refusal_and_made_in_the_meantime_is_present() {
        let http =
            Scripted::answering([(401, json!({"category": "INVALID_AUTHENTICATION", "message": "Authentication credentials not found"}))]);
        let refused = adapter().prepare(&http).await;
        assert!(matches!(refused, Err(CrmError::Refused { reason }) if reason.contains("INVALID_AUTHENTICATION")));

        let race = Scripted::answering([(404, json!({})), (409, json!({"category": "CONFLICT"})), (429, json!({}))]);
        assert!(matches!(adapter().prepare(&race).await, Err(CrmError::Later { .. })), "the conflict did not stop it, the limit did");
        assert_eq!(race.calls().len(), 3);
    }
}
