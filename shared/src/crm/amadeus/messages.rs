//! What is asked, in the versions of the agency's contract.

use super::envelope::escaped;

/// The booking of a locator.
pub(super) fn retrieve(version: &str, locator: &str) -> String {
    format!(
        "<PNR_Retrieve xmlns=\"http://xml.amadeus.com/{}\"><retrievalFacts><retrieve><type>2</type></retrieve><reservationOrProfileIdentifier>\
         <reservation><controlNumber>{}</controlNumber></reservation></reservationOrProfileIdentifier></retrievalFacts></PNR_Retrieve>",
        escaped(version),
        escaped(locator)
    )
}

/// A remark, saved at once (11: end of transaction, with the booking in the answer). No change is saved without who asked for it (`RF`).
pub(super) fn add_remark(version: &str, text: &str) -> String {
    let element = |name: &str, content: &str| {
        let data = format!("<elementManagementData><segmentName>{name}</segmentName></elementManagementData>");
        format!("<dataElementsIndiv>{data}{content}</dataElementsIndiv>")
    };
    let remark =
        format!("<miscellaneousRemark><remarks><type>RM</type><freetext>{}</freetext></remarks></miscellaneousRemark>", escaped(text));
    let asked = "<freetextData><freetextDetail><subjectQualifier>3</subjectQualifier><type>P22</type></freetextDetail>\
                 <longFreetext>PASSERELLE</longFreetext></freetextData>";
    format!(
        "<PNR_AddMultiElements xmlns=\"http://xml.amadeus.com/{}\"><pnrActions><optionCode>11</optionCode></pnrActions><dataElementsMaster>\
         <marker1/>{}{}</dataElementsMaster></PNR_AddMultiElements>",
        escaped(version),
        element("RM", &remark),
        element("RF", asked)
    )
}

/// The end of the session.
pub(super) fn sign_out(version: &str) -> String {
    format!("<Security_SignOut xmlns=\"http://xml.amadeus.com/{}\"/>", escaped(version))
}
