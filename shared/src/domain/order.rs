//! An order: at most one purchase, whatever happens.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{EsimId, OrderId, Package, TraceId};

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
    /// The plan as it was when ordered.
    pub package: Package,
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
}

#[cfg(test)]
mod tests {
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
