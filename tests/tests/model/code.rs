//! What protects the promises: the conditions of the code, each of which can be taken away, and the kinds of providers.

/// How a provider can be asked about an order (`providers::Recovery`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// The same key is answered with the same order. Requests of one key count in the order in which they were sent: once a later
    /// one is answered, an earlier one has had its effect or never will.
    Keyed,
    /// As `Keyed`, but an earlier request may still come to life after a later one was answered.
    KeyedOutOfOrder,
    /// Orders are listed. A purchase is made and shown within `visible_after` of sending, and until then it may be missing from
    /// any answer; afterwards one answer may still miss it (a list that shifts while its pages are read), never two.
    ListAndMatch,
    /// Cannot be asked.
    None,
}

impl Provider {
    /// Whether sending the same request again is answered with the same purchase.
    pub fn is_keyed(self) -> bool {
        matches!(self, Self::Keyed | Self::KeyedOutOfOrder)
    }
}

/// The conditions, all true in the code as it is.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    /// `Transaction::claim_key`: only when nobody has the key.
    pub claims_an_unused_key_only: bool,
    /// `Transaction::write_order`: only with the table's owner and attempt.
    pub fences_writes: bool,
    /// `Store::take_order`: only when the order was not written since it was read.
    pub takes_what_it_read: bool,
    /// `purchase::call` and `purchase::ask`: what may buy must end before the lease does.
    pub sends_within_the_lease: bool,
    /// `purchase::ask`: the same for the question to a keyed provider, which is a purchase.
    pub asks_within_the_lease: bool,
    /// `purchase::unclear`: no answer means `unknown`, not `queued`.
    pub asks_before_sending_again: bool,
    /// `purchase::ask::absent`: absence counts only `visible_after` after sending.
    pub waits_until_visible: bool,
    /// `purchase::ask`: by the time at which the question was asked, not at which the answer was read.
    pub dates_absence_by_the_question: bool,
    /// `purchase::ask::absent`: so many absences are proof.
    pub absences_needed: u8,
    /// `Order::may_go_elsewhere`: only while every sending had a definite no (`perhaps_sent`).
    pub stays_where_it_may_be_bought: bool,
    /// `place_order::Claim::purchase`: the claim's transaction holds the watch.
    pub watches_from_the_claim: bool,
}

impl Code {
    /// As it is.
    pub const AS_WRITTEN: Self = Self {
        claims_an_unused_key_only: true,
        fences_writes: true,
        takes_what_it_read: true,
        sends_within_the_lease: true,
        asks_within_the_lease: true,
        asks_before_sending_again: true,
        waits_until_visible: true,
        dates_absence_by_the_question: true,
        absences_needed: 2,
        stays_where_it_may_be_bought: true,
        watches_from_the_claim: true,
    };
}

/// Times that a purchase is sent at most (`purchase::MOST_ATTEMPTS`, 5 in the code).
pub const MOST_ATTEMPTS: u8 = 2;
/// Times that a provider is asked in vain (`ask::MOST_ASKS`, 12 in the code).
pub const MOST_ASKS: u8 = 2;
/// Accounts of the agency, which are providers of one kind here.
pub const ACCOUNTS: usize = 2;
/// Times that the client calls with its one key.
pub const CALLS: u8 = 2;
