//! Bookings from Amadeus, by interface records and by answers of its services: the dossier, its offers in the CRM, and what a second file, a void or a change does to them.

use crate::fixture::World;
use passerelle::{
    flows::{intake, intake_air, intake_pnr},
    problem::Problem,
    store::bookings::BookingRecord,
};
use serde_json::{Value, json};

const REFERENCE: &str = "ABC123-20270310";

/// A ticket to Tokyo and back for one passenger, as a reservation system drops it.
pub fn ticket() -> String {
    let flight = |number: u32, from: &str, to: &str, block: &str, countries: &str| {
        format!(
            "H-{number:03};{:03}O{from};PLACE;{to};PLACE;{block};OK01;HK01;M ;0;77W;;;1PC;2F;;ET;1300 ;N;6000;{countries};1 ",
            number + 1
        )
    };
    [
        "AIR-BLK207;7A;;229;0000000000;1A0000001;001001".to_owned(),
        "AMD 0100000001;1/1;".to_owned(),
        "MUC1A ABC123007;0101;PAREX2100;00000000".to_owned(),
        "D-270310;270310;270310".to_owned(),
        flight(1, "CDG", "HND", "AF    0276 Y Y 02MAY1335 0930 03MAY", "FR;JP"),
        flight(2, "HND", "CDG", "AF    0277 Y Y 09MAY1200 1810 09MAY", "JP;FR"),
        "I-001;01MOREAU/CAMILLE MS;;APPAR +33 1 00 00 00 00//E-VOYAGES@HORIZON.EXAMPLE;;".to_owned(),
        "SSR CTCE AF  HK1/CAMILLE.MOREAU//EXAMPLE.COM".to_owned(),
        "SSR DOCS AF  HK1/P/FRA/09AB12345/FRA/01JAN80/F/01JAN30/MOREAU/CAMILLE".to_owned(),
        "T-K057-0000000001".to_owned(),
        "FPCCVI4111111111111111/1228/A123456".to_owned(),
        "ENDX\r\n".to_owned(),
    ]
    .join("\r\n")
}

fn void() -> String {
    "AIR-BLK207;MA;;229;;\r\nAMD 0100000002;1/1;VOID11MAR;0001AA\r\nMUC1A ABC123008;0101;\r\nI-001;01MOREAU/CAMILLE MS;;;;\r\nT-K057-0000000001\r\nENDX\r\n".to_owned()
}

/// The one record's outcome and the code of its reason.
async fn send(world: &World, file: &str) -> (String, String) {
    let answer = answer(world, file).await.unwrap();
    let record = &answer["records"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&record["outcome"]), text(&record["reason"]["code"]))
}

async fn answer(world: &World, file: &str) -> Result<Value, Problem> {
    Ok(serde_json::from_str(&intake_air::take(&world.run().await, file.as_bytes()).await?).unwrap())
}

async fn booking(world: &World) -> BookingRecord {
    intake::read(&world.run().await, REFERENCE).await.unwrap()
}

fn outcome(word: &str) -> (String, String) {
    (word.to_owned(), String::new())
}

/// What the deal shows in the CRM.
async fn shown(world: &World) -> Value {
    let deals = world.sims.hubspot.client().objects("deals").await.unwrap();
    deals[0]["properties"].clone()
}

async fn with_deal(world: &World, file: &str) -> String {
    let (contact, deal) = world.crm.sim(&world.sims).client().seed_trip(crate::fixture::TRAVELLER_EMAIL, REFERENCE).await.unwrap();
    file.replace("ENDX", &format!("RM ESIM/DEAL {deal}\r\nRM ESIM/CONTACT {contact}\r\nENDX"))
}

#[tokio::test]
async fn a_ticket_becomes_a_dossier_and_its_offers_stand_in_the_crm() {
    let mut world = World::new().await;
    let file = with_deal(&world, &ticket()).await;
    assert_eq!(send(&world, &file).await, outcome("created"));
    world.settle().await;
    let record = booking(&world).await;
    let stays = serde_json::to_value(&record.booking.trip).unwrap();
    assert_eq!(stays, json!([{"iso_country": "JP", "from": "2027-05-03", "to": "2027-05-09"}]));
    assert_eq!(record.booking.traveller.email.expose(), "camille.moreau@example.com", "and not the agency's own");
    assert!(!record.offers.is_empty());
    let offered = shown(&world).await.to_string();
    assert!(offered.contains("airalo:") || offered.contains("reference:"), "the best package is named: {offered}");
    let package = World::best(&record.offers, "airalo");
    assert_eq!(world.order("key-1", &package, REFERENCE).await.unwrap().answer.status, 201, "an order can follow");
    let everything = format!("{:?}", world.table.items().await);
    assert!(!everything.contains("4111111111111111") && !everything.contains("09AB12345") && !everything.contains("MOREAU"));
}

#[tokio::test]
async fn the_same_file_again_changes_nothing_and_asks_nothing_of_the_crm() {
    let mut world = World::new().await;
    let file = with_deal(&world, &ticket()).await;
    assert_eq!(send(&world, &file).await, outcome("created"));
    world.settle().await;
    let before = booking(&world).await;
    for _ in 0..3 {
        assert_eq!(send(&world, &file).await, outcome("unchanged"));
    }
    assert!(world.outbox().await.is_empty());
    assert_eq!(booking(&world).await, before);
}

#[tokio::test]
async fn new_dates_follow_and_older_ones_do_not() {
    let mut world = World::new().await;
    let file = with_deal(&world, &ticket()).await;
    send(&world, &file).await;
    let later = file.replace("0100000001", "0100000003").replace("ABC123007", "ABC123009").replace("09MAY", "16MAY");
    assert_eq!(send(&world, &later).await, outcome("changed"));
    assert_eq!(booking(&world).await.booking.trip.span().1.to_string(), "2027-05-16");
    let late = file.replace("0100000001", "0100000002").replace("ABC123007", "ABC123008");
    assert_eq!(send(&world, &late).await, ("left_out".to_owned(), "older".to_owned()));
    assert_eq!(booking(&world).await.booking.trip.span().1.to_string(), "2027-05-16");
    world.settle().await;
    assert!(world.tasks().await.is_empty());
}

#[tokio::test]
async fn a_void_takes_the_offers_back_and_tells_a_person_what_was_bought() {
    let mut world = World::new().await;
    let file = with_deal(&world, &ticket()).await;
    send(&world, &file).await;
    let package = World::best(&booking(&world).await.offers, "airalo");
    world.order("key-1", &package, REFERENCE).await.unwrap();
    world.settle().await;
    assert_eq!(send(&world, &void()).await, outcome("cancelled"));
    assert_eq!(send(&world, &void()).await, outcome("unchanged"));
    assert_eq!(send(&world, &file).await, outcome("unchanged"), "an old ticket does not bring the trip back");
    world.settle().await;
    assert!(booking(&world).await.cancelled);
    let deal = shown(&world).await.to_string();
    assert!(!deal.contains("airalo:"), "nothing is offered: {deal}");
    let refused = world.order("key-2", &package, REFERENCE).await.unwrap_err();
    assert_eq!((refused.status, refused.errors[0].field.as_str()), (422, "booking_reference"));
    assert_eq!(world.purchases("airalo").await.len(), 1);
    assert_eq!(world.tasks().await.len(), 1, "a person is told of the eSIM");
    let again = file.replace("0100000001", "0100000005").replace("ABC123007", "ABC123010").replace("-0000000001", "-0000000002");
    assert_eq!(send(&world, &again).await, outcome("changed"));
    assert!(!booking(&world).await.cancelled && !booking(&world).await.offers.is_empty());
}

#[tokio::test]
async fn parts_make_one_dossier_and_a_void_of_one_passenger_leaves_the_other() {
    let world = World::new().await;
    let first = ticket().replace("0100000001;1/1", "0100000001;1/2");
    let second = ticket()
        .replace("0100000001;1/1", "0100000002;2/2")
        .replace("01MOREAU/CAMILLE MS", "02MOREAU/PAUL MR")
        .replace("-0000000001", "-0000000002");
    assert_eq!(send(&world, &second).await, ("waiting".to_owned(), "parts_missing".to_owned()));
    assert_eq!(send(&world, &first).await, outcome("created"));
    let record = booking(&world).await;
    assert_eq!((record.booking.traveller.name.expose(), record.booking.companions[0].name.expose()), ("Camille Moreau", "Paul Moreau"));
    assert_eq!(send(&world, &void()).await, outcome("changed"));
    let record = booking(&world).await;
    assert_eq!((record.booking.traveller.name.expose(), record.booking.companions.len(), record.cancelled), ("Paul Moreau", 0, false));
}

#[tokio::test]
async fn parts_that_do_not_come_are_one_task_and_still_count_when_they_come() {
    let mut world = World::new().await;
    let first = ticket().replace("0100000001;1/1", "0100000001;1/3");
    let second = ticket().replace("0100000001;1/1", "0100000002;2/3").replace("01MOREAU/CAMILLE MS", "02MOREAU/PAUL MR");
    let third = ticket().replace("0100000001;1/1", "0100000003;3/3").replace("01MOREAU/CAMILLE MS", "03MOREAU/LEA MS");
    for part in [&second, &first, &second] {
        assert_eq!(send(&world, part).await, ("waiting".to_owned(), "parts_missing".to_owned()));
    }
    assert_eq!(world.outbox().await.len(), 1, "one look-out for all parts of a record");
    world.pass(std::time::Duration::from_secs(50 * 60)).await;
    world.settle_without_waiting().await;
    assert!(world.tasks().await.is_empty(), "they may still come");
    world.settle().await;
    let tasks = world.tasks().await;
    assert_eq!(tasks.len(), 1);
    assert!(tasks[0].to_string().contains("part 3 of a record"), "{tasks:?}");
    assert_eq!(send(&world, &first).await, ("waiting".to_owned(), "parts_missing".to_owned()));
    world.settle().await;
    assert_eq!(world.tasks().await.len(), 1, "once");
    assert_eq!(send(&world, &third).await, outcome("created"));
    assert_eq!(booking(&world).await.booking.companions.len(), 2);

    let mut quick = World::new().await;
    for part in [&first, &second, &third] {
        send(&quick, part).await;
    }
    quick.settle().await;
    assert!(quick.tasks().await.is_empty() && quick.outbox().await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_taken_in_says_why_and_a_person_gets_one_task() {
    let mut world = World::new().await;
    let rail = ticket().replace(";HND;PLACE", ";ZYR;PLACE").replace("FR;JP", "FR;");
    for _ in 0..2 {
        assert_eq!(send(&world, &rail).await, ("left_out".to_owned(), "unknown_place".to_owned()));
    }
    let nobody = ticket().replace("SSR CTCE", "OSI").replace("ABC123", "DEF456");
    assert_eq!(send(&world, &nobody).await, ("left_out".to_owned(), "no_email".to_owned()), "the agency's own address is no traveller's");
    world.settle().await;
    assert_eq!(world.tasks().await.len(), 2);
    let unwanted = ticket().replace("ENDX", "RM ESIM/NO\r\nENDX").replace("ABC123", "GHI789");
    assert_eq!(send(&world, &unwanted).await, ("left_out".to_owned(), "none_wanted".to_owned()));
    let past = ticket().replace("D-270310", "D-250310").replace("ABC123", "JKL012");
    assert_eq!(send(&world, &past).await, ("left_out".to_owned(), "trip_is_over".to_owned()));
    assert_eq!(send(&world, &void().replace("ABC123", "XYZ999")).await, ("left_out".to_owned(), "unknown_booking".to_owned()));
    assert_eq!(send(&world, &ticket().replace(";7A;", ";7D;")).await, ("left_out".to_owned(), "emd".to_owned()));
    assert_eq!(answer(&world, "%PDF").await.unwrap_err().code, "not_an_air_file");
    let many = format!("{rail}{}", ticket().replace("ABC123", "MNO345"));
    let records = answer(&world, &many).await.unwrap();
    assert_eq!((&records["records"][0]["outcome"], &records["records"][1]["outcome"]), (&json!("left_out"), &json!("created")));
    world.settle().await;
    assert_eq!(world.tasks().await.len(), 2, "nothing else is a person's to mend");
}

/// The same trip as a service answers it, at this version.
fn reply(version: u32) -> String {
    let segment = |from: &str, to: &str, days: &str| {
        format!(
            "<itineraryInfo><elementManagementItinerary><segmentName>AIR</segmentName></elementManagementItinerary><travelProduct><product>{days}</product>\
             <boardpointDetail><cityCode>{from}</cityCode></boardpointDetail><offpointDetail><cityCode>{to}</cityCode></offpointDetail></travelProduct>\
             <relatedProduct><status>HK</status></relatedProduct></itineraryInfo>"
        )
    };
    let out = segment("CDG", "HND", "<depDate>020527</depDate><depTime>1335</depTime><arrDate>030527</arrDate><arrTime>0930</arrTime>");
    let home = segment("HND", "CDG", "<depDate>090527</depDate><depTime>1200</depTime><arrDate>090527</arrDate><arrTime>1810</arrTime>");
    let element = |name: &str, content: &str| {
        format!(
            "<dataElementsIndiv><elementManagementData><segmentName>{name}</segmentName></elementManagementData>{content}</dataElementsIndiv>"
        )
    };
    let ssr = |kind: &str, text: &str| {
        element("SSR", &format!("<serviceRequest><ssr><type>{kind}</type><freeText>{text}</freeText></ssr></serviceRequest>"))
    };
    format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><PNR_Reply xmlns=\"http://xml.amadeus.com/PNRACC_21_1_1A\">\
         <pnrHeader><reservationInfo><reservation><companyId>1A</companyId><controlNumber>ABC123</controlNumber></reservation></reservationInfo></pnrHeader>\
         <securityInformation><secondRpInformation><creationDate>100327</creationDate></secondRpInformation></securityInformation>\
         <technicalData><enveloppeNumberData><sequenceDetails><number>{version}</number></sequenceDetails></enveloppeNumberData></technicalData>\
         <travellerInfo><elementManagementPassenger><lineNumber>1</lineNumber></elementManagementPassenger><passengerData><travellerInformation><traveller>\
         <surname>MOREAU</surname></traveller><passenger><firstName>CAMILLE MS</firstName></passenger></travellerInformation></passengerData></travellerInfo>\
         <originDestinationDetails>{out}{home}</originDestinationDetails><dataElementsMaster>{}{}{}<!-- more --></dataElementsMaster></PNR_Reply></soap:Body></soap:Envelope>",
        ssr("CTCE", "CAMILLE.MOREAU//EXAMPLE.COM"),
        ssr("DOCS", "P/FRA/09AB12345/FRA/01JAN80/F/01JAN30/MOREAU/CAMILLE"),
        element("FP", "<otherDataFreetext><longFreetext>CCVI4111111111111111/1228</longFreetext></otherDataFreetext>"),
    )
}

fn flight_order() -> Value {
    json!({
        "data": {
            "type": "flight-order",
            "associatedRecords": [{"reference": "ABC123", "creationDate": "2027-03-10T10:00:00.000", "originSystemCode": "GDS"}],
            "flightOffers": [{"itineraries": [
                {"segments": [{"departure": {"iataCode": "CDG", "at": "2027-05-02T13:35:00"}, "arrival": {"iataCode": "HND", "at": "2027-05-03T09:30:00"}}]},
                {"segments": [{"departure": {"iataCode": "HND", "at": "2027-05-09T12:00:00"}, "arrival": {"iataCode": "CDG", "at": "2027-05-09T18:10:00"}}]}
            ]}],
            "travelers": [{"id": "1", "name": {"firstName": "CAMILLE", "lastName": "MOREAU"}, "contact": {"emailAddress": "camille.moreau@example.com"},
                           "documents": [{"number": "09AB12345"}]}]
        }
    })
}

async fn answer_of(world: &World, body: &str) -> Result<Value, Problem> {
    Ok(serde_json::from_str(&intake_pnr::take(&world.run().await, body.as_bytes()).await?).unwrap())
}

async fn send_answer(world: &World, body: &str) -> (String, String) {
    let answer = answer_of(world, body).await.unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&answer["records"][0]["outcome"]), text(&answer["records"][0]["reason"]["code"]))
}

#[tokio::test]
async fn a_reply_an_order_and_a_file_of_one_booking_are_one_dossier() {
    let mut world = World::new().await;
    assert_eq!(send_answer(&world, &reply(7)).await, outcome("created"));
    let record = booking(&world).await;
    assert_eq!(
        serde_json::to_value(&record.booking.trip).unwrap(),
        json!([{"iso_country": "JP", "from": "2027-05-03", "to": "2027-05-09"}])
    );
    assert_eq!(record.booking.traveller.email.expose(), "camille.moreau@example.com");
    assert_eq!(send_answer(&world, &reply(7)).await, outcome("unchanged"));
    assert_eq!(send_answer(&world, &flight_order().to_string()).await, outcome("unchanged"), "it says the same");
    assert_eq!(send(&world, &ticket()).await, outcome("unchanged"), "it says the same");
    assert_eq!(booking(&world).await, record);
    world.settle().await;
    assert!(world.tasks().await.is_empty());
    let everything = format!("{:?}", world.table.items().await);
    assert!(!everything.contains("4111111111111111") && !everything.contains("09AB12345") && !everything.contains("MOREAU"));
}

#[tokio::test]
async fn changes_and_cancellations_of_a_whole_booking_follow_and_older_versions_do_not() {
    let world = World::new().await;
    send_answer(&world, &reply(7)).await;
    assert_eq!(send_answer(&world, &reply(9).replace("090527", "160527")).await, outcome("changed"));
    assert_eq!(booking(&world).await.booking.trip.span().1.to_string(), "2027-05-16");
    assert_eq!(send_answer(&world, &reply(8)).await, ("left_out".to_owned(), "older".to_owned()));
    let (code, cancelled) = ("no_flight".to_owned(), reply(10).replace("<status>HK", "<status>HX"));
    assert_eq!(send_answer(&world, &cancelled).await, ("cancelled".to_owned(), code));
    assert_eq!(send_answer(&world, &cancelled).await, outcome("unchanged"));
    assert!(booking(&world).await.cancelled);
    assert_eq!(send_answer(&world, &reply(9)).await, outcome("unchanged"), "it does not come back");
    let mut shorter = flight_order();
    shorter["data"]["flightOffers"][0]["itineraries"][1]["segments"][0]["departure"]["at"] = json!("2027-05-08T12:00:00");
    assert_eq!(send_answer(&world, &shorter.to_string()).await, outcome("changed"), "an order has no version: what is told last counts");
    assert_eq!(booking(&world).await.booking.trip.span().1.to_string(), "2027-05-08");
}

#[tokio::test]
async fn an_answer_that_tells_of_no_booking_is_refused_and_one_that_lacks_something_says_what() {
    let world = World::new().await;
    for body in ["", "%PDF", "<html/>", "{\"data\": []}", "<!DOCTYPE a []><PNR_Reply/>"] {
        let problem = answer_of(&world, body).await.unwrap_err();
        assert_eq!((problem.status, problem.code), (422, "not_a_booking"), "{body}");
    }
    let undated = reply(7).replace("<creationDate>100327</creationDate>", "");
    assert_eq!(send_answer(&world, &undated).await, ("left_out".to_owned(), "no_creation_date".to_owned()));
    send_answer(&world, &reply(7)).await;
    assert_eq!(
        send_answer(&world, &undated.replace("<number>7</number>", "<number>8</number>").replace("090527", "100527")).await,
        outcome("changed"),
        "the booking is known by its locator"
    );
    let mut part = flight_order();
    part["data"].as_object_mut().unwrap().remove("flightOffers");
    assert_eq!(send_answer(&world, &part.to_string()).await, ("left_out".to_owned(), "missing_field".to_owned()));
    assert!(!booking(&world).await.cancelled);
}
