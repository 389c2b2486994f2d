//! Amadeus Web Services: what the simulator refuses.

use base64::{Engine, prelude::BASE64_STANDARD};
use passerelle_tests::sim::{Sim, amadeus};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::json;

use crate::http::{Answer, ask};

/// A log-in of this moment, by hand.
fn start(nonce: &[u8; 16], password: &str) -> String {
    let created = jiff::Timestamp::now().to_string();
    let sha1 = |bytes: &[u8]| digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec();
    let sum = BASE64_STANDARD.encode(sha1(&[nonce.as_slice(), created.as_bytes(), &sha1(password.as_bytes())].concat()));
    format!(
        "<o:Security xmlns:o=\"o\"><o:UsernameToken><o:Username>WSPASSIM</o:Username><o:Nonce>{}</o:Nonce><o:Password Type=\"x#PasswordDigest\">{sum}</o:Password>\
         <Created>{created}</Created></o:UsernameToken></o:Security><s:Session xmlns:s=\"s\" TransactionStatusCode=\"Start\"/>\
         <AMA_SecurityHostedUser><UserID PseudoCityCode=\"PAREX2100\" POS_Type=\"1\" RequestorType=\"U\"/></AMA_SecurityHostedUser>",
        BASE64_STANDARD.encode(nonce)
    )
}

/// The header of a later message, from an answer's.
fn next(answer: &str, number: u32, code: &str) -> String {
    let part = |name: &str| answer.split(&format!("<awsse:{name}>")).nth(1).unwrap().split('<').next().unwrap().to_owned();
    format!(
        "<Session TransactionStatusCode=\"{code}\"><SessionId>{}</SessionId><SequenceNumber>{number}</SequenceNumber><SecurityToken>{}</SecurityToken></Session>",
        part("SessionId"),
        part("SecurityToken")
    )
}

async fn send(sim: &Sim, header: &str, version: &str, name: &str, content: &str) -> Answer {
    let action = format!("http://webservices.amadeus.com/{version}");
    let body = format!(
        "<e:Envelope xmlns:e=\"e\"><e:Header><MessageID>1</MessageID><Action>{action}</Action><To>{}</To>{header}</e:Header>\
         <e:Body><{name} xmlns=\"http://xml.amadeus.com/{version}\">{content}</{name}></e:Body></e:Envelope>",
        sim.base_url
    );
    ask("POST", &sim.base_url).header("SOAPAction", &action).text("text/xml", &body).send().await
}

/// The body after asserting the status.
fn words(answer: &Answer, status: u16) -> String {
    let words = String::from_utf8(answer.body.clone()).unwrap();
    assert_eq!(answer.status, status, "{words}");
    words
}

const RETRIEVE: &str = "<retrieve><type>2</type></retrieve><controlNumber>ABC123</controlNumber>";

async fn desk() -> Sim {
    let sim = amadeus::start(None).await.unwrap();
    sim.client().post("bookings", &json!({"locator": "ABC123", "created": "201226"})).await.unwrap();
    sim
}

fn remark(text: &str, asked: &str) -> String {
    format!(
        "<pnrActions><optionCode>11</optionCode></pnrActions><dataElementsMaster><dataElementsIndiv><segmentName>RM</segmentName><miscellaneousRemark>\
         <freetext>{text}</freetext></miscellaneousRemark></dataElementsIndiv><dataElementsIndiv><segmentName>{asked}</segmentName><type>P22</type>\
         <longFreetext>X</longFreetext></dataElementsIndiv></dataElementsMaster>"
    )
}

#[tokio::test]
async fn a_log_in_is_a_digest_that_is_good_once() {
    let sim = desk().await;
    let refused = send(&sim, &start(b"0123456789abcdef", "guess"), "PNRRET_14_2_1A", "PNR_Retrieve", RETRIEVE).await;
    assert!(words(&refused, 500).contains("FailedAuthentication"));
    let header = start(b"0123456789abcdee", "amadeus-secret");
    let told = send(&sim, &header, "PNRRET_14_2_1A", "PNR_Retrieve", RETRIEVE).await;
    assert!(words(&told, 200).contains("ABC123"));
    words(&send(&sim, &header, "PNRRET_14_2_1A", "PNR_Retrieve", RETRIEVE).await, 500);
    let unknown =
        send(&sim, &start(b"0123456789abcded", "amadeus-secret"), "PNRRET_14_2_1A", "PNR_Retrieve", &RETRIEVE.replace("ABC", "XYZ")).await;
    assert!(words(&unknown, 500).contains("1929|Application|INVALID RECORD LOCATOR"));
}

#[tokio::test]
async fn messages_of_a_session_are_numbered_and_changes_are_saved_by_its_rules() {
    let sim = desk().await;
    let first = words(&send(&sim, &start(b"0123456789abcdef", "amadeus-secret"), "PNRRET_14_2_1A", "PNR_Retrieve", RETRIEVE).await, 200);
    let add = |number: u32, text: &'static str, asked: &'static str| {
        let (header, content, sim) = (next(&first, number, "InSeries"), remark(text, asked), &sim);
        async move { send(sim, &header, "PNRADD_14_2_1A", "PNR_AddMultiElements", &content).await }
    };
    assert!(words(&add(7, "ESIM", "RF").await, 500).contains("11|Session|"));
    assert!(words(&add(2, "esim_", "RF").await, 200).contains("INVALID TEXT"));
    assert!(words(&add(3, "ESIM", "OS").await, 200).contains("NEED RECEIVED FROM"));
    sim.client().post("bookings/ABC123", &json!({"busy": true})).await.unwrap();
    assert!(words(&add(4, "ESIM", "RF").await, 200).contains("SIMULTANEOUS"));
    assert!(sim.client().get("bookings").await.unwrap()[0]["remarks"].as_array().unwrap().is_empty());
    words(&send(&sim, &next(&first, 5, "InSeries"), "PNRRET_14_2_1A", "PNR_Retrieve", RETRIEVE).await, 200);
    words(&add(6, "ESIM", "RF").await, 200);
    assert_eq!(sim.client().get("bookings").await.unwrap()[0]["remarks"], json!(["ESIM"]));
    words(&send(&sim, &next(&first, 7, "End"), "VLSSOQ_04_1_1A", "Security_SignOut", "").await, 200);
    assert_eq!(sim.client().get("sessions").await.unwrap(), json!({"begun": 1, "ended": 1, "open": 0}));
    assert!(words(&add(8, "MORE", "RF").await, 500).contains("11|Session|"));
}
