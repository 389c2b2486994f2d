//! The kinds of work that an entry of the outbox may ask for, and the queue that each goes to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{AccountName, EsimId, OrderId, Package, PackageId, esim::LifeEvent},
    email::MailEvent,
};

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
        account: AccountName,
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
    /// A trip is another one now, and what was ordered for it no longer fits.
    TripChanged,
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

impl Queue {
    /// The word that an entry carries.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fulfilment => "fulfilment",
            Self::Notifier => "notifier",
        }
    }
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
