//! Real processes under fire: the deployed template on the local AWS, hundreds of orders and thousands of webhooks, while function
//! processes are killed, queue consumers are stopped and started, and the provider is cut off, answers late, and loses replies.
//! Afterwards only witnesses outside are asked: the provider's ledger, the mail service, the CRM, the queues.
//!
//! | variable | default |
//! |---|---|
//! | `PASSERELLE_CHAOS_SEED` | another one each time, printed |
//! | `PASSERELLE_CHAOS_ORDERS` | 200 |
//! | `PASSERELLE_CHAOS_WEBHOOKS` | 2000 |
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod answers;
mod audit;
mod chance;
mod events;
mod killer;
mod orders;
mod quiet;
mod weather;

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures::FutureExt;
use passerelle_tests::local::Demo;
use serde_json::json;

use crate::{answers::Answers, chance::Chance, orders::Shop};

/// Messages of a killed worker come back after this time: the template's six minutes are for a day when nobody waits.
const VISIBILITY: Duration = Duration::from_secs(15);

fn size(variable: &str, default: usize) -> usize {
    std::env::var(variable).ok().map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_ends_well_under_fire() {
    let seed = size("PASSERELLE_CHAOS_SEED", usize::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(1));
    let (orders, webhooks) = (size("PASSERELLE_CHAOS_ORDERS", 200), size("PASSERELLE_CHAOS_WEBHOOKS", 2_000));
    println!("PASSERELLE_CHAOS_SEED={seed} PASSERELLE_CHAOS_ORDERS={orders} PASSERELLE_CHAOS_WEBHOOKS={webhooks}");
    let demo = Demo::shared().unwrap_or_else(|error| panic!("{error}"));
    if let Err(panic) = AssertUnwindSafe(storm(demo, seed, orders, webhooks)).catch_unwind().await {
        println!("{}", demo.save_logs().await);
        std::panic::resume_unwind(panic);
    }
}

async fn storm(demo: &'static Demo, seed: usize, orders: usize, webhooks: usize) {
    prepare(demo).await;
    let (chance, answers, started) = (Chance::new(seed as u64), Answers::default(), Instant::now());
    let shop = Shop::open(demo, &answers, &chance).await;
    let first = shop.buy_first().await;
    println!("{:>5.1} s: {} eSIMs sold in calm weather", started.elapsed().as_secs_f32(), first.len());
    let load = async { tokio::join!(shop.buy(orders), events::send(demo, &answers, &chance, webhooks)) };
    let bad_days =
        async { tokio::join!(killer::kill(demo, &chance), weather::turn(demo, &chance), weather::restart_consumers(demo, &chance)) };
    let ((sold, sent), (killed, (), restarts)) = tokio::join!(load, bad_days);
    println!(
        "{:>5.1} s: {} orders and {sent} webhooks answered, {killed} processes killed, {restarts} restarts",
        started.elapsed().as_secs_f32(),
        sold.len()
    );
    assert!(killed > 0, "no process was found to kill");
    quiet::wait(demo).await;
    println!("{:>5.1} s: nothing is open", started.elapsed().as_secs_f32());
    audit::orders(demo, &shop, first.into_iter().chain(sold).collect()).await;
    audit::mails_and_records(demo).await;
    audit::dead_letters(demo).await;
    answers.judge();
    println!("{:>5.1} s: audited; {answers}", started.elapsed().as_secs_f32());
}

async fn prepare(demo: &Demo) {
    // How fast HubSpot may be called is another suite's subject.
    let fast = json!({"requests_per_10_seconds": 100_000, "searches_per_second": 10_000, "search_lag_ms": 0});
    demo.sims.hubspot.client().post("settings", &fast).await.expect("HubSpot's limits");
    for queue in ["fulfilment", "notifier"] {
        let change =
            json!({"QueueUrl": demo.stack.deployed.queues[queue], "Attributes": {"VisibilityTimeout": VISIBILITY.as_secs().to_string()}});
        demo.stack.aws.json("sqs", "AmazonSQS.SetQueueAttributes", &change).await.expect("the queue's visibility");
    }
}
