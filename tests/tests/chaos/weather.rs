//! The provider's bad days, and queue consumers that stop and start.

use std::time::Duration;

use passerelle_tests::local::Demo;
use passerelle_tests::sim::Fault;
use reqwest::Method;
use serde_json::{Value, json};

use crate::chance::Chance;

/// The provider: replies lost, cut off, late past every deadline, failing, throttling; then well again. The order is chance's.
pub async fn turn(demo: &Demo, chance: &Chance) {
    let orders = || Fault::on("POST", "/orders");
    let mut days = vec![
        (orders().times(12).dropping_the_reply(), 3_000),
        (Fault { drop_before_effect: true, times: 100_000, ..Fault::default() }, 4_000),
        // Our call ends after 15 s at most.
        (orders().times(4).delayed(17_000), 2_000),
        (orders().times(3).with_late_effect(16_500), 2_000),
        (orders().times(5).status(500), 2_000),
        (orders().times(4).status(429).header("retry-after", "2"), 2_000),
        (orders().times(4).malformed(), 2_000),
    ];
    let reference = demo.sims.reference.client();
    while !days.is_empty() {
        let (fault, lasts) = days.swap_remove(chance.below(days.len()));
        tokio::time::sleep(chance.between(500, 1_500)).await;
        reference.fault(&fault).await.expect("a fault");
        tokio::time::sleep(Duration::from_millis(lasts)).await;
        reference.clear_faults().await.expect("fair weather");
    }
}

/// Stops all consumers of the queues for a moment, several times; answers with how often.
pub async fn restart_consumers(demo: &Demo, chance: &Chance) -> usize {
    const TIMES: usize = 3;
    for _ in 0..TIMES {
        tokio::time::sleep(chance.between(3_000, 8_000)).await;
        switch(demo, false).await;
        tokio::time::sleep(chance.between(500, 2_500)).await;
        switch(demo, true).await;
    }
    TIMES
}

async fn switch(demo: &Demo, on: bool) {
    const MAPPINGS: &str = "/2015-03-31/event-source-mappings";
    let call = |method, path: &str| demo.stack.aws.request("lambda", method, path);
    let listed: Value = call(Method::GET, &format!("{MAPPINGS}/")).send().await.unwrap().json().await.expect("mappings");
    let mappings = listed["EventSourceMappings"].as_array().expect("mappings");
    assert!(mappings.len() >= 3, "two queues and the stream: {listed}");
    for id in mappings.iter().filter_map(|mapping| mapping["UUID"].as_str()) {
        let changed = call(Method::PUT, &format!("{MAPPINGS}/{id}")).body(json!({"Enabled": on}).to_string()).send().await.unwrap();
        assert!(changed.status().is_success(), "{}", changed.status());
    }
}
