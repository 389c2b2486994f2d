//! The outbox: what must follow from a state, written in the same transaction as the state.
//!
//! An entry exists until its work is done: the relay only sends a pointer to it to a queue, and the consumer deletes it. A message
//! whose entry is gone has nothing left to do, so that repeated messages change nothing.

use aws_sdk_dynamodb::{operation::update_item::builders::UpdateItemFluentBuilder, types::AttributeValue};
use jiff::Timestamp;
use std::time::Duration;

use super::{
    Store, StoreError, Transaction,
    item::Item,
    keys::{self, Key},
    transaction::Condition,
};
use crate::domain::{AgencyId, TraceId};

mod work;

pub use work::{Queue, TaskKind, TaskNote, Told, Work};

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its id, all that a queue message carries.
    pub id: String,
    /// Whose.
    pub agency: AgencyId,
    /// What.
    pub work: Work,
    /// How long the queue holds it back at first, 15 minutes at most.
    pub delay: Duration,
    /// What caused it.
    pub trace_id: TraceId,
    /// When it was written.
    pub created_at: Timestamp,
    /// Real attempts so far.
    pub attempts: u32,
}

impl Entry {
    fn item(&self) -> Result<Item, StoreError> {
        Item::at(&keys::outbox(&self.id))
            .text("kind", "outbox")
            .text("outbox_id", &self.id)
            .text("queue", self.work.queue().as_str())
            .number("delay_s", self.delay.as_secs().min(900))
            .text("agency", self.agency.as_str())
            .text("trace_id", self.trace_id.as_str())
            .instant("created_at", self.created_at)
            .number("attempts", u64::from(self.attempts))
            .data(&self.work)
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        let unreadable = |name: &str| StoreError::Unreadable(format!("outbox.{name}"));
        Ok(Self {
            id: item.read_text("outbox_id").ok_or_else(|| unreadable("outbox_id"))?.to_owned(),
            agency: item.read_text("agency").and_then(|a| AgencyId::parse(a).ok()).ok_or_else(|| unreadable("agency"))?,
            work: item.read_data()?,
            delay: Duration::from_secs(item.read_number("delay_s").unwrap_or(0)),
            trace_id: item.read_text("trace_id").and_then(|t| TraceId::parse(t).ok()).ok_or_else(|| unreadable("trace_id"))?,
            created_at: item.read_instant("created_at").ok_or_else(|| unreadable("created_at"))?,
            attempts: u32::try_from(item.read_number("attempts").unwrap_or(0)).unwrap_or(u32::MAX),
        })
    }
}

/// What came of trying to take an entry.
#[derive(Debug)]
pub enum Taken {
    /// It is ours until the lease is over.
    Ours(Box<Entry>),
    /// Another worker has it.
    Busy,
    /// It is done.
    Gone,
}

impl Transaction {
    /// Adds an entry to the outbox.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when it cannot be written as JSON.
    pub fn enqueue(self, entry: &Entry) -> Result<Self, StoreError> {
        Ok(self.put(entry.item()?, &Condition::Always))
    }

    /// Ends an entry whose work is done in this very transaction; it must still be there.
    pub fn end_entry(self, id: &str) -> Self {
        self.delete(&keys::outbox(id), &Condition::Holds(Vec::new()))
    }

    /// Removes an entry: its work is done, or another entry takes its place.
    pub fn dequeue(self, id: &str) -> Self {
        self.delete(&keys::outbox(id), &Condition::Always)
    }
}

impl Store {
    /// An entry as it lies there, taken by nobody.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entry(&self, id: &str) -> Result<Option<Entry>, StoreError> {
        self.get(&keys::outbox(id)).await?.as_ref().map(Entry::read).transpose()
    }

    /// Takes an entry for `lease`, so that a message delivered twice at once is worked on once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_entry(&self, id: &str, owner: &str, now: Timestamp, lease: Duration) -> Result<Taken, StoreError> {
        let until = now.saturating_add(lease).map_or(now, |t| t);
        let taken = self
            .update_entry(id)
            .update_expression("SET #owner = :owner, lease_until = :until")
            .condition_expression("attribute_exists(pk) AND (attribute_not_exists(lease_until) OR lease_until <= :now OR #owner = :owner)")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", AttributeValue::S(owner.to_owned()))
            .expression_attribute_values(":until", AttributeValue::N(until.as_millisecond().to_string()))
            .expression_attribute_values(":now", AttributeValue::N(now.as_millisecond().to_string()))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew)
            .send()
            .await;
        match taken {
            Ok(answer) => Ok(Taken::Ours(Box::new(Entry::read(&Item::from_attributes(answer.attributes.unwrap_or_default()))?))),
            Err(error) => match StoreError::from_sdk(&error) {
                StoreError::Conflict => Ok(if self.get(&keys::outbox(id)).await?.is_some() { Taken::Busy } else { Taken::Gone }),
                other => Err(other),
            },
        }
    }

    /// Puts an entry back to be tried later; `charged` says whether it was a real attempt.
    ///
    /// # Errors
    /// [`StoreError`]; an entry that is gone or has another owner is left alone.
    pub async fn release_entry(&self, id: &str, owner: &str, charged: bool) -> Result<(), StoreError> {
        let released = self
            .update_entry(id)
            .update_expression("REMOVE lease_until ADD attempts :more")
            .condition_expression("attribute_exists(pk) AND #owner = :owner")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", AttributeValue::S(owner.to_owned()))
            .expression_attribute_values(":more", AttributeValue::N(u8::from(charged).to_string()));
        where_it_holds(released).await
    }

    /// Gives an entry whose message goes to the dead-letter queue its attempts back, so that it has all of them when it is replayed,
    /// by whatever means.
    ///
    /// # Errors
    /// [`StoreError`]; an entry that is gone is left alone.
    pub async fn forget_attempts(&self, id: &str) -> Result<(), StoreError> {
        let forgotten = self
            .update_entry(id)
            .update_expression("SET attempts = :none")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":none", AttributeValue::N("0".to_owned()));
        where_it_holds(forgotten).await
    }

    fn update_entry(&self, id: &str) -> UpdateItemFluentBuilder {
        let Key { pk, sk } = keys::outbox(id);
        self.client.update_item().table_name(&self.table).key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S(sk))
    }

    /// Deletes an entry whose work is done.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_entry(&self, id: &str) -> Result<(), StoreError> {
        self.delete(&keys::outbox(id)).await
    }
}

/// Sends an update; where its condition does not hold, nothing is changed, and that is as good.
async fn where_it_holds(update: UpdateItemFluentBuilder) -> Result<(), StoreError> {
    match update.send().await.map_err(|error| StoreError::from_sdk(&error)) {
        Ok(_) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error),
    }
}
