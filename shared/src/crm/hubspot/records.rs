//! eSIMs and offers: the custom object with its associations, or properties on the deal (HubSpot facts, "CRM objects").

use http::Method;
use serde_json::{Map, Value, json};

use super::{
    Hubspot,
    answer::Failure,
    fields::{self, DEAL_PREFIX, OBJECT, OBJECT_KEY},
};
use crate::{
    crm::{OffersRecord, RevenueRecord, SubscriptionRecord},
    domain::EmailAddress,
    outbound::Http,
};

impl Hubspot {
    /// Writes the custom object, then hangs it on the deal and the contact.
    pub(super) async fn write_object(&self, http: &dyn Http, record: &SubscriptionRecord) -> Result<(), Failure> {
        let values = fields::values(record, "");
        let id = self.upsert(http, "crm_upsert_subscription", OBJECT, (OBJECT_KEY, record.esim_id.as_str()), values).await?;
        self.hang(http, &id, record).await
    }

    /// Hangs an eSIM's object on its deal and its contact.
    pub(super) async fn hang(&self, http: &dyn Http, id: &str, record: &SubscriptionRecord) -> Result<(), Failure> {
        self.hang_on_deal(http, OBJECT, id, record.link.deal_id.as_deref()).await?;
        let contact = match (&record.link.contact_id, &record.traveller_email) {
            (Some(contact), _) => Some(contact.clone()),
            (None, Some(email)) => Some(self.contact_of(http, email).await?),
            (None, None) => None,
        };
        self.hang_on_contact(http, OBJECT, id, contact.as_deref()).await
    }

    /// Writes the eSIM on the deal. A deal with several eSIMs shows the one written last.
    pub(super) async fn write_on_deal(&self, http: &dyn Http, record: &SubscriptionRecord) -> Result<(), Failure> {
        let deal = record.link.deal_id.as_deref();
        let deal = deal.ok_or_else(|| Failure::refused("the booking names no deal, and this agency keeps its eSIMs on deals"))?;
        self.patch_deal(http, "crm_upsert_subscription", deal, fields::values(record, DEAL_PREFIX)).await
    }

    /// Shows the offers on the deal. A booking without a deal has no place to show them: they stand in the answer to the booking.
    pub(super) async fn write_offers(&self, http: &dyn Http, offers: &OffersRecord) -> Result<(), Failure> {
        let Some(deal) = offers.link.deal_id.as_deref() else { return Ok(()) };
        let values = [
            ("offers", offers.lines.join("\n")),
            ("best_package_id", offers.best_package_id.clone().unwrap_or_default()),
            ("booking_reference", offers.booking_reference.clone()),
        ];
        let values = values.into_iter().map(|(name, value)| (format!("{DEAL_PREFIX}{name}"), Value::String(value)));
        self.patch_deal(http, "crm_show_offers", deal, values.collect()).await
    }

    /// Shows the revenue on the deal. A portal that was made ready by an older version lacks its properties: it is told by `onboard`.
    pub(super) async fn write_revenue(&self, http: &dyn Http, revenue: &RevenueRecord) -> Result<(), Failure> {
        let Some(deal) = revenue.link.deal_id.as_deref() else { return Ok(()) };
        match self.patch_deal(http, "crm_show_revenue", deal, fields::revenue(revenue)).await {
            Err(Failure::Refused(refusal)) if refusal.lacks_property() => {
                tracing::warn!("the portal has no properties for revenue: run onboard");
                Ok(())
            }
            other => other,
        }
    }

    pub(super) async fn patch_deal(
        &self,
        http: &dyn Http,
        operation: &'static str,
        deal: &str,
        properties: Map<String, Value>,
    ) -> Result<(), Failure> {
        let url = self.paths.objects(&["deals", deal]);
        self.call(http, operation, Method::PATCH, url, Some(&json!({"properties": properties}))).await.map(drop)
    }

    /// The contact with this address, made when there is none.
    async fn contact_of(&self, http: &dyn Http, email: &EmailAddress) -> Result<String, Failure> {
        let properties = Map::from_iter([("email".to_owned(), json!(email.expose()))]);
        self.upsert(http, "crm_upsert_contact", "contacts", ("email", email.expose()), properties).await
    }

    /// Writes one record by a unique property and says its record id. There is no single upsert: a batch of one it is.
    pub(super) async fn upsert(
        &self,
        http: &dyn Http,
        operation: &'static str,
        object: &str,
        (property, value): (&str, &str),
        properties: Map<String, Value>,
    ) -> Result<String, Failure> {
        let body = json!({"inputs": [{"id": value, "idProperty": property, "properties": properties}]});
        let url = self.paths.objects(&[object, "batch", "upsert"]);
        let answer = self.call(http, operation, Method::POST, url, Some(&body)).await.map_err(Failure::conflict_is_passing)?;
        record_id(&answer).ok_or_else(|| Failure::Later { reason: "the answer names no record".to_owned(), retry_after: None })
    }

    pub(super) async fn hang_on_deal(&self, http: &dyn Http, object: &str, id: &str, deal: Option<&str>) -> Result<(), Failure> {
        self.associate(http, (object, id), "deals", deal).await
    }

    pub(super) async fn hang_on_contact(&self, http: &dyn Http, object: &str, id: &str, contact: Option<&str>) -> Result<(), Failure> {
        self.associate(http, (object, id), "contacts", contact).await
    }

    async fn associate(&self, http: &dyn Http, from: (&str, &str), object: &str, id: Option<&str>) -> Result<(), Failure> {
        let Some(id) = id else { return Ok(()) };
        let url = self.paths.association(from, (object, id));
        match self.call(http, "crm_associate", Method::PUT, url, None).await {
            Err(Failure::Refused(refusal)) if refusal.already_there() => Ok(()),
            other => other.map(drop),
        }
    }
}

/// The id of the first result; HubSpot writes it as a text, a number is read too.
pub(super) fn record_id(answer: &Value) -> Option<String> {
    match answer.pointer("/results/0/id")? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]
    use crate::{
        config::HubspotRecords,
        crm::{
            Crm, CrmError, OffersRecord, RevenueRecord, RevenueSums,
            hubspot::scripted::{Scripted, adapter, adapter_of, subscription},
        },
        domain::CrmLink,
    };
    use serde_json::json;

    #[tokio::test]
    async fn an_esim_is_upserted_by_its_id_and_hung_on_deal_and_contact() {
        let http = Scripted::answering([
            (200, json!({"status": "COMPLETE", "results": [{"id": "71", "new": true}]})),
            (200, json!({})),
            (200, json!({})),
        ]);
        adapter().upsert_subscription(&http, &subscription()).await.unwrap();
        assert_eq!(
            http.calls(),
            [
                "POST /crm/objects/2026-09/esim_subscription/batch/upsert",
                "PUT /crm/objects/2026-09/esim_subscription/71/associations/default/deals/301",
                "PUT /crm/objects/2026-09/esim_subscription/71/associations/default/contacts/401",
            ]
        );
        let input = http.body(0)["inputs"][0].clone();
        assert_eq!((&input["id"], &input["idProperty"]), (&json!("esim_1"), &json!("esim_id")));
        assert_eq!(input["properties"]["data_used_mb"], "512");
        assert_eq!(input["properties"]["expiry_date"], "2026-12-03T12:30:00.000Z");
        assert_eq!(input["properties"]["activated_at"], "", "what is not known is emptied");
        assert_eq!(input["properties"]["price"], "4.5");
        assert!(http.all_carry_the_token());
    }

    #[tokio::test]
    async fn the_contact_is_found_by_address_without_the_address_in_a_url() {
        let mut record = subscription();
        record.link.contact_id = None;
        let http = Scripted::answering([
            (200, json!({"results": [{"id": "71"}]})),
            (200, json!({})),
            (200, json!({"results": [{"id": "402"}]})),
            (200, json!({})),
        ]);
        adapter().upsert_subscription(&http, &record).await.unwrap();
        assert_eq!(
            http.calls()[2..],
            [
                "POST /crm/objects/2026-09/contacts/batch/upsert",
                "PUT /crm/objects/2026-09/esim_subscription/71/associations/default/contacts/402"
            ]
        );
        assert_eq!(http.body(2)["inputs"][0]["idProperty"], "email");
        assert!(http.urls().iter().all(|url| !url.contains("exemple") && !url.contains('@') && !url.contains("%40")));
    }

    #[tokio::test]
    async fn v3_portals_are_spoken_to_on_their_paths() {
        let http = Scripted::answering([(207, json!({"results": [{"id": 71}]})), (200, json!({})), (409, json!({"category": "CONFLICT"}))]);
        adapter_of("v3", HubspotRecords::CustomObject).upsert_subscription(&http, &subscription()).await.unwrap();
        assert_eq!(http.calls()[0], "POST /crm/v3/objects/esim_subscription/batch/upsert");
        assert_eq!(http.calls()[1], "PUT /crm/v4/objects/esim_subscription/71/associations/default/deals/301");
    }

    #[tokio::test]
    async fn two_writers_at_once_are_no_refusal_and_a_lost_answer_is_told_again() {
        let conflict = Scripted::answering([(409, json!({"category": "CONFLICT"}))]);
        assert!(matches!(adapter().upsert_subscription(&conflict, &subscription()).await, Err(CrmError::Later { .. })));
        let lost = Scripted::answering([]);
        assert!(matches!(adapter().upsert_subscription(&lost, &subscription()).await, Err(CrmError::Later { .. })));
        let unread = Scripted::answering([(200, json!({"results": []}))]);
        assert!(matches!(adapter().upsert_subscription(&unread, &subscription()).await, Err(CrmError::Later { .. })));
    }

    #[tokio::test]
    async fn without_custom_objects_the_deal_shows_the_esim() {
        let deals = adapter_of("2026-09", HubspotRecords::DealProperties);
        let http = Scripted::answering([(200, json!({"id": "301"}))]);
        deals.upsert_subscription(&http, &subscription()).await.unwrap();
        assert_eq!(http.calls(), ["PATCH /crm/objects/2026-09/deals/301"]);
        assert_eq!(http.body(0)["properties"]["passerelle_status"], "activated");

        let mut nowhere = subscription();
        nowhere.link.deal_id = None;
        let silent = Scripted::answering([]);
        assert!(matches!(deals.upsert_subscription(&silent, &nowhere).await, Err(CrmError::Refused { .. })));
        assert!(silent.calls().is_empty());
    }

    fn revenue(sale: Option<&str>) -> RevenueRecord {
        RevenueRecord {
            booking_reference: "D-1".to_owned(),
            link: CrmLink { deal_id: Some("301".to_owned()), ..CrmLink::default() },
            currency: "EUR".to_owned(),
            sums: Some(RevenueSums { net: "9.00".parse().unwrap(), sale: sale.map(|sale| sale.parse().unwrap()) }),
        }
    }

    #[tokio::test]
    async fn revenue_is_shown_on_the_deal_and_what_is_not_known_is_emptied() {
        let http = Scripted::answering([(200, json!({})), (200, json!({}))]);
        adapter().show_revenue(&http, &revenue(Some("11.26"))).await.unwrap();
        let shown = |net: &str, sale: &str, margin: &str| json!({"properties": {"passerelle_revenue_net": net, "passerelle_revenue_sale": sale, "passerelle_revenue_margin": margin, "passerelle_revenue_currency": "EUR"}});
        assert_eq!((http.calls()[0].as_str(), http.body(0)), ("PATCH /crm/objects/2026-09/deals/301", shown("9", "11.26", "2.26")));
        adapter().show_revenue(&http, &revenue(None)).await.unwrap();
        assert_eq!(http.body(1), shown("9", "", ""));
        let older =
            json!({"category": "VALIDATION_ERROR", "message": "Property values were not valid: [{\"error\":\"PROPERTY_DOESNT_EXIST\"}]"});
        adapter().show_revenue(&Scripted::answering([(400, older)]), &revenue(None)).await.unwrap();
        let no = Scripted::answering([(404, json!({"category": "OBJECT_NOT_FOUND"}))]);
        assert!(matches!(adapter().show_revenue(&no, &revenue(None)).await, Err(CrmError::Refused { .. })));
    }

    #[tokio::test]
    async fn offers_are_shown_on_the_deal_or_nowhere() {
        let mut offers = OffersRecord {
            booking_reference: "D-1".to_owned(),
            link: CrmLink { deal_id: Some("301".to_owned()), ..CrmLink::default() },
            lines: vec!["Japon 5 Go".to_owned(), "Asie 10 Go".to_owned()],
            best_package_id: Some("airalo:jp-5".to_owned()),
        };
        let http = Scripted::answering([(200, json!({}))]);
        adapter().show_offers(&http, &offers).await.unwrap();
        assert_eq!(http.calls(), ["PATCH /crm/objects/2026-09/deals/301"]);
        assert_eq!(
            http.body(0),
            json!({"properties": {"passerelle_offers": "Japon 5 Go\nAsie 10 Go", "passerelle_best_package_id": "airalo:jp-5", "passerelle_booking_reference": "D-1"}})
        );
        offers.link = CrmLink::default();
        adapter().show_offers(&Scripted::answering([]), &offers).await.unwrap();
    }
}
