//! One line of what was sold, as others count it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccountName, Country, EsimId, Money, OrderId, PackageId};

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaleEvent {
    /// An eSIM was bought.
    Sale,
    /// A top-up was bought.
    TopUp,
    /// An eSIM that was bought is cancelled at its provider: a correction of the line before.
    Cancelled,
}

impl SaleEvent {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::TopUp => "top_up",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One line: as it was when it was written, and never changed. Names no traveller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaleLine {
    /// What it is about.
    pub event: SaleEvent,
    /// When it happened.
    pub at: Timestamp,
    /// The order that was bought.
    pub order_id: OrderId,
    /// The eSIM.
    pub esim_id: EsimId,
    /// The dossier.
    pub booking_reference: Option<String>,
    /// The CRM's id of the customer or dossier.
    pub external_reference: String,
    /// The CRM's id of the traveller's contact.
    pub contact_id: Option<String>,
    /// The plan.
    pub package_id: PackageId,
    /// Its name.
    pub title: String,
    /// The provider account.
    pub provider: AccountName,
    /// Where it works.
    pub countries: Vec<Country>,
    /// What the agency pays. Nothing where the line corrects: no provider says what it gives back.
    pub net: Option<Money>,
    /// What the traveller pays, where the agency's settings say what it adds.
    pub sell: Option<Money>,
    /// The last digits of the ICCID, if it was known then.
    pub iccid_masked: Option<String>,
}

impl SaleLine {
    /// Names the line for good.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}-{}", self.order_id, self.event.as_str())
    }
}
