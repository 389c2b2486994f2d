//! What there is: the table, the workers, the provider's ledger, requests on their way, and what the client was told.

use crate::code::{ACCOUNTS, CALLS, Provider};

/// `domain::OrderStatus`, with the two reasons of `parked` apart and without what follows a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Placing,
    Queued,
    Unknown,
    Placed,
    Rejected,
    /// `TaskKind::OrderNotSent`: the task says that nothing was bought.
    NotSent,
    /// `TaskKind::OrderUnclear`: the task asks to look.
    Unclear,
}

impl Status {
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Placed | Self::Rejected | Self::NotSent | Self::Unclear)
    }
}

/// `store::orders::OrderRecord`, as far as the protocol looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Record {
    pub status: Status,
    pub attempts: u8,
    pub absences: u8,
    pub asks: u8,
    /// The account that it is at.
    pub account: usize,
    pub perhaps_sent: bool,
}

/// The order in the table; the key's record is written in the same transactions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Order {
    pub record: Record,
    /// The fence's `lease_until` is past.
    pub lease_over: bool,
    /// An outbox entry looks after it, so a message comes.
    pub watched: bool,
    /// A person has a task.
    pub task: bool,
}

/// What a call to the provider came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    Bought,
    Refused,
    /// Refused, and another account may have it.
    SoldOut,
    /// Surely not sent; `true` when it counts as an attempt.
    NotSent(bool),
    /// No answer.
    Silence,
    /// Not in the list; `true` when asked before the purchase would have to show.
    Absent(bool),
    /// The provider cannot be asked.
    CannotTell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    Send,
    Ask,
}

/// Where a worker is. Its record is what it knows of the order, not what the table says now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    Idle,
    /// An API call that has found its key unused.
    Claiming,
    /// A watch that has read an open order whose lease is over.
    Taking(Record),
    /// About to write `placing` before sending again.
    Marking(Record),
    /// About to send.
    Sending(Record),
    /// About to ask.
    Asking(Record),
    /// A request of its is on its way.
    Waiting(Record, Call),
    /// About to write what came of it.
    Writing(Record, Call, Answer),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Worker {
    pub phase: Phase,
    /// An API call: its client hears what comes of it.
    pub api: bool,
    /// The table's fence is the one that it read or wrote last.
    pub fence: bool,
    /// Nobody has written the order since it read it; looked at by the take-over only, and false otherwise.
    pub data: bool,
}

impl Worker {
    pub const IDLE: Self = Self { phase: Phase::Idle, api: false, fence: false, data: false };
}

/// A request that may buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Request {
    /// The worker that waits for its answer.
    pub by: Option<usize>,
    /// Where it goes.
    pub account: usize,
}

/// What must never have happened; kept by the steps, because a single state does not show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Breach {
    /// A worker whose fence was no longer the table's wrote the order.
    StaleWrite,
    /// An order that was settled was changed.
    Unsettled,
    /// Two calls with one key were given two final answers.
    OtherAnswer,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    pub order: Option<Order>,
    pub workers: Vec<Worker>,
    /// Requests that may still buy, oldest first.
    pub flying: Vec<Request>,
    /// The providers' ledgers.
    pub bought: [u8; ACCOUNTS],
    /// `visible_after` has not passed since `sent_at`.
    pub young: bool,
    /// The provider's list has missed the purchase once since then.
    pub missed: bool,
    pub calls_left: u8,
    /// The final answer that the client was given.
    pub told: Option<Status>,
    pub breach: Option<Breach>,
}

impl World {
    pub fn new(workers: usize) -> Self {
        Self {
            order: None,
            workers: vec![Worker::IDLE; workers],
            flying: Vec::new(),
            bought: [0; ACCOUNTS],
            young: false,
            missed: false,
            calls_left: CALLS,
            told: None,
            breach: None,
        }
    }

    /// Purchases of all accounts.
    pub fn purchases(&self) -> u8 {
        self.bought.iter().sum()
    }

    /// An order that was accepted and has not ended.
    pub fn is_open(&self) -> bool {
        self.order.as_ref().is_some_and(|order| !order.record.status.is_settled())
    }

    pub fn lease_over(&self) -> bool {
        self.order.as_ref().is_none_or(|order| order.lease_over)
    }

    /// Whether this worker's lease runs, by a clock that agrees with everybody's.
    pub fn within_lease(&self, worker: usize) -> bool {
        self.workers[worker].fence && !self.lease_over()
    }

    pub fn enter(&mut self, worker: usize, phase: Phase) {
        self.workers[worker].phase = phase;
    }

    /// A worker ends, well or not; nobody waits for its request any more.
    pub fn end(&mut self, worker: usize, provider: Provider) {
        self.workers[worker] = Worker::IDLE;
        self.abandon(worker, provider);
    }

    pub fn abandon(&mut self, worker: usize, provider: Provider) {
        self.flying.iter_mut().filter(|request| request.by == Some(worker)).for_each(|request| request.by = None);
        if provider.is_keyed() {
            // Two of one key that nobody waits for do what one does.
            self.flying.dedup_by(|a, b| a == b && a.by.is_none());
        }
    }

    /// Workers are alike: worlds that differ in their order only are one.
    pub fn sorted(mut self) -> Self {
        let waiting = |place: usize| self.flying.iter().position(|request| request.by == Some(place));
        if (1..self.workers.len()).all(|place| (self.workers[place - 1], waiting(place - 1)) <= (self.workers[place], waiting(place))) {
            return self;
        }
        let mut order: Vec<usize> = (0..self.workers.len()).collect();
        order.sort_by_key(|place| (self.workers[*place], waiting(*place)));
        let moved = |place: usize| order.iter().position(|before| *before == place).expect("every worker stays");
        self.flying = self.flying.iter().map(|request| Request { by: request.by.map(moved), ..*request }).collect();
        self.workers = order.iter().map(|place| self.workers[*place]).collect();
        self
    }

    /// A new fence: everybody else's is old.
    pub fn fence_to(&mut self, worker: usize) {
        for (place, other) in self.workers.iter_mut().enumerate() {
            other.fence = place == worker;
        }
    }

    /// The client is told how an order stands; only what is final must stay true.
    pub fn tell(&mut self, status: Status) {
        if status.is_settled() && self.told.replace(status).is_some_and(|before| before != status) {
            self.breach = Some(Breach::OtherAnswer);
        }
    }
}
