//! Records written from what is known of the format, read as they should be.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]

use super::{Dossier, Followed, MessageType, NoTrip, Reading, Record, Unusable, read, stays};
use proptest::prelude::*;

/// A way to Rome and back; the layout of public samples, invented data.
const ROME: &str = "AIR-BLK207;7A;;229;0000000000;1A0000001;001001\r\n\
AMD 0100000001;1/1;\r\n\
GW0000000;1A0000001\r\n\
MUC1A ABC123007;0101;PAREX2100;00000000;PAREX2100;00000000;PAREX2100;00000000;PAREX2100;00000000;;;;;;;;;;;;;;;;;;;;;;AF XYZ789\r\n\
A-AIR FRANCE;AF 0570\r\n\
B-TTP/RT\r\n\
C-7906/ 0001AASU-0001AASU-I-0--\r\n\
D-261220;270105;270105\r\n\
G-X  ;;PARPAR;\r\n\
H-001;002OCDG;PARIS CHARLES DE ;FCO;ROME FIUMICINO   ;AF    1404 Y Y 12JAN0935 1140 12JAN;OK01;HK01;M ;0;320;;;1PC;2F;;ET;0205 ;N;688;FR;IT;1 \r\n\
H-002;003OFCO;ROME FIUMICINO   ;CDG;PARIS CHARLES DE ;AF    1405 Y Y 19JAN1300 1515 19JAN;OK01;HK01;M ;0;320;;;1PC;1 ;;ET;0215 ;N;688;IT;FR;2F\r\n\
I-001;01DUPONT/ANNE MRS;;APPAR +33 1 00 00 00 00 - EXAMPLE TRAVEL - A//E-ANNE.DUPONT@EXAMPLE.COM;;\r\n\
SSR CTCE AF  HK1/ANNE.DUPONT//EXAMPLE.COM\r\n\
SSR CTCM AF  HK1/33600000000\r\n\
T-K057-0000000001\r\n\
FPCASH\r\n\
TKOK05JAN/PAREX2100//ETAF\r\n\
RM ESIM/PLAN IT 5GB\r\n\
ENDX\r\n";

const FLIGHT_OUT: &str = "H-001;002OCDG;PARIS CHARLES DE ;FCO;ROME FIUMICINO   ;AF    1404 Y Y 12JAN0935 1140 12JAN;OK01;HK01;M ;0;320;;;1PC;2F;;ET;0205 ;N;688;FR;IT;1 ";
const FLIGHT_HOME: &str = "H-002;003OFCO;ROME FIUMICINO   ;CDG;PARIS CHARLES DE ;AF    1405 Y Y 19JAN1300 1515 19JAN;OK01;HK01;M ;0;320;;;1PC;1 ;;ET;0215 ;N;688;IT;FR;2F";
const PASSENGER: &str = "I-001;01DUPONT/ANNE MRS;;E-ANNE.DUPONT@EXAMPLE.COM;;\r\nT-K057-0000000001";

/// A record of this type, numbering and version, with these segment and passenger lines.
fn air(message: &str, numbering: &str, envelope: u32, segments: &str, passengers: &str) -> String {
    format!(
        "AIR-BLK207;{message};;229;0000000000;1A0000001;001001\r\nAMD {numbering}\r\nMUC1A ABC123{envelope:03};0101;\r\nD-261220;270105;270105\r\n\
         {segments}\r\n{passengers}\r\nENDX\r\n"
    )
}

/// A ticket.
fn ticket(sequence: u32, envelope: u32, segments: &str, passengers: &str) -> String {
    air("7A", &format!("{sequence:010};1/1;"), envelope, segments, passengers)
}

fn one(file: &str) -> Record {
    let mut readings = read(file.as_bytes());
    assert_eq!(readings.len(), 1, "{readings:?}");
    readings.remove(0).record.unwrap()
}

fn journey(record: &Record) -> Vec<String> {
    let stays = stays(&record.flights, record.instructions.until).unwrap();
    stays.iter().map(|stay| format!("{} {} {}", stay.iso_country, stay.from, stay.to)).collect()
}

/// A segment line with these ends and times; countries as given.
fn flight(number: u32, mark: &str, ends: [&str; 2], times: [&str; 2], countries: [&str; 2]) -> String {
    let [departure, arrival] = times;
    let (day, time) = arrival.split_at(5);
    let block = format!("AF    1404 Y Y {departure} {time} {day}");
    format!(
        "H-{number:03};{:03}{mark}{};PLACE;{};PLACE;{block};OK01;HK01;M ;0;320;;;1PC;2F;;ET;0205 ;N;688;{};{};1 ",
        number + 1,
        ends[0],
        ends[1],
        countries[0],
        countries[1]
    )
}

fn trip(segments: &[String]) -> Record {
    one(&ticket(1, 7, &segments.join("\r\n"), PASSENGER))
}

#[test]
fn a_ticket_is_a_traveller_and_a_stay_in_next_year() {
    let record = one(ROME);
    assert_eq!((record.message, record.locator.as_str(), record.envelope), (MessageType::Ticket, "ABC123", 7));
    assert_eq!((record.reference().as_deref(), record.key()), (Some("ABC123-20261220"), "ticket-0100000001-1".to_owned()));
    assert_eq!(journey(&record), ["IT 2027-01-12 2027-01-19"]);
    let passenger = &record.passengers[0];
    assert_eq!((passenger.number, passenger.name.expose()), (1, "Anne Dupont"));
    assert_eq!(passenger.email.as_ref().unwrap().expose(), "anne.dupont@example.com");
    assert_eq!(passenger.phone.as_ref().unwrap().expose(), "+33600000000");
    assert_eq!(passenger.tickets, ["057-0000000001"]);
    assert_eq!(record.instructions.wish.as_deref(), Some("IT 5GB"));
}

#[test]
fn an_itinerary_without_ticket_has_its_flights_in_u_lines() {
    let line = |h: &str| {
        let mut fields: Vec<&str> = h.trim_start_matches("H-").split(';').collect();
        fields.insert(19, "");
        fields.insert(20, "");
        format!("U-{}", fields.join(";"))
    };
    let segments = format!("{}\r\n{}\r\nU-003;004OFCO;ROME;NAP;NAPLES;VOID;;;;", line(FLIGHT_OUT), line(FLIGHT_HOME));
    let record = one(&air("IM", "0100000002;1/1;", 7, &segments, PASSENGER));
    assert_eq!((record.message, journey(&record)), (MessageType::Itinerary, vec!["IT 2027-01-12 2027-01-19".to_owned()]));
}

#[test]
fn a_change_of_planes_is_no_stay_unless_it_takes_a_day() {
    let via = |onward: &str, mark: &str| {
        trip(&[
            flight(1, "O", ["CDG", "DXB"], ["12JAN0935", "12JAN1840"], ["FR", "AE"]),
            flight(2, mark, ["DXB", "NRT"], [onward, "16JAN2200"], ["AE", "JP"]),
            flight(3, "O", ["NRT", "CDG"], ["25JAN1000", "25JAN1700"], ["JP", "FR"]),
        ])
    };
    assert_eq!(journey(&via("12JAN2230", "X")), ["JP 2027-01-16 2027-01-25"]);
    assert_eq!(journey(&via("14JAN2230", "X")), ["AE 2027-01-12 2027-01-14", "JP 2027-01-16 2027-01-25"]);
    assert_eq!(journey(&via("12JAN2230", "O")), ["AE 2027-01-12 2027-01-12", "JP 2027-01-16 2027-01-25"]);
}

#[test]
fn a_way_over_land_is_a_stay_in_the_countries_of_both_its_ends() {
    let record = trip(&[
        flight(1, "O", ["CDG", "SIN"], ["12JAN0935", "13JAN0740"], ["FR", "SG"]),
        "U-002;003OSIN;SINGAPORE;KUL;KUALA LUMPUR;VOID;;;;;;;;;;;;;;;;;SG;MY;".to_owned(),
        flight(3, "O", ["KUL", "CDG"], ["20JAN2300", "21JAN0600"], ["MY", "FR"]),
    ]);
    assert_eq!(journey(&record), ["SG 2027-01-13 2027-01-20", "MY 2027-01-13 2027-01-20"]);
}

#[test]
fn years_roll_with_the_booking_and_along_the_journey() {
    let over_new_year = trip(&[
        flight(1, "O", ["CDG", "NRT"], ["28DEC0935", "29DEC0740"], ["FR", "JP"]),
        flight(2, "O", ["NRT", "CDG"], ["05JAN1000", "05JAN1700"], ["JP", "FR"]),
    ]);
    assert_eq!(journey(&over_new_year), ["JP 2026-12-29 2027-01-05"]);
    // A booking made early in the year, for its end: the way home is not before the way out.
    let early = ROME.replace("D-261220", "D-260103").replace("12JAN", "20DEC").replace("19JAN", "05JAN");
    assert_eq!(journey(&one(&early)), ["IT 2026-12-20 2027-01-05"]);
    let date_line = trip(&[
        flight(1, "O", ["NRT", "HNL"], ["31DEC2100", "31DEC0900"], ["JP", "US"]),
        flight(2, "O", ["HNL", "NRT"], ["07JAN1000", "08JAN1400"], ["US", "JP"]),
    ]);
    assert_eq!(journey(&date_line), ["US 2026-12-31 2027-01-07"]);
}

#[test]
fn twelve_hour_clocks_are_read_by_their_markers() {
    let line = FLIGHT_OUT.replace("12JAN0935 1140 12JAN", "12JAN0105P1240A13JAN");
    let record = one(&ticket(1, 7, &line, PASSENGER));
    assert_eq!(record.flights[0].origin.at.to_string(), "2027-01-12T13:05:00");
    assert_eq!(record.flights[0].destination.at.to_string(), "2027-01-13T00:40:00");
}

#[test]
fn countries_come_from_the_table_where_the_line_names_none_and_are_never_guessed() {
    let blank = trip(&[
        flight(1, "O", ["ORY", "SJU"], ["12JAN0935", "12JAN1840"], ["", "US"]),
        flight(2, "O", ["SJU", "PAR"], ["14JAN0935", "14JAN1840"], ["US", ""]),
    ]);
    assert_eq!(journey(&blank), ["PR 2027-01-12 2027-01-14"]);
    let rail = trip(&[flight(1, "O", ["CDG", "ZYR"], ["12JAN0935", "12JAN1140"], ["FR", ""])]);
    assert_eq!(stays(&rail.flights, None), Err(NoTrip::UnknownPlace("ZYR".to_owned())));
    let domestic = trip(&[flight(1, "O", ["CDG", "NCE"], ["12JAN0935", "12JAN1140"], ["FR", "FR"])]);
    assert_eq!(stays(&domestic.flights, None), Err(NoTrip::AtHome));
    assert_eq!(stays(&[], None), Err(NoTrip::NoFlights));
}

#[test]
fn a_journey_without_a_flight_home_lasts_until_the_adviser_says() {
    let one_way = flight(1, "O", ["CDG", "YUL"], ["12JAN0935", "12JAN1140"], ["FR", "CA"]);
    assert_eq!(journey(&trip(std::slice::from_ref(&one_way))), ["CA 2027-01-12 2027-01-12"]);
    let told = one(&ticket(1, 7, &one_way, &format!("{PASSENGER}\r\nRM ESIM/UNTIL 03FEB")));
    assert_eq!(journey(&told), ["CA 2027-01-12 2027-02-03"]);
}

#[test]
fn cancelled_and_waitlisted_flights_are_not_flown() {
    for status in ["HX01", "UN01", "HL01"] {
        assert!(one(&ROME.replace("HK01", status)).flights.is_empty(), "{status}");
    }
}

#[test]
fn a_file_of_many_cut_and_foreign_records_is_read_as_far_as_it_goes() {
    let second = ROME.replace("ABC123", "DEF456");
    let cut = second.split("T-K").next().unwrap();
    let file = format!("\u{feff}noise\r\n{ROME}{cut}\n\u{1}{ROME}AIR-BLK207;ZZ;;\nENDX\nAIR-BLK207;7A;;\nAMD 1;1/1;\nENDX\n");
    let readings = read(file.as_bytes());
    let told: Vec<_> = readings.iter().map(|r| r.record.as_ref().map(|record| record.locator.as_str())).collect();
    let unknown = Unusable::Type(Some("ZZ".to_owned()));
    assert_eq!(told, [Ok("ABC123"), Ok("DEF456"), Ok("ABC123"), Err(&unknown), Err(&Unusable::NoLocator)]);
    assert_eq!(readings[0].line, 2);
    assert!(read(b"").is_empty() && read(b"%PDF-1.7").is_empty());
}

#[test]
fn one_line_that_cannot_be_read_spoils_neither_the_record_nor_the_file() {
    let record = one(&ROME.replace("19JAN1300 1515 19JAN", "99XXX1300 1515 19JAN"));
    assert_eq!((record.flights.len(), record.unreadable_flights, record.passengers.len()), (1, 1, 1));
}

#[test]
fn latin_1_and_lone_line_ends_are_read() {
    let mut bytes = ROME.replace("DUPONT/ANNE MRS", "M@LLER/JOS# MR(CHD)").replace("\r\n", "\r").into_bytes();
    let (u, e) = (bytes.iter().position(|b| *b == b'@').unwrap(), bytes.iter().position(|b| *b == b'#').unwrap());
    (bytes[u], bytes[e]) = (0xDC, 0xC9);
    let readings = read(&bytes);
    assert_eq!(readings[0].record.as_ref().unwrap().passengers[0].name.expose(), "José Müller");
}

#[test]
fn contacts_are_the_travellers_own_and_in_iatas_spelling() {
    let two = "I-001;01DUPONT/ANNE MRS;;APPAR +33 1 - AGENCY - A//E-ANNE@EXAMPLE.COM;;\r\nI-002;02DUPONT/PAUL MR(INFDUPONT/LEA/12JAN26);;;;\r\n\
               SSR CTCE AF  HK1/PAUL..DU./PONT//EX./AMPLE.COM/FR\r\nSSR CTCM AF  HK1/4111111111111111\r\nSSR CTCE AF  HK1/A.D//EXAMPLE.COM;P1";
    let record = one(&ticket(1, 7, FLIGHT_OUT, two));
    let emails: Vec<_> = record.passengers.iter().map(|p| p.email.as_ref().unwrap().expose()).collect();
    assert_eq!(emails, ["a.d@example.com", "paul_du-pont@ex-ample.com"]);
    assert_eq!(record.passengers[1].name.expose(), "Paul Dupont");
    assert!(record.passengers[1].phone.is_none(), "a card is no telephone");
}

#[test]
fn remarks_for_us_are_instructions() {
    let remarks = "RM ESIM/DEAL 9001\r\nRM ESIM/CONTACT 4711\r\nRM ESIM/LANG FR\r\nRM ESIM/EMAIL A..B//EXAMPLE.COM\r\nRM ESIM/NO\r\nRM ESIM/PLAN 4111111111111111\r\nRM OTHER";
    let told = one(&ticket(1, 7, FLIGHT_OUT, remarks)).instructions;
    assert_eq!((told.deal_id.as_deref(), told.contact_id.as_deref(), told.none_wanted), (Some("9001"), Some("4711"), true));
    assert_eq!((told.email.unwrap().expose(), told.locale.is_some(), told.wish), ("a_b@example.com", true, None));
}

fn follow(dossier: &mut Dossier, file: &str) -> Followed {
    let record = one(file);
    let followed = dossier.follow(&record);
    if followed == Followed::Changed {
        dossier.keep(&record);
    }
    followed
}

#[test]
fn a_record_in_parts_waits_for_all_of_them_in_any_order() {
    let first = ROME.replace("1/1;", "1/2;");
    let second = ROME.replace("0100000001;1/1;", "0100000002;2/2;").replace("01DUPONT/ANNE MRS", "02DUPONT/PAUL MR");
    let mut dossier = Dossier::default();
    assert_eq!(follow(&mut dossier, &second), Followed::Waiting(vec![1]));
    assert_eq!(follow(&mut dossier, &second), Followed::Waiting(vec![1]));
    assert_eq!(follow(&mut dossier, &first), Followed::Changed);
    assert_eq!((dossier.passengers.len(), dossier.flights.len()), (2, 2));
    assert_eq!((follow(&mut dossier, &first), follow(&mut dossier, &second)), (Followed::Repeated, Followed::Repeated));
}

#[test]
fn voids_and_exchanges_count_documents() {
    let reissue = ROME.replace("0100000001;", "0100000003;").replace("K057-0000000001", "K057-0000000009\r\nFO057-0000000001PAR20DEC26");
    let void =
        |number: &str| air("MA", "0100000004;1/1;VOID21DEC;0001AA", 8, "", &format!("I-001;01DUPONT/ANNE MRS;;;;\r\nT-K057-{number}"));
    let mut dossier = Dossier::default();
    assert_eq!((follow(&mut dossier, ROME), follow(&mut dossier, &reissue)), (Followed::Changed, Followed::Changed));
    assert_eq!(dossier.passengers[0].tickets, ["057-0000000009"]);
    assert_eq!(follow(&mut dossier, &void("0000000001")), Followed::OtherDocument);
    assert_eq!(follow(&mut dossier, &void("0000000009")), Followed::Changed);
    assert!(dossier.passengers.is_empty());
    assert_eq!((follow(&mut dossier, &void("0000000009")), follow(&mut dossier, ROME)), (Followed::Repeated, Followed::Repeated));
    let emd = one(&ROME.replace(";7A;", ";7D;"));
    assert_eq!(dossier.follow(&emd), Followed::NoTrip);
}

#[test]
fn an_older_version_changes_nothing() {
    let mut dossier = Dossier::default();
    assert_eq!(follow(&mut dossier, &ROME.replace("ABC123007", "ABC123009")), Followed::Changed);
    assert_eq!(follow(&mut dossier, &ROME.replace("0100000001;", "0100000002;")), Followed::Older);
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(AIR-BLK207;7A;|AMD |MUC1A |D-|H-|U-|I-|SSR CTC[EM]|T-|FO|RM ESIM/|ENDX|[;/ A-Z0-9\\r\\n]{0,30}|.{0,8}){0,30}") {
        let _: Vec<Reading> = read(text.as_bytes());
    }

    #[test]
    fn no_card_and_no_passport_survives(card in "(4[0-9]{15}|3[47][0-9]{13})", passport in "[0-9]{2}[A-Z]{2}[0-9]{5}") {
        let lines = format!(
            "{PASSENGER}\r\nFPCCVI{card}/1228/A123456\r\nSSR DOCS AF  HK1/P/FRA/{passport}/FRA/01JAN80/F/01JAN30/DUPONT/ANNE\r\n\
             SSR FOID AF  HK1/PP{passport}\r\nRM PAX CARD {card}\r\nRC {passport}\r\nRM ESIM/PLAN {card}\r\nRM*ESIM {card}\r\nFOID {passport}",
        );
        let file = ticket(1, 7, FLIGHT_OUT, &lines);
        let file = file.replace("ANNE MRS", &format!("ANNE MRS(IDPP{passport})"));
        let printed = format!("{:?}", read(file.as_bytes()));
        let mut dossier = Dossier::default();
        dossier.follow(&one(&file));
        let kept = serde_json::to_string(&(one(&file), dossier)).unwrap();
        prop_assert!(kept.contains("Anne"));
        for secret in [&card, &passport] {
            prop_assert!(!printed.contains(secret.as_str()) && !kept.contains(secret.as_str()), "{printed} {kept}");
        }
    }
}
