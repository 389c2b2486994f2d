//! One booking of a file after the other.

use jiff::{SignedDuration, Timestamp};
use std::{collections::HashMap, time::Duration};

use super::report::Outcome;
use crate::{
    domain::{CrmLink, EmailAddress, Traveller},
    flows::{
        Run,
        intake::{self, Cancelled, NewBooking, Taken},
    },
    intake::feed::{Draft, Person, State, Told},
    problem::Problem,
    store::{bookings::BookingRecord, feeds::FeedBooking},
};

/// Time that one booking may need: with less, the rest of the file is left to be sent again.
const RESERVE: Duration = Duration::from_secs(6);

/// How long a cancelled booking is remembered that has no dossier.
const KEPT_WITHOUT_DOSSIER: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Follows what a file says, booking by booking.
pub(super) struct Follower<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) name: &'a str,
    pub(super) sent_at: Timestamp,
    /// What the feed told before, by reference.
    pub(super) known: HashMap<String, FeedBooking>,
}

impl<'a> Follower<'a> {
    pub(super) async fn new(run: &'a Run<'a>, name: &'a str, sent_at: Timestamp) -> Result<Self, Problem> {
        let known = run.house.store.feed_bookings(&run.agency_id, name).await?;
        Ok(Self { run, name, sent_at, known: known.into_iter().map(|booking| (booking.reference.clone(), booking)).collect() })
    }

    /// Bookings that the feed told of, and that this snapshot holds as long as they are still to come: what a newer file told of may be newer itself.
    pub(super) fn expected(&self) -> Vec<String> {
        let still_held = |known: &&FeedBooking| !known.cancelled && known.begins > self.run.now() && known.as_of <= self.sent_at;
        let to_come = self.known.values().filter(still_held);
        let mut references: Vec<String> = to_come.map(|known| known.reference.clone()).collect();
        references.sort_unstable();
        references
    }

    /// Whether there is time for one more.
    pub(super) fn has_time(&self) -> bool {
        self.run.deadline.left(self.run.now()) >= RESERVE
    }

    pub(super) async fn follow(&mut self, told: &Told) -> Result<Outcome, Problem> {
        let content = match &told.state {
            State::Incomplete => return Ok(incomplete()),
            State::Ignored => return Ok(no_booking_yet()),
            State::Travels(draft) => self.content(&serde_json::to_string(draft).unwrap_or_default()),
            State::Cancelled => self.content("cancelled"),
            State::AtHome => self.content("at home"),
        };
        match self.known.get(&told.reference) {
            Some(known) if known.as_of > self.sent_at => return Ok(Outcome::left_out("older", "a newer file said something else of it")),
            Some(known) if known.content == content => return self.again(known.clone()).await,
            _ => {}
        }
        if !self.has_time() {
            return Ok(Outcome::left_out("out_of_time", "not looked at for lack of time: send the file again"));
        }
        match &told.state {
            State::Travels(draft) => self.save(&told.reference, draft, content).await,
            State::AtHome => self.stay_at_home(&told.reference, content).await,
            _ => self.cancel(&told.reference, content).await,
        }
    }

    fn content(&self, text: &str) -> String {
        self.run.house.index.content(&self.run.agency_id, text.as_bytes())
    }

    /// The same again. Where files may overtake each other, it counts that it was said now.
    async fn again(&mut self, known: FeedBooking) -> Result<Outcome, Problem> {
        let by_snapshot = self.run.agency.feeds.get(self.name).is_some_and(|feed| feed.snapshot);
        if !by_snapshot && self.has_time() {
            let until = self.forget_at(&known.reference).await?;
            self.keep(FeedBooking { as_of: self.sent_at, ..known }, until).await?;
        }
        Ok(Outcome::done("unchanged"))
    }

    async fn save(&mut self, reference: &str, draft: &Draft, content: String) -> Result<Outcome, Problem> {
        let Some(new) = new_booking(self.run, reference, draft) else {
            return Ok(no_email());
        };
        let before = self.dossier(reference).await?.map(|record| record.booking.version);
        let (taken, record) = match intake::take(self.run, new).await {
            Ok(taken) => taken,
            Err(problem) if problem.status < 500 && problem.status != 409 => return Ok(Outcome::left_out(problem.code, problem.detail)),
            Err(problem) => return Err(problem),
        };
        let begins = record.booking.trip.span().0.to_zoned_datetime(self.run.agency.timezone.clone());
        let begins = begins.map_or(Timestamp::MAX, |start| start.timestamp());
        let kept = FeedBooking { reference: reference.to_owned(), content, as_of: self.sent_at, cancelled: false, begins };
        self.keep(kept, record.forget_at).await?;
        Ok(Outcome::done(match taken {
            Taken::Created => "created",
            Taken::Known if before == Some(record.booking.version) => "unchanged",
            Taken::Known => "changed",
        }))
    }

    /// A trip without a day abroad: no dossier is made, and one that this feed made is cancelled.
    async fn stay_at_home(&mut self, reference: &str, content: String) -> Result<Outcome, Problem> {
        if self.known.get(reference).is_none_or(|known| known.cancelled) {
            return Ok(at_home("left_out"));
        }
        let outcome = self.cancel(reference, content).await?;
        Ok(if outcome.outcome == "cancelled" { at_home("cancelled") } else { outcome })
    }

    /// The trip does not take place.
    pub(super) async fn cancel(&mut self, reference: &str, content: String) -> Result<Outcome, Problem> {
        let outcome = match intake::cancel(self.run, reference).await? {
            Cancelled::Now => Outcome::done("cancelled"),
            Cancelled::Before => Outcome::done("unchanged"),
            Cancelled::Unknown => Outcome::left_out("unknown_booking", "it is cancelled, and was not known"),
        };
        let until = self.forget_at(reference).await?;
        let begins = self.known.get(reference).map_or(self.sent_at, |known| known.begins);
        let kept = FeedBooking { reference: reference.to_owned(), content, as_of: self.sent_at, cancelled: true, begins };
        self.keep(kept, until).await?;
        Ok(outcome)
    }

    async fn dossier(&self, reference: &str) -> Result<Option<BookingRecord>, Problem> {
        Ok(self.run.house.store.booking(&self.run.agency_id, reference, &self.run.house.seals).await?)
    }

    async fn forget_at(&self, reference: &str) -> Result<Timestamp, Problem> {
        let without = || self.run.now().saturating_add(KEPT_WITHOUT_DOSSIER).unwrap_or(Timestamp::MAX);
        Ok(self.dossier(reference).await?.map_or_else(without, |record| record.forget_at))
    }

    async fn keep(&mut self, booking: FeedBooking, until: Timestamp) -> Result<(), Problem> {
        let transaction = self.run.house.store.transaction();
        transaction.write_feed_booking(&self.run.agency_id, self.name, &booking, until).commit().await?;
        self.known.insert(booking.reference.clone(), booking);
        Ok(())
    }
}

/// What would become of a booking that nobody knows yet.
pub(super) fn would_be(run: &Run<'_>, told: &Told) -> Outcome {
    match &told.state {
        State::Travels(draft) if new_booking(run, &told.reference, draft).is_none() => no_email(),
        State::Travels(_) => Outcome::done("readable"),
        State::Cancelled => Outcome::because("readable", "cancelled", "it says that it is cancelled"),
        State::AtHome => at_home("left_out"),
        State::Ignored => no_booking_yet(),
        State::Incomplete => incomplete(),
    }
}

fn incomplete() -> Outcome {
    Outcome::left_out("rejected_rows", "a row of it was rejected: the booking stays as it was")
}

fn no_booking_yet() -> Outcome {
    Outcome::left_out("no_booking_yet", "its status is none of a booking")
}

fn no_email() -> Outcome {
    Outcome::left_out("no_email", "no row of it has an e-mail address of a traveller")
}

fn at_home(outcome: &'static str) -> Outcome {
    Outcome::because(outcome, "no_stay_abroad", "no day of it is spent abroad")
}

/// The dossier that a booking makes; `None` when nobody can be written to. The first one is the traveller. Who has no address of their own
/// shares the traveller's, as families do. The agency's own is none.
fn new_booking(run: &Run<'_>, reference: &str, draft: &Draft) -> Option<NewBooking> {
    let ours = run.agency.email.sender().email.expose().to_lowercase();
    let own = |person: &Person| person.email.clone().filter(|email| email.expose().to_lowercase() != ours);
    let first = draft.travellers.first()?;
    let email = own(first).or_else(|| draft.travellers.iter().find_map(own))?;
    let traveller = |person: &Person, email: EmailAddress| Traveller {
        name: person.name.clone(),
        email,
        phone: person.phone.clone(),
        locale: person.locale,
    };
    Some(NewBooking {
        reference: reference.to_owned(),
        external_reference: draft.external_reference.clone(),
        destinations: draft.stays.clone(),
        traveller: traveller(first, email.clone()),
        companions: draft.travellers.iter().skip(1).map(|one| traveller(one, own(one).unwrap_or_else(|| email.clone()))).collect(),
        crm: (draft.crm != CrmLink::default()).then(|| draft.crm.clone()),
    })
}
