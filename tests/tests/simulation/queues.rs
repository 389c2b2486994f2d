//! The queues: every message at least once, in any order, until it is acknowledged; after too many receives to the dead letters.

use futures::future::BoxFuture;
use passerelle::{
    flows::consume::{self, Disposition},
    outbound::Deadline,
    store::outbox::Queue,
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{faults::Fault, sandboxes::Sandboxes};

/// After so many receives a message goes to the dead letters (`template.yaml`).
const MOST_RECEIVES: u32 = 20;
/// After so many a waiting message is sent anew (`edge::queue`).
const OFTEN: u32 = 10;
fn worker(queue: Queue) -> &'static str {
    if queue == Queue::Fulfilment { "fulfilment" } else { "notifier" }
}

/// How long a worker of a queue may run (`template.yaml`).
fn limit(queue: Queue) -> Duration {
    Duration::from_secs(if queue == Queue::Fulfilment { 240 } else { 60 })
}

/// How long a message that was received stays unseen.
fn visibility(queue: Queue) -> Duration {
    6 * limit(queue)
}

#[derive(Clone)]
pub struct Queues {
    sandboxes: Sandboxes,
    dead: Arc<Mutex<Vec<(String, Queue)>>>,
    fault: Option<Fault>,
}

impl Queues {
    pub fn new(sandboxes: Sandboxes, fault: Option<Fault>) -> Self {
        Self { sandboxes, dead: Arc::default(), fault }
    }

    /// Sends a pointer to an entry, now and then twice.
    pub fn send(&self, outbox_id: &str, to: Queue, delay: Duration) {
        let (stage, weather) = (&self.sandboxes.stage, &self.sandboxes.weather);
        let relayed = weather.delay(50, 1_500);
        stage.spawn(self.clone().message(outbox_id.to_owned(), to, delay + relayed));
        if weather.strikes(|rates| rates.repeats) {
            let again = delay + relayed + weather.delay(0, 90_000);
            stage.spawn(self.clone().message(outbox_id.to_owned(), to, again));
        }
    }

    /// The dead letters, taken out.
    pub fn take_dead(&self) -> Vec<(String, Queue)> {
        std::mem::take(&mut *self.dead.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn bury(&self, id: String, queue: Queue) {
        self.dead.lock().unwrap_or_else(PoisonError::into_inner).push((id, queue));
    }

    fn send_anew(&self, id: String, to: Queue, wait: Duration) {
        let message: BoxFuture<'static, ()> = Box::pin(self.clone().message(id, to, wait));
        self.sandboxes.stage.spawn(message);
    }

    /// The life of one message.
    async fn message(self, id: String, queue: Queue, delay: Duration) {
        let stage = self.sandboxes.stage.clone();
        stage.pause(delay).await;
        for received in 1..=MOST_RECEIVES {
            let entry = id.clone();
            let outcome = self
                .sandboxes
                .invoke(worker(queue), limit(queue), move |house| async move {
                    let deadline = Deadline::within(house.world.now(), limit(queue));
                    consume::consume(&house, &entry, deadline).await
                })
                .await;
            stage.note(|| format!("message {id} {outcome:?}"));
            match outcome {
                Some(Disposition::Done) => return,
                Some(Disposition::Later(wait)) if received >= OFTEN => {
                    self.send_anew(id, queue, wait);
                    return;
                }
                Some(Disposition::Later(wait)) => stage.pause(wait.max(Duration::from_secs(1))).await,
                Some(Disposition::Dead(_)) => return self.bury(id, queue),
                None if self.fault == Some(Fault::AcknowledgesFirst) => return,
                None => stage.pause(visibility(queue)).await,
            }
        }
        self.bury(id, queue);
    }
}
