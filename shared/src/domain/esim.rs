//! An eSIM and its plan, from purchase to expiry. Status only moves forward, usage never falls within a plan,
//! and each event is told once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ActivationCode, EsimId, Iccid, OrderId, Package};

/// Where an eSIM stands (SGP.22 §3.1.6 as far as providers show it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EsimStatus {
    /// The provider has not said anything we understand.
    Unknown,
    /// Bought; the profile is not known yet.
    Ordered,
    /// Ready to be downloaded.
    Released,
    /// Handed to the device.
    Downloaded,
    /// On the eUICC.
    Installed,
    /// The plan runs.
    Activated,
    /// The data is used up; a top-up brings it back.
    Exhausted,
    /// The time is over; a top-up may bring it back.
    Expired,
    /// Taken back.
    Cancelled,
}

impl EsimStatus {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Ordered => "ordered",
            Self::Released => "released",
            Self::Downloaded => "downloaded",
            Self::Installed => "installed",
            Self::Activated => "activated",
            Self::Exhausted => "exhausted",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What installs the profile. One secret: sealed wherever it rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Number of the profile.
    pub iccid: Iccid,
    /// The provider's exact code.
    pub activation_code: ActivationCode,
    /// What the traveller must type besides, where the provider uses one.
    pub confirmation_code: Option<String>,
}

/// One eSIM of ours, without its [`Profile`], which the store keeps sealed beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Esim {
    /// Ours.
    pub esim_id: EsimId,
    /// The order that bought it.
    pub order_id: OrderId,
    /// The dossier it belongs to.
    pub booking_reference: Option<String>,
    /// The CRM's reference of the order.
    pub external_reference: String,
    /// The provider's own key of the eSIM where it is not the ICCID. Not a secret; an ICCID is never put here.
    pub provider_esim_id: Option<String>,
    /// Where it stands.
    pub status: EsimStatus,
    /// The plan that runs, or will.
    pub plan: Plan,
    /// Rises by one with every change; writes are conditional on it.
    pub version: u64,
    /// When it was bought.
    pub created_at: Timestamp,
    /// What became of the mail with the codes, once the mail service told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailFate>,
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MailFate {
    /// When, by the mail service's clock.
    pub at: Timestamp,
    /// What.
    pub outcome: MailOutcome,
}

/// How a mail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailOutcome {
    /// The traveller's mail server took it. That somebody read it is more than anyone knows.
    Delivered,
    /// It never arrived: the server refused it, or the service did not send it.
    Bounced,
}

impl MailOutcome {
    /// The word in the CRM.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Bounced => "bounced",
        }
    }
}

impl Esim {
    /// Takes in what became of the mail with the codes; true when that is news. The latest event counts, whatever the order in which
    /// they come: of two at the same second, the worse.
    pub fn mail_ended(&mut self, fate: MailFate) -> bool {
        let news = self.mail.is_none_or(|known| known < fate);
        if news {
            self.mail = Some(fate);
        }
        news
    }
}

/// One plan on an eSIM: the first one, or a top-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The order that bought this plan.
    pub order_id: OrderId,
    /// What was bought.
    pub package: Package,
    /// When it was bought: readings measured before belong to an earlier plan.
    pub begun_at: Timestamp,
    /// When the plan before it was to end, by which a stale reading is told from a fresh one.
    pub previous_expires_at: Option<Timestamp>,
    /// Used so far, MB; never falls within the plan.
    pub used_mb: u64,
    /// What is in the plan, MB; `None` is unlimited.
    pub total_mb: Option<u64>,
    /// When it started, where known.
    pub activated_at: Option<Timestamp>,
    /// When it ends, where known.
    pub expires_at: Option<Timestamp>,
    /// When usage was last read.
    pub measured_at: Option<Timestamp>,
    /// Events told for this plan.
    pub told: Vec<LifeEvent>,
    /// What was used at the end of each day that was read, oldest first: the last reading of a UTC day stands for it.
    #[serde(default)]
    pub days: Vec<DayOfUse>,
}

/// What was used in all by the last reading of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayOfUse {
    /// When it was read.
    pub at: Timestamp,
    /// Used since the plan began, MB.
    pub used_mb: u64,
}

/// What is told of an eSIM, once per plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LifeEvent {
    /// The profile is on the device.
    #[serde(rename = "esim.installed")]
    Installed,
    /// The plan runs.
    #[serde(rename = "esim.activated")]
    Activated,
    /// 80 % of the data is used.
    #[serde(rename = "usage.threshold_reached:80")]
    Used80,
    /// All of the data is used.
    #[serde(rename = "usage.threshold_reached:100")]
    Used100,
    /// The time is over.
    #[serde(rename = "esim.expired")]
    Expired,
    /// The J-2 proposal was made.
    #[serde(rename = "topup.proposed")]
    TopupProposed,
}
