//! Waiting for a fact, never for a time.

use std::time::{Duration, Instant};

use crate::stack::{Result, StackError};

/// Long enough for a cold function on a loaded machine and a first retry.
const LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(150);

/// What a look at the system showed.
#[derive(Debug)]
pub enum Seen<T> {
    /// The fact.
    Yes(T),
    /// Not yet; what was there instead, for the failure's text.
    NotYet(String),
}

impl<T> Seen<T> {
    /// The fact when there is one, else what was seen instead.
    pub fn of(fact: Option<T>, instead: impl FnOnce() -> String) -> Self {
        fact.map_or_else(|| Self::NotYet(instead()), Self::Yes)
    }
}

/// Looks again and again until the fact is there.
///
/// # Errors
/// After a minute: what was expected and what was seen last. A look that fails ends the wait at once.
pub async fn until<T>(expected: &str, look: impl AsyncFn() -> Result<Seen<T>>) -> Result<T> {
    until_within(LIMIT, expected, look).await
}

/// [`until`] with a limit of its own.
///
/// # Errors
/// As [`until`].
pub async fn until_within<T>(limit: Duration, expected: &str, look: impl AsyncFn() -> Result<Seen<T>>) -> Result<T> {
    let started = Instant::now();
    loop {
        match look().await? {
            Seen::Yes(fact) => return Ok(fact),
            Seen::NotYet(seen) if started.elapsed() >= limit => {
                return Err(StackError::new(format!("expected {expected}; after {} s: {seen}", limit.as_secs())));
            }
            Seen::NotYet(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::{Seen, until_within};

    #[tokio::test]
    async fn a_fact_that_comes_later_is_found() {
        let looks = Cell::new(0);
        let look = async || {
            looks.set(looks.get() + 1);
            Ok(Seen::of((looks.get() == 3).then_some("there"), || "nothing".to_owned()))
        };
        assert_eq!(until_within(Duration::from_secs(5), "it", look).await.ok(), Some("there"));
    }

    #[tokio::test]
    async fn the_failure_says_what_was_seen_last() {
        let look = async || Ok(Seen::<()>::NotYet("an empty list".to_owned()));
        let told = until_within(Duration::ZERO, "an e-mail", look).await.map_err(|error| error.to_string());
        assert_eq!(told, Err("expected an e-mail; after 0 s: an empty list".to_owned()));
    }
}
