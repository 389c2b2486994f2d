//! eSIMs: install data, details, the reference that is set after an order.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::json::{put, text};
use super::super::core::reply::Reply;
use super::bundles::Assignment;
use super::{Provider, Settings, message};

/// Host of the simulated SM-DP+.
const SMDP_HOST: &str = "smdp.esimgo.example";

/// An eSIM.
#[derive(Debug, Clone)]
pub struct Esim {
    pub iccid: String,
    pub matching_id: String,
    /// `Released`, `Downloaded`, `Installed`.
    pub profile_status: String,
    pub installed_at: Option<Timestamp>,
    pub customer_ref: Option<String>,
    /// A deactivated eSIM takes no bundle.
    pub deactivated: bool,
    pub assignments: Vec<Assignment>,
}

impl Esim {
    /// A released profile.
    #[must_use]
    pub fn new(iccid: String, matching_id: String) -> Self {
        Self {
            iccid,
            matching_id,
            profile_status: "Released".to_owned(),
            installed_at: None,
            customer_ref: None,
            deactivated: false,
            assignments: Vec::new(),
        }
    }

    /// The activation code.
    #[must_use]
    pub fn lpa(&self) -> String {
        format!("LPA:1${SMDP_HOST}${}", self.matching_id)
    }

    /// What an order says of it.
    pub(super) fn installs(&self, settings: &Settings) -> Value {
        json!({"iccid": iccid(&self.iccid, settings), "matchingId": self.matching_id, "smdpAddress": SMDP_HOST})
    }
}

/// As a text, or as the number that some answers hold.
pub(super) fn iccid(digits: &str, settings: &Settings) -> Value {
    if settings.iccid_numbers { digits.parse::<u64>().map_or_else(|_| json!(digits), |number| json!(number)) } else { json!(digits) }
}

impl Provider {
    /// By the reference of an order or application; CSV unless JSON is asked for.
    pub(super) fn install_data(&self, call: &Call) -> Reply {
        let Some(reference) = call.query("reference") else {
            return message(400, "reference is required");
        };
        let state = self.state();
        let Some(order) = state.orders.iter().find(|order| order.reference == reference) else {
            return message(400, "No such reference");
        };
        let esims: Vec<&Esim> = order.iccids.iter().filter_map(|iccid| state.esim(iccid)).collect();
        if !call.header("accept").unwrap_or_default().contains("application/json") {
            let lines = esims.iter().map(|esim| format!("{},{},{}\n", esim.iccid, esim.matching_id, esim.lpa()));
            let csv = format!("ICCID,Matching ID,RSP URL\n{}", lines.collect::<String>());
            return Reply::bytes(200, "text/csv", csv.into_bytes());
        }
        let shown = esims.iter().map(|esim| {
            let mut data = esim.installs(&state.settings);
            put(&mut data, "profileStatus", esim.profile_status.as_str());
            put(&mut data, "rspUrl", esim.lpa());
            put(&mut data, "firstInstalledDateTime", esim.installed_at.map_or_else(String::new, |at| at.to_string()));
            data
        });
        Reply::json(200, &shown.collect())
    }

    pub(super) fn show_esim(&self, iccid: &str) -> Reply {
        let state = self.state();
        let Some(esim) = state.esim(iccid) else {
            return message(403, "ICCID is not yours");
        };
        let mut data = esim.installs(&state.settings);
        put(&mut data, "profileStatus", esim.profile_status.as_str());
        put(&mut data, "customerRef", esim.customer_ref.as_deref());
        put(&mut data, "firstInstalledDateTime", esim.installed_at.map(Timestamp::as_millisecond));
        Reply::json(200, &data)
    }

    /// `PUT /esims`: the reference, after the order.
    pub(super) fn refer(&self, call: &Call) -> Reply {
        let body = call.json_or_empty();
        let mut state = self.state();
        let Some(esim) = text(&body, "iccid").and_then(|iccid| state.esim_mut(iccid)) else {
            return message(403, "ICCID is not yours");
        };
        esim.customer_ref = text(&body, "customerRef").map(str::to_owned);
        Reply::json(200, &json!({"message": "Updated"}))
    }
}
