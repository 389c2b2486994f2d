//! `catalog`: what the agency can sell.

use passerelle::{
    domain::Country,
    edge::{Call, Error, Reply, Session, serve},
    flows::{
        House,
        catalogue::{self, Wanted},
    },
    problem::Problem,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    serve("catalog", routes).await
}

async fn routes(house: &House, call: &Call) -> Result<Reply, Problem> {
    match (call.method.as_str(), call.segments().as_slice()) {
        ("GET", ["catalog", "packages"]) => packages(house, call).await,
        _ => Err(Problem::not_found("route")),
    }
}

async fn packages(house: &House, call: &Call) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "catalog.read").await?;
    call.only_parameters(&["iso_country", "days", "data_mb", "cursor", "limit"])?;
    let wanted = Wanted {
        iso_country: call.parsed("iso_country", "must be an ISO 3166-1 alpha-2 code", |text| Country::parse(text).ok())?,
        days: call
            .parsed("days", "must be a whole number from 1 to 366", |text| text.parse().ok().filter(|days| (1..=366).contains(days)))?,
        data_mb: call.parsed("data_mb", "must be a whole number", |text| text.parse().ok())?,
        cursor: call.parsed("cursor", "must be the next_cursor of the page before", |text| (text.len() <= 200).then(|| text.to_owned()))?,
        limit: call
            .parsed("limit", "must be a whole number from 1 to 200", |text| text.parse().ok().filter(|limit| (1..=200).contains(limit)))?
            .unwrap_or(50),
    };
    Ok(Reply::json(200, catalogue::page(&session.run, &wanted).await?))
}
