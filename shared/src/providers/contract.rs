//! The operations of the reference contract, as every adapter answers them.
//!
//! Each operation is a pair: one function builds the request, one reads the answer. There are no defaulted methods:
//! what a provider cannot do is a typed [`Unsupported`], written out where a reader will look for it.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use std::{fmt, time::Duration};

use super::{Capabilities, ProviderError, Unsupported};
use crate::domain::{Iccid, Locale, OrderId, Package, UsageReading, esim::Profile};
use crate::outbound::{Answer, HttpRequest};

/// A provider's access token and how long it may be kept.
pub struct AccessToken {
    /// The token.
    pub token: SecretString,
    /// How long it may be used, already shortened to what the provider's page advises.
    pub lifetime: Duration,
}

/// One page of a catalogue.
#[derive(Debug)]
pub struct CataloguePage {
    /// The plans of the page.
    pub packages: Vec<Package>,
    /// How many entries could not be read, and were left out.
    pub unreadable: usize,
    /// Where the next page starts; `None` on the last.
    pub next: Option<String>,
}

/// What is asked for when buying.
#[derive(Debug, Clone)]
pub struct PlaceOrder<'a> {
    /// The provider's own package id.
    pub provider_package_id: &'a str,
    /// Our order, which is also the reference the provider keeps and the key it may deduplicate by.
    pub reference: &'a OrderId,
    /// The agency's language.
    pub locale: Locale,
}

/// What is asked for when topping up.
#[derive(Debug, Clone)]
pub struct TopUp<'a> {
    /// The eSIM.
    pub esim: EsimKey<'a>,
    /// The provider's own top-up package id.
    pub provider_package_id: &'a str,
    /// Our order.
    pub reference: &'a OrderId,
    /// The agency's language.
    pub locale: Locale,
}

/// How a provider names an eSIM.
#[derive(Debug, Clone, Copy)]
pub struct EsimKey<'a> {
    /// Its own id, where it has one.
    pub provider_esim_id: Option<&'a str>,
    /// The ICCID, once known.
    pub iccid: Option<&'a Iccid>,
}

/// The provider's answer to a purchase that was not refused.
#[derive(Debug)]
pub enum Placement {
    /// Bought.
    Placed(Placed),
    /// Taken; the eSIM follows. The id is what to ask by, where the provider gave one.
    Accepted {
        /// The provider's order or request id.
        provider_order_id: Option<String>,
    },
}

/// A purchase that was made.
#[derive(Debug)]
pub struct Placed {
    /// The provider's own order id.
    pub provider_order_id: String,
    /// The eSIM; `None` for a top-up.
    pub esim: Option<ProvidedEsim>,
}

/// An eSIM as the provider hands it out.
#[derive(Debug)]
pub struct ProvidedEsim {
    /// The provider's own key where it is not the ICCID.
    pub provider_esim_id: Option<String>,
    /// What installs it; `None` when it must be fetched by [`EsimProvider::esim`].
    pub profile: Option<Profile>,
}

/// What is asked for when looking for a purchase.
#[derive(Debug, Clone)]
pub struct FindOrder<'a> {
    /// Our reference.
    pub reference: &'a OrderId,
    /// The provider's order id, where we have it.
    pub provider_order_id: Option<&'a str>,
    /// What was ordered, so that a provider whose look-up is sending again with the same key can do so.
    pub provider_package_id: &'a str,
    /// The topped-up eSIM, for top-ups.
    pub top_up_of: Option<EsimKey<'a>>,
    /// When the purchase was sent.
    pub sent_at: Timestamp,
    /// The agency's language.
    pub locale: Locale,
    /// Where the next page of the list starts, `None` for the first.
    pub cursor: Option<&'a str>,
}

/// How far a provider's clock may be behind ours, in seconds: our own may be five minutes ahead of the true time, and theirs one behind.
const PROVIDER_BEHIND: i64 = 6 * 60;

impl FindOrder<'_> {
    /// The earliest date that the provider can have given the purchase.
    #[must_use]
    pub fn earliest(&self) -> Timestamp {
        self.sent_at.saturating_sub(SignedDuration::from_secs(PROVIDER_BEHIND)).unwrap_or(self.sent_at)
    }
}

/// What the provider knows of a purchase.
#[derive(Debug)]
pub enum FoundOrder {
    /// It was made.
    Placed(Placed),
    /// The provider has it and is not done.
    Pending {
        /// The provider's order id.
        provider_order_id: Option<String>,
    },
    /// The provider has it and it failed: nothing was bought.
    Failed {
        /// The provider's words.
        reason: String,
    },
    /// Not on this page, and there is another.
    Next(String),
    /// Orders of the same package at the right time that name nobody ([`super::Recovery::ListByTime`]).
    Unclaimed {
        /// The orders of this page that could be ours, the oldest first.
        orders: Vec<Placed>,
        /// Where the next page starts.
        next: Option<String>,
    },
    /// Not there. Whether that proves anything is said by [`super::Recovery`].
    Absent,
}

/// Headers of a webhook, by lower-case name.
pub type WebhookHeaders = http::HeaderMap;

/// One thing that a provider told us.
#[derive(Debug, Clone, PartialEq)]
pub struct ProviderEvent {
    /// The provider's id of the event, where it has one.
    pub event_id: Option<String>,
    /// The provider's key of the eSIM.
    pub provider_esim_id: Option<String>,
    /// The ICCID it names.
    pub iccid: Option<Iccid>,
    /// When it happened, where said.
    pub occurred_at: Option<Timestamp>,
    /// What happened.
    pub kind: ProviderEventKind,
}

/// What a provider can tell.
#[derive(Debug, Clone, PartialEq)]
pub enum ProviderEventKind {
    /// A state or usage that can be believed as it stands.
    Reading(UsageReading),
    /// Something changed: read usage back from the provider.
    Hint,
    /// An asynchronous order is done or failed: it is asked about at once.
    OrderSettled {
        /// Our reference, where the provider sends it back.
        reference: Option<String>,
        /// The provider's own id of the order or of the request for it, where it names one.
        provider_order_id: Option<String>,
        /// Why nothing was bought, in the provider's words; `None` when that is not said.
        failed: Option<String>,
    },
    /// The agency's credit at the provider runs low.
    CreditLow,
    /// The channel of the events asks to be confirmed by a visit (Amazon SNS). The address has been checked.
    Confirm {
        /// What to visit.
        url: url::Url,
    },
    /// Not known to us; kept, and nothing else.
    Unknown,
}

/// A webhook registration that the provider accepted.
pub struct RegisteredWebhook {
    /// The provider's id of the subscription, where it has one.
    pub subscription_id: Option<String>,
    /// The secret it signs with, where it hands one out.
    pub secret: Option<SecretString>,
}

impl fmt::Debug for RegisteredWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisteredWebhook").field("subscription_id", &self.subscription_id).finish_non_exhaustive()
    }
}

/// One provider. Requests are returned without credentials; [`EsimProvider::authorise`] adds them.
pub trait EsimProvider: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> &'static Capabilities;

    /// Whether calls need a token from a log-in. Without one the account's own credentials go with each call.
    fn has_login(&self) -> bool;
    /// The log-in request; where there is no log-in, a call that proves the credentials, made for that alone.
    fn login(&self) -> HttpRequest;
    /// Reads the token.
    ///
    /// # Errors
    /// [`ProviderError`] when the log-in was refused or cannot be read.
    fn read_login(&self, answer: &Answer) -> Result<AccessToken, ProviderError>;
    /// Puts the token on a request.
    fn authorise(&self, request: HttpRequest, token: &SecretString) -> HttpRequest;
    /// Signs a request with the time of its sending and a number that is used once; as it is, where the provider wants neither.
    fn sign(&self, request: HttpRequest, at: Timestamp, once: [u8; 16]) -> HttpRequest;

    /// One page of the catalogue.
    fn catalogue(&self, cursor: Option<&str>, locale: Locale) -> HttpRequest;
    /// Reads a page.
    ///
    /// # Errors
    /// [`ProviderError`] when the page as a whole cannot be read; single odd entries are counted and left out.
    fn read_catalogue(&self, answer: &Answer) -> Result<CataloguePage, ProviderError>;
    /// The page after the one that `cursor` asked for, where the answer does not say by itself which page it is; else `None`.
    fn next_page(&self, cursor: Option<&str>, answer: &Answer) -> Option<String>;

    /// Buys.
    fn place(&self, order: &PlaceOrder<'_>) -> HttpRequest;
    /// Reads the purchase.
    ///
    /// # Errors
    /// [`ProviderError`], by what it means for money.
    fn read_place(&self, answer: &Answer) -> Result<Placement, ProviderError>;

    /// Looks a purchase up.
    ///
    /// # Errors
    /// [`Unsupported`] when the provider cannot be asked.
    fn find_order(&self, order: &FindOrder<'_>) -> Result<HttpRequest, Unsupported>;
    /// Reads the look-up.
    ///
    /// # Errors
    /// [`ProviderError`]; never taken as absence.
    fn read_find_order(&self, order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError>;

    /// Asks for what installs an eSIM.
    ///
    /// # Errors
    /// [`Unsupported`] when the provider has no such call.
    fn esim(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported>;
    /// Reads it.
    ///
    /// # Errors
    /// [`ProviderError`].
    fn read_esim(&self, answer: &Answer) -> Result<ProvidedEsim, ProviderError>;

    /// Asks for usage and state.
    ///
    /// # Errors
    /// [`Unsupported`] when the provider has no such call, or the key it needs is not known.
    fn usage(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported>;
    /// Reads it. `now` stands in where the provider does not say when it measured.
    ///
    /// # Errors
    /// [`ProviderError`].
    fn read_usage(&self, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError>;
    /// The next call about usage, where one does not tell everything. `answers` are those so far, in order; `None` ends it.
    fn more_usage(&self, esim: EsimKey<'_>, answers: &[Answer]) -> Option<HttpRequest>;
    /// Adds to a reading what a further answer says.
    ///
    /// # Errors
    /// [`ProviderError`].
    fn read_more_usage(&self, so_far: UsageReading, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError>;

    /// Asks for the packages that can be added to an eSIM. `countries` are those of the running plan.
    ///
    /// # Errors
    /// [`Unsupported`].
    fn topups(&self, esim: EsimKey<'_>, countries: &[crate::domain::Country], locale: Locale) -> Result<HttpRequest, Unsupported>;
    /// Reads them. `countries` are those of the running plan, which a top-up keeps.
    ///
    /// # Errors
    /// [`ProviderError`].
    fn read_topups(&self, answer: &Answer, countries: &[crate::domain::Country]) -> Result<Vec<Package>, ProviderError>;

    /// Buys a top-up.
    ///
    /// # Errors
    /// [`Unsupported`].
    fn top_up(&self, top_up: &TopUp<'_>) -> Result<HttpRequest, Unsupported>;
    /// Reads the purchase; [`Placed::esim`] is `None`.
    ///
    /// # Errors
    /// [`ProviderError`], by what it means for money.
    fn read_top_up(&self, answer: &Answer) -> Result<Placement, ProviderError>;

    /// The calls that make the provider tell us of its events at `url`, one after the other.
    ///
    /// # Errors
    /// [`Unsupported`] when it is done elsewhere (a portal, an e-mail).
    fn register_webhook(&self, url: &str) -> Result<Vec<HttpRequest>, Unsupported>;
    /// Reads one answer of these.
    ///
    /// # Errors
    /// [`ProviderError`].
    fn read_register_webhook(&self, answer: &Answer) -> Result<RegisteredWebhook, ProviderError>;

    /// Whether the webhook is the provider's own: signature over the raw bytes, in constant time, with any of `secrets`,
    /// and not older than the provider's scheme allows.
    fn verify_webhook(&self, secrets: &[SecretString], headers: &WebhookHeaders, body: &[u8], now: Timestamp) -> bool;
    /// Reads the events of a webhook. `now` stands in where it carries no time.
    ///
    /// # Errors
    /// [`ProviderError::Unknown`] when the body cannot be read.
    fn read_webhook(&self, body: &[u8], now: Timestamp) -> Result<Vec<ProviderEvent>, ProviderError>;
}
