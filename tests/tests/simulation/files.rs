//! An agency's back office: it sends its files from Amadeus again until each is answered, whatever happens on the way.

use http::Method;
use passerelle::{
    flows::{intake, intake_air},
    outbound::Deadline,
    problem::Problem,
};
use serde_json::{Value, json};
use std::time::Duration;

use super::{
    ground::{TRAVELLER, agency, trace},
    people::People,
};

/// API Gateway gives an answer so much time.
const API_LIMIT: Duration = Duration::from_secs(29);

/// The dossier that the files make.
pub const REFERENCE: &str = "ABC123-20270310";

/// A way to Tokyo and back; `home` is the day of the flight home.
fn air(message: &str, numbering: &str, version: u32, home: &str, passenger: &str, deal: &Value) -> String {
    let flight = |number: u32, from: &str, to: &str, block: &str| {
        format!("H-{number:03};{:03}O{from};PLACE;{to};PLACE;{block};OK01;HK01;M ;0;77W;;;1PC;2F;;ET;1300 ;N;6000;;;1 ", number + 1)
    };
    [
        format!("AIR-BLK207;{message};;229;0000000000;1A0000001;001001"),
        format!("AMD {numbering};"),
        format!("MUC1A ABC123{version:03};0101;"),
        "D-270310;270310;270310".to_owned(),
        flight(1, "CDG", "HND", "AF    0276 Y Y 02MAY1335 0930 03MAY"),
        flight(2, "HND", "CDG", &format!("AF    0277 Y Y {home}1200 1810 {home}")),
        passenger.to_owned(),
        format!("RM ESIM/DEAL {}", deal.as_str().unwrap_or_default()),
        "ENDX\r\n".to_owned(),
    ]
    .join("\r\n")
}

fn passenger(number: u32, name: &str) -> String {
    let email = TRAVELLER.to_uppercase().replace('@', "//");
    format!("I-{number:03};{number:02}MOREAU/{name};;;;\r\nSSR CTCE AF  HK1/{email}\r\nT-K057-000000000{number}")
}

impl People {
    /// A ticket in two parts, a change, and the void of the first passenger's ticket; the old ticket comes once more at the end.
    pub async fn send_files(&self) {
        let seeded = self.world.outside.hubspot.control(Method::POST, "seed", &json!({"email": TRAVELLER, "deal": REFERENCE}));
        let deal = &seeded["deal_id"];
        let (camille, paul) = (passenger(1, "CAMILLE MS"), passenger(2, "PAUL MR"));
        let ticket = |numbering: &str, passenger: &str| air("7A", numbering, 7, "09MAY", passenger, deal);
        let files = [
            ticket("0100000002;2/2", &paul),
            ticket("0100000001;1/2", &camille),
            air("IM", "0100000003;1/1", 8, "12MAY", &format!("{camille}\r\n{paul}"), deal),
            air("MA", "0100000004;1/1;VOID11MAR", 9, "12MAY", "I-001;01MOREAU/CAMILLE MS;;;;\r\nT-K057-0000000001", deal),
            ticket("0100000001;1/2", &camille),
        ];
        for file in files {
            self.send_file(file).await;
        }
        self.look_at_dossier().await;
    }

    /// Sends a file until it is answered with 200.
    async fn send_file(&self, file: String) {
        for _ in 0..8 {
            let sent = file.clone();
            let answered = self.world.sandboxes.invoke("bookings", API_LIMIT, move |house| async move {
                let run = house.run(agency(), trace(), Deadline::within(house.world.now(), API_LIMIT)).await?;
                intake_air::take(&run, sent.as_bytes()).await
            });
            match answered.await {
                Some(Ok(told)) => return self.world.stage.note(|| told),
                Some(Err(problem)) if problem.status < 500 && problem.status != 409 => {
                    return self.say(format!("a file was refused: {} {}", problem.status, problem.code));
                }
                _ => self.world.stage.pause(Duration::from_secs(20)).await,
            }
        }
        self.say("a file was never answered".to_owned());
    }

    /// What every file together makes: Paul, until the twelfth.
    async fn look_at_dossier(&self) {
        for _ in 0..8 {
            let read = self.world.sandboxes.invoke("bookings", API_LIMIT, move |house| async move {
                let run = house.run(agency(), trace(), Deadline::within(house.world.now(), API_LIMIT)).await?;
                let record = intake::read(&run, REFERENCE).await?;
                Ok::<_, Problem>((
                    record.booking.trip.span().1.to_string(),
                    record.booking.traveller.name.expose().to_owned(),
                    record.cancelled,
                ))
            });
            match read.await {
                Some(Ok(found)) if found == ("2027-05-12".to_owned(), "Paul Moreau".to_owned(), false) => return,
                Some(Ok(found)) => return self.say(format!("the dossier is {found:?}")),
                Some(Err(problem)) if problem.status < 500 => return self.say(format!("there is no dossier: {}", problem.code)),
                _ => self.world.stage.pause(Duration::from_secs(20)).await,
            }
        }
        self.say("the dossier was never read".to_owned());
    }

    fn say(&self, wrong: String) {
        self.world.watch.notice(wrong);
    }
}
