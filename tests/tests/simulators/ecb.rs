//! The bank's file of exchange rates.

use passerelle_tests::sim::{Fault, ecb};
use serde_json::json;

use crate::http::ask;

async fn file(url: &str) -> String {
    let answer = ask("GET", url).send().await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/xml"));
    String::from_utf8(answer.body).unwrap()
}

#[tokio::test]
async fn the_file_is_well_formed_and_of_the_last_working_day() {
    let sim = ecb::start(None).await.unwrap();
    for (now, day) in
        [("2027-04-20T16:00:00Z", "2027-04-20"), ("2027-04-20T08:00:00Z", "2027-04-19"), ("2027-04-19T08:00:00Z", "2027-04-16")]
    {
        sim.client().set_clock(Some(now)).await.unwrap();
        let text = file(&sim.base_url).await;
        let document = roxmltree::Document::parse(&text).unwrap();
        let cube = ("http://www.ecb.int/vocabulary/2002-08-01/eurofxref", "Cube");
        let cubes: Vec<_> = document.descendants().filter(|node| node.has_tag_name(cube)).collect();
        assert_eq!(cubes.iter().find_map(|cube| cube.attribute("time")), Some(day));
        let dollars = cubes.iter().find(|cube| cube.attribute("currency") == Some("USD")).and_then(|cube| cube.attribute("rate"));
        assert_eq!(dollars, Some("1.0842"));
    }
    assert_eq!(ask("GET", &format!("{}/other", sim.url)).send().await.status, 404);
}

#[tokio::test]
async fn rates_can_be_set_and_the_file_can_stop_and_fail() {
    let sim = ecb::start(None).await.unwrap();
    sim.client().post("rates", &json!({"rates": {"USD": "1.25"}, "date": "2026-01-02"})).await.unwrap();
    let text = file(&sim.base_url).await;
    assert!(text.contains("time='2026-01-02'") && text.contains("currency='USD' rate='1.25'"), "{text}");
    sim.client().fault(&Fault::on("GET", "/stats").malformed()).await.unwrap();
    assert!(roxmltree::Document::parse(&file(&sim.base_url).await).is_err());
    sim.client().fault(&Fault::on("GET", "/stats").status(503)).await.unwrap();
    ask("GET", &sim.base_url).send().await.expect(503);
}
