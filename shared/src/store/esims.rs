//! eSIMs: the plan's state in the clear, the profile sealed beside it, and the timers that it waits for.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, time::Duration};

use super::{
    Seals, Store, StoreError, Transaction,
    item::Item,
    keys::{self, EsimAlias},
    mails::MOST_COPIES,
    orders::json,
    timers::{TimerKind, on_the_second},
    transaction::Condition,
};
use crate::domain::{AccountName, AgencyId, Esim, EsimId, OrderId, esim::Profile};
use crate::{email::MailKind, security::PageKind};

/// An eSIM as it lies in the table.
#[derive(Debug, Clone, PartialEq)]
pub struct EsimRecord {
    /// Whose.
    pub agency: AgencyId,
    /// Its state.
    pub esim: Esim,
    /// What installs it; sealed in the table, absent until the provider handed it out.
    pub profile: Option<Profile>,
    /// The timers that are set.
    pub timers: EsimTimers,
}

/// When an eSIM wants to be called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EsimTimers {
    /// Next usage poll.
    pub poll: Option<Timestamp>,
    /// J-2.
    pub reminder: Option<Timestamp>,
    /// End of the time that usage may be kept.
    pub retention: Option<Timestamp>,
}

impl EsimTimers {
    /// With every timer on the second.
    #[must_use]
    pub fn on_the_second(self) -> Self {
        let round = |at: Option<Timestamp>| at.map(on_the_second);
        Self { poll: round(self.poll), reminder: round(self.reminder), retention: round(self.retention) }
    }

    fn each(&self) -> [(TimerKind, Option<Timestamp>); 3] {
        [(TimerKind::Poll, self.poll), (TimerKind::Reminder, self.reminder), (TimerKind::Retention, self.retention)]
    }
}

#[derive(Serialize, Deserialize)]
struct EsimData {
    esim: Esim,
    timers: EsimTimers,
}

impl EsimRecord {
    fn item(&self, seal: &Seals) -> Result<Item, StoreError> {
        let key = keys::esim(&self.agency, &self.esim.esim_id);
        let item = Item::at(&key)
            .text("kind", "esim")
            .text("status", self.esim.status.as_str())
            .number("version", self.esim.version)
            .data(&EsimData { esim: self.esim.clone(), timers: self.timers.clone() })?;
        let sealed = match &self.profile {
            Some(profile) => Some(seal.seal(&self.agency, &key, "profile", &json(profile)?)?),
            None => None,
        };
        Ok(item.optional_text("profile", sealed.as_deref()))
    }

    fn read(agency: &AgencyId, item: &Item, seal: &Seals) -> Result<Self, StoreError> {
        let data: EsimData = item.read_data()?;
        let profile = match item.read_text("profile") {
            Some(sealed) => {
                let plain = seal.open(agency, &item.key(), "profile", sealed)?;
                Some(serde_json::from_str(&plain).map_err(|_| StoreError::Unreadable("esim.profile".to_owned()))?)
            }
            None => None,
        };
        Ok(Self { agency: agency.clone(), esim: data.esim, profile, timers: data.timers })
    }
}

impl Transaction {
    /// Writes a new eSIM, its timers, and the names that its provider calls it by.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn create_esim(self, record: &EsimRecord, aliases: &[EsimAlias], seal: &Seals) -> Result<Self, StoreError> {
        let item = record.item(seal)?;
        let mut this = self.put(item, &Condition::Absent);
        this = this.name_esim(record, aliases)?;
        Ok(this.move_timers(record, &EsimTimers::default()))
    }

    /// Writes an eSIM that was read as version `before`, and moves its timers from where they were.
    /// The record must carry the next version.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn write_esim(self, record: &EsimRecord, before: u64, timers_before: &EsimTimers, seal: &Seals) -> Result<Self, StoreError> {
        let item = record.item(seal)?;
        Ok(self.put(item, &Condition::version(before)).move_timers(record, timers_before))
    }

    /// Writes the names that the provider calls an eSIM by.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn name_esim(mut self, record: &EsimRecord, aliases: &[EsimAlias]) -> Result<Self, StoreError> {
        let account = &record.esim.plan.package.provider;
        for alias in aliases {
            let key = keys::esim_alias(&record.agency, account, alias);
            self = self.put(Item::at(&key).text("kind", "alias").text("esim_id", record.esim.esim_id.as_str()), &Condition::Always);
        }
        Ok(self)
    }

    /// Deletes an eSIM as it was read, with its names, timers, mail records and orders.
    pub fn forget_esim(mut self, record: &EsimRecord, aliases: &[EsimAlias], orders: &[OrderId]) -> Self {
        let (agency, esim) = (&record.agency, &record.esim);
        self = self.delete(&keys::esim(agency, &esim.esim_id), &Condition::version(esim.version));
        self = self.delete(&keys::crm_turn(agency, &esim.esim_id), &Condition::Always);
        for alias in aliases {
            self = self.delete(&keys::esim_alias(agency, &esim.plan.package.provider, alias), &Condition::Always);
        }
        let orders: BTreeSet<&OrderId> = orders.iter().collect();
        for order in orders {
            self = self.delete(&keys::order(agency, order), &Condition::Always);
            for kind in [MailKind::Delivery, MailKind::TopupReminder] {
                self = self.delete(&keys::mail(agency, &esim.esim_id, kind.as_str(), order), &Condition::Always);
            }
        }
        for copy in 1..=MOST_COPIES {
            let key = keys::mail_copy(agency, &esim.esim_id, MailKind::Delivery.as_str(), &esim.order_id, copy);
            self = self.delete(&key, &Condition::Always);
        }
        self = self.delete(&keys::page_links(agency, PageKind::Traveller.as_str(), esim.esim_id.as_str()), &Condition::Always);
        for (kind, at) in record.timers.each() {
            self = self.move_timer(kind, agency, esim.esim_id.as_str(), at, None);
        }
        self
    }

    fn move_timers(mut self, record: &EsimRecord, before: &EsimTimers) -> Self {
        for ((kind, new), (_, old)) in record.timers.each().into_iter().zip(before.each()) {
            self = self.move_timer(kind, &record.agency, record.esim.esim_id.as_str(), old, new);
        }
        self
    }
}

impl Store {
    /// An eSIM as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn esim(&self, agency: &AgencyId, esim: &EsimId, seal: &Seals) -> Result<Option<EsimRecord>, StoreError> {
        let item = self.get(&keys::esim(agency, esim)).await?;
        item.map(|item| EsimRecord::read(agency, &item, seal)).transpose()
    }

    /// Which eSIM a provider means.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn esim_by_alias(&self, agency: &AgencyId, account: &AccountName, alias: &EsimAlias) -> Result<Option<EsimId>, StoreError> {
        let item = self.get(&keys::esim_alias(agency, account, alias)).await?;
        Ok(item.and_then(|item| item.read_text("esim_id").and_then(|id| EsimId::parse(id).ok())))
    }

    /// Takes the right to write an eSIM to the CRM, so that an older state never overwrites a newer one there.
    /// `None`: another worker has it. Otherwise the version that the CRM was told last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_crm_turn(
        &self,
        agency: &AgencyId,
        esim: &EsimId,
        owner: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<u64>, StoreError> {
        let key = keys::crm_turn(agency, esim);
        let until = now.saturating_add(lease).map_or(now, |t| t);
        let taken = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .update_expression("SET #owner = :owner, lease_until = :until, kind = :kind")
            .condition_expression("attribute_not_exists(lease_until) OR lease_until <= :now OR #owner = :owner")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", AttributeValue::S(owner.to_owned()))
            .expression_attribute_values(":kind", AttributeValue::S("crm_turn".to_owned()))
            .expression_attribute_values(":until", AttributeValue::N(until.as_millisecond().to_string()))
            .expression_attribute_values(":now", AttributeValue::N(now.as_millisecond().to_string()))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew)
            .send()
            .await;
        match taken.map_err(|error| StoreError::from_sdk(&error)) {
            Ok(answer) => Ok(Some(Item::from_attributes(answer.attributes.unwrap_or_default()).read_number("told_version").unwrap_or(0))),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives the turn back; `told` is the version that the CRM was told, if it was.
    ///
    /// # Errors
    /// [`StoreError`]; a turn that was lost meanwhile is left alone.
    pub async fn end_crm_turn(&self, agency: &AgencyId, esim: &EsimId, owner: &str, told: Option<u64>) -> Result<(), StoreError> {
        let key = keys::crm_turn(agency, esim);
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", AttributeValue::S(owner.to_owned()));
        update = match told {
            Some(version) => update
                .update_expression("SET told_version = :told REMOVE lease_until")
                .expression_attribute_values(":told", AttributeValue::N(version.to_string())),
            None => update.update_expression("REMOVE lease_until"),
        };
        match update.send().await.map_err(|error| StoreError::from_sdk(&error)) {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
