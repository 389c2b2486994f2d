//! Bookings: retrieved by their locator, changed by elements that a transaction's end saves.

use roxmltree::Node;

use super::{Fault, State, find, text};

/// Characters of a remark.
const LONGEST_REMARK: usize = 127;

/// One booking.
#[derive(Debug, Clone, Default)]
pub struct Booking {
    /// `DDMMYY`.
    pub created: String,
    pub version: u64,
    pub remarks: Vec<String>,
    /// Somebody changes it before the next change is saved.
    pub busy: bool,
    /// What any change is refused with.
    pub refuses: Option<String>,
}

impl Booking {
    fn reply(&self, locator: &str, error: Option<&str>) -> String {
        let error = error.map(|words| {
            format!(
                "<generalErrorInfo><errorOrWarningCodeDetails><errorDetails><errorCode>8111</errorCode><errorCategory>EC</errorCategory>\
                 <errorCodeOwner>1A</errorCodeOwner></errorDetails></errorOrWarningCodeDetails><errorWarningDescription><freeText>{words}</freeText>\
                 </errorWarningDescription></generalErrorInfo>"
            )
        });
        let remark = |text: &String| {
            format!(
                "<dataElementsIndiv><elementManagementData><segmentName>RM</segmentName></elementManagementData><miscellaneousRemarks><remarks>\
                 <type>RM</type><freetext>{text}</freetext></remarks></miscellaneousRemarks></dataElementsIndiv>"
            )
        };
        format!(
            "<PNR_Reply xmlns=\"http://xml.amadeus.com/PNRACC_14_2_1A\">{}<pnrHeader><reservationInfo><reservation><companyId>1A</companyId>\
             <controlNumber>{locator}</controlNumber></reservation></reservationInfo></pnrHeader><securityInformation><secondRpInformation>\
             <creationDate>{}</creationDate></secondRpInformation></securityInformation><technicalData><enveloppeNumberData><sequenceDetails>\
             <number>{}</number></sequenceDetails></enveloppeNumberData></technicalData><dataElementsMaster><marker2/>{}</dataElementsMaster></PNR_Reply>",
            error.unwrap_or_default(),
            self.created,
            self.version,
            self.remarks.iter().map(remark).collect::<String>()
        )
    }
}

impl State {
    pub(super) fn retrieve(&mut self, body: Node<'_, '_>, session: &str) -> Result<String, Fault> {
        let locator = text(body, "controlNumber").unwrap_or_default();
        let by_locator = text(body, "type") == Some("2");
        let booking =
            self.bookings.get(locator).filter(|_| by_locator).ok_or(Fault("soap:Server", "1929|Application|INVALID RECORD LOCATOR"))?;
        if let Some(session) = self.sessions.get_mut(session) {
            session.booking = Some((locator.to_owned(), booking.version));
        }
        Ok(booking.reply(locator, None))
    }

    pub(super) fn add_elements(&mut self, body: Node<'_, '_>, session: &str) -> Result<String, Fault> {
        let none = Fault("soap:Server", "288|Application|UNABLE TO SATISFY, NEED PNR");
        let Some((locator, version)) = self.sessions.get(session).and_then(|session| session.booking.clone()) else { return Err(none) };
        let Some(booking) = self.bookings.get_mut(&locator) else { return Err(none) };
        let elements: Vec<Node<'_, '_>> = body.descendants().filter(|node| node.tag_name().name() == "dataElementsIndiv").collect();
        let of = |name: &str| elements.iter().filter(|element| text(**element, "segmentName") == Some(name)).copied().collect::<Vec<_>>();
        let remarks: Vec<String> =
            of("RM").iter().filter_map(|element| text(find(*element, "miscellaneousRemark")?, "freetext")).map(str::to_owned).collect();
        if std::mem::take(&mut booking.busy) {
            booking.version += 1;
        }
        let asked = of("RF").iter().any(|element| text(*element, "type") == Some("P22") && text(*element, "longFreetext").is_some());
        let fault = if let Some(words) = booking.refuses.as_deref() {
            Some(words)
        } else if remarks.is_empty() || remarks.iter().any(|remark| !can_be_held(remark)) {
            Some("INVALID TEXT DATA")
        } else if !matches!(text(body, "optionCode"), Some("10" | "11")) {
            // Without the end of the transaction nothing is saved: it is shown, and gone with the session.
            let unsaved = Booking { remarks: [booking.remarks.clone(), remarks].concat(), ..booking.clone() };
            return Ok(unsaved.reply(&locator, None));
        } else if !asked {
            Some("NEED RECEIVED FROM")
        } else if booking.version != version {
            Some("SIMULTANEOUS CHANGES TO PNR - USE WRA/RT TO PRINT OR IGNORE")
        } else {
            None
        };
        if let Some(words) = fault {
            return Ok(booking.reply(&locator, Some(words)));
        }
        booking.remarks.extend(remarks);
        booking.version += 1;
        Ok(booking.reply(&locator, None))
    }
}

/// Capital letters, digits and a few signs; so long and no longer.
fn can_be_held(remark: &str) -> bool {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || " ./-*".contains(c);
    !remark.is_empty() && remark.len() <= LONGEST_REMARK && remark.chars().all(fits)
}
