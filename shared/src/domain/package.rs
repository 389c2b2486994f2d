//! What can be bought: one plan of one provider account, in the words of the reference contract.

use serde::{Deserialize, Serialize};

use super::{Country, Money, PackageId};

/// One data plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// `<account>:<provider's id>`.
    pub package_id: PackageId,
    /// The provider account that sells it.
    pub provider: super::AccountName,
    /// The provider's title, for people.
    pub title: String,
    /// Every country that the plan works in.
    pub iso_countries: Vec<Country>,
    /// Data in MB of 1,048,576 bytes; `None` is unlimited.
    pub data_volume_mb: Option<u64>,
    /// Days that the plan lasts once it has started.
    pub validity_days: u32,
    /// What the agency pays.
    #[serde(flatten)]
    pub price: Money,
    /// Visited networks, where the provider names them.
    pub network_operators: Vec<String>,
    /// Whether the plan's eSIM can be topped up later.
    pub topup: bool,
}
