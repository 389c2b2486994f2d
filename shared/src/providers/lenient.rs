//! Reading JSON that providers write loosely: numbers as texts, lists as objects, dates without zone. A field that cannot be
//! read is `None`; whoever needs it decides what that means.

use jiff::{Timestamp, civil, tz::TimeZone};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;
use std::fmt;

use crate::domain::money::decimal_number;

/// A text, or a number as text. Empty texts are absent.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(text_of(&Value::deserialize(deserializer)?))
}

/// As [`text()`], from a value.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A decimal, from a number or a text.
pub(super) fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    Ok(decimal_number::read(&Value::deserialize(deserializer)?))
}

/// A whole number of zero or more, from a number or a text; fractions are cut off.
pub(super) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(decimal(deserializer)?.filter(|n| !n.is_sign_negative() || n.is_zero()).and_then(|n| n.floor().to_u64()))
}

/// MB used, from a number or a text: cut off, so that no threshold is reached early. Less than nothing is nothing.
pub(super) fn megabytes_used<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(decimal(deserializer)?.and_then(|n| n.max(Decimal::ZERO).floor().to_u64()))
}

/// MB left, from a number or a text: rounded up, so that nothing is called used up while something is left. Less than nothing,
/// as some providers count overuse, is nothing.
pub(super) fn megabytes_left<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(decimal(deserializer)?.and_then(|n| n.max(Decimal::ZERO).ceil().to_u64()))
}

/// Yes or no: a boolean, 0 or 1, or a word. Absent and empty are no.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(yes) => yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(word) => !matches!(word.trim().to_ascii_lowercase().as_str(), "" | "0" | "false" | "no" | "none" | "null"),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    })
}

/// The difference between a field that is `null` (`Some(Value::Null)`) and one that is not there (`None`, by `serde(default)`).
pub(super) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A list, or an object whose values are the list, in the order they are written. Anything else is no list at all, which is
/// not the same as an empty one.
pub(super) fn rows<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Value>>, D::Error> {
    deserializer.deserialize_any(Rows)
}

/// As [`rows`], with nothing in place of no list: for lists that may be missing.
pub(super) fn rows_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    Ok(rows(deserializer)?.unwrap_or_default())
}

struct Rows;

impl<'de> de::Visitor<'de> for Rows {
    type Value = Option<Vec<Value>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = list.next_element()? {
            rows.push(row);
        }
        Ok(Some(rows))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while let Some((_, row)) = map.next_entry::<de::IgnoredAny, Value>()? {
            rows.push(row);
        }
        Ok(Some(rows))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// A moment: ISO 8601 with a zone, or without one, which is UTC (Airalo Partner API v2, adapter checklist).
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| utc(text.parse().ok()?))
}

/// The moment that something ends. A day alone ends with its last second, UTC: the traveller is not told of an end too early.
pub(super) fn end(text: &str) -> Option<Timestamp> {
    match text.trim() {
        day if day.len() == 10 => utc(day.parse::<civil::Date>().ok()?.at(23, 59, 59, 0)),
        other => moment(other),
    }
}

fn utc(moment: civil::DateTime) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(moment).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::{end, moment};
    use serde::Deserialize;
    use serde_json::Value;

    #[derive(Deserialize)]
    struct Loose {
        #[serde(default, deserialize_with = "super::whole")]
        whole: Option<u64>,
        #[serde(default, deserialize_with = "super::megabytes_left")]
        left: Option<u64>,
        #[serde(default, deserialize_with = "super::flag")]
        flag: bool,
        #[serde(default, deserialize_with = "super::rows")]
        rows: Option<Vec<Value>>,
        #[serde(default, deserialize_with = "super::present")]
        present: Option<Value>,
    }

    fn loose(json: &str) -> Loose {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn numbers_may_be_texts_and_nonsense_is_absent() {
        for (json, whole) in
            [("7", Some(7)), ("\"7\"", Some(7)), ("7.9", Some(7)), ("-1", None), ("\"seven\"", None), ("null", None), ("[]", None)]
        {
            assert_eq!(loose(&format!("{{\"whole\":{json}}}")).whole, whole, "{json}");
        }
        assert_eq!(loose(r#"{"left":0.2}"#).left, Some(1));
        assert_eq!(loose(r#"{"left":"-3"}"#).left, Some(0));
    }

    #[test]
    fn flags_have_many_spellings() {
        for (json, flag) in
            [("true", true), ("1", true), ("\"yes\"", true), ("0", false), ("\"false\"", false), ("null", false), ("\"\"", false)]
        {
            assert_eq!(loose(&format!("{{\"flag\":{json}}}")).flag, flag, "{json}");
        }
    }

    #[test]
    fn lists_may_be_objects_and_keep_their_order() {
        let order = |json: &str| loose(json).rows.map(|rows| rows.iter().filter_map(Value::as_u64).collect::<Vec<_>>());
        assert_eq!(order(r#"{"rows":[3,1]}"#), Some(vec![3, 1]));
        assert_eq!(order(r#"{"rows":{"10":3,"9":1}}"#), Some(vec![3, 1]));
        assert_eq!(order(r#"{"rows":{}}"#), Some(vec![]));
        for nothing in ["null", "1", "-1", "1.5", "true", "\"x\""] {
            assert_eq!(order(&format!("{{\"rows\":{nothing}}}")), None, "{nothing}");
        }
        assert_eq!(order("{}"), None);
    }

    #[test]
    fn null_is_not_absent() {
        assert_eq!(loose(r#"{"present":null}"#).present, Some(Value::Null));
        assert_eq!(loose("{}").present, None);
    }

    #[test]
    fn dates_without_zone_are_utc_and_days_end_late() {
        let noon = "2026-11-20T12:00:00Z".parse().unwrap();
        for text in
            ["2026-11-20 12:00:00", "2026-11-20T12:00:00", "2026-11-20T12:00:00Z", "2026-11-20T13:00:00+01:00", " 2026-11-20 12:00:00 "]
        {
            assert_eq!(moment(text), Some(noon), "{text}");
            assert_eq!(end(text), Some(noon), "{text}");
        }
        assert_eq!(end("2026-11-20"), Some("2026-11-20T23:59:59Z".parse().unwrap()));
        for nonsense in ["", "soon", "0000-00-00 00:00:00", "2026-02-30", "99999-01-01"] {
            assert_eq!(end(nonsense), None, "{nonsense}");
        }
    }
}
