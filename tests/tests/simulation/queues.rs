//! The queues: every message at least once, in any order, until it is acknowledged; after too many receives to the dead letters.

use futures::future::BoxFuture;
use passerelle::{
    flows::consume::{self, Disposition},
    outbound::Deadline,
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
/// How long a message that was received stays unseen.
const VISIBILITY: Duration = Duration::from_secs(360);
/// How long a worker may run.
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Clone)]
pub struct Queues {
    sandboxes: Sandboxes,
    dead: Arc<Mutex<Vec<String>>>,
    fault: Option<Fault>,
}

impl Queues {
    pub fn new(sandboxes: Sandboxes, fault: Option<Fault>) -> Self {
        Self { sandboxes, dead: Arc::default(), fault }
    }

    /// Sends a pointer to an entry, now and then twice.
    pub fn send(&self, outbox_id: &str, delay: Duration) {
        let (stage, weather) = (&self.sandboxes.stage, &self.sandboxes.weather);
        let relayed = weather.delay(50, 1_500);
        stage.spawn(self.clone().message(outbox_id.to_owned(), delay + relayed));
        if weather.strikes(|rates| rates.repeats) {
            let again = delay + relayed + weather.delay(0, 90_000);
            stage.spawn(self.clone().message(outbox_id.to_owned(), again));
        }
    }

    /// The dead letters, taken out.
    pub fn take_dead(&self) -> Vec<String> {
        std::mem::take(&mut *self.dead.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn bury(&self, id: String) {
        self.dead.lock().unwrap_or_else(PoisonError::into_inner).push(id);
    }

    fn send_anew(&self, id: String, wait: Duration) {
        let message: BoxFuture<'static, ()> = Box::pin(self.clone().message(id, wait));
        self.sandboxes.stage.spawn(message);
    }

    /// The life of one message.
    async fn message(self, id: String, delay: Duration) {
        let stage = self.sandboxes.stage.clone();
        stage.pause(delay).await;
        for received in 1..=MOST_RECEIVES {
            let entry = id.clone();
            let outcome = self
                .sandboxes
                .invoke("worker", LIMIT, move |house| async move {
                    let deadline = Deadline::within(house.world.now(), LIMIT);
                    consume::consume(&house, &entry, deadline).await
                })
                .await;
            stage.note(|| format!("message {id} {outcome:?}"));
            match outcome {
                Some(Disposition::Done) => return,
                Some(Disposition::Later(wait)) if received >= OFTEN => {
                    self.send_anew(id, wait);
                    return;
                }
                Some(Disposition::Later(wait)) => stage.pause(wait.max(Duration::from_secs(1))).await,
                Some(Disposition::Dead(_)) => return self.bury(id),
                None if self.fault == Some(Fault::AcknowledgesFirst) => return,
                None => stage.pause(VISIBILITY).await,
            }
        }
        self.bury(id);
    }
}
