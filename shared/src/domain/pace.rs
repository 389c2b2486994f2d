//! How long a plan's data lasts if it goes on being used as it was so far.

use jiff::{SignedDuration, Timestamp};

use super::esim::Plan;

/// A pace is told only after this time of use: one film on the first evening says nothing of a trip.
const LEAST_TIME: SignedDuration = SignedDuration::from_hours(12);

/// What a plan's pace leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// The data lasts to the plan's end.
    Enough,
    /// The data is used up before the plan's end, or at a moment when the end is not known.
    UsedUp(Timestamp),
}

impl Plan {
    /// Where the pace so far leads. `None` while it cannot be told: nothing used, no limit, used up, or too short a time.
    #[must_use]
    pub fn pace(&self) -> Option<Pace> {
        let (total, measured_at) = (self.total_mb?, self.measured_at?);
        let since = self.activated_at.or_else(|| self.days.iter().find(|day| day.used_mb > 0).map(|day| day.at))?;
        let (time, left) = (measured_at.duration_since(since), total.checked_sub(self.used_mb).filter(|left| *left > 0)?);
        if time < LEAST_TIME || self.used_mb == 0 {
            return None;
        }
        let seconds = i128::from(time.as_secs()) * i128::from(left) / i128::from(self.used_mb);
        let lasts = i64::try_from(seconds).ok().and_then(|seconds| measured_at.checked_add(SignedDuration::from_secs(seconds)).ok());
        match (lasts, self.expires_at) {
            (None, _) => Some(Pace::Enough),
            (Some(until), Some(end)) if until >= end => Some(Pace::Enough),
            (Some(until), _) => Some(Pace::UsedUp(until)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::Pace;
    use crate::domain::{Money, OrderId, Package, PackageId, esim::Plan};
    use jiff::Timestamp;
    use rust_decimal::Decimal;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn plan(used_mb: u64, total_mb: Option<u64>, measured_at: &str) -> Plan {
        Plan {
            order_id: OrderId::parse("ord_1").unwrap(),
            package: Package {
                package_id: PackageId::parse("a:b").unwrap(),
                provider: crate::domain::AccountName::parse("a").unwrap(),
                title: String::new(),
                iso_countries: Vec::new(),
                data_volume_mb: total_mb,
                validity_days: 10,
                price: Money::new(Decimal::ONE, "EUR").unwrap(),
                network_operators: Vec::new(),
                topup: true,
            },
            begun_at: at("2027-05-01T00:00:00Z"),
            previous_expires_at: None,
            used_mb,
            total_mb,
            activated_at: Some(at("2027-05-03T00:00:00Z")),
            expires_at: Some(at("2027-05-13T00:00:00Z")),
            measured_at: Some(at(measured_at)),
            told: Vec::new(),
            days: Vec::new(),
        }
    }

    #[test]
    fn half_the_data_in_two_days_is_all_of_it_in_four() {
        assert_eq!(plan(500, Some(1000), "2027-05-05T00:00:00Z").pace(), Some(Pace::UsedUp(at("2027-05-07T00:00:00Z"))));
        assert_eq!(plan(100, Some(1000), "2027-05-05T00:00:00Z").pace(), Some(Pace::Enough));
    }

    #[test]
    fn nothing_is_said_where_nothing_can_be_known() {
        for silent in [
            plan(0, Some(1000), "2027-05-05T00:00:00Z"),
            plan(500, None, "2027-05-05T00:00:00Z"),
            plan(1000, Some(1000), "2027-05-05T00:00:00Z"),
            plan(500, Some(1000), "2027-05-03T02:00:00Z"),
        ] {
            assert_eq!(silent.pace(), None);
        }
        assert_eq!(plan(1, Some(u64::MAX), "2027-05-05T00:00:00Z").pace(), Some(Pace::Enough), "no overflow");
    }
}
