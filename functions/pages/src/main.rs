//! `pages`: what people look at. The adviser's panel, the traveller's page, their buttons and files, and the links to them.

use passerelle::{
    edge::{Call, Error, Reply, Session, serve},
    flows::{
        House,
        pages::{Filters, Page, Visit, assets, devices, links, panel, purchase, refusal, resend, steps, traveller},
    },
    problem::Problem,
    security::PageKind,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    serve("pages", routes).await
}

async fn routes(house: &House, call: &Call) -> Result<Reply, Problem> {
    match (call.method.as_str(), call.segments().as_slice()) {
        ("POST", ["links"]) => give(house, call).await,
        ("POST", ["links", "revoke"]) => revoke(house, call).await,
        ("GET", ["assets", name]) => assets::named(name).map(|asset| Reply::asset(asset, call)).ok_or_else(|| Problem::not_found("file")),
        (method, ["pages", token, page]) => Ok(look(house, call, method, token, page).await),
        _ => Err(Problem::not_found("route")),
    }
}

async fn give(house: &House, call: &Call) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "links.write").await?;
    Ok(Reply::json(201, links::give(&session.run, call.json()?, &session.base_url).await?))
}

async fn revoke(house: &House, call: &Call) -> Result<Reply, Problem> {
    let session = Session::open(house, call, "links.write").await?;
    links::revoke(&session.run, call.json()?).await?;
    Ok(Reply::empty(204))
}

/// Whatever happens, a person is answered with a page.
async fn look(house: &House, call: &Call, method: &str, token: &str, page: &str) -> Reply {
    let answer = match (method, page) {
        ("GET", "esim" | "end.ics" | "steps" | "devices") => traveller_page(house, call, token, page).await,
        ("GET", _) => panel_page(house, call, token, page).await,
        ("POST", _) => button(house, call, token, page).await,
        _ => Err(Problem::not_found("page")),
    };
    let locale = call.parameter("lang").and_then(passerelle::domain::Locale::negotiate).or_else(|| call.locale()).unwrap_or_default();
    answer.unwrap_or_else(|problem| Reply::page(refusal::page(&problem, locale, &call.trace_id), call))
}

async fn visit<'a>(house: &'a House, call: &Call, kind: PageKind, token: &str) -> Result<Visit<'a>, Problem> {
    Visit::open(house, kind, token, call.parameter("lang"), &call.trace_id, call.deadline).await
}

async fn traveller_page(house: &House, call: &Call, token: &str, page: &str) -> Result<Reply, Problem> {
    let visit = visit(house, call, PageKind::Traveller, token).await?;
    match page {
        "end.ics" => Ok(Reply::calendar(traveller::calendar(&visit).await?)),
        "steps" => Ok(Reply::page(steps::show(&visit, call.header("user-agent").unwrap_or_default()).await?, call)),
        "devices" => Ok(Reply::page(devices::show(&visit, call.parameter("model").unwrap_or_default()).await?, call)),
        _ => Ok(Reply::page(traveller::show(&visit, call.header("user-agent").unwrap_or_default()).await?, call)),
    }
}

async fn panel_page(house: &House, call: &Call, token: &str, page: &str) -> Result<Reply, Problem> {
    let visit = visit(house, call, PageKind::Panel, token).await?;
    let shown: Page = match page {
        "panel" => panel::show(&visit, &Filters::read(|name| call.parameter(name).map(str::to_owned)), call.parameter("done")).await?,
        "live" => panel::live(&visit).await?,
        "confirm" => panel::confirm(&visit, call.parameter("package")).await?,
        "topup" => panel::top_ups(&visit, call.parameter("esim")).await?,
        _ => return Err(Problem::not_found("page")),
    };
    Ok(Reply::page(shown, call))
}

/// A button's answer leads back to the panel, so that a reload asks for the panel and nothing else.
async fn button(house: &House, call: &Call, token: &str, page: &str) -> Result<Reply, Problem> {
    let visit = visit(house, call, PageKind::Panel, token).await?;
    let (done, pressed) = match page {
        "orders" => ("ordered", async { purchase::order(&visit, &purchase::OrderForm::read(call.form()?)?).await }.await),
        "topups" => ("topped-up", async { purchase::top_up(&visit, &purchase::TopUpForm::read(call.form()?)?).await }.await),
        "resend" => ("resent", async { resend::resend(&visit, call.form()?).await.map(|()| true) }.await),
        _ => return Err(Problem::not_found("page")),
    };
    match pressed {
        Ok(true) => Ok(Reply::see_other(&format!("panel?done={done}&{}", visit.language_query()))),
        // Refused by the provider, or being worked on: the panel shows what and why.
        Ok(false) | Err(Problem { code: "order_in_progress", .. }) => Ok(Reply::see_other(&format!("panel?{}", visit.language_query()))),
        Err(problem) => Ok(Reply::page(panel::show_refusal(&visit, &problem).await?, call)),
    }
}
