//! Celitech's packages are bought by what they are: our id of one spells destination, gigabytes and days, `jp-1gb-7d`.

use rust_decimal::Decimal;
use std::{fmt, str::FromStr};

/// The durations that can be bought, in days, the longest first (Celitech, `POST /purchases/v2`).
const DURATIONS: [u32; 6] = [90, 30, 14, 7, 2, 1];

/// What a purchase names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// ISO 3166-1 alpha-2.
    pub(super) destination: String,
    /// GB of 1,024 MB.
    pub(super) gigabytes: Decimal,
    /// One of the durations that can be bought.
    pub(super) days: u32,
}

impl Plan {
    /// Reads an id of our making.
    pub(super) fn parse(id: &str) -> Option<Self> {
        let mut parts = id.splitn(3, '-');
        let destination = parts.next().filter(|code| code.len() == 2)?.to_ascii_uppercase();
        let gigabytes = Decimal::from_str(parts.next()?.strip_suffix("gb")?).ok().filter(|size| size.is_sign_positive())?;
        let days = parts.next()?.strip_suffix('d')?.parse().ok()?;
        Some(Self { destination, gigabytes, days })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}gb-{}d", self.destination.to_ascii_lowercase(), self.gigabytes.normalize(), self.days)
    }
}

/// A package has a range of days at one price: the longest duration of it that can be bought.
pub(super) fn longest_duration(min_days: u64, max_days: u64) -> Option<u32> {
    DURATIONS.into_iter().find(|days| (min_days..=max_days).contains(&u64::from(*days)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::{DURATIONS, Plan, longest_duration};
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    #[test]
    fn an_id_spells_what_is_bought() {
        let plan = Plan { destination: "JP".to_owned(), gigabytes: Decimal::new(5, 1), days: 7 };
        assert_eq!(plan.to_string(), "jp-0.5gb-7d");
        for nonsense in ["", "jp", "jp-gb-7d", "jp-1gb", "jpn-1gb-7d", "jp--1gb-7d", "jp-1gb-7", "jp-1gb-7d-x"] {
            assert_eq!(Plan::parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn the_longest_duration_within_the_range_is_sold() {
        assert_eq!(longest_duration(1, 30), Some(30));
        assert_eq!(longest_duration(1, 29), Some(14));
        assert_eq!(longest_duration(7, 7), Some(7));
        assert_eq!(longest_duration(3, 5), None);
        assert_eq!(longest_duration(30, 7), None);
    }

    proptest! {
        #[test]
        fn what_is_spelled_is_read_again(country in "[A-Z]{2}", half_gigabytes in 1_i64..200, nth in 0_usize..6) {
            let days = *DURATIONS.get(nth).unwrap();
            let plan = Plan { destination: country, gigabytes: (Decimal::from(half_gigabytes) / Decimal::from(2)).normalize(), days };
            prop_assert_eq!(Plan::parse(&plan.to_string()), Some(plan));
        }
    }
}
