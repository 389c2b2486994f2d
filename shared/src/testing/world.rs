//! Time and chance that obey the test.

use jiff::Timestamp;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::world::{Clock, Entropy, World};

/// A clock that stands until it is moved.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves it to a moment, forwards or back.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves it forwards.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().saturating_add(by).expect("within what the calendar holds"));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that are the same for the same seed (splitmix64): for replay, never for keys.
#[derive(Debug)]
pub struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    /// The sequence of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            for (byte, random) in chunk.iter_mut().zip(self.next().to_be_bytes()) {
                *byte = random;
            }
        }
    }
}

/// A world whose time stands at `now` (ISO 8601, UTC) until the clock is moved, and whose chance follows a seed.
#[must_use]
pub fn manual_world(now: &str, seed: u64) -> (World, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(now.parse().expect("an ISO 8601 moment")));
    (World { clock: clock.clone(), entropy: Arc::new(SeededEntropy::new(seed)) }, clock)
}
