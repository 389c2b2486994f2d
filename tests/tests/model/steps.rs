//! What may happen next.

use stateright::{Model, Property};

use crate::{
    code::{ACCOUNTS, Code, MOST_ATTEMPTS, Provider},
    promises,
    world::{Answer, Call, Order, Phase, Record, Request, Status, Worker, World},
    writes::{self, Commit},
};

/// Workers go by their place in the world before the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// `place_order::place`: a client calls, and its key is looked up.
    Called(usize),
    /// `Claim::purchase`: key, order and watch in one transaction; a lost reply is recognised by our own order id.
    Claim(usize, Commit),
    /// `fulfil::watch`: a message comes, and the order is read.
    Message(usize),
    /// `Store::take_order`.
    Take(usize),
    /// `fulfil::send_again`: `placing`, before anything is sent.
    Mark(usize, Commit),
    /// `purchase::call`: the request leaves, unless the lease is over.
    Send(usize),
    /// No connection.
    Unreachable(usize),
    /// `ask::ask`.
    Ask(usize),
    /// The list is read and does not show the purchase, or there is none.
    Overlook(usize),
    /// A request reaches the provider and is carried out.
    Arrive(usize),
    /// A request reaches the provider and is refused.
    Refuse(usize),
    /// As `Refuse`, for want of stock.
    SellOut(usize),
    /// A request that nobody waits for gets lost.
    Vanish(usize),
    /// No answer in time; the request may still arrive.
    TimeOut(usize),
    /// The outcome is written.
    Write(usize, Commit),
    /// The lease runs out.
    Expire,
    /// `visible_after` passes.
    Age,
    /// The process dies.
    Crash(usize),
}

impl Step {
    /// Whether it happens when nothing goes wrong any more.
    pub fn is_fair(self) -> bool {
        use Commit::{Failed, ReplyLost};
        let broken =
            matches!(self, Self::Crash(_) | Self::Unreachable(_) | Self::Claim(_, Failed | ReplyLost) | Self::Mark(_, Failed | ReplyLost));
        !broken && !matches!(self, Self::Write(_, Failed | ReplyLost))
    }
}

/// The protocol with some code, some provider, and some workers.
#[derive(Debug, Clone, Copy)]
pub struct Protocol {
    pub code: Code,
    pub provider: Provider,
    pub workers: usize,
    /// The agency lets orders go to its other account (`FailOverRule::Automatic`).
    pub fails_over: bool,
}

impl Model for Protocol {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.workers)]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        for (place, worker) in world.workers.iter().enumerate() {
            self.of_worker(world, place, *worker, steps);
        }
        for place in 0..world.flying.len() {
            steps.push(Step::Arrive(place));
            steps.push(Step::Refuse(place));
            if self.fails_over {
                steps.push(Step::SellOut(place));
            }
            if world.flying[place].by.is_none() {
                steps.push(Step::Vanish(place));
            }
        }
        if !world.lease_over() {
            steps.push(Step::Expire);
        }
        if self.may_age(world) {
            steps.push(Step::Age);
        }
    }

    fn next_state(&self, last: &World, step: Step) -> Option<World> {
        let mut world = last.clone();
        self.take_step(&mut world, step);
        Some(world.sorted())
    }

    fn properties(&self) -> Vec<Property<Self>> {
        promises::all()
    }
}

impl Protocol {
    fn of_worker(&self, world: &World, place: usize, worker: Worker, steps: &mut Vec<Step>) {
        const COMMITS: [Commit; 3] = [Commit::Confirmed, Commit::ReplyLost, Commit::Failed];
        match worker.phase {
            Phase::Idle => {
                if world.calls_left > 0 {
                    steps.push(Step::Called(place));
                }
                // fulfil::lease_left
                if world.order.as_ref().is_some_and(|order| order.watched && order.lease_over) {
                    steps.push(Step::Message(place));
                }
                return;
            }
            Phase::Claiming => steps.extend(COMMITS.map(|commit| Step::Claim(place, commit))),
            Phase::Taking(_) => steps.push(Step::Take(place)),
            Phase::Marking(_) => steps.extend(COMMITS.map(|commit| Step::Mark(place, commit))),
            Phase::Sending(_) => steps.extend([Step::Send(place), Step::Unreachable(place)]),
            Phase::Asking(_) => {
                steps.extend([Step::Ask(place), Step::Unreachable(place)]);
                if self.provider == Provider::ListAndMatch && (world.purchases() == 0 || world.young || !world.missed) {
                    steps.push(Step::Overlook(place));
                }
            }
            Phase::Waiting(..) => steps.push(Step::TimeOut(place)),
            Phase::Writing(..) => steps.extend(COMMITS.map(|commit| Step::Write(place, commit))),
        }
        steps.push(Step::Crash(place));
    }

    /// A call ends within the lease, and the lease long before `visible_after`: while one may still leave or arrive, it is not over.
    fn may_age(&self, world: &World) -> bool {
        let may_send = |place: usize| matches!(world.workers[place].phase, Phase::Sending(_)) && world.within_lease(place);
        world.young && world.flying.is_empty() && !(0..self.workers).any(may_send)
    }

    fn take_step(&self, world: &mut World, step: Step) {
        match step {
            Step::Called(place) => self.called(world, place),
            Step::Claim(place, commit) => self.claim(world, place, commit),
            Step::Message(place) => message(world, place),
            Step::Take(place) => self.take(world, place),
            Step::Mark(place, commit) => self.mark(world, place, commit),
            Step::Send(place) => self.send(world, place),
            Step::Unreachable(place) => answered(world, place, Answer::NotSent(true)),
            Step::Ask(place) => self.ask(world, place),
            Step::Overlook(place) => overlook(world, place),
            Step::Arrive(request) => self.arrive(world, request, Answer::Bought),
            Step::Refuse(request) => self.arrive(world, request, Answer::Refused),
            Step::SellOut(request) => self.arrive(world, request, Answer::SoldOut),
            Step::Vanish(request) => drop(world.flying.remove(request)),
            Step::TimeOut(place) => {
                answered(world, place, Answer::Silence);
                world.abandon(place, self.provider);
            }
            Step::Write(place, commit) => {
                if let Phase::Writing(record, call, answer) = world.workers[place].phase {
                    let record = writes::concluded(&self.code, world, record, call, answer);
                    writes::conclude(&self.code, self.provider, world, place, record, commit);
                }
            }
            Step::Expire => world.order.iter_mut().for_each(|order| order.lease_over = true),
            Step::Age => world.young = false,
            Step::Crash(place) => world.end(place, self.provider),
        }
    }

    fn called(&self, world: &mut World, place: usize) {
        world.calls_left -= 1;
        // Claim::earlier, Claim::replay
        if !self.replay(world) {
            world.workers[place] = Worker { phase: Phase::Claiming, api: true, ..Worker::IDLE };
        }
    }

    fn replay(&self, world: &mut World) -> bool {
        let status = world.order.as_ref().map(|order| order.record.status);
        status.into_iter().for_each(|status| world.tell(status));
        status.is_some()
    }

    fn claim(&self, world: &mut World, place: usize, commit: Commit) {
        if commit == Commit::Failed || (self.code.claims_an_unused_key_only && world.order.is_some()) {
            // Claim::lost_the_race, or 503: nothing was sent.
            self.replay(world);
            return world.end(place, self.provider);
        }
        let account = if self.fails_over { 0 } else { ACCOUNTS - 1 };
        let record = Record { status: Status::Placing, attempts: 1, absences: 0, asks: 0, account, perhaps_sent: false };
        world.order = Some(Order { record, lease_over: false, watched: self.code.watches_from_the_claim, task: false });
        self.sent_now(world);
        world.fence_to(place);
        world.enter(place, Phase::Sending(record));
    }

    /// `sent_at` is now.
    fn sent_now(&self, world: &mut World) {
        world.young = self.provider == Provider::ListAndMatch;
        world.missed = false;
    }

    fn take(&self, world: &mut World, place: usize) {
        let worker = world.workers[place];
        let Phase::Taking(record) = worker.phase else { return };
        if !worker.fence || (self.code.takes_what_it_read && !worker.data) {
            return world.end(place, self.provider);
        }
        world.order.iter_mut().for_each(|order| order.lease_over = false);
        world.fence_to(place);
        world.workers[place].data = false;
        let next = if record.status == Status::Queued { Phase::Marking(record) } else { Phase::Asking(record) };
        world.enter(place, next);
    }

    fn mark(&self, world: &mut World, place: usize, commit: Commit) {
        let Phase::Marking(record) = world.workers[place].phase else { return };
        let record = Record { status: Status::Placing, attempts: (record.attempts + 1).min(MOST_ATTEMPTS), absences: 0, ..record };
        if commit == Commit::Failed || !writes::write(&self.code, world, place, record) {
            return world.end(place, self.provider);
        }
        self.sent_now(world);
        match commit {
            Commit::ReplyLost => world.end(place, self.provider),
            _ => world.enter(place, Phase::Sending(record)),
        }
    }

    fn send(&self, world: &mut World, place: usize) {
        let Phase::Sending(record) = world.workers[place].phase else { return };
        if self.code.sends_within_the_lease && !world.within_lease(place) {
            return answered(world, place, Answer::NotSent(false));
        }
        world.enter(place, Phase::Waiting(record, Call::Send));
        world.flying.push(Request { by: Some(place), account: record.account });
    }

    fn ask(&self, world: &mut World, place: usize) {
        let Phase::Asking(record) = world.workers[place].phase else { return };
        match self.provider {
            Provider::None => answered(world, place, Answer::CannotTell),
            Provider::ListAndMatch if world.bought[record.account] > 0 => answered(world, place, Answer::Bought),
            Provider::ListAndMatch => answered(world, place, Answer::Absent(world.young)),
            Provider::Keyed | Provider::KeyedOutOfOrder => {
                if self.code.asks_within_the_lease && !world.within_lease(place) {
                    return answered(world, place, Answer::NotSent(true));
                }
                world.enter(place, Phase::Waiting(record, Call::Ask));
                world.flying.push(Request { by: Some(place), account: record.account });
            }
        }
    }

    fn arrive(&self, world: &mut World, place: usize, answer: Answer) {
        let Request { by, account } = world.flying.remove(place);
        let known = self.provider.is_keyed() && world.bought[account] > 0;
        let answer = if known { Answer::Bought } else { answer };
        if answer == Answer::Bought && !known {
            world.bought[account] += 1;
        }
        if self.provider == Provider::Keyed {
            let (older, newer) = world.flying.split_at(place);
            let (overtaken, others): (Vec<Request>, Vec<Request>) = older.iter().partition(|request| request.account == account);
            world.flying = others.into_iter().chain(newer.iter().copied()).collect();
            overtaken.into_iter().filter_map(|request| request.by).for_each(|by| answered(world, by, Answer::Silence));
        }
        by.into_iter().for_each(|by| answered(world, by, answer));
    }
}

fn message(world: &mut World, place: usize) {
    if let Some(record) = world.order.as_ref().map(|order| order.record) {
        world.workers[place] = Worker { phase: Phase::Taking(record), api: false, fence: true, data: true };
    }
}

fn overlook(world: &mut World, place: usize) {
    if world.purchases() > 0 && !world.young {
        world.missed = true;
    }
    answered(world, place, Answer::Absent(world.young));
}

/// A worker knows what came of its call.
fn answered(world: &mut World, place: usize, answer: Answer) {
    let phase = match world.workers[place].phase {
        Phase::Sending(record) => Phase::Writing(record, Call::Send, answer),
        Phase::Asking(record) => Phase::Writing(record, Call::Ask, answer),
        Phase::Waiting(record, call) => Phase::Writing(record, call, answer),
        other => other,
    };
    world.enter(place, phase);
}
