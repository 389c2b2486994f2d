//! What a provider says of an eSIM at one moment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One reading, in the contract's words; what the provider did not say is `None`.
/// MB of 1,048,576 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageReading {
    /// The state that the provider reports.
    pub status: ReportedStatus,
    /// Data used in the current plan.
    pub used_mb: Option<u64>,
    /// Data left; `None` for unlimited plans too.
    pub remaining_mb: Option<u64>,
    /// Data in the plan; `None` is unlimited or not said (see `unlimited`).
    pub total_mb: Option<u64>,
    /// Whether the plan has no limit.
    pub unlimited: bool,
    /// When the plan ends; `None` while it has not started, or where the provider does not say.
    pub expires_at: Option<Timestamp>,
    /// When the plan was first used, where the provider says so.
    pub activated_at: Option<Timestamp>,
    /// When the provider measured; our own time of asking where it does not say.
    pub measured_at: Timestamp,
}

/// A provider's word for the state of an eSIM or plan, translated. A new word is `Unknown`: never a failure, never an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportedStatus {
    /// Bought, not downloaded, or the provider cannot tell more.
    NotActive,
    /// The device fetched the profile (SGP.22 §3.1.6 Downloaded).
    Downloaded,
    /// The profile is on the eUICC.
    Installed,
    /// The plan runs.
    Active,
    /// The data is used up.
    Exhausted,
    /// The time is over.
    Expired,
    /// Taken back, refunded or recycled.
    Cancelled,
    /// A word that we do not know, as sent.
    Unknown(String),
}
