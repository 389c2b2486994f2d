//! Installation steps and phones (Airalo Partner API v2, "Endpoints"), in the shapes of the page's examples.

use serde_json::{Map, Value, json};

use super::super::core::call::Call;
use super::super::core::json::put;
use super::super::core::reply::Reply;
use super::{Airalo, errors};

/// Systems and names of the page's example; one of them stands there twice.
const PHONES: [(&str, &str, &str); 14] = [
    ("android", "bq", "Aquaris X2"),
    ("android", "Google", "Pixel 3"),
    ("android", "Google", "Pixel 4a (5G)"),
    ("android", "Google", "Pixel 5"),
    ("android", "Motorola", "motorola razr 5G"),
    ("android", "Oppo", "Find X3 Pro"),
    ("android", "Samsung", "Galaxy S20 5G"),
    ("android", "Samsung", "Galaxy S21+ 5G"),
    ("android", "Zebra", "ET56"),
    ("android", "Zebra", "ET56"),
    ("ios", "Apple", "iPad 8th Gen (WiFi+Cellular)"),
    ("ios", "Apple", "iPhone XS"),
    ("ios", "Apple", "iPhone 11"),
    ("ios", "Apple", "iPhone 12 Mini"),
];

/// The words of a language that steps are written in.
struct Told {
    language: &'static str,
    by_qr: &'static [&'static str],
    by_hand: &'static [&'static str],
    network: &'static [&'static str],
}

static ENGLISH: Told = Told {
    language: "EN",
    by_qr: &["Go to Settings > Cellular/Mobile > Add Cellular/Mobile Plan.", "Scan the QR Code.", "Label the eSIM."],
    // More than nine, so that the order of the keys as texts is another than that of their numbers.
    by_hand: &[
        "Go to Settings > Cellular/Mobile > Add Cellular/Mobile Plan.",
        "Tap on 'Enter Details Manually'.",
        "Enter your SM-DP+ Address and Activation Code.",
        "Tap on 'Add Cellular Plan'.",
        "Label the eSIM.",
        "Choose preferred default line to call or send messages.",
        "Choose the preferred line to use with iMessage, FaceTime, and Apple ID.",
        "Choose the eSIM plan as your default line for Cellular Data.",
        "Do not turn on 'Allow Cellular Data Switching'.",
        "Your eSIM has been installed successfully.",
    ],
    network: &["Select your eSIM under 'Cellular Plans'.", "Turn on the Data Roaming."],
};

static FRENCH: Told = Told {
    language: "FR",
    by_qr: &["Allez dans Réglages > Données cellulaires > Ajouter un forfait.", "Scannez le QR code.", "Nommez l'eSIM."],
    by_hand: &["Allez dans Réglages > Données cellulaires > Ajouter un forfait.", "Saisissez l'adresse SM-DP+ et le code d'activation."],
    network: &["Choisissez votre eSIM.", "Activez l'itinérance des données."],
};

impl Airalo {
    /// `GET sims/{iccid}/instructions`, in the language of `Accept-Language`, or in English.
    pub(super) fn instructions(&self, call: &Call, iccid: &str) -> Reply {
        let Some(sim) = self.sim(iccid).filter(|_| self.by_iccid(iccid).is_some()) else {
            return errors::not_found();
        };
        let french = call.header("accept-language").is_some_and(|asked| asked.to_ascii_lowercase().starts_with("fr"));
        let told = if french { &FRENCH } else { &ENGLISH };
        let mut ios = guide(told, &sim, json!("14,15,13"));
        if let Some(by_qr) = ios.get_mut("installation_via_qr_code") {
            put(by_qr, "direct_apple_installation_url", sim.get("direct_apple_installation_url").cloned());
        }
        let android = guide(told, &sim, Value::Null);
        errors::success(200, &json!({"instructions": {"language": told.language, "ios": [ios], "android": [android]}}))
    }

    /// `GET compatible-devices-lite`: the only list without `meta`.
    pub(super) fn compatible_devices() -> Reply {
        let devices: Vec<Value> = PHONES.iter().map(|(os, brand, name)| json!({"os": os, "brand": brand, "name": name})).collect();
        Reply::json(200, &json!({ "data": devices }))
    }
}

/// With everything that installs the eSIM, as the real answer has it.
fn guide(told: &Told, sim: &Value, version: Value) -> Value {
    let (code, picture) = (sim.get("qrcode"), sim.get("qrcode_url"));
    json!({
        "model": null, "version": version,
        "installation_via_qr_code": {"steps": numbered(told.by_qr), "qr_code_data": code, "qr_code_url": picture},
        "installation_manual": {"steps": numbered(told.by_hand), "smdp_address_and_activation_code": code},
        "network_setup": {"steps": numbered(told.network), "apn_type": "manual", "apn_value": "singleall", "is_roaming": true},
    })
}

fn numbered(steps: &[&str]) -> Value {
    (1..).zip(steps).map(|(number, step)| (number.to_string(), json!(step))).collect::<Map<String, Value>>().into()
}
