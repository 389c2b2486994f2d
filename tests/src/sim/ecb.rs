//! The European Central Bank's euro foreign exchange reference rates: `eurofxref-daily.xml`, made anew at about 16:00 CET on working days.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use http::Method;
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::SimError;
use super::core::call::Call;
use super::core::clock::Clock;
use super::core::hold;
use super::core::json::text;
use super::core::reply::Reply;
use super::core::server::{Behaviour, Identity, Port, Sim};

const FILE: &str = "/stats/eurofxref/eurofxref-daily.xml";

/// Made up, of the usual order: how much of the currency one euro buys.
const RATES: [(&str, &str); 7] = [
    ("USD", "1.0842"),
    ("JPY", "162.15"),
    ("GBP", "0.83448"),
    ("CHF", "0.9471"),
    ("SGD", "1.4453"),
    ("KRW", "1489.92"),
    ("IDR", "17184.57"),
];

/// Starts the bank. Its `base_url` is the file's address.
///
/// # Errors
/// When the port is taken.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    let clock = Clock::default();
    let identity = Identity { name: "ecb", prefix: FILE, credentials: json!({}) };
    let rates = RATES.iter().map(|(code, rate)| ((*code).to_owned(), (*rate).to_owned())).collect();
    let bank = Bank { clock: clock.clone(), state: Mutex::new(State { rates, date: None }) };
    Ok(Port::bind(port).await?.run(identity, clock, Arc::new(bank)))
}

struct Bank {
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    rates: BTreeMap<String, String>,
    /// Where the file has stopped, if it has.
    date: Option<String>,
}

impl Behaviour for Bank {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            match (&call.method, call.path.as_str()) {
                (&Method::GET, FILE) => Reply::bytes(200, "text/xml", self.file()),
                _ => Reply::bytes(404, "text/html", "<html><body><h1>Not Found</h1></body></html>"),
            }
        })
    }

    /// `POST /_sim/rates {"rates": {"USD": "1.1"}, "date": "2027-04-19"}`: these rates beside the others, and a file that has stopped at this
    /// day; `"date": null` lets it go on. `DELETE /_sim/rates` leaves a file without any.
    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>> {
        Box::pin(async move {
            let mut state = hold(&self.state);
            match (call.method.as_str(), rest) {
                ("POST", ["rates"]) => state.change(&call.json_or_empty()),
                ("DELETE", ["rates"]) => state.rates.clear(),
                _ => return None,
            }
            Some(Reply::json(200, &json!({ "rates": state.rates, "date": state.date })))
        })
    }
}

impl State {
    fn change(&mut self, wanted: &Value) {
        for (code, rate) in wanted.get("rates").and_then(Value::as_object).into_iter().flatten() {
            let rate = rate.as_str().map_or_else(|| rate.to_string(), str::to_owned);
            self.rates.insert(code.clone(), rate);
        }
        if wanted.get("date").is_some() {
            self.date = text(wanted, "date").map(str::to_owned);
        }
    }
}

impl Bank {
    fn file(&self) -> String {
        let state = hold(&self.state);
        let day = state.date.clone().unwrap_or_else(|| last_working_day(self.clock.now()).to_string());
        let mut file = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gesmes:Envelope xmlns:gesmes=\"http://www.gesmes.org/xml/2002-08-01\" \
             xmlns=\"http://www.ecb.int/vocabulary/2002-08-01/eurofxref\">\n\t<gesmes:subject>Reference rates</gesmes:subject>\n\t\
             <gesmes:Sender>\n\t\t<gesmes:name>European Central Bank</gesmes:name>\n\t</gesmes:Sender>\n\t<Cube>\n\t\t<Cube time='{day}'>\n"
        );
        for (code, rate) in &state.rates {
            let _ = writeln!(file, "\t\t\t<Cube currency='{code}' rate='{rate}'/>");
        }
        file + "\t\t</Cube>\n\t</Cube>\n</gesmes:Envelope>"
    }
}

/// The newest day whose rates are out: from 15:00 UTC on the day itself, never a Saturday or Sunday. Bank holidays are working days here.
fn last_working_day(now: Timestamp) -> Date {
    let out = now.checked_sub(SignedDuration::from_hours(15)).unwrap_or(now);
    let mut day = out.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        day = day.yesterday().unwrap_or(day);
    }
    day
}
