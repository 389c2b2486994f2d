//! `health`: whether the agency can buy now, and what stands in the way.

use passerelle::{
    edge::{Call, Error, Reply, Session, serve},
    flows::{
        House,
        health::{self, Health},
    },
    problem::Problem,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    serve("health", routes).await
}

async fn routes(house: &House, call: &Call) -> Result<Reply, Problem> {
    match (call.method.as_str(), call.segments().as_slice()) {
        ("GET", ["health"]) => Ok(reply(&look(house, call).await?)),
        _ => Err(Problem::not_found("route")),
    }
}

/// It answers when nothing else does: without the table, not even the caller's agency is known.
async fn look(house: &House, call: &Call) -> Result<Health, Problem> {
    call.needs("health.read")?;
    let (now, trace_id) = (house.world.now(), call.trace_id.clone());
    if !health::table_answers(house).await {
        return Ok(Health::without_table(now, trace_id));
    }
    match Session::open(house, call, "health.read").await {
        Ok(session) => Ok(health::look(&session.run).await),
        Err(problem) if problem.status == 503 => Ok(Health::without_settings(now, trace_id)),
        Err(problem) => Err(problem),
    }
}

fn reply(health: &Health) -> Reply {
    let reply = Reply::json(health.http_status(), health.json());
    if health.http_status() == 503 { reply.with("retry-after", "5") } else { reply }
}
