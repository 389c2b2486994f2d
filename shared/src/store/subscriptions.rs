//! Who is told of our events: URLs that a CRM or an iPaaS registered, their secrets sealed.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Seals, Store, StoreError, Transaction, item::Item, keys, transaction::Condition};
use crate::domain::AgencyId;

/// One registered URL.
#[derive(Clone)]
pub struct Subscription {
    /// Whose.
    pub agency: AgencyId,
    /// Its id.
    pub subscription_id: String,
    /// Where events are posted to.
    pub url: Url,
    /// Which events; the wire's words.
    pub events: Vec<String>,
    /// What they are signed with (`whsec_…`); sealed in the table.
    pub secret: SecretString,
    /// The secret before, for receivers that have not learned the new one yet, and until when it signs too.
    pub previous: Option<(SecretString, Timestamp)>,
    /// False once the other side answered 410 Gone, or failed for days.
    pub active: bool,
    /// When deliveries began to fail, with none that succeeded since.
    pub failing_since: Option<Timestamp>,
    /// Rises by one with every change; writes are conditional on it.
    pub version: u64,
}

#[derive(Serialize, Deserialize)]
struct SubscriptionData {
    url: Url,
    events: Vec<String>,
    active: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_until: Option<Timestamp>,
}

impl Subscription {
    /// The secrets that sign at this moment, the newest first.
    #[must_use]
    pub fn signing(&self, now: Timestamp) -> Vec<&SecretString> {
        let previous = self.previous.as_ref().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        std::iter::once(&self.secret).chain(previous).collect()
    }

    fn item(&self, seal: &Seals) -> Result<Item, StoreError> {
        let key = keys::subscription(&self.agency, &self.subscription_id);
        let secret = seal.seal(&self.agency, &key, "secret", self.secret.expose_secret())?;
        let previous = match &self.previous {
            Some((previous, _)) => Some(seal.seal(&self.agency, &key, "previous_secret", previous.expose_secret())?),
            None => None,
        };
        let data = SubscriptionData {
            url: self.url.clone(),
            events: self.events.clone(),
            active: self.active,
            failing_since: self.failing_since,
            previous_until: self.previous.as_ref().map(|(_, until)| *until),
        };
        let item = Item::at(&key).text("kind", "subscription").text("secret", &secret).number("version", self.version);
        item.optional_text("previous_secret", previous.as_deref()).data(&data)
    }

    fn read(agency: &AgencyId, item: &Item, seal: &Seals) -> Result<Self, StoreError> {
        let data: SubscriptionData = item.read_data()?;
        let sealed = item.read_text("secret").ok_or_else(|| StoreError::Unreadable("subscription.secret".to_owned()))?;
        let previous = match item.read_text("previous_secret").zip(data.previous_until) {
            Some((sealed, until)) => Some((SecretString::from(seal.open(agency, &item.key(), "previous_secret", sealed)?), until)),
            None => None,
        };
        Ok(Self {
            agency: agency.clone(),
            previous,
            failing_since: data.failing_since,
            version: item.read_number("version").unwrap_or(0),
            subscription_id: item.key().sk,
            url: data.url,
            events: data.events,
            secret: SecretString::from(seal.open(agency, &item.key(), "secret", sealed)?),
            active: data.active,
        })
    }
}

impl Transaction {
    /// Writes a new subscription.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn create_subscription(self, subscription: &Subscription, seal: &Seals) -> Result<Self, StoreError> {
        let item = subscription.item(seal)?;
        Ok(self.put(item, &Condition::Absent))
    }

    /// Writes a subscription as it was read, and changed since: one that was changed or ended meanwhile is left alone.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn change_subscription(self, mut subscription: Subscription, seal: &Seals) -> Result<Self, StoreError> {
        let before = subscription.version;
        subscription.version += 1;
        Ok(self.put(subscription.item(seal)?, &Condition::version(before)))
    }

    /// Ends a subscription; what still waits for it is dropped.
    pub fn end_subscription(self, agency: &AgencyId, id: &str) -> Self {
        self.delete(&keys::subscription(agency, id), &Condition::Holds(Vec::new()))
    }
}

impl Store {
    /// Every subscription of an agency.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn subscriptions(&self, agency: &AgencyId, seal: &Seals) -> Result<Vec<Subscription>, StoreError> {
        let items = self.all(&keys::subscriptions(agency), "").await?;
        items.iter().map(|item| Subscription::read(agency, item, seal)).collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn subscription(&self, agency: &AgencyId, id: &str, seal: &Seals) -> Result<Option<Subscription>, StoreError> {
        let item = self.get(&keys::subscription(agency, id)).await?;
        item.map(|item| Subscription::read(agency, &item, seal)).transpose()
    }
}
