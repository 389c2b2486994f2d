//! Sandboxes: a house each, with a clock of its own. A crash ends one with all it remembered; a call that takes too long is ended from
//! outside, or goes on unseen and comes back late.

use aws_sdk_dynamodb::Client;
use futures::{
    channel::oneshot,
    future::{BoxFuture, Either, select},
};
use jiff::{SignedDuration, Timestamp};
use passerelle::{
    flows::{Certificates, CrmShelf, House, Phones, Settings},
    outbound::Outbound,
    security::{MemorySecrets, Secrets},
    store::{Seals, Store},
    telemetry::{LineSink, Metrics},
    testing::{SeededEntropy, TABLE},
    world::{Clock, Entropy, World},
};
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use super::{stage::Stage, weather::Weather, wires::Wires};

/// Sandboxes that wait for their next invocation, by function.
type Idle = BTreeMap<&'static str, Vec<Arc<House>>>;

/// What all sandboxes share: what is outside of them.
#[derive(Clone)]
pub struct Sandboxes {
    pub stage: Stage,
    pub weather: Weather,
    client: Client,
    wires: Wires,
    secrets: Arc<Vec<(String, String)>>,
    entropy: Arc<SeededEntropy>,
    idle: Arc<Mutex<Idle>>,
}

impl Sandboxes {
    pub fn new(client: Client, wires: Wires, secrets: Vec<(String, String)>, seed: u64) -> Self {
        let (stage, weather) = (wires.stage.clone(), wires.weather.clone());
        let entropy = Arc::new(SeededEntropy::new(seed ^ 0x5EED));
        Self { stage, weather, client, wires, secrets: Arc::new(secrets), entropy, idle: Arc::default() }
    }

    /// Runs one invocation of `function` in a sandbox. `None`: the process died, or was ended when its time was over.
    pub async fn invoke<T, F, R>(&self, function: &'static str, limit: Duration, work: F) -> Option<T>
    where
        T: Send + 'static,
        F: FnOnce(Arc<House>) -> R + Send + 'static,
        R: Future<Output = T> + Send + 'static,
    {
        let house = match self.take(function) {
            Some(house) => house,
            None => Arc::new(self.house().await),
        };
        let (tell, told) = oneshot::channel();
        let inside = Arc::clone(&house);
        let task = self.stage.spawn(async move {
            let outcome = work(inside).await;
            let _nobody_waits = tell.send(outcome);
        });
        match select(told, self.stage.pause(limit)).await {
            Either::Left((Ok(outcome), _)) => {
                self.put_back(function, house);
                Some(outcome)
            }
            Either::Left((Err(_), _)) => None,
            Either::Right(_) => {
                let unseen = self.weather.strikes(|rates| if rates.freezes > 0 { 700 } else { 0 });
                self.stage.note(|| format!("{function} OUT OF TIME{}", if unseen { ", and goes on unseen" } else { "" }));
                if !unseen {
                    self.stage.kill(task);
                }
                None
            }
        }
    }

    fn take(&self, function: &'static str) -> Option<Arc<House>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).entry(function).or_default().pop()
    }

    fn put_back(&self, function: &'static str, house: Arc<House>) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).entry(function).or_default().push(house);
    }

    /// A new sandbox's house, set up as `edge::setup` does.
    pub async fn house(&self) -> House {
        let clock: Arc<dyn Clock> =
            Arc::new(OwnClock { weather: self.weather.clone(), stage: self.stage.clone(), ahead_ms: AtomicI64::new(0) });
        let entropy: Arc<dyn Entropy> = self.entropy.clone();
        let world = World { clock, entropy };
        let secrets = MemorySecrets::new(self.secrets.iter().cloned());
        let secrets = Secrets::new(Arc::new(secrets), world.clone(), "passerelle/agency/");
        let seals = Seals::new(secrets.sealer("sealing").await.expect("sealing keys"), world.clone(), TABLE);
        let store = Store::new(self.client.clone(), TABLE);
        let metrics = Metrics::to("simulation", world.clock.clone(), Arc::new(Nowhere));
        let shelf = Arc::new(store.clone());
        let outbound = Outbound::new(
            world.clone(),
            Arc::new(self.wires.clone()),
            shelf.clone(),
            Arc::new(seals.clone()),
            shelf,
            Arc::new(metrics.clone()),
        );
        House {
            store,
            index: secrets.blind_index("index").await.expect("index key"),
            secrets,
            seals,
            world,
            outbound,
            metrics,
            crms: CrmShelf::default(),
            certificates: Certificates::default(),
            phones: Phones::default(),
            settings: Settings { default_agency: None, public_base_url: None, sealing_keys: "sealing".to_owned(), retention_months: 13 },
        }
    }
}

/// A sandbox's clock: it steps now and then.
struct OwnClock {
    stage: Stage,
    weather: Weather,
    ahead_ms: AtomicI64,
}

impl Clock for OwnClock {
    fn now(&self) -> Timestamp {
        if self.weather.strikes(|rates| rates.clock / 8) {
            let step = i64::try_from(self.stage.draw(|chance| chance.below(600_001))).expect("small") - 300_000;
            self.stage.note(|| format!("CLOCK STEPS to {step} ms"));
            self.ahead_ms.store(step, Ordering::SeqCst);
        }
        let ahead = if self.weather.is_calm() { 0 } else { self.ahead_ms.load(Ordering::SeqCst) };
        self.stage.now().checked_add(SignedDuration::from_millis(ahead)).expect("within the calendar")
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(self.stage.pause(time))
    }
}

struct Nowhere;

impl LineSink for Nowhere {
    fn line(&self, _: &str) {}
}
