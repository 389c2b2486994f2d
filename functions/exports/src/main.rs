//! `exports`: what was sold, for those who count it.

use jiff::civil::Date;
use passerelle::{
    edge::{Call, Error, Reply, Session, serve},
    flows::{House, sales},
    problem::Problem,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    serve("exports", routes).await
}

async fn routes(house: &House, call: &Call) -> Result<Reply, Problem> {
    match (call.method.as_str(), call.segments().as_slice()) {
        ("GET", ["exports", "sales"]) => sold(house, call).await,
        _ => Err(Problem::not_found("route")),
    }
}

async fn sold(house: &House, call: &Call) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "exports.read").await?;
    call.only_parameters(&["from", "to"])?;
    let from = call.required("from", "must be a day such as 2027-05-03", |text| text.parse::<Date>().ok())?;
    let to = call.parsed("to", "must be a day such as 2027-05-03", |text| text.parse::<Date>().ok())?.unwrap_or(from);
    let export = sales::export(&session.run, from, to).await?;
    if call.accepts("text/csv") {
        return Ok(Reply::csv(export.csv(&session.run), &format!("sales-{from}-{to}.csv")));
    }
    Ok(Reply::json(200, export.json(&session.run)))
}
