//! Time and chance, from outside: everything can be played again by giving the same of both.

use futures::future::BoxFuture;
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use std::{sync::Arc, time::Duration};

/// What time it is, and the passing of it.
pub trait Clock: Send + Sync {
    /// Now, UTC.
    fn now(&self) -> Timestamp;

    /// Ends after this time.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// Random bytes.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// Both, as every part of the house is given them.
#[derive(Clone)]
pub struct World {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

impl World {
    /// The real ones.
    #[must_use]
    pub fn real() -> Self {
        Self { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy(SystemRandom::new())) }
    }

    /// Now, UTC.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new identifier that sorts by time: `<prefix>_<ULID>`.
    #[must_use]
    pub fn new_id(&self, prefix: &str) -> String {
        let mut random = [0; 16];
        self.entropy.fill(&mut random);
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or(0);
        format!("{prefix}_{}", ulid::Ulid::from_parts(millis, u128::from_be_bytes(random)))
    }

    /// A wait drawn evenly from zero to `most` (full jitter), in whole milliseconds.
    #[must_use]
    pub fn jitter(&self, most: Duration) -> Duration {
        let mut random = [0; 8];
        self.entropy.fill(&mut random);
        let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        Duration::from_millis(u64::from_be_bytes(random) % most)
    }
}

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

struct SystemEntropy(SystemRandom);

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // The operating system's generator does not fail once it has started; were it to, an all-zero nonce must not be used.
        while self.0.fill(bytes).is_err() {
            std::thread::yield_now();
        }
    }
}
