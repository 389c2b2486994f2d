//! `GET balance` (Airalo Partner API v2, endpoints): `data.balances` is an object, or an empty list where there is no account.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::{One, success};
use crate::domain::Money;
use crate::outbound::Answer;
use crate::providers::{ProviderError, lenient};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Balances {
    available_balance: Available,
}

#[derive(Deserialize)]
struct Available {
    #[serde(default, deserialize_with = "lenient::decimal")]
    amount: Option<Decimal>,
    currency: String,
}

const NONE: ProviderError = ProviderError::Unknown("the provider names no balance");

/// An account that is overdrawn has nothing left.
pub(in super::super) fn read(answer: &Answer) -> Result<Money, ProviderError> {
    let data: Value = success::<One<Value>>(answer)?.data;
    let balances = data.get("balances").cloned().and_then(|balances| serde_json::from_value::<Balances>(balances).ok());
    let available = balances.ok_or(NONE)?.available_balance;
    Money::new(available.amount.ok_or(NONE)?.max(Decimal::ZERO), &available.currency).map_err(|_| NONE)
}
