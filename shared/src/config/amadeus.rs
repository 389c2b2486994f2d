//! What an agency lets us do at Amadeus: nothing, unless it says so.

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::TlsFloor;

/// An agency's settings for Amadeus.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmadeusSettings {
    /// A remark is written into the booking for each eSIM that is bought for it. Needs a contract for Amadeus Web Services.
    pub write_back: Option<WriteBack>,
}

/// How the Web Services are reached, and as whom.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteBack {
    /// The contract's access point (WSAP): `https://nodeD1.production.webservices.amadeus.com/1ASIWXXXXXX`.
    pub base_url: Url,
    /// The Web Services user.
    pub user_id: String,
    /// Its password, in the clear; it is never sent.
    pub password: SecretString,
    /// The office that owns the bookings, or may change them.
    pub office_id: String,
    /// `RequestorType`.
    #[serde(default = "requestor_type")]
    pub requestor_type: String,
    /// `AgentDutyCode`.
    #[serde(default = "duty_code")]
    pub duty_code: String,
    /// The contract's version of `PNR_Retrieve`.
    #[serde(default = "retrieve")]
    pub retrieve: String,
    /// The contract's version of `PNR_AddMultiElements`.
    #[serde(default = "add")]
    pub add: String,
    /// The contract's version of `Security_SignOut`.
    #[serde(default = "sign_out")]
    pub sign_out: String,
    /// Lowest TLS version; 1.3 unless the access point cannot.
    #[serde(default)]
    pub minimum_tls: TlsFloor,
}

fn requestor_type() -> String {
    "U".to_owned()
}

fn duty_code() -> String {
    "SU".to_owned()
}

fn retrieve() -> String {
    "PNRRET_14_2_1A".to_owned()
}

fn add() -> String {
    "PNRADD_14_2_1A".to_owned()
}

fn sign_out() -> String {
    "VLSSOQ_04_1_1A".to_owned()
}
