//! Counting requests in a minute, on the machine's clock: a played date must not use up or refill a limit.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Requests of the last window, by name of the limit and subject.
#[derive(Debug, Default, Clone)]
pub struct Rates(HashMap<String, VecDeque<Instant>>);

/// What a limit says to one request.
#[derive(Debug, Clone, Copy)]
pub struct Verdict {
    /// The request may pass.
    pub allowed: bool,
    /// Requests left in this window.
    pub remaining: usize,
    /// Whole seconds until the oldest request of the window leaves it, at least 1.
    pub reset_seconds: u64,
}

impl Rates {
    /// Counts a request against a limit of `limit` in `window`.
    pub fn count(&mut self, key: &str, limit: usize, window: Duration) -> Verdict {
        let now = Instant::now();
        let hits = self.0.entry(key.to_owned()).or_default();
        while hits.front().is_some_and(|hit| now.duration_since(*hit) >= window) {
            hits.pop_front();
        }
        let allowed = hits.len() < limit;
        if allowed {
            hits.push_back(now);
        }
        let wait = hits.front().map_or(window, |hit| window.saturating_sub(now.duration_since(*hit)));
        Verdict { allowed, remaining: limit.saturating_sub(hits.len()), reset_seconds: wait.as_secs().max(1) }
    }

    /// Forgets every request counted.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_in_a_minute_is_refused_and_another_subject_is_not() {
        let mut rates = Rates::default();
        let minute = Duration::from_secs(60);
        for _ in 0..3 {
            assert!(rates.count("token", 3, minute).allowed);
        }
        assert!(!rates.count("token", 3, minute).allowed);
        assert!(rates.count("packages", 3, minute).allowed);
        rates.clear();
        assert!(rates.count("token", 3, minute).allowed);
    }
}
