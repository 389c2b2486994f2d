//! Prices as each language writes them, and what the agency adds.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::{
    config::PageSettings,
    domain::{Locale, Money},
};

/// What is paid, and what is asked for it where the agency said how much it adds.
pub(super) struct Price {
    pub(super) cost: String,
    pub(super) sale: Option<String>,
    pub(super) margin: Option<String>,
}

impl Price {
    pub(super) fn of(cost: Money, settings: &PageSettings, locale: Locale) -> Self {
        let sale = settings.margin_percent.and_then(|percent| sale(cost, percent));
        Self {
            cost: written(cost, locale),
            sale: sale.map(|sale| written(sale, locale)),
            margin: sale.map(|sale| written(Money { amount: sale.amount - cost.amount, ..cost }, locale)),
        }
    }
}

/// What is asked for something that costs so much, rounded to the coin.
pub(crate) fn sale(cost: Money, percent: Decimal) -> Option<Money> {
    let amount = cost.amount.checked_mul(Decimal::ONE_HUNDRED.checked_add(percent)?)?.checked_div(Decimal::ONE_HUNDRED)?;
    Some(Money { amount: amount.round_dp_with_strategy(minor_digits(cost), RoundingStrategy::MidpointAwayFromZero), ..cost })
}

fn minor_digits(money: Money) -> u32 {
    u32::from(money.currency.exponent().unwrap_or(2))
}

/// `4,50 €`, `1 234,00 USD`; `€4.50`, `USD 1,234.00`.
pub(super) fn written(money: Money, locale: Locale) -> String {
    let digits = minor_digits(money).max(money.amount.normalize().scale().min(4));
    let number = format!("{:.1$}", money.amount, digits as usize);
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let (group, point) = match locale {
        Locale::Fr => ('\u{202f}', ','),
        Locale::En => (',', '.'),
    };
    let mut text = grouped(whole, group);
    if !fraction.is_empty() {
        text.push(point);
        text.push_str(fraction);
    }
    match (locale, money.currency.code()) {
        (Locale::Fr, "EUR") => format!("{text}\u{a0}€"),
        (Locale::Fr, code) => format!("{text}\u{a0}{code}"),
        (Locale::En, "EUR") => format!("€{text}"),
        (Locale::En, code) => format!("{code}\u{a0}{text}"),
    }
}

fn grouped(digits: &str, separator: char) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::{Price, written};
    use crate::{
        config::PageSettings,
        domain::{Locale, Money},
    };
    use rust_decimal::Decimal;

    fn money(amount: Decimal, currency: &str) -> Money {
        Money::new(amount, currency).unwrap()
    }

    #[test]
    fn amounts_are_written_as_each_language_writes_them() {
        let plain = |text: String| text.replace(['\u{a0}', '\u{202f}'], " ");
        assert_eq!(plain(written(money(Decimal::new(45, 1), "EUR"), Locale::Fr)), "4,50 €");
        assert_eq!(plain(written(money(Decimal::new(123_456, 2), "USD"), Locale::Fr)), "1 234,56 USD");
        assert_eq!(plain(written(money(Decimal::new(123_456, 2), "EUR"), Locale::En)), "€1,234.56");
        assert_eq!(plain(written(money(Decimal::new(900, 0), "JPY"), Locale::En)), "JPY 900");
    }

    #[test]
    fn the_margin_is_what_is_added_and_rounded_to_the_coin() {
        let settings = PageSettings { margin_percent: Some(Decimal::from(25)), ..PageSettings::default() };
        let price = Price::of(money(Decimal::new(450, 2), "EUR"), &settings, Locale::En);
        assert_eq!((price.sale.as_deref(), price.margin.as_deref()), (Some("€5.63"), Some("€1.13")));
        assert!(Price::of(money(Decimal::ONE, "EUR"), &PageSettings::default(), Locale::En).sale.is_none());
    }
}
