//! What providers say of phones: the steps that install an eSIM, and the phones that take one. Asked for when somebody looks at a page, and
//! kept in this process for a while, so that a page which is looked at often does not use up the provider's limits.

use jiff::{SignedDuration, Timestamp};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{Run, purchase::key_of};
use crate::{
    domain::{AccountName, AgencyId, EsimId, Locale},
    outbound::{Deadline, ProviderClient},
    providers::{Extras, Instructions, Phone, ProviderError, extras},
    store::esims::EsimRecord,
};

/// How long a reader waits for the provider, its log-in included: what is asked for is no more than a help.
const PATIENCE: Duration = Duration::from_secs(9);
/// A list of phones grows with what makers bring out.
const LIST_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Steps change when a provider writes them anew.
const STEPS_KEPT: SignedDuration = SignedDuration::from_mins(10);
/// Lists kept: one an account.
const MOST_LISTS: usize = 16;
/// Steps kept: one an eSIM and language.
const MOST_STEPS: usize = 256;

/// What was asked for lately.
pub struct Phones {
    lists: Kept<(AgencyId, AccountName), Vec<Phone>>,
    steps: Kept<(AgencyId, EsimId, Locale), Instructions>,
}

impl Default for Phones {
    fn default() -> Self {
        Self { lists: Kept::new(MOST_LISTS, LIST_KEPT), steps: Kept::new(MOST_STEPS, STEPS_KEPT) }
    }
}

impl Phones {
    /// The phones that take eSIMs, as an account's provider lists them.
    ///
    /// # Errors
    /// [`ProviderError`]; `Unsupported` where it lists none.
    pub async fn list(&self, run: &Run<'_>, account: &AccountName) -> Result<Arc<Vec<Phone>>, ProviderError> {
        let key = (run.agency_id.clone(), account.clone());
        if let Some(list) = self.lists.fresh(&key, run.now()) {
            return Ok(list);
        }
        let list = client(run, account)?.compatible_devices(patience(run)).await?;
        Ok(self.lists.keep(key, list, run.now()))
    }

    /// The steps of an eSIM, as its provider writes them.
    ///
    /// # Errors
    /// [`ProviderError`]; `Unsupported` where it writes none.
    pub async fn steps(&self, run: &Run<'_>, record: &EsimRecord, locale: Locale) -> Result<Arc<Instructions>, ProviderError> {
        let key = (run.agency_id.clone(), record.esim.esim_id.clone(), locale);
        if let Some(steps) = self.steps.fresh(&key, run.now()) {
            return Ok(steps);
        }
        let client = client(run, &record.esim.plan.package.provider)?;
        let steps = client.instructions(key_of(record), locale, patience(run)).await?;
        Ok(self.steps.keep(key, steps, run.now()))
    }
}

/// What the provider of an eSIM has beyond the common operations; nothing where the settings no longer name its account.
#[must_use]
pub fn extras_of(run: &Run<'_>, record: &EsimRecord) -> Extras {
    run.account(&record.esim.plan.package.provider).map(extras).unwrap_or_default()
}

fn client(run: &Run<'_>, account: &AccountName) -> Result<ProviderClient, ProviderError> {
    run.provider(account).map_err(|_| ProviderError::NotSent("the agency's settings no longer name the account"))
}

fn patience(run: &Run<'_>) -> Deadline {
    run.deadline.or_sooner(Deadline::within(run.now(), PATIENCE))
}

/// Answers, each for a while.
struct Kept<K, V> {
    most: usize,
    long: SignedDuration,
    all: Mutex<HashMap<K, (Timestamp, Arc<V>)>>,
}

impl<K: Eq + Hash, V> Kept<K, V> {
    fn new(most: usize, long: SignedDuration) -> Self {
        Self { most, long, all: Mutex::default() }
    }

    fn fresh(&self, key: &K, now: Timestamp) -> Option<Arc<V>> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, value) = all.get(key)?;
        let age = now.duration_since(*at);
        (age >= SignedDuration::ZERO && age < self.long).then(|| Arc::clone(value))
    }

    /// A full shelf is emptied: what was on it can be asked for again.
    fn keep(&self, key: K, value: V, now: Timestamp) -> Arc<V> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= self.most && !all.contains_key(&key) {
            all.clear();
        }
        let value = Arc::new(value);
        all.insert(key, (now, Arc::clone(&value)));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;
    use jiff::{SignedDuration, Timestamp};

    const NOW: Timestamp = Timestamp::constant(1_796_000_000, 0);

    #[test]
    fn what_is_kept_grows_old_and_a_full_shelf_is_emptied() {
        let shelf = Kept::new(2, SignedDuration::from_hours(24));
        let later = |seconds: i64| NOW + SignedDuration::from_secs(seconds);
        shelf.keep("a", 1, NOW);
        assert_eq!(shelf.fresh(&"a", later(86_399)).as_deref(), Some(&1));
        assert_eq!(shelf.fresh(&"a", later(86_400)), None);
        assert_eq!(shelf.fresh(&"a", later(-1)), None, "the clock was set back");
        shelf.keep("b", 2, NOW);
        shelf.keep("a", 3, NOW);
        assert_eq!((shelf.fresh(&"a", NOW).as_deref(), shelf.fresh(&"b", NOW).as_deref()), (Some(&3), Some(&2)));
        shelf.keep("c", 4, NOW);
        assert_eq!((shelf.fresh(&"a", NOW), shelf.fresh(&"c", NOW).as_deref()), (None, Some(&4)));
    }
}
