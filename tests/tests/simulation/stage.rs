//! The stage: one thread, one virtual clock, tasks that run in an order that only the seed decides.
//!
//! A task gives way at every call to the outside. The stage then lets whoever is due next go on, so that other seeds mean other
//! orders. A task may be ended at any such point, as a process that dies there.

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashSet, VecDeque},
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

pub type TaskId = u64;

/// More steps than any run needs: work that never ends is a fault.
const MOST_STEPS: u64 = 400_000;

/// Numbers that follow from a seed (splitmix64).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// True in `per_mille` of a thousand cases.
    pub fn hits(&mut self, per_mille: u64) -> bool {
        per_mille > 0 && self.below(1000) < per_mille
    }

    pub fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from + 1))
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let place = usize::try_from(self.below(from.len() as u64)).expect("a place");
        &from[place]
    }
}

/// The clock and the order of things. Clones are the same stage.
#[derive(Clone)]
pub struct Stage(Arc<Mutex<State>>);

struct State {
    now: Timestamp,
    chance: Chance,
    /// Who waits until when; the second number breaks ties as the seed wants it.
    waits: BinaryHeap<Reverse<(Timestamp, u64, u64)>>,
    wakers: BTreeMap<u64, Waker>,
    granted: HashSet<u64>,
    last_wait: u64,
    last_task: TaskId,
    current: Option<TaskId>,
    doomed: HashSet<TaskId>,
    arriving: Vec<(TaskId, BoxFuture<'static, ()>)>,
    trace: Option<Vec<String>>,
    digest: u64,
}

impl Stage {
    pub fn new(now: Timestamp, seed: u64, traced: bool) -> Self {
        Self(Arc::new(Mutex::new(State {
            now,
            chance: Chance::new(seed),
            waits: BinaryHeap::new(),
            wakers: BTreeMap::new(),
            granted: HashSet::new(),
            last_wait: 0,
            last_task: 0,
            current: None,
            doomed: HashSet::new(),
            arriving: Vec::new(),
            trace: traced.then(Vec::new),
            digest: 0,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn now(&self) -> Timestamp {
        self.state().now
    }

    /// Draws from the run's chance.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut Chance) -> T) -> T {
        draw(&mut self.state().chance)
    }

    /// Writes into the run's story, which a replay prints; its digest tells whether two runs were the same.
    pub fn note(&self, words: impl FnOnce() -> String) {
        let mut state = self.state();
        let step = (state.now.as_nanosecond() as u64).wrapping_add(state.current.unwrap_or(0));
        state.digest = state.digest.rotate_left(5).wrapping_mul(0x0100_0000_01B3) ^ step;
        if state.trace.is_some() {
            let line = format!("{} [{}] {}", state.now, state.current.unwrap_or(0), words());
            state.trace.as_mut().expect("it is kept").push(line);
        }
    }

    pub fn story(&self) -> Vec<String> {
        self.state().trace.clone().unwrap_or_default()
    }

    pub fn digest(&self) -> u64 {
        self.state().digest
    }

    /// Gives way for a time.
    pub fn pause(&self, time: Duration) -> Pause {
        let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        let due = self.now().checked_add(time).unwrap_or(Timestamp::MAX);
        Pause { stage: self.clone(), due, id: None }
    }

    /// The running task ends here, as a process that dies.
    pub async fn die(&self) {
        {
            let mut state = self.state();
            if let Some(current) = state.current {
                state.doomed.insert(current);
            }
        }
        std::future::pending::<()>().await;
    }

    /// Ends a task from outside.
    pub fn kill(&self, task: TaskId) {
        self.state().doomed.insert(task);
    }

    /// Adds a task.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> TaskId {
        let mut state = self.state();
        state.last_task += 1;
        let id = state.last_task;
        state.arriving.push((id, Box::pin(task)));
        id
    }

    /// Plays until nothing is left to do.
    ///
    /// # Errors
    /// When work never ends.
    pub fn play(&self) -> Result<(), String> {
        let ready: Arc<Ready> = Arc::default();
        let mut tasks: BTreeMap<TaskId, BoxFuture<'static, ()>> = BTreeMap::new();
        for _ in 0..MOST_STEPS {
            for (id, task) in std::mem::take(&mut self.state().arriving) {
                tasks.insert(id, task);
                ready.push(id);
            }
            self.bury(&mut tasks);
            if let Some(id) = ready.pop() {
                self.step(&ready, &mut tasks, id);
                continue;
            }
            let mut state = self.state();
            if !state.arriving.is_empty() {
                continue;
            }
            let Some(Reverse((due, _, id))) = state.waits.pop() else {
                drop(state);
                return if tasks.is_empty() { Ok(()) } else { Err(format!("{} tasks wait for nothing", tasks.len())) };
            };
            // Without a waker nobody waits any more.
            let Some(waker) = state.wakers.remove(&id) else { continue };
            state.now = state.now.max(due);
            state.granted.insert(id);
            drop(state);
            waker.wake();
        }
        Err(format!("work never ends: {} tasks left at {}", tasks.len(), self.now()))
    }

    fn step(&self, ready: &Arc<Ready>, tasks: &mut BTreeMap<TaskId, BoxFuture<'static, ()>>, id: TaskId) {
        let Some(task) = tasks.get_mut(&id) else { return };
        let waker = Waker::from(Arc::new(Bell { task: id, ready: Arc::clone(ready) }));
        self.state().current = Some(id);
        let polled = task.as_mut().poll(&mut Context::from_waker(&waker));
        self.state().current = None;
        if polled.is_ready() {
            tasks.remove(&id);
        }
    }

    /// What a dead process held is dropped outside the lock: dropping tells others of it.
    fn bury(&self, tasks: &mut BTreeMap<TaskId, BoxFuture<'static, ()>>) {
        let doomed = std::mem::take(&mut self.state().doomed);
        for id in doomed {
            drop(tasks.remove(&id));
        }
    }
}

/// Those who can go on, in order.
#[derive(Default)]
struct Ready(Mutex<VecDeque<TaskId>>);

impl Ready {
    fn push(&self, id: TaskId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(id);
    }

    fn pop(&self) -> Option<TaskId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

struct Bell {
    task: TaskId,
    ready: Arc<Ready>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ready.push(self.task);
    }
}

/// Ends at its time.
pub struct Pause {
    stage: Stage,
    due: Timestamp,
    id: Option<u64>,
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let stage = self.stage.clone();
        let mut state = stage.state();
        match self.id {
            Some(id) if state.granted.remove(&id) => Poll::Ready(()),
            Some(id) => {
                state.wakers.insert(id, context.waker().clone());
                Poll::Pending
            }
            None => {
                state.last_wait += 1;
                let (id, tie) = (state.last_wait, state.chance.next());
                state.waits.push(Reverse((self.due, tie, id)));
                state.wakers.insert(id, context.waker().clone());
                self.id = Some(id);
                Poll::Pending
            }
        }
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            let mut state = self.stage.state();
            state.wakers.remove(&id);
            state.granted.remove(&id);
        }
    }
}
