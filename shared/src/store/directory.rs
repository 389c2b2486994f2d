//! Who is who: OAuth clients and webhook addresses of agencies, written by `onboard`.

use super::{Store, StoreError, Transaction, item::Item, keys, transaction::Condition};
use crate::domain::{AccountName, AgencyId};

/// An OAuth client of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The agency that it acts for.
    pub agency: AgencyId,
    /// Our address as the agency's systems reach it.
    pub public_base_url: Option<String>,
}

impl Transaction {
    /// Makes an agency known, and our address as its systems reach it.
    pub fn register_agency(self, agency: &AgencyId, public_base_url: Option<&str>) -> Self {
        let item = Item::at(&keys::agency(agency)).text("kind", "agency").optional_text("public_base_url", public_base_url);
        self.put(item, &Condition::Always)
    }

    /// Lets an OAuth client act for an agency.
    pub fn register_client(self, client_id: &str, client: &Client) -> Self {
        let item = Item::at(&keys::client(client_id))
            .text("kind", "client")
            .text("agency", client.agency.as_str())
            .optional_text("public_base_url", client.public_base_url.as_deref());
        self.put(item, &Condition::Always)
    }

    /// Gives a webhook address to a provider account.
    pub fn register_webhook_address(self, webhook_account: &str, agency: &AgencyId, account: &AccountName) -> Self {
        let item = Item::at(&keys::webhook_address(webhook_account))
            .text("kind", "address")
            .text("agency", agency.as_str())
            .text("account", account.as_str());
        self.put(item, &Condition::Always)
    }
}

impl Transaction {
    /// Gives an address for the events of a mail service to an agency.
    pub fn register_mail_address(self, webhook_account: &str, agency: &AgencyId) -> Self {
        let item = Item::at(&keys::mail_address(webhook_account)).text("kind", "mail_address").text("agency", agency.as_str());
        self.put(item, &Condition::Always)
    }
}

impl Store {
    /// The agency whose mail service posts to an address.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn agency_of_mail_address(&self, webhook_account: &str) -> Result<Option<AgencyId>, StoreError> {
        let item = self.get(&keys::mail_address(webhook_account)).await?;
        Ok(item.and_then(|item| AgencyId::parse(item.read_text("agency")?).ok()))
    }

    /// What an OAuth client acts for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn client(&self, client_id: &str) -> Result<Option<Client>, StoreError> {
        let item = self.get(&keys::client(client_id)).await?;
        Ok(item.and_then(|item| {
            let agency = AgencyId::parse(item.read_text("agency")?).ok()?;
            Some(Client { agency, public_base_url: item.read_text("public_base_url").map(str::to_owned) })
        }))
    }

    /// The account that a webhook address belongs to.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account_of_address(&self, webhook_account: &str) -> Result<Option<(AgencyId, AccountName)>, StoreError> {
        let item = self.get(&keys::webhook_address(webhook_account)).await?;
        Ok(item.and_then(|item| {
            let agency = AgencyId::parse(item.read_text("agency")?).ok()?;
            let account = AccountName::parse(item.read_text("account")?).ok()?;
            Some((agency, account))
        }))
    }

    /// Our address as an agency's systems reach it, where `onboard` was told.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn public_base_url(&self, agency: &AgencyId) -> Result<Option<String>, StoreError> {
        let item = self.get(&keys::agency(agency)).await?;
        Ok(item.and_then(|item| item.read_text("public_base_url").map(str::to_owned)))
    }

    /// Every agency.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn agencies(&self) -> Result<Vec<AgencyId>, StoreError> {
        let items = self.all(keys::AGENCIES, "").await?;
        Ok(items.iter().filter_map(|item| AgencyId::parse(&item.key().sk).ok()).collect())
    }
}
