//! What is told to a CRM, in our words.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::domain::{CrmLink, EmailAddress, EsimId, EsimStatus, MailOutcome, Money, OrderId};

/// One eSIM as the CRM shows it. The profile's secrets are not part of it: the ICCID is masked, the codes are behind our API.
#[derive(Debug, Clone, PartialEq)]
pub struct SubscriptionRecord {
    /// The external id that the record is upserted by.
    pub esim_id: EsimId,
    /// The order.
    pub order_id: OrderId,
    /// The dossier.
    pub booking_reference: Option<String>,
    /// The CRM's own reference of the order.
    pub external_reference: String,
    /// Where it hangs in the CRM.
    pub link: CrmLink,
    /// Found the contact by this when `link.contact_id` is absent.
    pub traveller_email: Option<EmailAddress>,
    /// Where the eSIM stands.
    pub status: EsimStatus,
    /// The provider's account.
    pub provider: String,
    /// Title of the running plan.
    pub package_title: String,
    /// ISO 3166-1 alpha-2, comma separated.
    pub iso_countries: String,
    /// Last four digits.
    pub iccid_masked: Option<String>,
    /// MB of 1,048,576 bytes.
    pub data_used_mb: u64,
    /// MB; `None` when unlimited.
    pub data_remaining_mb: Option<u64>,
    /// MB; `None` when unlimited.
    pub data_total_mb: Option<u64>,
    /// When the plan started, where known.
    pub activated_at: Option<Timestamp>,
    /// When the plan ends, where known.
    pub expires_at: Option<Timestamp>,
    /// When usage was read.
    pub measured_at: Option<Timestamp>,
    /// What the agency paid for the running plan.
    pub price: Money,
    /// What became of the mail with the codes, once the mail service told.
    pub mail: Option<MailOutcome>,
}

/// An eSIM that is forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedSubscription {
    /// The external id of its record.
    pub esim_id: EsimId,
    /// The deal that it may be written on.
    pub deal_id: Option<String>,
}

/// The offers for a dossier.
#[derive(Debug, Clone, PartialEq)]
pub struct OffersRecord {
    /// The dossier.
    pub booking_reference: String,
    /// Where it lives.
    pub link: CrmLink,
    /// One line an offer, the best first, in the agency's language; before them what changed, where they were made anew.
    pub lines: Vec<String>,
    /// The best offer's package, for a one-click order.
    pub best_package_id: Option<String>,
}

/// What the eSIMs of a dossier cost and bring in, top-ups included.
#[derive(Debug, Clone, PartialEq)]
pub struct RevenueRecord {
    /// The dossier.
    pub booking_reference: String,
    /// Where it lives.
    pub link: CrmLink,
    /// ISO 4217; several, separated by commas, where purchases were made in several: then there are no sums.
    pub currency: String,
    /// The sums; `None` where purchases were made in several currencies.
    pub sums: Option<RevenueSums>,
}

/// Sums in decimal units of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevenueSums {
    /// What the agency paid.
    pub net: Decimal,
    /// What it asks for, where it said how much it adds.
    pub sale: Option<Decimal>,
}

impl RevenueSums {
    /// What stays with the agency.
    #[must_use]
    pub fn margin(&self) -> Option<Decimal> {
        self.sale.map(|sale| sale - self.net)
    }
}

/// Something for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct ManualTask {
    /// Names the task for good: telling it again makes no second one.
    pub key: String,
    /// Where it hangs.
    pub link: CrmLink,
    /// One line, in the agency's language.
    pub subject: String,
    /// What happened, what was done, what to do; with the trace id.
    pub body: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// Whether money or a trip is at stake.
    pub urgent: bool,
}

/// An event for marketing.
#[derive(Debug, Clone, PartialEq)]
pub struct CrmEvent {
    /// Names the event for good.
    pub event_id: String,
    /// `esim.installed`, `esim.activated`, `usage.threshold_reached`, `esim.expired`, `topup.proposed`.
    pub name: String,
    /// Whose.
    pub link: CrmLink,
    /// Whose, when the contact's id is not known.
    pub traveller_email: Option<EmailAddress>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Facts, as texts, named by [`EVENT_FACTS`]: a CRM is told of these only, since it must know each beforehand.
    pub properties: Vec<(String, String)>,
}

/// What `onboard` found or made in the CRM.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prepared {
    /// Made now.
    pub created: Vec<String>,
    /// Was there.
    pub present: Vec<String>,
    /// Could not be made, and what follows from that.
    pub warnings: Vec<String>,
}

/// The facts that an event may carry, by the contract's names. `data_*_mb` in MB of 1,048,576 bytes, `threshold_percent` 80 or 100,
/// `expiry_date` ISO 8601.
pub const EVENT_FACTS: &[&str] = &[
    "esim_id",
    "order_id",
    "booking_reference",
    "external_reference",
    "provider",
    "package_title",
    "iso_countries",
    "status",
    "threshold_percent",
    "data_used_mb",
    "data_remaining_mb",
    "expiry_date",
    "trace_id",
];
