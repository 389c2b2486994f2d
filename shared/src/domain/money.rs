//! Money: a decimal amount and its ISO 4217 currency, never a float in our own arithmetic.

use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Invalid;

/// An amount. On the wire: `price` (JSON number) with its `currency` beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Money {
    /// Decimal units of the currency (euros, not cents).
    #[serde(rename = "price", serialize_with = "decimal_number::serialize")]
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: Currency,
}

/// An amount as it is read, before it is known to be one.
#[derive(Deserialize)]
struct Written {
    #[serde(with = "decimal_number")]
    price: Decimal,
    currency: String,
}

impl TryFrom<Written> for Money {
    type Error = Invalid;
    fn try_from(written: Written) -> Result<Self, Invalid> {
        Self::new(written.price, &written.currency)
    }
}

impl Money {
    /// An amount in a currency named by its ISO 4217 code.
    ///
    /// # Errors
    /// [`Invalid`] for a code that ISO 4217 does not know, or a negative amount.
    pub fn new(amount: Decimal, currency: &str) -> Result<Self, Invalid> {
        let currency = Currency::from_code(&currency.trim().to_ascii_uppercase()).ok_or(Invalid("must be an ISO 4217 currency code"))?;
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err(Invalid("must not be negative"));
        }
        Ok(Self { amount, currency })
    }
}

/// Decimals as JSON numbers, read from numbers or texts, without passing through binary fractions.
pub mod decimal_number {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use serde_json::{Number, Value};
    use std::str::FromStr;

    /// Writes a JSON number.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        let number = Number::from_str(&amount.normalize().to_string()).map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }

    /// Reads a JSON number or a text that holds one.
    ///
    /// # Errors
    /// When the value is neither.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        read(&Value::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("must be a number"))
    }

    /// The decimal that a JSON number or text spells.
    #[must_use]
    pub fn read(value: &Value) -> Option<Decimal> {
        let text = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.trim().to_owned(),
            _ => return None,
        };
        Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::Money;
    use rust_decimal::Decimal;

    #[test]
    fn money_is_a_number_with_its_currency_beside_it() {
        let money = Money::new(Decimal::new(450, 2), "usd").unwrap();
        let json = serde_json::to_string(&money).unwrap();
        assert_eq!(json, r#"{"price":4.5,"currency":"USD"}"#);
        assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        assert_eq!(serde_json::from_str::<Money>(r#"{"price":"0.10","currency":"EUR"}"#).unwrap().amount, Decimal::new(1, 1));
    }

    #[test]
    fn unknown_currencies_and_negative_amounts_are_refused() {
        assert!(Money::new(Decimal::ONE, "EURO").is_err());
        assert!(Money::new(-Decimal::ONE, "EUR").is_err());
    }

    #[test]
    fn what_is_not_an_amount_is_not_read() {
        for json in [
            r#"{"price":-1,"currency":"EUR"}"#,
            r#"{"price":"-0.01","currency":"EUR"}"#,
            r#"{"price":1,"currency":"ZZZ"}"#,
            r#"{"price":"1,50","currency":"EUR"}"#,
            r#"{"price":"","currency":"EUR"}"#,
            r#"{"price":null,"currency":"EUR"}"#,
            r#"{"price":true,"currency":"EUR"}"#,
            r#"{"price":1e300,"currency":"EUR"}"#,
            r#"{"price":1}"#,
        ] {
            assert!(serde_json::from_str::<Money>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (json, amount) in
            [("4.10", "4.1"), ("\"4.10\"", "4.1"), ("0.1", "0.1"), ("1e2", "100"), ("1.5E-3", "0.0015"), ("0", "0"), ("-0", "0")]
        {
            let money: Money = serde_json::from_str(&format!(r#"{{"price":{json},"currency":"usd"}}"#)).unwrap();
            assert_eq!(money.amount.normalize().to_string().trim_start_matches('-'), amount, "{json}");
        }
    }

    proptest::proptest! {
        #[test]
        fn prices_survive_json(cents in 0_u32..100_000_000, scale in 0_u32..5) {
            let money = Money::new(Decimal::new(i64::from(cents), scale), "EUR").unwrap();
            let json = serde_json::to_string(&money).unwrap();
            proptest::prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        }
    }
}
