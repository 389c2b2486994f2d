//! Who is told of our events: URLs that a CRM or an iPaaS registered, their secrets sealed.

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
    /// False once the other side answered 410 Gone.
    pub active: bool,
}

#[derive(Serialize, Deserialize)]
struct SubscriptionData {
    url: Url,
    events: Vec<String>,
    active: bool,
}

impl Subscription {
    fn item(&self, seal: &Seals) -> Result<Item, StoreError> {
        let key = keys::subscription(&self.agency, &self.subscription_id);
        let secret = seal.seal(&self.agency, &key, "secret", self.secret.expose_secret())?;
        let data = SubscriptionData { url: self.url.clone(), events: self.events.clone(), active: self.active };
        Item::at(&key).text("kind", "subscription").text("secret", &secret).data(&data)
    }

    fn read(agency: &AgencyId, item: &Item, seal: &Seals) -> Result<Self, StoreError> {
        let data: SubscriptionData = item.read_data()?;
        let sealed = item.read_text("secret").ok_or_else(|| StoreError::Unreadable("subscription.secret".to_owned()))?;
        Ok(Self {
            agency: agency.clone(),
            subscription_id: item.key().sk,
            url: data.url,
            events: data.events,
            secret: SecretString::from(seal.open(agency, &item.key(), "secret", sealed)?),
            active: data.active,
        })
    }
}

impl Transaction {
    /// Writes a subscription.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn write_subscription(self, subscription: &Subscription, seal: &Seals) -> Result<Self, StoreError> {
        let item = subscription.item(seal)?;
        Ok(self.put(item, &Condition::Always))
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
