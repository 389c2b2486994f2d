//! What each provider can and cannot do, as data: nothing is pretended.

use std::time::Duration;

use crate::domain::recommend::Retrieval;

/// How a purchase whose outcome is unknown is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// The same request with the same key is answered with the same order: asking is sending again.
    Keyed,
    /// As [`Self::Keyed`], for so long after the first sending: later the same request would buy again, and a person is asked.
    KeyedFor {
        /// How long the provider remembers a key, less our caution.
        remembered: Duration,
    },
    /// Orders can be listed and compared with our reference; an order may take `visible_after` to show up,
    /// so that only absence after that time, seen twice, proves that nothing was bought.
    ListAndMatch {
        /// How long after sending an order may still be missing from the list.
        visible_after: Duration,
    },
    /// Orders can be listed but carry nothing of ours: they are matched by package and time. Those that another order of ours has
    /// claimed do not count; which of our open orders gets which of the others makes no difference, as they bought the same.
    /// The account must have one buyer: us.
    ListByTime {
        /// As for [`Self::ListAndMatch`].
        visible_after: Duration,
    },
    /// Purchases can be found, but may take any time to show up: absence proves nothing. They are looked for during `look_for`, then
    /// a person must look.
    FindOnly {
        /// How long after sending an order is looked for.
        look_for: Duration,
    },
    /// The provider cannot be asked: a person must look.
    None,
}

/// How long an order is looked for that may be carried out some time, by a provider that promises nothing: minutes are usual, and a person
/// is asked rather than the traveller kept waiting for longer.
const LOOK_FOR: Duration = Duration::from_secs(60 * 60);

impl Recovery {
    /// Whether an order that is not found may still have been taken.
    #[must_use]
    pub fn absence_proves_nothing(self) -> bool {
        matches!(self, Self::FindOnly { .. })
    }

    /// The same for an order whose absence proves nothing, whatever that of others does.
    #[must_use]
    pub const fn without_proof_of_absence(self) -> Self {
        match self {
            Self::ListAndMatch { .. } | Self::ListByTime { .. } => Self::FindOnly { look_for: LOOK_FOR },
            other => other,
        }
    }

    /// The same for comparing offers: how safely a purchase is found again.
    #[must_use]
    pub fn retrieval(self) -> Retrieval {
        match self {
            Self::Keyed | Self::KeyedFor { .. } => Retrieval::ByKey,
            Self::ListAndMatch { .. } => Retrieval::ByReference,
            Self::ListByTime { .. } => Retrieval::ByTime,
            Self::FindOnly { .. } | Self::None => Retrieval::ByPerson,
        }
    }
}

/// Which states and events the provider lets us see, by push or by poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observes {
    /// The profile arrived on the device.
    pub installed: bool,
    /// The plan started.
    pub activated: bool,
    /// The plan ended.
    pub expired: bool,
    /// Thresholds are pushed at exactly 80 and 100 %; otherwise they are derived from usage.
    pub thresholds: bool,
}

/// How the provider's webhooks are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// HMAC over the body: the event itself can be believed.
    Hmac,
    /// Not signed: a hint, the truth is read back.
    None,
    /// Signed with a certificate (Amazon SNS), which is fetched and checked where the account names its topic: a hint in any case.
    Certificate,
    /// It tells nothing by itself: everything is polled.
    NoWebhooks,
}

impl Signature {
    /// Whether what comes is a hint at most, because anybody may have sent it where nothing is checked.
    #[must_use]
    pub fn proves_nothing(self) -> bool {
        matches!(self, Self::None | Self::Certificate)
    }
}

/// When an order's codes come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// In the answer to the order.
    WithTheAnswer,
    /// After it: the order is asked about until they are there.
    Later,
    /// Buying takes longer than an API answer may: only workers buy, and the codes are known before the plan is bought.
    ByWorkers,
}

/// One provider's abilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Name for people.
    pub name: &'static str,
    /// How an unknown purchase is found.
    pub recovery: Recovery,
    /// How an unknown top-up is found.
    pub topup_recovery: Recovery,
    /// What can be seen.
    pub observes: Observes,
    /// How webhooks are signed.
    pub signature: Signature,
    /// Whether webhooks carry a signed time, so that old ones can be refused.
    pub timestamped_webhooks: bool,
    /// How old a usage answer may be: asking sooner gains nothing.
    pub usage_staleness: Duration,
    /// Usage calls a minute that the account allows.
    pub usage_calls_per_minute: u32,
    /// When an order's codes come.
    pub delivery: Delivery,
    /// How it is learned that the agency's credit runs low, for people.
    pub credit: &'static str,
    /// What topping up does, for people.
    pub top_up: &'static str,
    /// How a purchase can be taken back: by a person at the provider, never by us.
    pub taking_back: &'static str,
    /// What it tells travellers about their phones, for people.
    pub phones: &'static str,
    /// Checks of the traveller's identity.
    pub identity: &'static str,
    /// What the provider's documents say of TLS.
    pub tls: &'static str,
}
