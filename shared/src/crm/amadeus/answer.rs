//! What the answers mean for us: the session, and the booking or why there is none.

use jiff::civil::Date;
use roxmltree::Node;

use super::envelope::Session;
use crate::{
    crm::CrmError,
    intake::amadeus::day,
    outbound::Answer,
    quoting::repeatable,
    xml::{self, all, is, text},
};

/// Characters of Amadeus' own words that are handed on.
const MOST_WORDS: usize = 300;

/// An answer.
pub(super) struct Heard {
    /// The session as it stands now; `None` where there is none, or no more.
    pub(super) session: Option<Session>,
    pub(super) booking: Result<Booking, CrmError>,
}

/// What is looked at of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Booking {
    pub(super) locator: String,
    pub(super) created: Option<Date>,
    remarks: Vec<String>,
}

impl Booking {
    /// Whether a remark has this word.
    pub(super) fn has(&self, key: &str) -> bool {
        self.remarks.iter().any(|remark| remark.split_whitespace().any(|word| word.eq_ignore_ascii_case(key)))
    }
}

fn later(reason: impl Into<String>) -> CrmError {
    CrmError::Later { reason: reason.into(), retry_after: None }
}

fn refused(reason: &str) -> CrmError {
    CrmError::Refused { reason: repeatable(reason, MOST_WORDS) }
}

/// Reads an answer. A fault comes with status 500, an error as an answer like any other.
pub(super) fn read(answer: &Answer) -> Heard {
    let status = answer.status.as_u16();
    let text = String::from_utf8_lossy(&answer.body);
    let Ok(document) = xml::parse(&text) else {
        let wait = CrmError::Later { reason: format!("HTTP {status}, and no XML"), retry_after: answer.retry_after() };
        let no = matches!(status, 400 | 401 | 403 | 404).then(|| refused(&format!("HTTP {status}")));
        return Heard { session: None, booking: Err(no.unwrap_or(wait)) };
    };
    let root = document.root();
    let found = |name: &str| root.descendants().find(|node| is(*node, name));
    let booking = match (found("Fault"), found("PNR_Reply")) {
        (Some(fault), _) => Err(of_fault(fault)),
        (None, Some(reply)) => of_reply(reply),
        (None, None) => Err(later(format!("HTTP {status}, and no booking"))),
    };
    Heard { session: found("Session").and_then(session), booking }
}

fn session(node: Node<'_, '_>) -> Option<Session> {
    if node.attribute("TransactionStatusCode") == Some("End") {
        return None;
    }
    Some(Session {
        id: text(node, &["SessionId"])?.to_owned(),
        token: text(node, &["SecurityToken"])?.to_owned(),
        sequence: text(node, &["SequenceNumber"])?.parse().ok()?,
    })
}

/// `1929|Application|INVALID RECORD LOCATOR`: a number, who says so, and words. A session that is lost is begun anew; what the booking system
/// itself says is a no, and so is a log-in that is refused. Anything else is trouble on their side.
fn of_fault(fault: Node<'_, '_>) -> CrmError {
    let part = |name: &str| text(fault, &[name]).unwrap_or_default();
    let (code, words) = (part("faultcode"), part("faultstring"));
    match words.split('|').nth(1).map(str::trim) {
        Some("Session") => later(format!("the session is not known: {}", repeatable(words, MOST_WORDS))),
        Some("Application" | "Presentation" | "Security") => refused(words),
        _ if ["Security", "Authentication", "Client", "InvalidSecurity"].iter().any(|no| code.contains(no)) => {
            refused(&format!("{code} {words}"))
        }
        _ => later(format!("a fault: {}", repeatable(words, MOST_WORDS))),
    }
}

/// Whether what stands beside a booking is no error: it was saved all the same.
fn is_warning(error: Node<'_, '_>) -> bool {
    let mut categories = error.descendants().filter(|node| is(*node, "errorCategory") || is(*node, "qualifier"));
    categories.any(|category| category.text().is_some_and(|kind| kind.trim().starts_with('W')))
}

fn of_reply(reply: Node<'_, '_>) -> Result<Booking, CrmError> {
    let errors = reply
        .descendants()
        .filter(|node| is(*node, "generalErrorInfo") || is(*node, "elementErrorInformation"))
        .filter(|error| !is_warning(*error));
    let words: Vec<&str> = errors
        .flat_map(|error| error.descendants())
        .filter(|node| ["errorCode", "freeText", "text"].iter().any(|name| is(*node, name)))
        .filter_map(|node| node.text().map(str::trim))
        .collect();
    if !words.is_empty() {
        let words = words.join(" ");
        // Somebody else changed the booking since it was read.
        return Err(if words.contains("SIMULTANEOUS") { later("the booking was changed meanwhile") } else { refused(&words) });
    }
    let reservations = all(reply, &["pnrHeader", "reservationInfo", "reservation"]);
    let amadeus = reservations.iter().find(|one| text(**one, &["companyId"]) == Some("1A")).or(reservations.first());
    let remarks = all(reply, &["dataElementsMaster", "dataElementsIndiv", "miscellaneousRemarks", "remarks", "freetext"]);
    Ok(Booking {
        locator: amadeus.and_then(|one| text(*one, &["controlNumber"])).unwrap_or_default().to_owned(),
        created: text(reply, &["securityInformation", "secondRpInformation", "creationDate"]).and_then(day),
        remarks: remarks.iter().filter_map(Node::text).map(str::to_owned).collect(),
    })
}
