//! What a source of exchange rates answers.

use crate::{domain::Rates, rates::ecb};

/// Whatever is read of a file is kept as it was read, and can be converted both ways, or not at all.
pub(super) fn exchange_rates(bytes: &[u8]) {
    let Ok(rates) = ecb::read(bytes) else { return };
    let kept = serde_json::to_string(&rates).expect("what we keep is written");
    assert_eq!(serde_json::from_str::<Rates>(&kept).expect("what we write, we read"), rates);
    let all: Vec<_> = rates.currencies().collect();
    for (from, into) in all.iter().flat_map(|from| all.iter().map(move |into| (*from, *into))) {
        assert!(rates.between(from, into).is_none_or(|rate| rate.factor > rust_decimal::Decimal::ZERO));
    }
}
