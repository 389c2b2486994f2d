//! The relay: new outbox entries, as the table's stream shows them, become pointers in the queues. It knows nothing else.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use std::collections::HashMap;

use super::{failures::Failures, queue::Pointer};
use crate::{aws, config::Environment, store::outbox::Queue, telemetry};

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records", default)]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "eventName", default)]
    event_name: String,
    #[serde(default)]
    dynamodb: Change,
}

#[derive(Deserialize, Default)]
struct Change {
    #[serde(rename = "SequenceNumber", default)]
    sequence_number: String,
    #[serde(rename = "NewImage", default)]
    new_image: HashMap<String, Attribute>,
}

#[derive(Deserialize)]
struct Attribute {
    #[serde(rename = "S")]
    text: Option<String>,
    #[serde(rename = "N")]
    number: Option<String>,
}

struct Queues {
    client: aws_sdk_sqs::Client,
    fulfilment: String,
    notifier: String,
}

/// Relays until the sandbox ends.
///
/// # Errors
/// When the function cannot be set up, or the runtime cannot be reached.
pub async fn relay(service: &'static str) -> Result<(), Error> {
    telemetry::init(service);
    let queues = Queues {
        client: aws_sdk_sqs::Client::new(&aws::sdk_config().await),
        fulfilment: Environment.required("FULFILMENT_QUEUE_URL")?,
        notifier: Environment.required("NOTIFIER_QUEUE_URL")?,
    };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Batch>| Ok::<_, Error>(batch(&queues, event.payload).await))).await
}

/// Stops at the first entry that cannot be sent: the stream comes back with it and all after it. Sending one twice does no harm.
async fn batch(queues: &Queues, batch: Batch) -> Failures {
    let mut failures = Failures::default();
    for record in batch.records {
        if let Err(reason) = send(queues, &record.dynamodb.new_image, &record.event_name).await {
            tracing::error!(reason, "an outbox entry was not relayed; the stream comes back with it");
            failures.push(record.dynamodb.sequence_number);
            break;
        }
    }
    failures
}

async fn send(queues: &Queues, image: &HashMap<String, Attribute>, event_name: &str) -> Result<(), String> {
    let text = |name: &str| image.get(name).and_then(|attribute| attribute.text.as_deref());
    let (true, Some("outbox"), Some(outbox_id)) = (event_name == "INSERT", text("kind"), text("outbox_id")) else { return Ok(()) };
    let queue = match text("queue") {
        Some(word) if word == Queue::Fulfilment.as_str() => &queues.fulfilment,
        _ => &queues.notifier,
    };
    let delay = image.get("delay_s").and_then(|attribute| attribute.number.as_deref()).and_then(|n| n.parse().ok()).unwrap_or(0);
    let pointer = Pointer { outbox_id: outbox_id.to_owned(), trace_id: text("trace_id").unwrap_or_default().to_owned() };
    let body = serde_json::to_string(&pointer).map_err(|error| error.to_string())?;
    let sent = queues.client.send_message().queue_url(queue).message_body(body).delay_seconds(delay).send().await;
    sent.map(|_| ()).map_err(|error| error.into_service_error().to_string())
}

/// Whether a batch can be read.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn reads(batch: &[u8]) -> bool {
    serde_json::from_slice::<Batch>(batch).is_ok_and(|batch| batch.records.iter().all(|record| !record.dynamodb.new_image.is_empty()))
}
