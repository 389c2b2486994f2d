//! Money: a decimal amount and its ISO 4217 currency, never a float in our own arithmetic.

use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Invalid;

/// An amount. On the wire: `price` (JSON number) with its `currency` beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Decimal units of the currency (euros, not cents).
    #[serde(rename = "price", with = "decimal_number")]
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: Currency,
}

impl Money {
    /// An amount in a currency named by its ISO 4217 code.
    ///
    /// # Errors
    /// [`Invalid`] for a code that ISO 4217 does not know, or a negative amount.
    pub fn new(amount: Decimal, currency: &str) -> Result<Self, Invalid> {
        let currency = Currency::from_code(&currency.to_ascii_uppercase()).ok_or(Invalid("must be an ISO 4217 currency code"))?;
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
}
