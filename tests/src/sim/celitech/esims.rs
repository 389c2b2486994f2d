//! `GET /esim` and `POST /esim/{iccid}/suspend`.

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::reply::Reply;
use super::{Provider, message};

/// Host of the simulated SM-DP+.
const SMDP_HOST: &str = "smdp.celitech.example";

/// States of a profile.
pub const STATES: [&str; 6] = ["RELEASED", "DOWNLOADED", "INSTALLED", "ENABLED", "DELETED", "ERROR"];

/// An eSIM.
#[derive(Debug, Clone)]
pub struct Esim {
    pub iccid: String,
    pub matching_id: String,
    /// One of [`STATES`].
    pub status: String,
    /// On the network at this moment.
    pub connected: bool,
    /// Set by hand.
    pub topup_allowed: bool,
}

impl Esim {
    /// A released profile.
    #[must_use]
    pub fn new(iccid: String, matching_id: String) -> Self {
        Self { iccid, matching_id, status: "RELEASED".to_owned(), connected: false, topup_allowed: true }
    }

    /// Whether a top-up is taken.
    #[must_use]
    pub fn topup_allowed(&self) -> bool {
        self.topup_allowed && !matches!(self.status.as_str(), "DELETED" | "ERROR")
    }

    /// The activation code.
    #[must_use]
    pub fn lpa(&self) -> String {
        format!("LPA:1${SMDP_HOST}${}", self.matching_id)
    }

    /// The picture that `activationCode` holds: of the real length, of nothing in particular.
    fn picture() -> String {
        format!("iVBORw0KGgo{}", "A".repeat(1_200))
    }

    /// The `profile` of a purchase.
    #[must_use]
    pub fn profile(&self) -> Value {
        let lpa = self.lpa();
        json!({
            "iccid": self.iccid, "activationCode": Self::picture(), "manualActivationCode": lpa,
            "iosActivationLink": format!("https://esimsetup.apple.com/esim_qrcode_provisioning?carddata={lpa}"),
            "androidActivationLink": format!("https://esimsetup.android.com/esim_qrcode_provisioning?carddata={lpa}"),
        })
    }

    fn show(&self) -> Value {
        json!({
            "iccid": self.iccid, "smdpAddress": SMDP_HOST, "activationCode": Self::picture(), "manualActivationCode": self.lpa(),
            "status": self.status, "connectivityStatus": if self.connected { "ACTIVE" } else { "NOT_ACTIVE" },
            "isTopUpAllowed": self.topup_allowed(),
        })
    }
}

impl Provider {
    pub(super) fn show_esim(&self, call: &Call) -> Reply {
        let Some(iccid) = call.query("iccid") else {
            return message(400, "iccid is required");
        };
        match self.state().esim(&iccid) {
            Some(esim) => Reply::json(200, &json!({"esim": esim.show()})),
            None => message(400, "eSIM not found"),
        }
    }

    /// Ends the eSIM, without refund.
    pub(super) fn suspend(&self, iccid: &str) -> Reply {
        match self.state().esim_mut(iccid) {
            Some(esim) => {
                esim.status = "DELETED".to_owned();
                esim.connected = false;
                Reply::json(200, &json!({"success": true}))
            }
            None => message(400, "eSIM not found"),
        }
    }
}
