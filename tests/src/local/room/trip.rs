//! The trip that the room shows.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::super::Demo;
use super::super::api::{Api, text};
use crate::stack::{Result, StackError};

/// Who travels.
const TRAVELLERS: [(&str, &str); 2] = [("Camille Moreau", "camille"), ("Louis Moreau", "louis")];

/// A trip, its dossier, and what became of it so far.
#[derive(Debug, Clone)]
pub struct Trip {
    /// The dossier.
    pub reference: String,
    /// What is shown of the dossier beside the panel.
    pub booking: Value,
    /// The played moment.
    pub at: Timestamp,
    /// What happened, the newest first: when and what.
    pub told: Vec<(Timestamp, String)>,
    /// Whether the provider is down.
    pub down: bool,
}

impl Trip {
    /// Takes a new dossier in, as a CRM does.
    ///
    /// # Errors
    /// When our API does not take it.
    pub async fn book(demo: &Demo) -> Result<Self> {
        let now = Timestamp::now();
        let today = now.to_zoned_datetime(demo.zone.clone()).date();
        let day = |days: i64| today.checked_add(days.days()).map_err(|error| StackError::new(format!("the calendar: {error}")));
        let number = now.as_millisecond();
        let [first, second] =
            TRAVELLERS.map(|(name, word)| json!({"name": name, "email": format!("{word}.{number}@example.com"), "locale": "fr"}));
        let reference = format!("VH-{number}");
        let booking = json!({
            "reference": reference, "external_reference": format!("deal-{number}"),
            "destinations": [{"iso_country": "JP", "from": day(2)?.to_string(), "to": day(10)?.to_string()}],
            "traveller": first, "companions": [second],
        });
        demo.sims.set_clock(None).await.map_err(simulator)?;
        Api::new(&demo.stack).await?.post("/bookings", &booking, None).await?.expect(&[201])?;
        Ok(Self {
            reference,
            booking,
            at: now,
            told: vec![(now, "Le dossier arrive du CRM ; les offres sont prêtes.".to_owned())],
            down: false,
        })
    }

    /// A fresh address of the panel, as the CRM asks for one each time that it shows it.
    ///
    /// # Errors
    /// When our API gives none.
    pub async fn panel(&self, demo: &Demo) -> Result<String> {
        self.link(demo, &json!({"page": "panel", "booking_reference": self.reference})).await
    }

    /// The address of a traveller's page.
    ///
    /// # Errors
    /// When our API gives none.
    pub async fn page(&self, demo: &Demo, esim_id: &str) -> Result<String> {
        self.link(demo, &json!({"page": "traveller", "esim_id": esim_id})).await
    }

    async fn link(&self, demo: &Demo, wanted: &Value) -> Result<String> {
        text(&Api::new(&demo.stack).await?.post("/links", wanted, None).await?.expect(&[201])?, "url")
    }

    /// The eSIMs of the dossier's orders at the provider that the room plays, the newest last.
    ///
    /// # Errors
    /// When the mailbox cannot be read.
    pub async fn esims(&self, demo: &Demo) -> Result<Vec<String>> {
        let records = demo.sims.hubspot.client().objects("esim_subscription").await.map_err(simulator)?;
        let property =
            |record: &Value, name: &str| record.pointer(&format!("/properties/{name}")).and_then(Value::as_str).map(str::to_owned);
        Ok(records
            .iter()
            .filter(|record| record.to_string().contains(&self.reference))
            .filter_map(|record| property(record, "esim_id"))
            .collect())
    }

    /// What the room shows beside the frames.
    ///
    /// # Errors
    /// When our API or a simulator does not answer.
    pub async fn state(&mut self, demo: &Demo) -> Result<Value> {
        let esims = self.esims(demo).await?;
        let page = match esims.first() {
            Some(esim) => Some(self.page(demo, esim).await?),
            None => None,
        };
        let mails = demo.sims.sendgrid.client().messages().await.map_err(simulator)?;
        let zone = &demo.zone;
        let told = self
            .told
            .iter()
            .map(|(at, what)| json!({"at": at.to_zoned_datetime(zone.clone()).strftime("%d/%m %H:%M").to_string(), "what": what}));
        Ok(json!({
            "reference": self.reference, "traveller_page": page, "esims": esims.len(), "mails": mails.len(), "down": self.down,
            "at": self.at.to_zoned_datetime(zone.clone()).strftime("%d/%m/%Y").to_string(), "told": told.collect::<Vec<_>>(),
        }))
    }

    /// Adds to the timeline.
    pub fn tell(&mut self, what: impl Into<String>) {
        self.told.insert(0, (self.at, what.into()));
    }
}

pub(super) fn simulator(error: crate::sim::SimError) -> StackError {
    StackError::new(format!("a simulator: {error}"))
}
