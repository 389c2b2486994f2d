//! `bookings`: trips from the CRM, from Amadeus or from files of other systems, and the offers for them.

use passerelle::{
    edge::{Call, Error, Reply, Session, serve},
    flows::{
        House,
        intake::{self, NewBooking, Taken},
        intake_air,
        intake_feed::{self, FeedFile},
        intake_pnr, offer,
    },
    problem::Problem,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    serve("bookings", routes).await
}

async fn routes(house: &House, call: &Call) -> Result<Reply, Problem> {
    match (call.method.as_str(), call.segments().as_slice()) {
        ("POST", ["bookings"]) => take(house, call).await,
        ("POST", ["intake", "amadeus", "air"]) => take_air(house, call).await,
        ("POST", ["intake", "amadeus", "pnr"]) => take_pnr(house, call).await,
        ("POST", ["intake", "feed", mapping]) => take_feed(house, call, mapping).await,
        ("GET", ["bookings", reference]) => read(house, call, reference).await,
        ("GET", ["bookings", reference, "offers"]) => offers(house, call, reference).await,
        _ => Err(Problem::not_found("route")),
    }
}

async fn take(house: &House, call: &Call) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "bookings.write").await?;
    let new: NewBooking = call.json()?;
    let (taken, record) = intake::take(&session.run, new).await?;
    let status = if taken == Taken::Created { 201 } else { 200 };
    Ok(Reply::json(status, intake::view(&session.run, &record, call.locale()).await?))
}

async fn take_air(house: &House, call: &Call) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "bookings.write").await?;
    Ok(Reply::json(200, intake_air::take(&session.run, &call.file()?).await?))
}

async fn take_pnr(house: &House, call: &Call) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "bookings.write").await?;
    Ok(Reply::json(200, intake_pnr::take(&session.run, &call.document()?).await?))
}

async fn take_feed(house: &House, call: &Call, mapping: &str) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "bookings.write").await?;
    call.only_parameters(&["check"])?;
    let check = call.parsed("check", "must be true or false", |text| text.parse::<bool>().ok())?.unwrap_or(false);
    let file = FeedFile { bytes: &call.file()?, is_text: !call.is_plain_file(), sent_at: session.run.now() };
    let report = match check {
        true => intake_feed::check(&session.run, mapping, file)?,
        false => intake_feed::take(&session.run, mapping, file).await?,
    };
    Ok(Reply::json(200, report.json()))
}

async fn read(house: &House, call: &Call, reference: &str) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "bookings.read").await?;
    let record = intake::read(&session.run, reference).await?;
    Ok(Reply::json(200, intake::view(&session.run, &record, call.locale()).await?))
}

async fn offers(house: &House, call: &Call, reference: &str) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "bookings.read").await?;
    let record = intake::read(&session.run, reference).await?;
    Ok(Reply::json(200, offer::view(&session.run, &record, call.locale()).await?))
}
