//! For everybody, and quickly: axe-core finds nothing serious, nothing is cut off, the pages are light and soon ready.

use super::ordered;
use crate::{alone, api, pages, until_order};
use passerelle_tests::browser::Browser;
use serde_json::{Value, json};

const AXE: &str = include_str!("../../../vendor/axe-core/axe.min.js");

/// Bytes that a page and what it loads may weigh, compressed.
const MOST_BYTES: u64 = 60_000;
/// Milliseconds from the answer's first byte until the page can be used, on a processor four times slower.
const MOST_MILLISECONDS: f64 = 300.0;

/// What the page and everything that it loads weighs, when it could be used, and which hosts were asked.
const MEASURE: &str = "const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]; \
    const page = all[0]; return {bytes: all.reduce((sum, one) => sum + one.encodedBodySize, 0), \
    ready: page.domContentLoadedEventEnd - page.responseStart, hosts: [...new Set(all.map((one) => new URL(one.name).host))]}";

async fn every_page(browser: &Browser, reference: &str) -> Vec<String> {
    let api = api().await;
    let order_id = ordered(browser, reference).await;
    let order = until_order(&api, &order_id, "delivered").await;
    let panel = pages::panel(&api, reference).await;
    let base = panel.replace("/panel", "");
    let esim_id = order["esim_id"].as_str().unwrap();
    let package = order["package_id"].as_str().unwrap();
    let page = pages::page(&api, esim_id).await;
    vec![
        format!("{panel}?lang=fr"),
        format!("{base}/confirm?package={package}&lang=en"),
        format!("{base}/topup?esim={esim_id}&lang=fr"),
        format!("{page}?lang=fr"),
        format!("{page}?lang=en"),
        format!("{}?lang=fr", page.replace("/esim", "/steps")),
        format!("{}?lang=en&model=Pixel", page.replace("/esim", "/devices")),
        format!("{}?lang=fr&model=3310", page.replace("/esim", "/devices")),
        format!("{base}x/panel?lang=en"),
    ]
}

#[tokio::test]
async fn axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen() {
    let _alone = alone().await;
    let Some(browser) = Browser::start("axe-core on every page, by day and by night, at three widths").await.unwrap() else { return };
    for url in every_page(&browser, "AXE-1").await {
        for (width, dark) in [(320, false), (768, true), (1280, false), (320, true)] {
            browser.screen(width, 900, dark).await.unwrap();
            browser.open(&url).await.unwrap();
            browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })").await.unwrap();
            browser.run(AXE).await.unwrap();
            let tags = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations']}";
            let found = browser.run_promise(&format!("return (await axe.run(document, {tags})).violations")).await.unwrap();
            let serious: Vec<Value> = found.as_array().unwrap().iter().filter(|one| one["impact"] != "minor").map(told).collect();
            assert!(serious.is_empty(), "{} at {width}: {serious:#?}", shown(&url));
            let over = browser.run("return document.documentElement.scrollWidth - innerWidth").await.unwrap();
            assert!(over.as_i64().unwrap() <= 0, "{} at {width} is {over} px too wide", shown(&url));
        }
    }
}

fn told(violation: &Value) -> Value {
    let nodes = violation["nodes"].as_array().into_iter().flatten();
    let nodes: Vec<Value> = nodes.map(|node| json!([node["html"], node["failureSummary"]])).collect();
    json!({"rule": violation["id"], "impact": violation["impact"], "nodes": nodes})
}

/// An address without its token.
fn shown(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

#[tokio::test]
async fn pages_are_light_and_soon_ready_on_a_slow_processor() {
    let _alone = alone().await;
    let Some(browser) = Browser::start("weight and speed of the pages").await.unwrap() else { return };
    let urls = every_page(&browser, "LIGHT-1").await;
    browser.screen(390, 800, false).await.unwrap();
    browser.devtools("Emulation.setCPUThrottlingRate", json!({"rate": 4})).await.unwrap();
    for url in &urls {
        // The first time is the local gateway's: how long it takes to hand style sheet and script out is nothing of ours. Of several more the
        // quickest counts, since this machine has other things to do.
        let mut quickest = f64::INFINITY;
        for _ in 0..4 {
            browser.open(url).await.unwrap();
            let measured = browser.run(MEASURE).await.unwrap();
            let bytes = measured["bytes"].as_u64().unwrap();
            assert!(bytes > 0 && bytes < MOST_BYTES, "{}: {bytes} bytes", shown(url));
            assert_eq!(measured["hosts"].as_array().map(Vec::len), Some(1), "{}: {}", shown(url), measured["hosts"]);
            quickest = quickest.min(measured["ready"].as_f64().unwrap());
        }
        assert!(quickest < MOST_MILLISECONDS, "{}: ready after {quickest} ms", shown(url));
    }
}
