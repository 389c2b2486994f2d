//! `POST /intake/amadeus/pnr`: a booking as a service of Amadeus answers it, a `PNR_Reply` in XML or a flight order in JSON. What becomes
//! of it is what becomes of an interface record that says the same: see [`intake_air`].

use super::{Run, intake_air};
use crate::{
    intake::amadeus::{self, NotABooking},
    problem::Problem,
};

/// Takes a body in, and tells what became of each booking in it, as JSON.
///
/// # Errors
/// [`Problem`] 422 when it tells of no booking; 5xx when the table cannot be used: the same body may then be sent again.
pub async fn take(run: &Run<'_>, body: &[u8]) -> Result<String, Problem> {
    let readings = amadeus::read_bookings(body).map_err(|why| Problem::new(422, "not_a_booking", told(&why)))?;
    intake_air::report(run, readings).await
}

fn told(why: &NotABooking) -> String {
    match why {
        NotABooking::Xml(line) => format!("The body is no well-formed XML (line {line}); a document type is not read."),
        NotABooking::Json(line) => format!("The body is no JSON (line {line})."),
        NotABooking::Fault => "The body is a SOAP fault: Amadeus refused, and told of no booking.".to_owned(),
        NotABooking::Other => "The body holds no booking: neither a PNR_Reply nor an order whose data.type is flight-order.".to_owned(),
    }
}
