#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]

use super::{Amadeus, Remark, envelope::password_digest};
use crate::{
    config::WriteBack,
    crm::CrmError,
    outbound::{Answer, Http, HttpRequest, SendError},
    testing::manual_world,
};
use async_trait::async_trait;
use http::{HeaderMap, StatusCode};
use std::{collections::VecDeque, sync::Mutex};

/// Answers in a row, and what was asked.
#[derive(Default)]
struct Line {
    answers: Mutex<VecDeque<(u16, String)>>,
    asked: Mutex<Vec<HttpRequest>>,
}

#[async_trait]
impl Http for Line {
    async fn send(&self, request: HttpRequest) -> Result<Answer, SendError> {
        self.asked.lock().unwrap().push(request);
        let next = self.answers.lock().unwrap().pop_front();
        let (status, body) = next.ok_or(SendError::Unknown("the script is over"))?;
        Ok(Answer { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body: body.into_bytes() })
    }
}

impl Line {
    fn answering<const N: usize>(answers: [(u16, String); N]) -> Self {
        Self { answers: Mutex::new(answers.into()), asked: Mutex::default() }
    }

    fn body(&self, call: usize) -> String {
        String::from_utf8(self.asked.lock().unwrap()[call].body.clone()).unwrap()
    }

    fn actions(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let action = |request: &HttpRequest| {
            request.headers["soapaction"].to_str().unwrap().trim_matches('"').rsplit('/').next().unwrap().to_owned()
        };
        asked.iter().map(action).collect()
    }
}

fn settings() -> WriteBack {
    serde_json::from_value(serde_json::json!({
        "base_url": "https://noded1.test.webservices.amadeus.example/1ASIWPAS", "user_id": "WSPASPAS", "password": "AMADEUS&1", "office_id": "PAREX2100",
    }))
    .unwrap()
}

fn session(number: u32) -> String {
    format!(
        "<awsse:Session xmlns:awsse=\"http://xml.amadeus.com/2010/06/Session_v3\" TransactionStatusCode=\"InSeries\"><awsse:SessionId>01A</awsse:SessionId>\
         <awsse:SequenceNumber>{number}</awsse:SequenceNumber><awsse:SecurityToken>T0K</awsse:SecurityToken></awsse:Session>"
    )
}

fn envelope(session: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header>{session}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

fn booking(remarks: &[&str]) -> String {
    let remark = |text: &&str| {
        format!(
            "<dataElementsIndiv><miscellaneousRemarks><remarks><type>RM</type><freetext>{text}</freetext></remarks></miscellaneousRemarks></dataElementsIndiv>"
        )
    };
    format!(
        "<PNR_Reply xmlns=\"http://xml.amadeus.com/PNRACC_14_2_1A\"><pnrHeader><reservationInfo><reservation><companyId>1A</companyId>\
         <controlNumber>ABC123</controlNumber></reservation></reservationInfo></pnrHeader><securityInformation><secondRpInformation>\
         <creationDate>201226</creationDate></secondRpInformation></securityInformation><dataElementsMaster>{}</dataElementsMaster></PNR_Reply>",
        remarks.iter().map(remark).collect::<String>()
    )
}

fn remark() -> Remark {
    Remark {
        locator: "ABC123".to_owned(),
        created: "2026-12-20".parse().unwrap(),
        key: "01JK".to_owned(),
        text: "ESIM/SOLD 01JK JP 5GB".to_owned(),
    }
}

async fn add(line: &Line) -> Result<(), CrmError> {
    let ((world, _), settings) = (manual_world("2026-12-24T12:00:00Z", 42), settings());
    Amadeus::new(&settings, &world).add_remark(line, &remark()).await
}

fn signed_out() -> (u16, String) {
    (200, envelope("", "<Security_SignOutReply/>"))
}

#[test]
fn the_digest_is_of_nonce_time_and_the_digest_of_the_password() {
    // Worked out apart from this code, with Python.
    assert_eq!(password_digest(b"0123456789abcdef", "2026-12-20T10:00:00.000Z", "AMADEUS"), DIGEST);
}

const DIGEST: &str = "lGr40nUXQ8ddZNl4uGzkTEk3JC8=";

#[tokio::test]
async fn a_remark_is_written_in_one_session_that_is_ended() {
    let line = Line::answering([
        (200, envelope(&session(1), &booking(&["OTHER"]))),
        (200, envelope(&session(2), &booking(&["OTHER", "ESIM/SOLD 01JK JP 5GB"]))),
        signed_out(),
    ]);
    add(&line).await.unwrap();
    assert_eq!(line.actions(), ["PNRRET_14_2_1A", "PNRADD_14_2_1A", "VLSSOQ_04_1_1A"]);
    let (first, second, last) = (line.body(0), line.body(1), line.body(2));
    assert!(first.contains("TransactionStatusCode=\"Start\"") && first.contains("PseudoCityCode=\"PAREX2100\""));
    assert!(
        first.contains("#PasswordDigest") && !first.contains("AMADEUS&amp;1") && first.contains("<controlNumber>ABC123</controlNumber>")
    );
    for (body, number, code) in [(&second, 2, "InSeries"), (&last, 3, "End")] {
        assert!(
            body.contains(&format!("<awsse:SequenceNumber>{number}</awsse:SequenceNumber>")) && body.contains(&format!("\"{code}\"")),
            "{body}"
        );
        assert!(body.contains("<awsse:SecurityToken>T0K") && !body.contains("Security xmlns:oas"), "the log-in is made once");
    }
    assert!(second.contains("<freetext>ESIM/SOLD 01JK JP 5GB</freetext>") && second.contains("<optionCode>11</optionCode>"));
}

#[tokio::test]
async fn a_remark_that_is_there_is_not_written_again_and_another_booking_is_left_alone() {
    let there = Line::answering([(200, envelope(&session(1), &booking(&["ESIM/SOLD 01jk JP 5GB"]))), signed_out()]);
    add(&there).await.unwrap();
    assert_eq!(there.actions(), ["PNRRET_14_2_1A", "VLSSOQ_04_1_1A"]);
    let other = Line::answering([(200, envelope(&session(1), &booking(&[]).replace("201226", "201227"))), signed_out()]);
    assert!(matches!(add(&other).await, Err(CrmError::Refused { .. })));
    assert_eq!(other.actions(), ["PNRRET_14_2_1A", "VLSSOQ_04_1_1A"]);
}

fn fault(code: &str, words: &str) -> (u16, String) {
    (500, envelope("", &format!("<s:Fault><faultcode>{code}</faultcode><faultstring>{words}</faultstring></s:Fault>")))
}

#[tokio::test]
async fn a_no_is_told_from_trouble_that_passes() {
    for (answer, no) in [
        (fault("soap:Server", "1929|Application|INVALID RECORD LOCATOR"), true),
        (fault("wsse:FailedAuthentication", "11|Security|"), true),
        (fault("soap:Client", " 11|Session|"), false),
        (fault("soap:Server", "busy"), false),
        ((503, "<html>".to_owned()), false),
        ((404, String::new()), true),
        ((200, envelope("", "<Other/>")), false),
    ] {
        let result = add(&Line::answering([answer.clone()])).await;
        assert_eq!(matches!(result, Err(CrmError::Refused { .. })), no, "{answer:?} {result:?}");
    }
}

#[tokio::test]
async fn what_was_not_saved_is_told_again_or_to_a_person_and_the_session_is_ended_all_the_same() {
    let error =
        |words: &str| format!("<generalErrorInfo><errorCode>8111</errorCode><freeText>{words}</freeText></generalErrorInfo><pnrHeader>");
    let after = |words: &str| envelope(&session(2), &booking(&["ESIM/SOLD 01JK JP 5GB"]).replacen("<pnrHeader>", &error(words), 1));
    for (answer, no) in [
        ((200, after("SIMULTANEOUS CHANGES TO PNR")), false),
        ((200, after("RESTRICTED")), true),
        ((200, envelope(&session(2), &booking(&[]))), false),
    ] {
        let line = Line::answering([(200, envelope(&session(1), &booking(&[]))), answer, signed_out()]);
        let result = add(&line).await;
        assert_eq!(matches!(result, Err(CrmError::Refused { .. })), no, "{result:?}");
        assert_eq!(line.actions().last().unwrap(), "VLSSOQ_04_1_1A");
    }
    let warned = after("CHECK TIMES").replace("</errorCode>", "</errorCode><errorCategory>WEC</errorCategory>");
    add(&Line::answering([(200, envelope(&session(1), &booking(&[]))), (200, warned), signed_out()])).await.unwrap();
    let lost = Line::answering([(200, envelope(&session(1), &booking(&[])))]);
    assert!(matches!(add(&lost).await, Err(CrmError::Later { .. })));
    assert_eq!(lost.actions().last().unwrap(), "VLSSOQ_04_1_1A");
}
