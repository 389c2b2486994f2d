//! `webhooks`: what providers and mail services tell us, and who is told by us.

use passerelle::{
    edge::{Call, Error, Reply, Session, serve},
    flows::{House, mail_events, receive_webhook, subscribe},
    problem::Problem,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    serve("webhooks", routes).await
}

async fn routes(house: &House, call: &Call) -> Result<Reply, Problem> {
    match (call.method.as_str(), call.segments().as_slice()) {
        ("POST", ["webhooks", "register"]) => register(house, call).await,
        ("POST", ["api", "webhooks", "esim"]) => receive(house, call, None).await,
        ("POST", ["api", "webhooks", "esim", address]) => receive(house, call, Some(address)).await,
        ("POST", ["api", "webhooks", "mail", address]) => mail_events(house, call, address).await,
        // Airalo asks with HEAD whether somebody is there, before it accepts an address.
        ("HEAD", ["api", "webhooks", "esim", ..]) => Ok(Reply::empty(200)),
        _ => Err(Problem::not_found("route")),
    }
}

async fn receive(house: &House, call: &Call, address: Option<&str>) -> Result<Reply, Problem> {
    receive_webhook::receive(house, address, &call.headers, &call.body, &call.trace_id, call.deadline).await?;
    Ok(Reply::json(200, r#"{"status":"received"}"#.to_owned()))
}

async fn mail_events(house: &House, call: &Call, address: &str) -> Result<Reply, Problem> {
    mail_events::receive(house, address, &call.headers, &call.body, &call.trace_id, call.deadline).await?;
    Ok(Reply::json(200, r#"{"status":"received"}"#.to_owned()))
}

async fn register(house: &House, call: &Call) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "webhooks.write").await?;
    let subscribed = subscribe::subscribe(&session.run, call.json()?, session.is_local()).await?;
    Ok(Reply::json(201, subscribed.view()))
}
