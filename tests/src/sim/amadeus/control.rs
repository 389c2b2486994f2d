//! The controls of this simulator beyond the common ones.

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::hold;
use super::super::core::json::text;
use super::super::core::reply::Reply;
use super::Point;
use super::bookings::Booking;

impl Point {
    pub(super) fn controlled(&self, call: &Call, rest: &[&str]) -> Option<Reply> {
        let body = call.json_or_empty();
        Some(match (call.method.as_str(), rest) {
            ("GET", ["bookings"]) => {
                let shown = |(locator, booking): (&String, &Booking)| json!({"locator": locator, "version": booking.version, "remarks": booking.remarks});
                Reply::json(200, &hold(&self.state).bookings.iter().map(shown).collect::<Value>())
            }
            ("POST", ["bookings"]) => {
                let (locator, created) = (text(&body, "locator").unwrap_or_default(), text(&body, "created").unwrap_or_default());
                let booking = Booking { created: created.to_owned(), version: 1, ..Booking::default() };
                hold(&self.state).bookings.insert(locator.to_owned(), booking);
                Reply::empty(204)
            }
            ("POST", ["bookings", locator]) => {
                let mut state = hold(&self.state);
                let booking = state.bookings.get_mut(*locator)?;
                booking.busy = body.get("busy") == Some(&json!(true));
                booking.refuses = text(&body, "refuses").map(str::to_owned);
                Reply::empty(204)
            }
            ("GET", ["sessions"]) => {
                let open = self.open();
                let state = hold(&self.state);
                Reply::json(200, &json!({"begun": state.made, "ended": state.ended, "open": open}))
            }
            ("POST", ["sessions", "lose"]) => {
                hold(&self.state).sessions.clear();
                Reply::empty(204)
            }
            _ => return None,
        })
    }
}
