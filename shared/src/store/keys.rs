//! Every key of the table, and nowhere else.
//!
//! `pk` starts with the tenant wherever an item has one: `A#<agency>#…`.

use jiff::{Timestamp, civil::Date};
use std::fmt;

use crate::domain::{AccountName, AgencyId, Country, EsimId, OrderId, PackageId};

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Partition.
    pub pk: String,
    /// Place within it.
    pub sk: String,
}

impl Key {
    pub(crate) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// The sealed access token of one provider account.
#[must_use]
pub fn token(agency: &AgencyId, account: &AccountName) -> Key {
    Key::new(format!("A#{agency}#ACCOUNT#{account}"), "TOKEN")
}

/// The breaker of one provider account and class of operations.
#[must_use]
pub fn breaker(agency: &AgencyId, account: &AccountName, class: &str) -> Key {
    Key::new(format!("A#{agency}#ACCOUNT#{account}"), format!("BREAKER#{class}"))
}

/// A dossier, by the agency's own reference.
#[must_use]
pub fn booking(agency: &AgencyId, reference: &str) -> Key {
    Key::new(format!("A#{agency}#BOOKING#{reference}"), "BOOKING")
}

/// What Amadeus interface records told of a dossier, in its partition.
#[must_use]
pub fn told_booking(agency: &AgencyId, reference: &str) -> Key {
    Key::new(booking(agency, reference).pk, "AIR")
}

/// Which dossier an Amadeus locator means.
#[must_use]
pub fn locator(agency: &AgencyId, locator: &str) -> Key {
    Key::new(format!("A#{agency}#LOCATOR#{locator}"), "LOCATOR")
}

/// What is known of the files of one of the agency's systems: the feed itself, and the bookings that it told of.
#[must_use]
pub fn feed(agency: &AgencyId, feed: &str) -> Key {
    Key::new(format!("A#{agency}#FEED#{feed}"), "FEED")
}

/// One booking that a feed told of.
#[must_use]
pub fn feed_booking(agency: &AgencyId, name: &str, reference: &str) -> Key {
    Key::new(feed(agency, name).pk, format!("{FEED_BOOKINGS}{reference}"))
}

/// What the places of a feed's bookings start with.
pub const FEED_BOOKINGS: &str = "BOOKING#";

/// What was sold on a day, in the agency's time zone.
#[must_use]
pub fn sales(agency: &AgencyId, day: Date) -> String {
    format!("A#{agency}#SALES#{day}")
}

/// One line of it. Its place sorts by time.
#[must_use]
pub fn sale(agency: &AgencyId, day: Date, at: Timestamp, line: &str) -> Key {
    Key::new(sales(agency, day), format!("{:020}#{line}", at.as_millisecond()))
}

/// One order of a dossier: the dossier's partition lists them.
#[must_use]
pub fn booking_order(agency: &AgencyId, reference: &str, order: &OrderId) -> Key {
    Key::new(booking(agency, reference).pk, format!("{BOOKING_ORDERS}{order}"))
}

/// What the places of a dossier's orders start with.
pub const BOOKING_ORDERS: &str = "ORDER#";

/// How often the links to a page were taken back; `subject` is the dossier's reference or the eSIM's id.
#[must_use]
pub fn page_links(agency: &AgencyId, page: &str, subject: &str) -> Key {
    Key::new(format!("A#{agency}#PAGE#{page}#{subject}"), "LINKS")
}

/// An order.
#[must_use]
pub fn order(agency: &AgencyId, order: &OrderId) -> Key {
    Key::new(format!("A#{agency}#ORDER#{order}"), "ORDER")
}

/// The record of one idempotency key, by its hash.
#[must_use]
pub fn idempotency(agency: &AgencyId, key_hash: &str) -> Key {
    Key::new(format!("A#{agency}#KEY#{key_hash}"), "KEY")
}

/// An eSIM.
#[must_use]
pub fn esim(agency: &AgencyId, esim: &EsimId) -> Key {
    Key::new(format!("A#{agency}#ESIM#{esim}"), "ESIM")
}

/// Whose turn it is to write an eSIM to the CRM, and which version was told last.
#[must_use]
pub fn crm_turn(agency: &AgencyId, esim: &EsimId) -> Key {
    Key::new(format!("A#{agency}#ESIM#{esim}"), "CRM")
}

/// One mail for an eSIM and a plan: it exists from the moment that the mail is about to be sent.
#[must_use]
pub fn mail(agency: &AgencyId, esim: &EsimId, kind: &str, plan: &OrderId) -> Key {
    Key::new(format!("A#{agency}#ESIM#{esim}"), format!("MAIL#{kind}#{plan}"))
}

/// One more sending of the delivery mail, asked for by a person: `copy` counts from 1.
#[must_use]
pub fn mail_copy(agency: &AgencyId, esim: &EsimId, kind: &str, plan: &OrderId, copy: u32) -> Key {
    Key::new(format!("A#{agency}#ESIM#{esim}"), format!("MAIL#{kind}#{plan}#{copy}"))
}

/// Finds an eSIM by what its provider calls it: the blind index of the ICCID, or the provider's own id.
#[must_use]
pub fn esim_alias(agency: &AgencyId, account: &AccountName, alias: &EsimAlias) -> Key {
    Key::new(format!("A#{agency}#ACCOUNT#{account}#{alias}"), "ALIAS")
}

/// How a provider names an eSIM in what it sends us.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EsimAlias {
    /// Blind index of the ICCID (an HMAC; the number itself is never a key).
    Iccid(String),
    /// The provider's own id.
    Provider(String),
}

impl fmt::Display for EsimAlias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Iccid(index) => write!(f, "ICCID#{index}"),
            Self::Provider(id) => write!(f, "ESIM#{id}"),
        }
    }
}

/// Which order of ours a purchase at the provider belongs to.
#[must_use]
pub fn purchase_claim(agency: &AgencyId, account: &AccountName, provider_order_id: &str) -> Key {
    Key::new(format!("A#{agency}#ACCOUNT#{account}#PURCHASE#{provider_order_id}"), "CLAIM")
}

/// One webhook received from a provider, by the provider's event id or the hash of its bytes.
#[must_use]
pub fn receipt(agency: &AgencyId, account: &AccountName, id: &str) -> Key {
    Key::new(format!("A#{agency}#ACCOUNT#{account}#HOOK#{id}"), "RECEIPT")
}

/// The catalogue of one provider account: packages and countries sort within it.
#[must_use]
pub fn catalogue(agency: &AgencyId, account: &AccountName) -> String {
    format!("A#{agency}#CATALOGUE#{account}")
}

/// One package of a catalogue.
#[must_use]
pub fn package(agency: &AgencyId, account: &AccountName, package: &PackageId) -> Key {
    Key::new(catalogue(agency, account), format!("PACKAGE#{package}"))
}

/// One part of what is sold for a country: a country with many plans takes several items.
#[must_use]
pub fn country_part(agency: &AgencyId, account: &AccountName, country: Country, part: usize) -> Key {
    Key::new(catalogue(agency, account), format!("COUNTRY#{country}#{part:03}"))
}

/// The exchange rates of one file, by the hash of its address.
#[must_use]
pub fn rates(url_hash: &str) -> Key {
    Key::new(format!("RATES#{url_hash}"), "RATES")
}

/// One dossier that a package is offered for. The places of all that are sort by package within the account.
#[must_use]
pub fn offered(agency: &AgencyId, account: &AccountName, package: &PackageId, reference: &str) -> Key {
    Key::new(format!("A#{agency}#OFFERED#{account}"), format!("{package}#{reference}"))
}

/// An entry of the outbox.
#[must_use]
pub fn outbox(id: &str) -> Key {
    Key::new(format!("OUTBOX#{id}"), "OUTBOX")
}

/// How many partitions each kind of timer is spread over.
pub const TIMER_SHARDS: u8 = 4;

/// The partition of one shard of one kind of timer.
#[must_use]
pub fn timer_partition(kind: &str, shard: u8) -> String {
    format!("TIMER#{kind}#{shard}")
}

/// One timer. Its place sorts by due time; seconds are enough.
#[must_use]
pub fn timer(kind: &str, agency: &AgencyId, target: &str, due_at: Timestamp) -> Key {
    let shard = target.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)) % TIMER_SHARDS;
    Key::new(timer_partition(kind, shard), format!("{}#{agency}#{target}", sortable(due_at)))
}

/// An instant as text that sorts as the instants do.
#[must_use]
pub fn sortable(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Which agency an OAuth client belongs to.
#[must_use]
pub fn client(client_id: &str) -> Key {
    Key::new(format!("CLIENT#{client_id}"), "CLIENT")
}

/// Which provider account of which agency a webhook address belongs to.
#[must_use]
pub fn webhook_address(webhook_account: &str) -> Key {
    Key::new(format!("ADDRESS#{webhook_account}"), "ADDRESS")
}

/// Which agency's mail service posts its events to an address.
#[must_use]
pub fn mail_address(webhook_account: &str) -> Key {
    Key::new(format!("MAILADDRESS#{webhook_account}"), "ADDRESS")
}

/// The agencies that have been onboarded.
pub const AGENCIES: &str = "AGENCIES";

/// One of them.
#[must_use]
pub fn agency(agency: &AgencyId) -> Key {
    Key::new(AGENCIES, agency.as_str())
}

/// The outgoing webhook subscriptions of an agency.
#[must_use]
pub fn subscriptions(agency: &AgencyId) -> String {
    format!("A#{agency}#SUBSCRIPTIONS")
}

/// One of them.
#[must_use]
pub fn subscription(agency: &AgencyId, id: &str) -> Key {
    Key::new(subscriptions(agency), id)
}

/// What an agency's finished plans used, for better recommendations.
#[must_use]
pub fn history(agency: &AgencyId) -> Key {
    Key::new(format!("A#{agency}#HISTORY"), "HISTORY")
}

/// Where nothing is ever kept: reading it proves that the table can be read.
#[must_use]
pub fn nothing() -> Key {
    Key::new("NOTHING", "NOTHING")
}

/// Anonymous counts of one month.
#[must_use]
pub fn statistics(agency: &AgencyId, month: &str, cell: &str) -> Key {
    Key::new(format!("A#{agency}#STATISTICS#{month}"), cell)
}
