//! The writes of an order: what an answer makes of it, and what the table lets through.

use crate::{
    code::{ACCOUNTS, Code, MOST_ASKS, MOST_ATTEMPTS, Provider},
    world::{Answer, Breach, Call, Record, Status, World},
};

/// What came of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Commit {
    Confirmed,
    /// Written, and the worker does not hear of it.
    ReplyLost,
    /// Not written.
    Failed,
}

/// `purchase::send`, `after_error`, `ask::ask`: the record that an answer leads to.
pub fn concluded(code: &Code, world: &World, record: Record, call: Call, answer: Answer) -> Record {
    // ask::ask, purchase::unclear
    let record = Record { perhaps_sent: record.perhaps_sent || call == Call::Ask || answer == Answer::Silence, ..record };
    let to = |status| Record { status, ..record };
    match (call, answer) {
        // settle::settle_placed
        (_, Answer::Bought) => to(Status::Placed),
        // purchase::reject: sold out, or refused for good
        (_, Answer::SoldOut) => elsewhere(code, record).unwrap_or(to(Status::Rejected)),
        (_, Answer::Refused) => to(Status::Rejected),
        // purchase::queue
        (Call::Send, Answer::NotSent(charged)) => queued(code, record, charged),
        // purchase::unclear
        (Call::Send, Answer::Silence) if code.asks_before_sending_again => Record { absences: 0, ..to(Status::Unknown) },
        (Call::Send, Answer::Silence) => queued(code, record, true),
        // ask::ask_later
        (Call::Ask, Answer::Silence | Answer::NotSent(_)) => ask_later(record),
        // ask::absent
        (_, Answer::Absent(asked_young)) => absent(code, world, record, asked_young),
        // ask::cannot_tell
        (_, Answer::CannotTell) => to(Status::Unclear),
    }
}

fn queued(code: &Code, record: Record, charged: bool) -> Record {
    let attempts = if charged { record.attempts } else { record.attempts.saturating_sub(1) };
    if attempts < MOST_ATTEMPTS {
        return Record { status: Status::Queued, attempts, ..record };
    }
    elsewhere(code, record).unwrap_or(Record { status: Status::NotSent, attempts, ..record })
}

/// `fail_over::elsewhere`: to the next account, to each once.
fn elsewhere(code: &Code, record: Record) -> Option<Record> {
    let may = !record.perhaps_sent || !code.stays_where_it_may_be_bought;
    let account = record.account + 1;
    (may && account < ACCOUNTS).then_some(Record { status: Status::Queued, attempts: 0, absences: 0, asks: 0, account, ..record })
}

fn ask_later(record: Record) -> Record {
    let asks = record.asks + 1;
    Record { status: if asks >= MOST_ASKS { Status::Unclear } else { Status::Unknown }, asks, ..record }
}

fn absent(code: &Code, world: &World, record: Record, asked_young: bool) -> Record {
    let young = if code.dates_absence_by_the_question { asked_young } else { world.young };
    if young && code.waits_until_visible {
        return Record { status: Status::Unknown, ..record };
    }
    let absences = record.absences + 1;
    if absences < code.absences_needed {
        return Record { status: Status::Unknown, absences, ..record };
    }
    queued(code, Record { absences, ..record }, true)
}

/// `Transaction::write_order`. False: nothing was written.
pub fn write(code: &Code, world: &mut World, worker: usize, record: Record) -> bool {
    let fence = world.workers[worker].fence;
    let Some(order) = world.order.as_mut().filter(|_| fence || !code.fences_writes) else { return false };
    if order.record.status.is_settled() && order.record.status != record.status {
        world.breach = Some(Breach::Unsettled);
    }
    if !fence {
        world.breach = Some(Breach::StaleWrite);
    }
    order.record = record;
    for (place, other) in world.workers.iter_mut().enumerate() {
        other.data &= place == worker;
    }
    true
}

/// `purchase::stay_open`, `close_without_esim`, `settle_placed`: the write that ends a run, with all that hangs on it.
pub fn conclude(code: &Code, provider: Provider, world: &mut World, worker: usize, record: Record, commit: Commit) {
    let api = world.workers[worker].api;
    if commit != Commit::Failed && write(code, world, worker, record) {
        if let Some(order) = world.order.as_mut() {
            order.lease_over = true;
            order.watched = !record.status.is_settled();
            order.task |= matches!(record.status, Status::Rejected | Status::NotSent | Status::Unclear);
        }
        // place_order::Claim::purchase: where the write is not confirmed, the client hears `unknown`.
        if api && commit == Commit::Confirmed {
            world.tell(record.status);
        }
    }
    world.end(worker, provider);
}
