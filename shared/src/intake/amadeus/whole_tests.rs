//! Whole bookings, as services answer them, read as they should be. Invented data in the layout of the published samples.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Dossier, Followed, MessageType, NotABooking, Record, Unusable, read, read_bookings, stays};

/// An air segment of a `PNR_Reply`.
fn segment(from: &str, to: &str, times: [&str; 4], status: &str) -> String {
    let [departure, at, arrival, then] = times;
    format!(
        "<itineraryInfo><elementManagementItinerary><segmentName>AIR</segmentName></elementManagementItinerary><travelProduct><product>\
         <depDate>{departure}</depDate><depTime>{at}</depTime><arrDate>{arrival}</arrDate><arrTime>{then}</arrTime></product>\
         <boardpointDetail><cityCode>{from}</cityCode></boardpointDetail><offpointDetail><cityCode>{to}</cityCode></offpointDetail>\
         </travelProduct><relatedProduct><quantity>1</quantity><status>{status}</status></relatedProduct></itineraryInfo>"
    )
}

fn rome() -> String {
    segment("CDG", "FCO", ["120127", "0935", "120127", "1140"], "HK") + &segment("FCO", "CDG", ["190127", "1300", "190127", "1515"], "HK")
}

/// A traveller of the booking; Amadeus' own number is not the place on the list.
fn traveller(line: u16, tattoo: u16, surname: &str, passengers: &str) -> String {
    format!(
        "<travellerInfo><elementManagementPassenger><reference><qualifier>PT</qualifier><number>{tattoo}</number></reference>\
         <segmentName>NM</segmentName><lineNumber>{line}</lineNumber></elementManagementPassenger><passengerData><travellerInformation>\
         <traveller><surname>{surname}</surname><quantity>1</quantity></traveller>{passengers}</travellerInformation></passengerData></travellerInfo>"
    )
}

fn anne() -> String {
    traveller(1, 2, "DUPONT", "<passenger><firstName>ANNE MRS</firstName><type>ADT</type></passenger>")
}

/// A data element, about the traveller of this tattoo where there is one.
fn element(name: &str, content: &str, tattoo: Option<u16>) -> String {
    let about = tattoo.map(|number| format!("<reference><qualifier>PT</qualifier><number>{number}</number></reference>"));
    format!(
        "<dataElementsIndiv><elementManagementData><segmentName>{name}</segmentName></elementManagementData>{content}\
         <referenceForDataElement>{}</referenceForDataElement></dataElementsIndiv>",
        about.unwrap_or_default()
    )
}

fn ssr(kind: &str, text: &str, tattoo: Option<u16>) -> String {
    element(
        "SSR",
        &format!("<serviceRequest><ssr><type>{kind}</type><status>HK</status><freeText>{text}</freeText></ssr></serviceRequest>"),
        tattoo,
    )
}

fn contact(kind: &str, text: &str, tattoo: Option<u16>) -> String {
    let text = format!(
        "<freetextDetail><subjectQualifier>3</subjectQualifier><type>{kind}</type></freetextDetail><longFreetext>{text}</longFreetext>"
    );
    element("AP", &format!("<otherDataFreetext>{text}</otherDataFreetext>"), tattoo)
}

fn remark(text: &str) -> String {
    element(
        "RM",
        &format!("<miscellaneousRemarks><remarks><type>RM</type><freetext>{text}</freetext></remarks></miscellaneousRemarks>"),
        None,
    )
}

/// A booking of this version, changed last at this time of 22 December.
fn pnr(version: &str, time: &str, travellers: &str, segments: &str, elements: &str) -> String {
    format!(
        "<PNR_Reply xmlns=\"http://xml.amadeus.com/PNRACC_14_2_1A\"><pnrHeader><reservationInfo>\
         <reservation><companyId>AF</companyId><controlNumber>XYZ789</controlNumber></reservation>\
         <reservation><companyId>1A</companyId><controlNumber>ABC123</controlNumber><date>221226</date><time>{time}</time></reservation>\
         </reservationInfo></pnrHeader><securityInformation><secondRpInformation><creationDate>201226</creationDate></secondRpInformation>\
         </securityInformation><technicalData><enveloppeNumberData><sequenceDetails><number>{version}</number></sequenceDetails>\
         </enveloppeNumberData></technicalData>{travellers}<originDestinationDetails>{segments}</originDestinationDetails>\
         <dataElementsMaster>{elements}</dataElementsMaster></PNR_Reply>"
    )
}

fn simple() -> String {
    pnr("7", "0910", &anne(), &rome(), &ssr("CTCE", "ANNE.DUPONT//EXAMPLE.COM", Some(2)))
}

fn one(body: &str) -> Record {
    let mut readings = read_bookings(body.as_bytes()).unwrap();
    assert_eq!(readings.len(), 1, "{readings:?}");
    readings.remove(0).record.unwrap()
}

fn journey(record: &Record) -> Vec<String> {
    let stays = stays(&record.flights, record.instructions.until).unwrap();
    stays.iter().map(|stay| format!("{} {} {}", stay.iso_country, stay.from, stay.to)).collect()
}

#[test]
fn a_reply_is_a_traveller_and_a_stay_in_whatever_envelope_and_version() {
    let bare = simple();
    let other = bare.replace("PNRACC_14_2_1A", "PNRACC_21_1_1A").replace("<PNR_Reply ", "<PNR_Reply\n  ");
    let enveloped = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header/>\n<s:Body>{other}</s:Body></s:Envelope>"
    );
    let prefixed = bare.replace("<PNR_Reply xmlns=", "<a:PNR_Reply xmlns:a=").replace("</PNR_Reply>", "</a:PNR_Reply>");
    for body in [bare, enveloped, prefixed] {
        let record = one(&body);
        assert_eq!((record.message, record.locator.as_str(), record.envelope), (MessageType::Pnr, "ABC123", 7));
        assert_eq!((record.reference().as_deref(), record.sequence.as_str()), (Some("ABC123-20261220"), "7"));
        assert_eq!(journey(&record), ["IT 2027-01-12 2027-01-19"]);
        let passenger = &record.passengers[0];
        assert_eq!((passenger.number, passenger.name.expose()), (1, "Anne Dupont"));
        assert_eq!(passenger.email.as_ref().unwrap().expose(), "anne.dupont@example.com");
    }
}

#[test]
fn the_file_and_the_reply_of_one_booking_are_the_same_dossier() {
    let air = "AIR-BLK207;7A;;229;\r\nAMD 0100000001;1/1;\r\nMUC1A ABC123006;0101;\r\nD-261220;270105;270105\r\n\
        H-001;002OCDG;PARIS;FCO;ROME;AF    1404 Y Y 12JAN0935 1140 12JAN;OK01;HK01;M ;0;320;;;1PC;2F;;ET;0205 ;N;688;;;1 \r\n\
        H-002;003OFCO;ROME;CDG;PARIS;AF    1405 Y Y 19JAN1300 1515 19JAN;OK01;HK01;M ;0;320;;;1PC;1 ;;ET;0215 ;N;688;;;2F\r\n\
        I-001;01DUPONT/ANNE MRS;;E-ANNE.DUPONT@EXAMPLE.COM;;\r\nT-K057-0000000001\r\nENDX\r\n";
    let file = read(air.as_bytes()).remove(0).record.unwrap();
    let reply = one(&simple());
    assert_eq!(file.reference(), reply.reference());
    let ends = |record: &Record| record.flights.iter().map(|f| (f.origin.clone(), f.destination.clone())).collect::<Vec<_>>();
    assert_eq!(ends(&file), ends(&reply));
    let mut dossier = Dossier::default();
    for record in [&file, &reply] {
        assert_eq!(dossier.follow(record), Followed::Changed);
        dossier.keep(record);
    }
    assert_eq!((dossier.passengers.len(), dossier.passengers[0].tickets.as_slice()), (1, &["057-0000000001".to_owned()][..]));
    assert_eq!((dossier.follow(&file), dossier.follow(&reply)), (Followed::Repeated, Followed::Repeated));
}

#[test]
fn contacts_are_the_travellers_own_and_infants_are_told_within_others() {
    let two = anne()
        + &traveller(
            2,
            5,
            "DUPONT",
            "<passenger><firstName>PAUL MR</firstName><type>ADT</type></passenger><passenger><firstName>LEA</firstName><type>INF</type></passenger>",
        );
    let elements = [
        contact("P02", "VOYAGES@HORIZON.EXAMPLE", None),
        contact("7", "+33 1 00 00 00 00", None),
        contact("P02", "E-PAUL@EXAMPLE.COM", Some(5)),
        ssr("CTCE", "ANNE..D//EX./AMPLE.COM/FR", Some(2)),
        ssr("CTCM", "4111111111111111", Some(2)),
        ssr("CTCM", "33600000000", Some(5)),
        element("FA", "<otherDataFreetext><longFreetext>PAX 057-0000000007/ETAF/EUR100</longFreetext></otherDataFreetext>", Some(5)),
        element("FA", "<otherDataFreetext><longFreetext>INF 057-0000000008/ETAF/EUR10</longFreetext></otherDataFreetext>", Some(5)),
    ];
    let record = one(&pnr("7", "0910", &two, &rome(), &elements.concat()));
    let names: Vec<_> = record.passengers.iter().map(|p| (p.number, p.name.expose(), p.email.as_ref().unwrap().expose())).collect();
    assert_eq!(names, [(1, "Anne Dupont", "anne_d@ex-ample.com"), (2, "Paul Dupont", "paul@example.com")]);
    assert!(record.passengers[0].phone.is_none(), "a card is no telephone");
    assert_eq!(record.passengers[1].phone.as_ref().unwrap().expose(), "+33600000000");
    assert_eq!(record.passengers[1].tickets, ["057-0000000007"]);
}

#[test]
fn remarks_are_instructions_and_a_hotel_ends_a_way_without_return() {
    let hotel = "<itineraryInfo><elementManagementItinerary><segmentName>HTL</segmentName></elementManagementItinerary><travelProduct>\
        <product><depDate>120127</depDate><arrDate>170127</arrDate></product></travelProduct></itineraryInfo>";
    let out = segment("CDG", "FCO", ["120127", "0935", "120127", "1140"], "HK");
    let record = one(&pnr("7", "0910", &anne(), &format!("{out}{hotel}"), &[remark("*ESIM/DEAL 9001"), remark("OTHER")].concat()));
    assert_eq!((record.instructions.deal_id.as_deref(), journey(&record)), (Some("9001"), vec!["IT 2027-01-12 2027-01-17".to_owned()]));
    let told = one(&pnr("7", "0910", &anne(), &format!("{out}{hotel}"), &remark("ESIM/UNTIL 20JAN")));
    assert_eq!(journey(&told), ["IT 2027-01-12 2027-01-20"], "the adviser's word counts more");
    // Without the day of creation, and of a traveller with one name.
    let bare = pnr("7", "", &anne(), &out, &[remark("ESIM/NO"), remark("ESIM/UNTIL 20JAN")].concat());
    let undated = one(&bare.replace("<creationDate>201226</creationDate>", "").replace("<firstName>ANNE MRS</firstName>", ""));
    assert!(undated.instructions.none_wanted && undated.created.is_none());
    assert_eq!((journey(&undated), undated.passengers[0].name.expose()), (vec!["IT 2027-01-12 2027-01-20".to_owned()], "Dupont"));
}

#[test]
fn cancelled_segments_ground_ways_and_unreadable_days() {
    for status in ["HX", "UN", "NO", "HL"] {
        assert!(
            one(&simple().replace("<status>HK</status></relatedProduct>", &format!("<status>{status}</status></relatedProduct>")))
                .flights
                .is_empty()
        );
    }
    let ground = "<itineraryInfo><elementManagementItinerary><segmentName>AIR</segmentName></elementManagementItinerary><travelProduct>\
        <productDetails><identification>ARNK</identification></productDetails></travelProduct></itineraryInfo>";
    let record = one(&pnr("7", "0910", &anne(), &(rome() + ground).replace("190127", "990127"), ""));
    assert_eq!((record.flights.len(), record.unreadable_flights), (1, 1));
}

#[test]
fn versions_count_and_without_them_the_time_of_the_last_change() {
    let follow = |dossier: &mut Dossier, body: &str| {
        let record = one(body);
        let followed = dossier.follow(&record);
        if followed == Followed::Changed {
            dossier.keep(&record);
        }
        followed
    };
    let later = |version: &str, time: &str| pnr(version, time, &anne(), &rome().replace("190127", "200127"), "");
    let earlier = |version: &str, time: &str| pnr(version, time, &anne(), &rome(), "");
    let mut numbered = Dossier::default();
    assert_eq!(follow(&mut numbered, &later("9", "0910")), Followed::Changed);
    assert_eq!(follow(&mut numbered, &earlier("8", "2300")), Followed::Older);
    assert_eq!(follow(&mut numbered, &later("9", "0910")), Followed::Repeated);
    let mut timed = Dossier::default();
    assert_eq!(follow(&mut timed, &later("", "0910")), Followed::Changed);
    assert_eq!(follow(&mut timed, &earlier("", "0900")), Followed::Older);
    assert_eq!(follow(&mut timed, &earlier("", "0920")), Followed::Changed);
    assert_eq!(follow(&mut timed, &later("", "0930")), Followed::Changed);
    let mut untold = Dossier::default();
    for body in [later("", ""), earlier("", ""), later("", "")] {
        assert_eq!(follow(&mut untold, &body), Followed::Changed, "it may become again what it was");
        assert_eq!(follow(&mut untold, &body), Followed::Repeated);
    }
}

fn order() -> Value {
    let segment = |from: &str, to: &str, departure: &str, arrival: &str| json!({"departure": {"iataCode": from, "at": departure}, "arrival": {"iataCode": to, "terminal": "1", "at": arrival}, "carrierCode": "AF", "number": "1"});
    json!({
        "data": {
            "type": "flight-order", "id": "eJzTd9f3NjIJdzUGAAp", "queuingOfficeId": "PAREX2100",
            "associatedRecords": [
                {"reference": "XYZ789", "creationDate": "2026-12-21T10:00:00.000", "originSystemCode": "AF"},
                {"reference": "ABC123", "creationDate": "2026-12-20T10:00:00.000", "originSystemCode": "GDS"}
            ],
            "flightOffers": [{
                "id": "1",
                "itineraries": [
                    {"segments": [segment("CDG", "DXB", "2027-01-12T09:35:00", "2027-01-12T18:40:00"), segment("DXB", "ZYR", "2027-01-12T22:30:00", "2027-01-13T12:00:00")]},
                    {"segments": [segment("ZYR", "CDG", "2027-01-13T20:00:00", "2027-01-14T06:00:00")]}
                ],
                "travelerPricings": [{"travelerId": "3", "travelerType": "HELD_INFANT", "associatedAdultId": "1"}]
            }],
            "travelers": [
                {"id": "1", "dateOfBirth": "1980-01-01", "name": {"firstName": "ANNE", "lastName": "DUPONT"},
                 "contact": {"emailAddress": "Anne@Example.com", "phones": [{"deviceType": "LANDLINE", "countryCallingCode": "33", "number": "100000000"},
                             {"deviceType": "MOBILE", "countryCallingCode": "33", "number": "600000000"}]},
                 "documents": [{"documentType": "PASSPORT", "number": "09AB12345", "holder": true}]},
                {"id": "2", "name": {"firstName": "PAUL", "lastName": "DUPONT"}},
                {"id": "3", "name": {"firstName": "LEA", "lastName": "DUPONT"}}
            ],
            "remarks": {"general": [{"subType": "GENERAL_MISCELLANEOUS", "text": "ESIM/DEAL 9001"}]},
            "formOfPayments": [{"creditCard": {"number": "4111111111111111"}}],
            "tickets": [{"documentType": "ETICKET", "documentNumber": "057-0000000001", "documentStatus": "ISSUED", "travelerId": "1"}]
        },
        "dictionaries": {"locations": {"ZYR": {"cityCode": "BRU", "countryCode": "BE"}, "CDG": {"cityCode": "PAR", "countryCode": "FR"}}}
    })
}

#[test]
fn a_flight_order_is_travellers_and_stays() {
    let record = one(&order().to_string());
    assert_eq!((record.message, record.reference().as_deref()), (MessageType::FlightOrder, Some("ABC123-20261220")));
    assert_eq!(journey(&record), ["BE 2027-01-13 2027-01-13"], "planes are changed within a way, and the dictionaries know the place");
    let names: Vec<_> = record.passengers.iter().map(|p| (p.number, p.name.expose())).collect();
    assert_eq!(names, [(1, "Anne Dupont"), (2, "Paul Dupont")]);
    let first = &record.passengers[0];
    assert_eq!(first.email.as_ref().unwrap().expose(), "anne@example.com");
    assert_eq!((first.phone.as_ref().unwrap().expose(), first.tickets.as_slice()), ("+33600000000", &["057-0000000001".to_owned()][..]));
    assert_eq!(record.instructions.deal_id.as_deref(), Some("9001"));
    assert_eq!(one(&order()["data"].to_string()).locator, "ABC123", "without its envelope");
}

#[test]
fn an_order_told_in_part_is_no_cancellation() {
    let mut part = order();
    part["data"].as_object_mut().unwrap().remove("flightOffers");
    let mut nobody = order();
    nobody["data"]["travelers"] = json!([]);
    let mut nameless = order();
    nameless["data"]["associatedRecords"] = json!([{"reference": "../../x"}]);
    let why = |body: &Value| read_bookings(body.to_string().as_bytes()).unwrap().remove(0).record.unwrap_err();
    assert_eq!(
        [why(&part), why(&nobody), why(&nameless)],
        [Unusable::Missing("data.flightOffers"), Unusable::NoTraveller, Unusable::NoLocator]
    );
}

#[test]
fn what_is_no_booking_says_so() {
    let read = |body: &str| read_bookings(body.as_bytes());
    assert_eq!(read("").unwrap_err(), NotABooking::Other);
    assert_eq!(read("<PNR_Reply>\n<a></b></PNR_Reply>").unwrap_err(), NotABooking::Xml(2));
    assert_eq!(read("{\"data\": ").unwrap_err(), NotABooking::Json(1));
    assert_eq!(read("{\"data\": {\"type\": \"flight-offer\"}}").unwrap_err(), NotABooking::Other);
    assert_eq!(
        read("<Envelope><Body><Fault><faultstring>11|Session|</faultstring></Fault></Body></Envelope>").unwrap_err(),
        NotABooking::Fault
    );
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]><PNR_Reply>&c;</PNR_Reply>";
    assert!(matches!(read(bomb).unwrap_err(), NotABooking::Xml(_)), "nothing is expanded");
    let deep = format!("<PNR_Reply>{}{}</PNR_Reply>", "<a>".repeat(30_000), "</a>".repeat(30_000));
    assert!(matches!(read(&deep).unwrap_err(), NotABooking::Xml(_)), "the stack has an end");
    let error = |category: &str| {
        let detail = format!("<errorDetails><errorCode>8111</errorCode><errorCategory>{category}</errorCategory></errorDetails>");
        format!("<generalErrorInfo><errorOrWarningCodeDetails>{detail}</errorOrWarningCodeDetails></generalErrorInfo><pnrHeader>")
    };
    let unsaved = simple().replacen("<pnrHeader>", &error("EC"), 1);
    assert_eq!(read(&unsaved).unwrap()[0].record, Err(Unusable::Refused("8111".to_owned())), "what it holds was not saved");
    assert!(read(&simple().replacen("<pnrHeader>", &error("WEC"), 1)).unwrap()[0].record.is_ok(), "a warning");
    let two = format!("<replies>\n{}\n{}</replies>", simple(), simple().replace("ABC123", "DEF456"));
    assert_eq!(read(&two).unwrap().iter().map(|reading| reading.line).collect::<Vec<_>>(), [2, 3]);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(
        text in "(<PNR_Reply>|</PNR_Reply>|<reservation><controlNumber>ABC123</controlNumber></reservation>|<travellerInfo>|</travellerInfo>|\\{\"data\":|\\{\"type\":\"flight-order\",|\"flightOffers\":\\[|\\]|\\}|[<>/&;a-zA-Z0-9\" ]{0,20}){0,30}",
    ) {
        let _ = read_bookings(text.as_bytes());
    }

    #[test]
    fn no_card_and_no_passport_survives(card in "(4[0-9]{15}|3[47][0-9]{13})", passport in "[0-9]{2}[A-Z]{2}[0-9]{5}") {
        let fop = format!("<formOfPayment><fop><identification>CC</identification><accountNumber>{card}</accountNumber></fop></formOfPayment>");
        let elements = [
            element("FP", &format!("{fop}<otherDataFreetext><longFreetext>CCVI{card}/1228</longFreetext></otherDataFreetext>"), Some(2)),
            ssr("DOCS", &format!("P/FRA/{passport}/FRA/01JAN80/F/01JAN30/DUPONT/ANNE"), Some(2)),
            ssr("DOCO", &format!("//V/{passport}/PARIS/01JAN20/US"), Some(2)),
            ssr("FOID", &format!("PP{passport}"), Some(2)),
            remark(&format!("ESIM/PLAN {card}")),
            remark(&format!("PAX CARD {card}")),
            element("RC", &format!("<miscellaneousRemarks><remarks><type>RC</type><freetext>ESIM/DEAL {passport}</freetext></remarks></miscellaneousRemarks>"), None),
        ];
        let reply = pnr("7", "0910", &anne().replace("ANNE MRS", &format!("ANNE MRS(IDPP{passport})")), &rome(), &elements.concat());
        let order = order().to_string().replace("09AB12345", &passport).replace("4111111111111111", &card);
        for body in [reply, order] {
            let printed = format!("{:?}", read_bookings(body.as_bytes()));
            let record = one(&body);
            let mut dossier = Dossier::default();
            dossier.follow(&record);
            let kept = serde_json::to_string(&(record, dossier)).unwrap();
            prop_assert!(kept.contains("Anne"));
            for secret in [&card, &passport] {
                prop_assert!(!printed.contains(secret.as_str()) && !kept.contains(secret.as_str()), "{printed} {kept}");
            }
        }
    }
}
