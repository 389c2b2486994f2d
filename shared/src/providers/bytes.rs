//! Bytes as the contract's MB of 1,048,576 bytes (mapping, MB rule).

use rust_decimal::{Decimal, prelude::ToPrimitive};

const A_MEGABYTE: Decimal = Decimal::from_parts(1_048_576, 0, 0, false, 0);

/// Used, or in a plan: cut off, so that no threshold is reached early and nothing is promised that is not there.
pub(super) fn used(bytes: Decimal) -> Option<u64> {
    bytes.max(Decimal::ZERO).checked_div(A_MEGABYTE)?.floor().to_u64()
}

/// Left: rounded up, so that nothing is called used up while something is left.
pub(super) fn left(bytes: Decimal) -> Option<u64> {
    bytes.max(Decimal::ZERO).checked_div(A_MEGABYTE)?.ceil().to_u64()
}

#[cfg(test)]
mod tests {
    use super::{left, used};
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    #[test]
    fn a_megabyte_is_binary() {
        assert_eq!((used(Decimal::from(314_572_800)), left(Decimal::from(314_572_800))), (Some(300), Some(300)));
        assert_eq!((used(Decimal::from(1_048_575)), left(Decimal::ONE)), (Some(0), Some(1)));
        assert_eq!((used(-Decimal::ONE), left(-Decimal::ONE)), (Some(0), Some(0)));
    }

    proptest! {
        #[test]
        fn used_and_left_never_exceed_what_there_is_by_more_than_a_megabyte(total in 0_u64..1_u64 << 50, share in 0_u64..=1_000) {
            let spent = total / 1_000 * share;
            let (used, left) = (used(Decimal::from(spent)), left(Decimal::from(total - spent)));
            let all = used.zip(left).map(|(used, left)| used + left);
            prop_assert!(all.is_some_and(|all| all >= total / 1_048_576 && all <= total / 1_048_576 + 1));
        }
    }
}
