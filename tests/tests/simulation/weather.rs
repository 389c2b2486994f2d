//! What goes wrong, and how often: drawn from the seed. Some seeds are calm, some have one kind of fault, some have all of them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use std::time::Duration;

use super::stage::{Chance, Stage};

/// Chances in a thousand, each for one call.
#[derive(Debug, Clone, Default)]
pub struct Rates {
    /// The process dies before or after a call took effect.
    pub crash: u64,
    /// The table throttles, or answers 500, without effect.
    pub table_refuses: u64,
    /// A call to the table, or its reply, is lost.
    pub table_lost: u64,
    /// A call to the table takes seconds.
    pub table_slow: u64,
    /// No connection to an outside system.
    pub unreachable: u64,
    /// A request is lost before it took effect.
    pub request_lost: u64,
    /// The reply is lost after the effect.
    pub reply_lost: u64,
    /// The effect, the answer, or both come late.
    pub late: u64,
    /// 429 or 503 without effect.
    pub refused: u64,
    /// 502 after the effect, or an answer that cannot be read.
    pub garbled: u64,
    /// The provider forgets its tokens.
    pub forgets: u64,
    /// A sandbox's clock steps by up to five minutes, either way.
    pub clock: u64,
    /// A queue message or a webhook comes again, later.
    pub repeats: u64,
    /// A process stands still for longer than its lease, and goes on.
    pub freezes: u64,
}

/// What strikes one call, and only this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// The process dies before the call takes effect.
    CrashBefore,
    /// The process dies after it.
    CrashAfter,
    /// The call fails without effect.
    Fails,
    /// The call takes effect, and its reply is lost.
    ReplyLost,
}

impl Blow {
    pub const ALL: [Self; 4] = [Self::CrashBefore, Self::CrashAfter, Self::Fails, Self::ReplyLost];
}

/// The faults of one run.
#[derive(Clone)]
pub struct Weather {
    pub rates: Arc<Rates>,
    calm: Arc<AtomicBool>,
    stage: Stage,
    /// Calls so far, and the one that is struck.
    calls: Arc<AtomicU64>,
    blow: Option<(u64, Blow)>,
}

impl Weather {
    pub fn of(stage: &Stage) -> Self {
        let rates = stage.draw(rates);
        stage.note(|| format!("weather {rates:?}"));
        Self::with(stage, rates, None)
    }

    /// Nothing goes wrong.
    pub fn none(stage: &Stage) -> Self {
        Self::with(stage, Rates::default(), None)
    }

    /// Nothing goes wrong but one call.
    pub fn single(stage: &Stage, blow: Option<(u64, Blow)>) -> Self {
        Self::with(stage, Rates::default(), blow)
    }

    /// Every message and every webhook comes twice.
    pub fn twice(stage: &Stage) -> Self {
        Self::with(stage, Rates { repeats: 1000, ..Rates::default() }, None)
    }

    fn with(stage: &Stage, rates: Rates, blow: Option<(u64, Blow)>) -> Self {
        Self { rates: Arc::new(rates), calm: Arc::default(), stage: stage.clone(), calls: Arc::default(), blow }
    }

    /// Counts a call to the outside; tells when it is the one to be struck.
    pub fn next_call(&self) -> Option<Blow> {
        let number = if self.is_calm() { return None } else { self.calls.fetch_add(1, Ordering::SeqCst) };
        self.blow.filter(|(at, _)| *at == number).map(|(_, blow)| blow)
    }

    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// From now on nothing goes wrong.
    pub fn calm(&self) {
        self.calm.store(true, Ordering::SeqCst);
    }

    pub fn is_calm(&self) -> bool {
        self.calm.load(Ordering::SeqCst)
    }

    /// Whether a fault of this rate strikes now.
    pub fn strikes(&self, rate: impl FnOnce(&Rates) -> u64) -> bool {
        let rate = rate(&self.rates);
        !self.is_calm() && self.stage.draw(|chance| chance.hits(rate))
    }

    /// The process may die here.
    pub async fn crash_here(&self, at: &'static str) {
        if self.strikes(|rates| rates.crash) {
            self.stage.note(|| format!("CRASH {at}"));
            self.stage.die().await;
        }
    }

    /// The process may stand still here for longer than any lease.
    pub async fn freeze_here(&self) {
        if self.strikes(|rates| rates.freezes) {
            let time = self.stage.draw(|chance| chance.millis(30_000, 150_000));
            self.stage.note(|| format!("FREEZE {time:?}"));
            self.stage.pause(time).await;
        }
    }

    pub fn delay(&self, from: u64, to: u64) -> Duration {
        self.stage.draw(|chance| chance.millis(from, to))
    }
}

fn rates(chance: &mut Chance) -> Rates {
    let severity = [0, 15, 40, 65][usize::try_from(chance.below(4)).expect("a place")];
    let only = (chance.below(3) == 0).then(|| chance.below(14));
    let mut at = 0;
    let mut rate = |chance: &mut Chance, most: u64| {
        at += 1;
        let on = only.map_or_else(|| chance.below(2) == 0, |only| only + 1 == at);
        if on && severity > 0 { 1 + chance.below(severity * most / 100 + 1) } else { 0 }
    };
    Rates {
        crash: rate(chance, 100),
        table_refuses: rate(chance, 100),
        table_lost: rate(chance, 100),
        table_slow: rate(chance, 50),
        unreachable: rate(chance, 300),
        request_lost: rate(chance, 300),
        reply_lost: rate(chance, 400),
        late: rate(chance, 400),
        refused: rate(chance, 300),
        garbled: rate(chance, 200),
        forgets: rate(chance, 100),
        clock: rate(chance, 100),
        repeats: rate(chance, 900),
        freezes: rate(chance, 300),
    }
}
