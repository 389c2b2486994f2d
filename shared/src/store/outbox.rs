//! The outbox: what must follow from a state, written in the same transaction as the state.
//!
//! An entry exists until its work is done: the relay only sends a pointer to it to a queue, and the consumer deletes it. A message
//! whose entry is gone has nothing left to do, so that repeated messages change nothing.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::{Store, StoreError, Transaction, item::Item, keys, transaction::Condition};
use crate::domain::{AgencyId, EsimId, OrderId, Package, PackageId, TraceId, esim::LifeEvent};
use crate::email::MailEvent;

/// What is to be done. Ids and plain facts only: never an ICCID, a code or an address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum Work {
    /// Look after an order until it is settled and its profile is known.
    WatchOrder {
        /// The order.
        order_id: OrderId,
    },
    /// Apply a provider's webhook that was received and kept.
    ApplyWebhook {
        /// The provider account it came to.
        account: crate::domain::AccountName,
        /// Its receipt.
        receipt_id: String,
    },
    /// Read usage back from the provider now.
    RefreshUsage {
        /// The eSIM.
        esim_id: EsimId,
    },
    /// Make the provider tell of an eSIM, where webhooks are registered for each.
    WatchEsim {
        /// The eSIM.
        esim_id: EsimId,
    },
    /// Send the traveller the QR code and codes.
    Deliver {
        /// The eSIM.
        esim_id: EsimId,
    },
    /// Send the traveller the QR code and codes once more, because a person asked for it.
    DeliverAgain {
        /// The eSIM.
        esim_id: EsimId,
        /// Which copy, counted from 1: the same one is sent once.
        copy: u32,
    },
    /// Send the traveller the J-2 proposal.
    Remind {
        /// The eSIM.
        esim_id: EsimId,
        /// The plan that ends.
        plan: OrderId,
        /// What can be added.
        options: Vec<Package>,
    },
    /// Ask the provider for the money of an order whose trip does not take place.
    AskRefund {
        /// The order.
        order_id: OrderId,
    },
    /// Cancel a future order whose trip does not take place.
    CancelLater {
        /// The order.
        order_id: OrderId,
    },
    /// Write the state of an eSIM to the CRM.
    SyncEsim {
        /// The eSIM.
        esim_id: EsimId,
        /// The version that asked for it: older than what the CRM has means nothing to do.
        version: u64,
    },
    /// Show the offers on the dossier.
    ShowOffers {
        /// The dossier.
        reference: String,
        /// The version that asked for it.
        version: u64,
    },
    /// Show on the dossier what its eSIMs cost and bring in.
    ShowRevenue {
        /// The dossier.
        reference: String,
    },
    /// Empty the CRM's record of an eSIM that is forgotten here.
    EraseEsim {
        /// The eSIM.
        esim_id: EsimId,
        /// The deal that it may be written on.
        deal_id: Option<String>,
    },
    /// Find the dossiers that were offered packages which are gone or repriced.
    SpreadChange {
        /// The packages, all of one account.
        packages: Vec<PackageId>,
        /// The dossier of the first package that the entry before ended with.
        after: Option<String>,
    },
    /// Make a dossier's offers anew, if one of them is no longer what it was.
    RenewOffers {
        /// The dossier.
        reference: String,
    },
    /// Give a person a task in the CRM.
    Task(TaskNote),
    /// Tell the CRM and every subscriber of an event.
    Tell(Told),
    /// Note an eSIM in the booking at Amadeus that it was bought for.
    WriteRemark {
        /// The eSIM.
        esim_id: EsimId,
    },
    /// Look whether the other parts of a record from Amadeus have come.
    AwaitParts {
        /// The booking's locator.
        locator: String,
        /// Its dossier.
        reference: String,
        /// The part that came first, by its key.
        part: String,
    },
    /// Take in what a mail service told of a mail.
    MailEvent(MailEvent),
    /// Post an event to one subscriber.
    Post {
        /// The subscription.
        subscription_id: String,
        /// The event.
        event: Told,
    },
}

/// Why a person is needed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskNote {
    /// Names the task for good.
    pub key: String,
    /// What kind of task; the words are found when it is written, in the agency's language.
    pub kind: TaskKind,
    /// The order it is about.
    pub order_id: Option<OrderId>,
    /// The eSIM it is about.
    pub esim_id: Option<EsimId>,
    /// The dossier it is about.
    pub booking_reference: Option<String>,
    /// What the other side said, free of personal data.
    pub detail: String,
}

/// The kinds of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// The provider refused the order: nothing was bought.
    OrderRejected,
    /// Nobody can say whether the order was bought: look at the provider's portal before ordering again.
    OrderUnclear,
    /// The order could not be sent after every attempt: nothing was bought.
    OrderNotSent,
    /// The ordered plan cannot be had, nothing was bought, and another account has equivalent ones: choose.
    ChooseAnother,
    /// The eSIM is bought and its codes cannot be fetched.
    ProfileMissing,
    /// The mail service refused the mail.
    MailRefused,
    /// Nobody can say whether the mail went out.
    MailUnclear,
    /// The mail went out and never arrived.
    MailBounced,
    /// A plan ends in two days: propose a top-up.
    ProposeTopup,
    /// A plan ends in two days and cannot be topped up: propose a new one.
    ProposeNewPlan,
    /// The credit at the provider runs low.
    CreditLow,
    /// A trip does not take place, and an eSIM was ordered for it.
    TripCancelled,
    /// A refund was asked for, which the provider reviews.
    RefundAsked,
    /// Nobody can say whether the refund was asked for.
    RefundUnclear,
    /// The refund could not be asked for.
    RefundNotAsked,
    /// A future order of a cancelled trip could not be cancelled.
    FutureNotCancelled,
    /// Nobody can say whether a future order of a cancelled trip is cancelled.
    FutureCancelUnclear,
    /// A booking that another system sent could not be taken in.
    BookingLeftOut,
    /// A file that another system sent could not be followed in all of it.
    FileToCheck,
    /// A subscriber does not take our events.
    WebhookFailed,
    /// Work failed for good; it stands in the dead-letter queue.
    WorkFailed,
}

/// An event that is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The eSIM.
    pub esim_id: EsimId,
    /// The plan.
    pub plan: OrderId,
    /// What happened.
    pub event: LifeEvent,
    /// When we learned of it.
    pub at: Timestamp,
    /// MB used at that moment.
    pub used_mb: u64,
    /// MB in the plan; `None` is unlimited.
    pub total_mb: Option<u64>,
    /// When the plan ends, as known then.
    pub expires_at: Option<Timestamp>,
}

impl Told {
    /// Names the event for good, wherever it is told. No dots: Standard Webhooks forbids them in ids.
    #[must_use]
    pub fn id(&self) -> String {
        let event = serde_json::to_value(self.event).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        format!("evt-{}-{}-{}", self.esim_id, self.plan, event.replace(['.', ':'], "-"))
    }
}

/// Which queue an entry goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Queue {
    /// Orders, webhooks, usage.
    Fulfilment,
    /// Mails, CRM writes, events.
    Notifier,
}

impl Work {
    /// The queue that this kind of work goes to.
    #[must_use]
    pub fn queue(&self) -> Queue {
        match self {
            Self::WatchOrder { .. } | Self::ApplyWebhook { .. } | Self::RefreshUsage { .. } | Self::WatchEsim { .. } => Queue::Fulfilment,
            _ => Queue::Notifier,
        }
    }

    /// The word for logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::WatchOrder { .. } => "watch_order",
            Self::ApplyWebhook { .. } => "apply_webhook",
            Self::RefreshUsage { .. } => "refresh_usage",
            Self::WatchEsim { .. } => "watch_esim",
            Self::Deliver { .. } => "deliver",
            Self::DeliverAgain { .. } => "deliver_again",
            Self::Remind { .. } => "remind",
            Self::AskRefund { .. } => "ask_refund",
            Self::CancelLater { .. } => "cancel_later",
            Self::SyncEsim { .. } => "sync_esim",
            Self::ShowOffers { .. } => "show_offers",
            Self::ShowRevenue { .. } => "show_revenue",
            Self::EraseEsim { .. } => "erase_esim",
            Self::SpreadChange { .. } => "spread_change",
            Self::RenewOffers { .. } => "renew_offers",
            Self::Task(_) => "task",
            Self::Tell(_) => "tell",
            Self::WriteRemark { .. } => "write_remark",
            Self::AwaitParts { .. } => "await_parts",
            Self::MailEvent(_) => "mail_event",
            Self::Post { .. } => "post",
        }
    }
}

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
            .text(
                "queue",
                match self.work.queue() {
                    Queue::Fulfilment => "fulfilment",
                    Queue::Notifier => "notifier",
                },
            )
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
        let key = keys::outbox(id);
        let until = now.saturating_add(lease).map_or(now, |t| t);
        let taken = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()))
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
                StoreError::Conflict => Ok(if self.get(&key).await?.is_some() { Taken::Busy } else { Taken::Gone }),
                other => Err(other),
            },
        }
    }

    /// Puts an entry back to be tried later; `charged` says whether it was a real attempt.
    ///
    /// # Errors
    /// [`StoreError`]; an entry that is gone or has another owner is left alone.
    pub async fn release_entry(&self, id: &str, owner: &str, charged: bool) -> Result<(), StoreError> {
        let key = keys::outbox(id);
        let released = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .update_expression("REMOVE lease_until ADD attempts :more")
            .condition_expression("attribute_exists(pk) AND #owner = :owner")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", AttributeValue::S(owner.to_owned()))
            .expression_attribute_values(":more", AttributeValue::N(u8::from(charged).to_string()))
            .send()
            .await;
        match released.map_err(|error| StoreError::from_sdk(&error)) {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Gives an entry whose message goes to the dead-letter queue its attempts back, so that it has all of them when it is replayed,
    /// by whatever means.
    ///
    /// # Errors
    /// [`StoreError`]; an entry that is gone is left alone.
    pub async fn forget_attempts(&self, id: &str) -> Result<(), StoreError> {
        let key = keys::outbox(id);
        let forgotten = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .update_expression("SET attempts = :none")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":none", AttributeValue::N("0".to_owned()))
            .send()
            .await;
        match forgotten.map_err(|error| StoreError::from_sdk(&error)) {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Deletes an entry whose work is done.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_entry(&self, id: &str) -> Result<(), StoreError> {
        self.delete(&keys::outbox(id)).await
    }
}
