//! `esims`: an eSIM: codes, QR, usage, top-ups.

use passerelle::{
    domain::EsimId,
    edge::{Call, Error, Reply, Session, serve},
    flows::{House, esim_view, place_order::IdempotencyKey, topup},
    problem::Problem,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    serve("esims", routes).await
}

async fn routes(house: &House, call: &Call) -> Result<Reply, Problem> {
    let segments = call.segments();
    let ["esims", esim_id, rest @ ..] = segments.as_slice() else { return Err(Problem::not_found("route")) };
    let esim_id = EsimId::parse(esim_id).map_err(|_| Problem::not_found("eSIM"))?;
    match (call.method.as_str(), rest) {
        ("GET", []) => details(house, call, &esim_id).await,
        ("GET", ["qr.png"]) => qr(house, call, &esim_id).await,
        ("GET", ["usage"]) => usage(house, call, &esim_id).await,
        ("GET", ["topups"]) => topups(house, call, &esim_id).await,
        ("POST", ["topup"]) => top_up(house, call, &esim_id).await,
        _ => Err(Problem::not_found("route")),
    }
}

async fn details(house: &House, call: &Call, esim_id: &EsimId) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "esims.read").await?;
    Ok(Reply::json(200, esim_view::details(&session.run, esim_id, &session.base_url).await?))
}

async fn qr(house: &House, call: &Call, esim_id: &EsimId) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "esims.read").await?;
    Ok(Reply::png(esim_view::qr_png(&session.run, esim_id).await?))
}

async fn usage(house: &House, call: &Call, esim_id: &EsimId) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "esims.read").await?;
    Ok(Reply::json(200, esim_view::usage(&session.run, esim_id).await?))
}

async fn topups(house: &House, call: &Call, esim_id: &EsimId) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "esims.read").await?;
    Ok(Reply::json(200, topup::list(&session.run, esim_id).await?))
}

async fn top_up(house: &House, call: &Call, esim_id: &EsimId) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "esims.write").await?;
    let key = IdempotencyKey::parse(call.header("x-idempotency-key"))?;
    let answer = topup::top_up(&session.run, &key, esim_id, call.json()?).await?;
    Ok(Reply::order(answer, &session.base_url))
}
