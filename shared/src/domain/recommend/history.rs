//! What is known of how much data the traveller, or the agency's travellers, use.

use iso_currency::Currency;

/// Data need assumed where there is no history, MB a day.
///
/// An assumption, not a measurement: maps, messages with pictures and some pages come to a few hundred MB a day, video would
/// take more than any ordinary plan holds. Half a gigabyte also keeps a one-gigabyte week from looking sufficient for nine days.
/// One observed trip replaces it.
pub const DEFAULT_MB_PER_DAY: u32 = 500;

/// Own experience that offers are weighed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    /// Average use, MB of 1,048,576 bytes a day; `None` when nothing was observed yet.
    pub mb_per_day: Option<u32>,
    /// Currency to compare prices in: the agency's. Where no offer is sold in it, or it is `None`, the first by code of those that are.
    pub currency: Option<Currency>,
}

impl History {
    /// The average of `used_mb` over `days` of use, rounded up; nothing observed when there was no day.
    #[must_use]
    pub fn observed(used_mb: u64, days: u32, currency: Option<Currency>) -> Self {
        let average = (days > 0).then(|| used_mb.div_ceil(u64::from(days)));
        Self { mb_per_day: average.map(|mb| u32::try_from(mb).unwrap_or(u32::MAX)), currency }
    }

    /// What a day is thought to need, MB.
    #[must_use]
    pub fn need_mb_per_day(&self) -> u32 {
        self.mb_per_day.unwrap_or(DEFAULT_MB_PER_DAY)
    }
}
