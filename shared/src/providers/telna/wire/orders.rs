//! `POST ordering/work-orders` and `GET ordering/work-orders/{id}` (§2, Work order).

use serde::Deserialize;
use serde_json::Value;

use super::{profiles, success};
use crate::config::TelnaSettings;
use crate::outbound::Answer;
use crate::providers::{FoundOrder, Placed, Placement, ProviderError, lenient};

#[derive(Deserialize)]
pub(super) struct WorkOrder {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub(super) customer_ref: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
    #[serde(default)]
    euicc_profile: Value,
}

const FAILED: &str = "Telna reports the work order as failed";

impl WorkOrder {
    /// What it has come to: a word that the settings do not name is pending.
    pub(super) fn outcome(self, settings: &TelnaSettings, top_up: bool) -> Result<FoundOrder, ProviderError> {
        let id = self.id.ok_or(ProviderError::Unknown("the provider took the order and gave it no id"))?;
        let is_one_of = |words: &[String]| self.status.as_ref().is_some_and(|status| words.contains(status));
        if is_one_of(&settings.failed_statuses) {
            return Ok(FoundOrder::Failed { reason: FAILED.to_owned() });
        }
        let esim = if top_up { None } else { profiles::provided(self.euicc_profile) };
        Ok(match is_one_of(&settings.fulfilled_statuses) && (top_up || esim.is_some()) {
            true => FoundOrder::Placed(Placed { provider_order_id: id, esim }),
            false => FoundOrder::Pending { provider_order_id: Some(id) },
        })
    }
}

pub(in super::super) fn read_place(settings: &TelnaSettings, answer: &Answer) -> Result<Placement, ProviderError> {
    placement(success::<WorkOrder>(answer)?.outcome(settings, false)?)
}

pub(in super::super) fn read_top_up(settings: &TelnaSettings, answer: &Answer) -> Result<Placement, ProviderError> {
    placement(success::<WorkOrder>(answer)?.outcome(settings, true)?)
}

fn placement(found: FoundOrder) -> Result<Placement, ProviderError> {
    match found {
        FoundOrder::Placed(placed) => Ok(Placement::Placed(placed)),
        FoundOrder::Failed { reason } => Err(ProviderError::Rejected { code: "refused", reason }),
        FoundOrder::Pending { provider_order_id } => Ok(Placement::Accepted { provider_order_id }),
        FoundOrder::Next(_) | FoundOrder::Absent | FoundOrder::Unclaimed { .. } => {
            Err(ProviderError::Unknown("the provider's answer cannot be read"))
        }
    }
}
