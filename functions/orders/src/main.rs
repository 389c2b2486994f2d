//! `orders`: orders and what became of them.

use passerelle::{
    domain::OrderId,
    edge::{Call, Error, Reply, Session, serve},
    flows::{
        House, order_view,
        place_order::{self, IdempotencyKey, NewOrder},
    },
    problem::Problem,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    serve("orders", routes).await
}

async fn routes(house: &House, call: &Call) -> Result<Reply, Problem> {
    match (call.method.as_str(), call.segments().as_slice()) {
        ("POST", ["orders"]) => create(house, call).await,
        ("GET", ["orders", order_id]) => read(house, call, order_id).await,
        _ => Err(Problem::not_found("route")),
    }
}

async fn create(house: &House, call: &Call) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "orders.write").await?;
    let key = IdempotencyKey::parse(call.header("x-idempotency-key"))?;
    let new: NewOrder = call.json()?;
    let answer = place_order::place(&session.run, &key, new).await?;
    Ok(Reply::order(answer, &session.base_url))
}

async fn read(house: &House, call: &Call, order_id: &str) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "orders.read").await?;
    let order_id = OrderId::parse(order_id).map_err(|_| Problem::not_found("order"))?;
    Ok(Reply::json(200, order_view::read(&session.run, &order_id).await?))
}
