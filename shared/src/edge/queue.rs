//! The queue edge: each record is worked on alone, panics included. Waits are changes of visibility; what cannot be read goes to
//! the dead-letter queue at once, with a reason.

use aws_sdk_sqs::types::MessageAttributeValue;
use futures::FutureExt;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, panic::AssertUnwindSafe, time::Duration};

use super::{failures::Failures, setup};
use crate::{
    aws,
    config::Environment,
    flows::{
        House,
        consume::{self, Disposition},
        together,
    },
    outbound::Deadline,
    telemetry,
};

/// A record is not started with less time left than this: one call to the outside and two transactions.
const LEAST_TIME: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records", default)]
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    #[serde(default)]
    receipt_handle: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Deserialize, Default)]
struct Attributes {
    #[serde(rename = "ApproximateReceiveCount", default)]
    receive_count: String,
}

impl Record {
    /// Whether waiting has used up half of what the queue's redrive policy allows (20): a wait is no failure.
    fn has_waited_often(&self) -> bool {
        self.attributes.receive_count.parse().unwrap_or(0_u32) >= 10
    }
}

/// What the relay writes: a pointer, never content.
#[derive(Deserialize, Serialize)]
pub(super) struct Pointer {
    pub(super) outbox_id: String,
    pub(super) trace_id: String,
}

/// The queue that a function works on, and where its dead letters go.
struct Queues {
    client: aws_sdk_sqs::Client,
    own: String,
    dead: String,
}

/// Works on a queue's records until the sandbox ends. `queue` and `dead` name the settings that hold the queues' URLs.
///
/// # Errors
/// When the function cannot be set up, or the runtime cannot be reached.
pub async fn work(service: &'static str, queue: &'static str, dead: &'static str) -> Result<(), Error> {
    let house = setup::house(service).await?;
    let queues = Queues {
        client: aws_sdk_sqs::Client::new(&aws::sdk_config().await),
        own: Environment.required(queue)?,
        dead: Environment.required(dead)?,
    };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Batch>| {
        let deadline = setup::deadline(&event.context, &house);
        Ok::<_, Error>(batch(service, &house, &queues, event.payload, deadline).await)
    }))
    .await
}

async fn batch(service: &'static str, house: &House, queues: &Queues, batch: Batch, deadline: Deadline) -> Failures {
    house.renew_keys().await;
    let mut failures = Failures::default();
    let mut done = together(service, house, &batch.records, deadline).await;
    for record in batch.records {
        let known = pointer(&record).and_then(|pointer| done.remove(&pointer.outbox_id));
        let disposition = match known {
            Some(disposition) => disposition,
            None => one(service, house, &record, deadline).await,
        };
        if !settle(queues, &record, disposition).await {
            failures.push(record.message_id);
        }
    }
    failures
}

fn pointer(record: &Record) -> Option<Pointer> {
    serde_json::from_str(&record.body).ok()
}

/// Works on what is done together, and says what became of it. What a panic left is worked on alone, once its lease is over.
async fn together(service: &'static str, house: &House, records: &[Record], deadline: Deadline) -> HashMap<String, Disposition> {
    // States go to this function's queue alone: another's messages need not be read twice.
    let pointers: Vec<Pointer> = records.iter().filter(|_| service == "notifier").filter_map(pointer).collect();
    let ids: Vec<String> = pointers.iter().map(|pointer| pointer.outbox_id.clone()).collect();
    let mut done = HashMap::new();
    // The SDK's futures are deep: boxed, they are no part of this one.
    for group in together::groups(house, &ids).boxed().await {
        if deadline.left(house.world.now()) < LEAST_TIME {
            break;
        }
        let cause = pointers.iter().find(|pointer| group.contains(&pointer.outbox_id)).map(|pointer| pointer.trace_id.as_str());
        let span = telemetry::trace_span(&telemetry::incoming_trace_id(cause, &house.world), service);
        let work = tracing::Instrument::instrument(together::consume(house, &group, deadline).boxed(), span);
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(dispositions) => done.extend(dispositions),
            Err(_) => {
                tracing::error!("work that was done together panicked; the rest goes on");
                house.metrics.error("panic");
            }
        }
    }
    done
}

async fn one(service: &'static str, house: &House, record: &Record, deadline: Deadline) -> Disposition {
    let Ok(pointer) = serde_json::from_str::<Pointer>(&record.body) else {
        tracing::error!(message_id = record.message_id, "a queue message cannot be read");
        return Disposition::Dead("unreadable message");
    };
    if deadline.left(house.world.now()) < LEAST_TIME {
        // Not started, so not charged: it comes back at once.
        return Disposition::Later(Duration::from_secs(1));
    }
    let trace_id = telemetry::incoming_trace_id(Some(&pointer.trace_id), &house.world);
    let work = tracing::Instrument::instrument(
        Box::pin(consume::consume(house, &pointer.outbox_id, deadline)),
        telemetry::trace_span(&trace_id, service),
    );
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(disposition) => disposition,
        Err(_) => {
            tracing::error!(message_id = record.message_id, "a record's work panicked; the others go on");
            house.metrics.error("panic");
            // The entry's lease runs out by itself.
            Disposition::Later(Duration::from_secs(60))
        }
    }
}

/// True when the record is done with.
async fn settle(queues: &Queues, record: &Record, disposition: Disposition) -> bool {
    match disposition {
        Disposition::Done => true,
        Disposition::Later(wait) if record.has_waited_often() => begin_anew(queues, record, wait).await,
        Disposition::Later(wait) => {
            let seconds = i32::try_from(wait.as_secs().clamp(1, 43_000)).unwrap_or(60);
            let changed = queues
                .client
                .change_message_visibility()
                .queue_url(&queues.own)
                .receipt_handle(&record.receipt_handle)
                .visibility_timeout(seconds)
                .send()
                .await;
            if changed.is_err() {
                tracing::warn!(
                    message_id = record.message_id,
                    "the visibility could not be changed: the message comes back after the queue's own time"
                );
            }
            false
        }
        Disposition::Dead(reason) => bury(queues, record, reason).await,
    }
}

/// The same pointer as a new message, so that a long wait never ends in the dead-letter queue. Should both stay, the entry's lease
/// lets one of them work.
async fn begin_anew(queues: &Queues, record: &Record, wait: Duration) -> bool {
    let seconds = i32::try_from(wait.as_secs().clamp(1, 900)).unwrap_or(900);
    let sent = queues.client.send_message().queue_url(&queues.own).message_body(&record.body).delay_seconds(seconds).send().await;
    if sent.is_err() {
        tracing::warn!(message_id = record.message_id, "a waiting message could not be sent anew; it comes back as it is");
    }
    sent.is_ok()
}

async fn bury(queues: &Queues, record: &Record, reason: &str) -> bool {
    let attribute = MessageAttributeValue::builder().data_type("String").string_value(reason).build();
    let Ok(attribute) = attribute else { return false };
    let sent = queues
        .client
        .send_message()
        .queue_url(&queues.dead)
        .message_body(&record.body)
        .message_attributes("reason", attribute)
        .send()
        .await;
    if sent.is_err() {
        tracing::error!(message_id = record.message_id, reason, "a dead letter could not be moved; the message comes back");
    }
    sent.is_ok()
}

/// Whether a message body, or a whole batch, is one of ours.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn reads(body: &[u8]) -> bool {
    let batch = serde_json::from_slice::<Batch>(body).map(|batch| batch.records.iter().map(Record::has_waited_often).count());
    serde_json::from_slice::<Pointer>(body).is_ok() || batch.is_ok_and(|records| records > 0)
}
