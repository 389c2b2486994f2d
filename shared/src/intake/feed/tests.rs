#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Draft, Reading, State, read};
use crate::config::Feed;

const CONSOLIDATOR: &[u8] = include_bytes!("../../../../crm/feeds/consolidator/sample.csv");
const BACK_OFFICE: &[u8] = include_bytes!("../../../../crm/feeds/back-office/sample.csv");
const BOOKING_TOOL: &[u8] = include_bytes!("../../../../crm/feeds/booking-tool/sample.xml");

fn shipped(name: &str) -> Feed {
    let mappings = [
        ("consolidator", include_str!("../../../../crm/feeds/consolidator/mapping.json")),
        ("back-office", include_str!("../../../../crm/feeds/back-office/mapping.json")),
        ("booking-tool", include_str!("../../../../crm/feeds/booking-tool/mapping.json")),
    ];
    serde_json::from_str(mappings.iter().find(|(known, _)| *known == name).unwrap().1).unwrap()
}

/// A plain mapping: reference, name, e-mail, country, from, to.
fn plain() -> Value {
    json!({
        "format": {"csv": {"delimiter": ";"}}, "dates": ["%d/%m/%Y"],
        "fields": {
            "reference": {"column": "Ref"}, "name": {"column": "Name"}, "email": {"column": "Mail"}, "country": {"column": "To"},
            "from": {"column": "From"}, "to": {"column": "Until"}
        }
    })
}

fn feed(mapping: &Value) -> Feed {
    serde_json::from_value(mapping.clone()).unwrap()
}

const HEADER: &str = "Ref;Name;Mail;To;From;Until\n";

fn rows(mapping: &Value, rows: &str) -> Reading {
    read(&feed(mapping), format!("{HEADER}{rows}").as_bytes(), false).unwrap()
}

/// Line, column and code of every reject.
fn rejects(reading: &Reading) -> Vec<(usize, &str, &str)> {
    reading.rejects.iter().map(|reject| (reject.line, reject.column.as_deref().unwrap_or(""), reject.code)).collect()
}

fn draft(reading: &Reading, reference: &str) -> Draft {
    match reading.bookings.iter().find(|told| told.reference == reference).map(|told| &told.state) {
        Some(State::Travels(draft)) => draft.clone(),
        other => panic!("{reference} does not travel: {other:?}"),
    }
}

fn state(reading: &Reading, reference: &str) -> State {
    reading.bookings.iter().find(|told| told.reference == reference).unwrap().state.clone()
}

fn stays(draft: &Draft) -> Value {
    serde_json::to_value(&draft.stays).unwrap()
}

fn people(draft: &Draft) -> Vec<(&str, Option<&str>)> {
    draft.travellers.iter().map(|one| (one.name.expose(), one.email.as_ref().map(|email| email.expose()))).collect()
}

#[test]
fn a_consolidators_file_is_followed_flight_by_flight() {
    let reading = read(&shipped("consolidator"), CONSOLIDATOR, false).unwrap();
    let tokyo = draft(&reading, "QK7ZP2");
    assert_eq!(stays(&tokyo), json!([{"iso_country": "JP", "from": "2027-05-03", "to": "2027-05-09"}]), "Doha is a change of planes");
    assert_eq!(people(&tokyo), [("Camille Martin", Some("camille.martin@example.com")), ("Paul Martin", None)]);
    assert_eq!(tokyo.external_reference, "004711", "with its zeros");
    let york = draft(&reading, "R3TTN8");
    assert_eq!(stays(&york), json!([{"iso_country": "US", "from": "2027-06-14", "to": "2027-06-20"}]), "Toronto is cancelled");
    assert_eq!(rejects(&reading), [(11, "Account Code", "length"), (12, "Booking Reference", "scientific_notation")]);
    assert_eq!((reading.rows, reading.not_whole), (11, Some("a row does not say which booking it is of")));
    let everything = format!("{reading:?}");
    assert!(!everything.contains("09AB12345") && !everything.contains("612"), "what is not mapped is not read");
}

#[test]
fn a_back_offices_export_is_followed_stay_by_stay() {
    let reading = read(&shipped("back-office"), BACK_OFFICE, false).unwrap();
    let asia = draft(&reading, "VH-27-0101");
    let expected = json!([
        {"iso_country": "JP", "from": "2027-05-02", "to": "2027-05-12"}, {"iso_country": "KR", "from": "2027-05-12", "to": "2027-05-16"}
    ]);
    assert_eq!(stays(&asia), expected);
    assert_eq!(people(&asia), [("Camille Morël", Some("camille.morel@example.com")), ("Élodie Morël", None)]);
    assert_eq!(stays(&draft(&reading, "VH-27-0102")), json!([{"iso_country": "ES", "from": "2027-06-19", "to": "2027-06-26"}]));
    assert_eq!((state(&reading, "VH-27-0103"), state(&reading, "VH-27-0104")), (State::Ignored, State::Cancelled));
    assert_eq!(rejects(&reading), [(10, "Destination", "not_in_lookup")]);
    assert_eq!((reading.rejects[0].reference.as_deref(), state(&reading, "VH-27-0105")), (Some("VH-27-0105"), State::Incomplete));
    assert_eq!(reading.not_whole, None, "every row names its booking");
    assert!(reading.notes.is_empty(), "{:?}", reading.notes);
}

#[test]
fn a_booking_tools_xml_is_followed_and_its_cards_are_not_read() {
    let reading = read(&shipped("booking-tool"), BOOKING_TOOL, false).unwrap();
    let tokyo = draft(&reading, "BT-5001");
    assert_eq!(stays(&tokyo), json!([{"iso_country": "JP", "from": "2027-05-03", "to": "2027-05-09"}]));
    assert_eq!(people(&tokyo), [("Camille Moreau", Some("camille.moreau@example.com")), ("Camille Moreau", None)], "two of one name");
    assert_eq!((tokyo.crm.deal_id.as_deref(), state(&reading, "BT-5002")), (Some("9001"), State::Cancelled));
    assert_eq!((reading.bookings[0].lines.as_slice(), reading.rejects.len()), ([6, 9].as_slice(), 0));
    assert!(!format!("{reading:?}").contains("4111"));
    let cut = &BOOKING_TOOL[..BOOKING_TOOL.len() - 12];
    assert_eq!(read(&shipped("booking-tool"), cut, false).unwrap_err().code, "not_xml", "a document that is cut short is none");
}

#[test]
fn damage_by_spreadsheets_is_named_and_never_followed() {
    let reading = rows(
        &plain(),
        "8,93E+18;Ada Okafor;ada@example.com;JP;03/05/2027;09/05/2027\n\
         A-2;Ada Okafor;ada@example.com;#N/A;03/05/2027;09/05/2027\n\
         A-3;Ada Okafor;ada@example.com;JP;46510;09/05/2027\n\
         A-4;Ada Okafor;ada@example.com;JP;03/05/27;09/05/2027\n\
         A-5;Ada Okafor;ada@example.com;JP;31/02/2027;09/05/2027\n\
         A-6;4111 1111 1111 1111;ada@example.com;JP;03/05/2027;09/05/2027\n\
         A-7;Ada Okafor;ada@example;JP;03/05/2027;09/05/2027\n\
         A-8;Ada Okafor;ada@example.com;ZZ;03/05/2027;09/05/2027\n\
         A-9;Ada Okafor;ada@example.com;JP;09/05/2027;03/05/2027\n\
         A-10;;ada@example.com;JP;03/05/2027;09/05/2027\n\
         A-11;Ada; Okafor;ada@example.com;JP;03/05/2027;09/05/2027\n\
         A-12;Ada Okafor;ada@example.com;JP;03/05/2027\n\
         A/13;Ada Okafor;ada@example.com;JP;03/05/2027;09/05/2027\n\
         =\"0014\";Ada Okafor;ada@example.com;JP;03/05/2027;09/05/2027;;;\n",
    );
    let expected = [
        (2, "Ref", "scientific_notation"),
        (3, "To", "spreadsheet_error"),
        (4, "From", "spreadsheet_number"),
        (5, "From", "date"),
        (6, "From", "date"),
        (7, "Name", "card_number"),
        (8, "Mail", "email"),
        (9, "To", "unknown_place"),
        (10, "Until", "span"),
        (11, "Name", "blank"),
        (12, "", "too_many_cells"),
        (13, "Until", "too_few_cells"),
        (14, "Ref", "reference"),
    ];
    assert_eq!(rejects(&reading), expected);
    assert_eq!(people(&draft(&reading, "0014")), [("Ada Okafor", Some("ada@example.com"))], "empty columns at the end mean nothing");
    let words = serde_json::to_string(&reading.rejects).unwrap();
    assert!(!words.contains("Ada") && !words.contains("4111") && !words.contains("ada@"), "no cell is quoted: {words}");
}

#[test]
fn the_order_of_day_and_month_is_the_mappings_and_a_file_in_the_other_is_not_followed() {
    let mixed = rows(&plain(), "A-1;Ada;a@example.com;JP;13/05/2027;14/05/2027\nA-2;Ada;a@example.com;JP;05/13/2027;05/14/2027\n");
    assert_eq!(rejects(&mixed), [(3, "From", "date_order")], "only the row that contradicts");
    assert!(mixed.notes.is_empty());
    let other = rows(&plain(), "A-1;Ada;a@example.com;JP;03/04/2027;04/04/2027\nA-2;Ada;a@example.com;JP;05/13/2027;05/14/2027\n");
    assert_eq!(rejects(&other), [(2, "From", "date_order"), (3, "From", "date_order")], "03/04 is not 3 April here");
    assert_eq!(other.notes[0].code, "date_order");
    assert!(other.notes[0].text.contains("%m/%d/%Y"));
    let ambiguous = rows(&plain(), "A-1;Ada;a@example.com;JP;03/04/2027;04/04/2027\n");
    assert_eq!(stays(&draft(&ambiguous, "A-1"))[0]["from"], "2027-04-03", "the mapping says so, and nothing says otherwise");
}

#[test]
fn half_a_booking_is_none() {
    let reading = rows(&plain(), "A-1;Ada;a@example.com;JP;13/05/2027;14/05/2027\nA-1;Bob;b@example;JP;13/05/2027;14/05/2027\n");
    assert_eq!((state(&reading, "A-1"), rejects(&reading)), (State::Incomplete, vec![(3, "Mail", "email")]));
    let many = "A-1;Ada;a@example.com;JP;13/05/2027;14/05/2027\n".repeat(301);
    let reading = rows(&plain(), &many);
    assert_eq!((state(&reading, "A-1"), rejects(&reading)), (State::Incomplete, vec![(302, "", "too_many_rows")]));
}

#[test]
fn several_travellers_of_one_cell_are_several() {
    let mut mapping = plain();
    mapping["travellers_separated_by"] = json!("|");
    let reading = rows(&mapping, "A-1;DUPONT/ANNE MRS|DUPONT/JEAN-PIERRE MR;anne@example.com|;JP;13/05/2027;14/05/2027\n");
    assert_eq!(people(&draft(&reading, "A-1")), [("Anne Dupont", Some("anne@example.com")), ("Jean-Pierre Dupont", None)]);
}

#[test]
fn a_file_of_another_kind_is_refused_with_the_columns_at_fault() {
    let wrong = |mapping: &Value, file: &[u8]| read(&feed(mapping), file, false).unwrap_err();
    let comma = wrong(&plain(), b"Ref,Name,Mail,To,From,Until\n");
    assert_eq!((comma.code, comma.columns.len()), ("missing_column", 6));
    let twice = wrong(&plain(), b"Ref;Name;Mail;To;From;Until;REF\n");
    assert_eq!((twice.code, twice.columns), ("ambiguous_column", vec!["Ref".to_owned()]));
    assert_eq!(wrong(&plain(), b"").code, "no_header");
    assert_eq!(wrong(&plain(), b"\x50\x4b\x03\x04\x00\x00").code, "encoding", "a spreadsheet's own file is no text");
    let mut mapping = plain();
    mapping["format"] = json!({"json_lines": {}});
    assert_eq!(wrong(&mapping, b"Ref;Name\n").code, "not_json_lines");
    mapping["format"] = json!({"xml": {"row": "Export/Trip"}});
    assert_eq!(wrong(&mapping, b"<Other/>").code, "missing_column");
    let bomb = b"<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><Export><Trip>&b;</Trip></Export>";
    assert_eq!(wrong(&mapping, bomb).code, "not_xml", "no document type is read");
    let deep = "<a>".repeat(60_000);
    assert_eq!(wrong(&mapping, deep.as_bytes()).code, "not_xml");
}

#[test]
fn rows_are_found_at_their_lines_however_lines_end() {
    let text = format!(
        "{HEADER}\nA-1;Ada;a@example.com;ZZ;13/05/2027;14/05/2027\n\n\n;\"A\nda\";;;;\nA-3;Ada;a@example.com;ZZ;13/05/2027;14/05/2027"
    );
    for end in ["\n", "\r\n", "\r"] {
        let reading = read(&feed(&plain()), text.replace('\n', end).as_bytes(), false).unwrap();
        assert_eq!(reading.rejects.iter().map(|reject| reject.line).collect::<Vec<_>>(), [3, 6, 8], "{end:?}");
    }
}

#[test]
fn a_trailer_that_is_declared_says_whether_the_file_is_whole() {
    let mut mapping = plain();
    mapping["format"] = json!({"csv": {"delimiter": ";", "trailer": "END"}});
    let row = "A-1;Ada;a@example.com;JP;13/05/2027;14/05/2027\n";
    assert_eq!(rows(&mapping, &format!("{row}END;1\n")).not_whole, None);
    assert!(rows(&mapping, row).not_whole.is_some());
    assert!(rows(&plain(), &format!("{row}A-2;Ada;a@ex")).not_whole.is_some(), "a row that was cut off");
}

#[test]
fn what_a_mapping_lacks_or_has_too_much_is_named() {
    let wrong = |change: &dyn Fn(&mut Value)| {
        let mut mapping = plain();
        change(&mut mapping);
        let text = mapping.to_string();
        let error = serde_path_to_error::deserialize::<_, Feed>(&mut serde_json::Deserializer::from_str(&text)).unwrap_err();
        format!("{} {}", error.path(), error.inner())
    };
    for (expected, change) in [
        ("fields.reference.colunm", &(|m: &mut Value| m["fields"]["reference"] = json!({"colunm": "Ref"})) as &dyn Fn(&mut Value)),
        ("delimeter", &|m| m["format"] = json!({"csv": {"delimeter": ";"}})),
        ("format.csv.delimiter must be one ASCII character", &|m| m["format"] = json!({"csv": {"delimiter": "ab"}})),
        ("dates[0] must be a date format", &|m| m["dates"] = json!(["DD/MM/YYYY"])),
        ("both orders", &|m| m["dates"] = json!(["%d/%m/%Y", "%m/%d/%Y"])),
        ("encoding", &|m| m["encoding"] = json!("ebcdic")),
        ("fields.to or fields.nights", &|m| m["fields"]["to"] = Value::Null),
        ("fields.country or fields.airport", &|m| m["fields"]["airport"] = json!({"column": "To"})),
        ("lookups that fields.country names", &|m| m["fields"]["country"] = json!({"column": "To", "lookup": "places"})),
        ("fields.name", &|m| m["fields"]["name"] = json!({})),
        ("fields.origin_country", &|m| m["rows"] = json!("flights")),
        ("home[0] must be an ISO", &|m| m["home"] = json!(["France"])),
        ("snapshots", &|m| m["snapshots"] = json!(true)),
    ] {
        let error = wrong(change);
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[test]
fn a_byte_order_mark_counts_more_than_the_mapping() {
    let text = format!("{HEADER}A-1;Élodie;a@example.com;JP;13/05/2027;14/05/2027\n");
    let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let utf8 = format!("\u{feff}{text}").into_bytes();
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
    let name = |reading: &Reading| draft(reading, "A-1").travellers[0].name.expose().to_owned();
    let mut mapping = plain();
    for (encoding, file, noted) in [
        ("utf-8", utf8.as_slice(), false),
        ("windows-1252", utf8.as_slice(), true),
        ("windows-1252", text.as_bytes(), true),
        ("latin-1", &bytes, false),
        ("utf-8", utf16.as_slice(), true),
        ("utf-16le", utf16.as_slice(), false),
    ] {
        mapping["encoding"] = json!(encoding);
        let reading = read(&feed(&mapping), file, false).unwrap();
        assert_eq!((name(&reading).as_str(), reading.notes.len() == 1), ("Élodie", noted), "{encoding}");
    }
    mapping["encoding"] = json!("utf-8");
    let reading = read(&feed(&mapping), &bytes, false).unwrap();
    assert_eq!(rejects(&reading), [(2, "Name", "encoding")], "what is not written in the file's encoding is not guessed");
    mapping["encoding"] = json!("utf-16be");
    assert_eq!(name(&read(&feed(&mapping), text.as_bytes(), true).unwrap()), "Élodie", "a text from JSON is a text");
}

/// What a booking's row holds that must come back.
type Line = (u16, String, u8, u8);

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let name = "[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ ,;\"'|-]{0,20}[A-Za-zÀ-ÿ]";
    prop::collection::vec((0..500_u16, name, 1..28_u8, 0..30_u8), 1..40)
}

proptest! {
    #[test]
    fn whatever_is_written_by_the_rules_is_read_back(
        lines in lines(), delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']), latin in any::<bool>(), order in any::<bool>()
    ) {
        let mut mapping = plain();
        mapping["format"] = json!({"csv": {"delimiter": char::from(delimiter).to_string()}});
        mapping["encoding"] = json!(if latin { "windows-1252" } else { "utf-8" });
        mapping["dates"] = json!([if order { "%d/%m/%Y" } else { "%m/%d/%Y" }]);
        mapping["fields"]["traveller_reference"] = json!({"column": "Who"});
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(["", "Ref", "Who", "Name", "Mail", "To", "From", "Until", "", ""]).unwrap();
        for (place, (reference, name, day, nights)) in lines.iter().enumerate() {
            let date = |day: u8, month: u8| if order { format!("{day:02}/{month:02}/2027") } else { format!("{month:02}/{day:02}/2027") };
            let until = if *nights == 0 { date(*day, 5) } else { date(*nights, 6) };
            let row = ["", &format!("R-{reference}"), &place.to_string(), name, "a@example.com", "JP", &date(*day, 5), &until, "", ""];
            writer.write_record(row).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let bytes = if latin { encoding_rs::WINDOWS_1252.encode(&text).0.into_owned() } else { text.into_bytes() };
        let reading = read(&feed(&mapping), &bytes, false).unwrap();
        prop_assert_eq!((reading.rows, reading.rejects.len(), reading.not_whole), (lines.len(), 0, None));
        for (reference, _, _, _) in &lines {
            let found = draft(&reading, &format!("R-{reference}"));
            let expected: Vec<String> = lines.iter().filter(|line| line.0 == *reference)
                .map(|line| line.1.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
            let names: Vec<String> = found.travellers.iter().map(|one| one.name.expose().to_owned()).collect();
            prop_assert_eq!(names, expected);
        }
    }
}
