//! An order: at most one purchase, whatever happens.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::{AccountName, EsimId, OrderId, Package, TraceId};

/// What may be said of an order. See `docs/SEMANTICS.md` for the moves between these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// The provider took it and will deliver later.
    Accepted,
    /// Our call is under way, or died and nobody has looked yet.
    Placing,
    /// Surely not bought yet; a worker will send it.
    Queued,
    /// Sent, and no answer: the provider must be asked before anything is sent again.
    Unknown,
    /// Bought.
    Placed,
    /// Bought, and the traveller has the codes.
    Delivered,
    /// Refused by the provider, with its reason. Nothing was bought.
    Rejected,
    /// Cannot be decided by us: a person must look. A task says what to check.
    Parked,
}

impl OrderStatus {
    /// Whether nothing will change the order any more except a delivery.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Placed | Self::Delivered | Self::Rejected | Self::Parked)
    }

    /// Whether an order may go from here to there. Nothing leaves `delivered` and `rejected`; only a person moves a `parked`
    /// order on; a purchase that was made is never taken for one that was not.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        self.moves().contains(&next)
    }

    fn moves(self) -> &'static [Self] {
        match self {
            // Our call ends in one of these; a lease that ran out is `unknown`, or `queued` when surely nothing was sent.
            Self::Placing => &[Self::Placed, Self::Accepted, Self::Queued, Self::Unknown, Self::Rejected, Self::Parked],
            // Sent again, refused without sending (the plan is gone), or given up after the last attempt.
            Self::Queued => &[Self::Placing, Self::Rejected, Self::Parked],
            // The provider was asked: it has it, it has it under way, it surely has not, or it cannot say.
            Self::Unknown => &[Self::Placing, Self::Placed, Self::Accepted, Self::Rejected, Self::Parked, Self::Queued],
            Self::Accepted => &[Self::Placed, Self::Rejected, Self::Parked],
            Self::Placed => &[Self::Delivered],
            Self::Parked => &[Self::Placed, Self::Rejected],
            Self::Delivered | Self::Rejected => &[],
        }
    }

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Placing => "placing",
            Self::Queued => "queued",
            Self::Unknown => "unknown",
            Self::Placed => "placed",
            Self::Delivered => "delivered",
            Self::Rejected => "rejected",
            Self::Parked => "parked",
        }
    }
}

/// What is bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "purpose")]
pub enum Purpose {
    /// A new eSIM.
    NewEsim,
    /// More data or time on an eSIM that exists.
    TopUp {
        /// The eSIM.
        esim_id: EsimId,
    },
}

/// One order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Ours; also the reference that the provider is given.
    pub order_id: OrderId,
    /// Where it stands.
    pub status: OrderStatus,
    /// New eSIM or top-up.
    pub purpose: Purpose,
    /// The CRM's reference, handed back in every answer.
    pub external_reference: String,
    /// The plan as it was when ordered, or the one that the order was moved to.
    pub package: Package,
    /// The plans that the order was moved away from, the one that was ordered first.
    #[serde(default)]
    pub moved_from: Vec<Package>,
    /// When it is to be delivered, where that is not at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<DeliverLater>,
    /// The dossier it belongs to.
    pub booking_reference: Option<String>,
    /// The eSIM, once there is one.
    pub esim_id: Option<EsimId>,
    /// The provider's own order id, once known.
    pub provider_order_id: Option<String>,
    /// Times that the purchase was sent, or was about to be when we lost sight of it.
    pub attempts: u32,
    /// When the purchase was last sent (or about to be).
    pub sent_at: Option<Timestamp>,
    /// Whether the outcome of a sending was ever open. Never taken back, whatever was proven since: such an order stays where it is.
    /// Orders that were written before this was remembered count as such.
    #[serde(default = "yes")]
    pub perhaps_sent: bool,
    /// Whether the purchase was last sent in a way in which its absence at the provider proves nothing. Remembered with the sending: the
    /// account may be set otherwise by the time that it is looked for.
    #[serde(default)]
    pub absence_proves_nothing: bool,
    /// How often the provider had no such order, asked after the time that it would have shown by.
    pub absences: u32,
    /// How often asking the provider has failed.
    #[serde(default)]
    pub asks: u32,
    /// When the order was made.
    pub created_at: Timestamp,
    /// The call that made it.
    pub trace_id: TraceId,
    /// Every move, oldest first.
    pub history: Vec<Move>,
    /// Why it was rejected or parked, for people.
    pub problem: Option<Problem>,
}

fn yes() -> bool {
    true
}

/// The longest that an order's watch sleeps before its day: a queue keeps a message for four days, and lets it come back ten times before
/// it is sent anew.
const LONGEST_SLEEP: Duration = Duration::from_secs(6 * 3600);

/// How long after the time that an order is due its provider is asked for it.
const DONE_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// When a purchase is to be carried out that is made now (a future order).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverLater {
    /// The day, in the agency's time zone.
    pub deliver_on: Date,
    /// When the provider carries the order out: that day's first minute.
    pub due_at: Timestamp,
    /// Until when the provider lets it be cancelled, as it said.
    #[serde(default)]
    pub cancel_by: Option<Timestamp>,
    /// Whether nothing is asked before it is due: it was taken, or looked for in vain.
    #[serde(default)]
    pub waits: bool,
}

/// One move of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// When.
    pub at: Timestamp,
    /// To where.
    pub status: OrderStatus,
    /// Why, in plain words; never holds personal data.
    pub note: String,
}

/// Why an order ended without an eSIM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Machine-readable.
    pub code: String,
    /// The provider's reason, or ours, for people.
    pub detail: String,
}

impl Order {
    /// Moves the order and remembers the move.
    pub fn move_to(&mut self, status: OrderStatus, at: Timestamp, note: impl Into<String>) {
        self.status = status;
        self.history.push(Move { at, status, note: note.into() });
    }

    /// How long nothing is asked about the order, because it waits for its day; `None` when it does not.
    #[must_use]
    pub fn sleeps(&self, now: Timestamp) -> Option<Duration> {
        let due = self.later.as_ref().filter(|later| later.waits && now < later.due_at)?.due_at;
        let left = due.saturating_add(DONE_AFTER).map_or(due, |t| t).duration_since(now);
        Some(Duration::try_from(left).unwrap_or_default().min(LONGEST_SLEEP))
    }

    /// Since when the provider has had the time to deliver: the order's making, or its day.
    #[must_use]
    pub fn under_way_since(&self) -> Timestamp {
        self.later.as_ref().map_or(self.created_at, |later| later.due_at.max(self.created_at))
    }

    /// The plan that was asked for, wherever the order is now.
    #[must_use]
    pub fn ordered(&self) -> &Package {
        self.moved_from.first().unwrap_or(&self.package)
    }

    /// Whether the order may go to another account: it asks for a new eSIM, at once, and no sending of it was ever without a definite no.
    #[must_use]
    pub fn may_go_elsewhere(&self) -> bool {
        self.purpose == Purpose::NewEsim
            && self.later.is_none()
            && !self.perhaps_sent
            && self.provider_order_id.is_none()
            && self.esim_id.is_none()
    }

    /// Whether the order is, or was, at this account.
    #[must_use]
    pub fn was_at(&self, account: &AccountName) -> bool {
        self.package.provider == *account || self.moved_from.iter().any(|package| package.provider == *account)
    }

    /// Moves the order to another account's plan, to be sent there with fresh attempts; the caller has asked [`Self::may_go_elsewhere`].
    pub fn go_elsewhere(&mut self, package: Package, at: Timestamp, why: &str) {
        let note = format!("moved from {} to {}, not bought: {why}", self.package.package_id, package.package_id);
        self.moved_from.push(std::mem::replace(&mut self.package, package));
        (self.attempts, self.absences, self.asks, self.sent_at) = (0, 0, 0, None);
        self.move_to(OrderStatus::Queued, at, note);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use jiff::Timestamp;

    use super::super::{AccountName, EsimId, OrderId, Package, TraceId};
    use super::{DeliverLater, Order, Purpose};

    use super::OrderStatus::{self, Accepted, Delivered, Parked, Placed, Placing, Queued, Rejected, Unknown};

    const ALL: [OrderStatus; 8] = [Accepted, Placing, Queued, Unknown, Placed, Delivered, Rejected, Parked];

    /// One line a status, one column for each of `ALL`: `x` may become.
    const TABLE: [(OrderStatus, &str); 8] = [
        (Accepted, "....x.xx"),
        (Placing, "x.xxx.xx"),
        (Queued, ".x....xx"),
        (Unknown, "xxx.x.xx"),
        (Placed, ".....x.."),
        (Delivered, "........"),
        (Rejected, "........"),
        (Parked, "....x.x."),
    ];

    #[test]
    fn the_moves_are_these_and_no_others() {
        for (from, row) in TABLE {
            let moves: String = ALL.iter().map(|to| if from.may_become(*to) { 'x' } else { '.' }).collect();
            assert_eq!(moves, row, "from {from:?}");
        }
    }

    #[test]
    fn a_purchase_that_was_made_is_never_sent_again() {
        let mut reachable = vec![Placed];
        while let Some(more) = ALL.iter().find(|to| !reachable.contains(to) && reachable.iter().any(|from| from.may_become(**to))) {
            reachable.push(*more);
        }
        assert_eq!(reachable, [Placed, Delivered]);
    }

    fn package(id: &str) -> Package {
        let account = id.split(':').next().unwrap();
        serde_json::from_value(serde_json::json!({
            "package_id": id, "provider": account, "title": id, "iso_countries": ["JP"], "data_volume_mb": 1024, "validity_days": 7,
            "price": 4.5, "currency": "EUR", "network_operators": [], "topup": false,
        }))
        .unwrap()
    }

    fn queued() -> Order {
        Order {
            order_id: OrderId::parse("ord_1").unwrap(),
            status: Queued,
            purpose: Purpose::NewEsim,
            external_reference: "deal".to_owned(),
            package: package("a:x"),
            moved_from: Vec::new(),
            later: None,
            booking_reference: None,
            esim_id: None,
            provider_order_id: None,
            attempts: 5,
            sent_at: Some(Timestamp::UNIX_EPOCH),
            perhaps_sent: false,
            absence_proves_nothing: false,
            absences: 0,
            asks: 0,
            created_at: Timestamp::UNIX_EPOCH,
            trace_id: TraceId::parse("trace").unwrap(),
            history: Vec::new(),
            problem: None,
        }
    }

    #[test]
    fn an_order_goes_elsewhere_with_fresh_attempts_and_remembers_where_it_was() {
        let mut order = queued();
        order.go_elsewhere(package("b:y"), Timestamp::UNIX_EPOCH, "sold out");
        order.go_elsewhere(package("c:z"), Timestamp::UNIX_EPOCH, "sold out");
        assert_eq!((order.status, order.attempts, order.sent_at), (Queued, 0, None));
        assert_eq!((order.ordered().package_id.as_str(), order.package.package_id.as_str()), ("a:x", "c:z"));
        assert!(["a", "b", "c"].iter().all(|account| order.was_at(&AccountName::parse(account).unwrap())));
        assert!(!order.was_at(&AccountName::parse("d").unwrap()));
        assert_eq!(order.history.last().map(|step| step.note.as_str()), Some("moved from b:y to c:z, not bought: sold out"));
    }

    fn later() -> DeliverLater {
        let (deliver_on, due_at) = (jiff::civil::date(2027, 5, 2), "2027-05-01T22:00:00Z".parse().unwrap());
        DeliverLater { deliver_on, due_at, cancel_by: None, waits: true }
    }

    #[test]
    fn an_order_sleeps_until_its_day_six_hours_at_a_time() {
        let order = Order { later: Some(later()), ..queued() };
        let sleeps = |order: &Order, at: &str| order.sleeps(at.parse().unwrap()).map(|wait| wait.as_secs());
        assert_eq!(sleeps(&order, "2027-04-20T00:00:00Z"), Some(6 * 3600));
        assert_eq!(sleeps(&order, "2027-05-01T21:59:00Z"), Some(120));
        assert_eq!(sleeps(&order, "2027-05-01T22:00:00Z"), None);
        assert_eq!(order.under_way_since(), "2027-05-01T22:00:00Z".parse().unwrap());
        let asked = Order { later: Some(DeliverLater { waits: false, ..later() }), ..queued() };
        assert_eq!((sleeps(&asked, "2027-04-20T00:00:00Z"), sleeps(&queued(), "2027-04-20T00:00:00Z")), (None, None));
        assert_eq!(queued().under_way_since(), Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn what_may_have_been_sent_and_top_ups_stay_where_they_are() {
        assert!(queued().may_go_elsewhere());
        let esim_id = EsimId::parse("esim_1").unwrap();
        let stay = [
            Order { perhaps_sent: true, ..queued() },
            Order { provider_order_id: Some("4711".to_owned()), ..queued() },
            Order { esim_id: Some(esim_id.clone()), ..queued() },
            Order { purpose: Purpose::TopUp { esim_id }, ..queued() },
            Order { later: Some(later()), ..queued() },
        ];
        assert!(stay.iter().all(|order| !order.may_go_elsewhere()));
    }

    #[test]
    fn an_order_from_before_this_was_remembered_stays_where_it_is() {
        let mut json = serde_json::to_value(queued()).unwrap();
        for new in ["perhaps_sent", "moved_from"] {
            json.as_object_mut().unwrap().remove(new);
        }
        assert!(!serde_json::from_value::<Order>(json).unwrap().may_go_elsewhere());
    }

    #[test]
    fn settled_orders_are_left_to_deliveries_and_people() {
        for from in ALL.into_iter().filter(|status| status.is_settled()) {
            assert!(![Placing, Queued, Unknown, Accepted].iter().any(|to| from.may_become(*to)), "{from:?}");
        }
    }

    #[test]
    fn the_word_on_the_wire_is_the_word_in_the_table() {
        for status in ALL {
            assert_eq!(serde_json::to_value(status).ok(), Some(status.as_str().into()));
        }
    }
}
