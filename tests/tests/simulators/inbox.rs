//! The webhook receiver.

use passerelle_tests::sim::inbox;
use serde_json::json;

use crate::http::ask;

#[tokio::test]
async fn the_inbox_answers_what_it_is_told_to() {
    let sim = inbox::start(None).await.unwrap();
    ask("HEAD", &sim.base_url).send().await.expect(200);
    ask("GET", &sim.base_url).send().await.expect(405);
    ask("POST", &sim.base_url).json(&json!({"n": 1})).send().await.expect(204);
    sim.client().post("status", &json!({"status": 500})).await.unwrap();
    ask("POST", &sim.base_url).json(&json!({"n": 2})).send().await.expect(500);
    assert_eq!(sim.client().requests_to("POST", "/hook").await.unwrap().len(), 2);
}
