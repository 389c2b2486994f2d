//! What was sold, as a data consolidator gets it: one line a sale for ever, corrections on their own, nobody named.

use crate::fixture::{TRAVELLER_EMAIL, World};
use passerelle::{
    domain::{UsageReading, usage::ReportedStatus},
    flows::{absorb, sales},
    problem::Problem,
};
use passerelle_tests::sim::Fault;
use serde_json::{Value, json};

async fn export(world: &World, from: &str, to: &str) -> Result<Value, Problem> {
    let run = world.run().await;
    let export = sales::export(&run, from.parse().unwrap(), to.parse().unwrap()).await?;
    Ok(serde_json::from_str(&export.json(&run)).unwrap())
}

async fn csv(world: &World, day: &str) -> String {
    let run = world.run().await;
    let day = day.parse().unwrap();
    String::from_utf8(sales::export(&run, day, day).await.unwrap().csv(&run)).unwrap()
}

fn cancelled(now: jiff::Timestamp) -> UsageReading {
    UsageReading {
        status: ReportedStatus::Cancelled,
        used_mb: None,
        remaining_mb: None,
        total_mb: None,
        unlimited: false,
        expires_at: None,
        activated_at: None,
        measured_at: now,
    }
}

#[tokio::test]
async fn each_sale_is_one_line_and_what_happens_later_is_another() {
    let settings = json!({"pages": {"margin_percent": 25}});
    let mut world = World::with_settings(&["airalo", "reference"], settings).await;
    let (esim_id, _) = world.delivered("reference").await;
    let package = World::best(&world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await, "reference");
    for _ in 0..2 {
        world.order("key-1", &package, "VH-1").await.ok();
    }
    world.settle().await;
    let day = export(&world, "2027-04-20", "2027-04-20").await.unwrap();
    assert_eq!(day["lines"].as_array().unwrap().len(), 1, "{day}");
    let line = &day["lines"][0];
    let order = world.esim(&esim_id).await.esim.order_id;
    let price = world.order_record(&order).await.package.price.amount.to_string().parse::<f64>().unwrap();
    assert_eq!((&line["event"], &line["booking_reference"], &line["order_date"]), (&json!("sale"), &json!("VH-1"), &json!("2027-04-20")));
    assert_eq!(line["net"].as_f64().unwrap(), price);
    let (sell, margin) = (line["sell"].as_f64().unwrap(), line["margin"].as_f64().unwrap());
    assert!((sell - price * 1.25).abs() < 0.006 && (margin - (sell - price)).abs() < 0.001, "{line}");
    assert!(line["traveller"].is_string(), "the contact's id in the CRM");
    let profile = world.esim(&esim_id).await.profile.unwrap();
    assert_eq!(line["iccid_masked"].as_str().unwrap(), profile.iccid.masked());
    world.set_time("2027-04-22T08:00:00Z".parse().unwrap()).await;
    for _ in 0..3 {
        absorb::absorb(&world.run().await, &esim_id, &cancelled(world.now()), absorb::Source::Poll).await.unwrap();
    }
    assert_eq!(export(&world, "2027-04-20", "2027-04-20").await.unwrap()["lines"], day["lines"], "a line is never changed");
    let all = export(&world, "2027-04-01", "2027-04-30").await.unwrap();
    let events: Vec<&Value> = all["lines"].as_array().unwrap().iter().map(|line| &line["event"]).collect();
    assert_eq!(events, [&json!("sale"), &json!("cancelled")], "told three times, one line");
    let correction = &all["lines"][1];
    assert_eq!((&correction["order_id"], &correction["net"]), (&line["order_id"], &Value::Null), "no provider says what it gives back");
    assert_ne!(correction["line_id"], line["line_id"]);
    let everything = format!("{all} {}", csv(&world, "2027-04-20").await);
    assert!(!everything.contains("Camille") && !everything.contains(TRAVELLER_EMAIL) && !everything.contains(profile.iccid.expose()));
}

#[tokio::test]
async fn a_lost_reply_or_an_unclear_purchase_is_no_second_line() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    world.sims.airalo.client().fault(&Fault::on("POST", "/v2/orders").times(1).dropping_the_reply()).await.unwrap();
    let package = World::best(&offers, "airalo");
    world.order("key-1", &package, "VH-1").await.unwrap();
    world.settle().await;
    world.order("key-1", &package, "VH-1").await.unwrap();
    world.settle().await;
    let lines = export(&world, "2027-04-20", "2027-04-21").await.unwrap()["lines"].as_array().unwrap().len();
    assert_eq!((lines, world.purchases("airalo").await.len()), (1, 1));
}

#[tokio::test]
async fn a_top_up_is_a_line_of_its_own() {
    let mut world = World::new().await;
    let (esim, _) = world.delivered("airalo").await;
    let package = crate::providers::first_top_up(&world, &esim).await;
    world.pass(std::time::Duration::from_secs(60)).await;
    for _ in 0..2 {
        world.top_up("key-2", &esim, &package).await.unwrap();
    }
    world.settle().await;
    let lines = export(&world, "2027-04-20", "2027-04-20").await.unwrap()["lines"].clone();
    let told: Vec<(&Value, &Value)> = lines.as_array().unwrap().iter().map(|line| (&line["event"], &line["package_id"])).collect();
    assert_eq!((told.len(), told[0].0, told[1]), (2, &json!("sale"), (&json!("top_up"), &json!(package))));
}

#[tokio::test]
async fn the_csv_is_as_the_agency_says_and_no_cell_of_it_is_a_formula() {
    let settings = json!({"sales_export": {"delimiter": ";", "columns": [
        {"name": "Booking", "field": "booking_reference"}, {"name": "Kind", "field": "event"}, {"name": "Cost centre", "constant": "=ESIM"},
        {"name": "Where", "field": "destination"}, {"name": "Sell", "field": "sell"}, {"name": "Account", "field": "external_reference"},
    ]}});
    let world = World::with_settings(&["airalo", "reference"], settings).await;
    let offers = world.book("=1+1", "JP", "2027-05-03", "2027-05-09").await;
    world.order("key-1", &World::best(&offers, "airalo"), "=1+1").await.unwrap();
    let text = csv(&world, "2027-04-20").await;
    let mut lines = text.split("\r\n");
    assert_eq!(lines.next().unwrap(), "Booking;Kind;Cost centre;Where;Sell;Account");
    let row = lines.next().unwrap();
    assert!(row.starts_with("'=1+1;sale;'=ESIM;") && row.ends_with(";;crm-=1+1"), "without a margin nobody knows the price: {row}");
    assert_eq!(lines.collect::<Vec<_>>(), [""]);
}

#[tokio::test]
async fn days_are_the_agencys_and_are_said_to_be_complete_when_they_are() {
    let world = World::new().await;
    world.set_time("2027-04-20T22:30:00Z".parse().unwrap()).await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    world.order("key-1", &World::best(&offers, "airalo"), "VH-1").await.unwrap();
    let count = |day: Value| day["lines"].as_array().unwrap().len();
    assert_eq!(count(export(&world, "2027-04-20", "2027-04-20").await.unwrap()), 0, "it is half past midnight in Paris");
    let day = export(&world, "2027-04-21", "2027-04-21").await.unwrap();
    assert_eq!((count(day.clone()), &day["complete"]), (1, &json!(false)));
    world.set_time("2027-04-21T22:05:00Z".parse().unwrap()).await;
    assert_eq!(export(&world, "2027-04-21", "2027-04-21").await.unwrap()["complete"], json!(false), "a run may still be writing");
    world.set_time("2027-04-21T22:11:00Z".parse().unwrap()).await;
    assert_eq!(export(&world, "2027-04-21", "2027-04-21").await.unwrap()["complete"], json!(true));
    for (from, to) in [("2027-04-21", "2027-04-20"), ("2027-04-01", "2027-05-02")] {
        let refused = export(&world, from, to).await.unwrap_err();
        assert_eq!((refused.status, refused.errors[0].field.as_str()), (400, "to"));
    }
    assert!(export(&world, "2027-04-01", "2027-05-01").await.is_ok(), "31 days");
}
