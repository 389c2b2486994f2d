//! How an account at Airalo is used, where Airalo leaves the choice.

use serde::Deserialize;

use crate::domain::EmailAddress;

/// The settings `airalo` of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AiraloSettings {
    /// How eSIMs are ordered. Top-ups are always answered when they are made.
    pub orders: AiraloOrders,
    /// Whether the plans of an eSIM are read besides its usage once it is in use: they alone say when a plan began. One call more a
    /// reading, of which Airalo may allow only one every 15 minutes an eSIM; the others are done without.
    pub history: bool,
    /// Whether orders may be placed now for a later day (`deliver_on`). Told by webhook: needs the account's `webhook_account`.
    pub future_orders: bool,
    /// Whether the money for an unused eSIM is asked back when its dossier is cancelled. Airalo reviews each request, and takes them only
    /// from partners whose contract was amended for it.
    pub refunds: Option<RefundSettings>,
}

/// How Airalo is asked for refunds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundSettings {
    /// Whom Airalo answers when it has reviewed a request.
    pub email: EmailAddress,
}

/// How eSIMs are ordered at Airalo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AiraloOrders {
    /// `POST orders`: answered when it is done.
    #[default]
    Sync,
    /// `POST orders-async`: taken at once, done later, told by webhook. Needs the account's `webhook_account`. Each order
    /// remembers how it was sent: absence from Airalo's list proves something of synchronous orders alone, however the account is set since.
    Async,
}
