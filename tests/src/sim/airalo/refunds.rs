//! Requests for refunds (Airalo Partner API v2, "Endpoints"): taken, reviewed by nobody here.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::core::form::Fields;
use super::super::core::json::{list, text};
use super::super::core::reply::Reply;
use super::{Airalo, errors};

/// Most eSIMs of a request.
const MOST: usize = 5;
/// Longest note.
const LONGEST_NOTE: usize = 255;
const REASONS: [&str; 23] = [
    "INSTALLATION_FAILURE",
    "NO_COVERAGE",
    "APN_FAILURE",
    "TRIP_CANCELLATION",
    "INTERMITTENT_CONNECTION",
    "BLOCKED_NETWORK",
    "CHANGE_OF_PLAN",
    "DELETED_ESIM",
    "EARLY_EXPIRY",
    "HOTSPOT_NOT_WORKING",
    "IMSI_CHANGE",
    "INCOMPATIBLE_DEVICE",
    "LOCKED_DEVICE",
    "NO_VOICE_TEXT_SERVICES",
    "OVERCHARGED",
    "SLOW_SPEED",
    "TOP_UP_PACKAGE_FAILURE",
    "UNKNOWN_CHARGES",
    "WRONG_PURCHASE",
    "UNABLE_TO_ACCESS_APPS",
    "SERVICE_DEGRADATION",
    "QR_ISSUE_PARTNERS",
    "OTHERS",
];

impl Airalo {
    /// `POST refund`: five a minute.
    pub(super) fn ask_refund(&self, fields: &Fields) -> Reply {
        if let Some(refusal) = self.over_limit("refund", "", Duration::from_secs(60)) {
            return refusal;
        }
        let value = &fields.value;
        let iccids: Vec<String> = list(value, "iccids").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        if iccids.is_empty() || iccids.len() > MOST {
            return refused("The iccids field must hold 1 to 5 ICCIDs.");
        }
        let reason = text(value, "reason").unwrap_or_default();
        if !REASONS.contains(&reason) {
            return refused(&format!("The selected reason is invalid. It must be one of the following: {}", REASONS.join(", ")));
        }
        let notes = text(value, "notes").unwrap_or_default();
        if notes.chars().count() > LONGEST_NOTE || (reason == "OTHERS" && notes.is_empty()) {
            return refused("The notes field is required for OTHERS and holds 255 characters at most.");
        }
        let foreign: Vec<String> = iccids.iter().filter(|iccid| self.by_iccid(iccid).is_none()).cloned().collect();
        if !foreign.is_empty() {
            return refused(&format!("The following ICCIDs do not belong to your company: {}", foreign.join(", ")));
        }
        let mut state = self.state();
        let id = (self.number(90_000) + i64::try_from(state.refunds.len()).unwrap_or(0)).to_string();
        state.refunds.push(json!({"refund_id": id, "iccids": iccids, "reason": reason, "notes": notes, "email": text(value, "email")}));
        let created_at = self.now().strftime("%Y-%m-%d %H:%M").to_string();
        errors::success(202, &json!({"refund_id": id, "created_at": created_at}))
    }
}

/// With an empty list for data, as the page's examples have it.
fn refused(message: &str) -> Reply {
    Reply::json(422, &json!({"data": [], "meta": {"message": message}}))
}
