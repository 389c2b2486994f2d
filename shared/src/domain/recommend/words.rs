//! Numbers in words, in our two languages.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::{Locale, Money};

/// `1 jour`, `9 days`. Nothing is singular in French, plural in English.
pub(super) fn days(count: u32, locale: Locale) -> String {
    let word = match (locale, count) {
        (Locale::Fr, 0 | 1) => "jour",
        (Locale::Fr, _) => "jours",
        (Locale::En, 1) => "day",
        (Locale::En, _) => "days",
    };
    format!("{count} {word}")
}

/// `500 Mo`, `1.5 GB`: gigabytes of 1,024 MB, cut to one decimal so that no more is promised than there is.
pub(super) fn data(mb: u64, locale: Locale) -> String {
    let (small, large) = match locale {
        Locale::Fr => ("Mo", "Go"),
        Locale::En => ("MB", "GB"),
    };
    if mb < 1024 {
        return format!("{mb} {small}");
    }
    let tenths = u128::from(mb) * 10 / 1024;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {large}"),
        (whole, tenth) => format!("{whole}{}{tenth} {large}", decimal_mark(locale)),
    }
}

/// `12,50 EUR`, `12.50 USD`: as many decimals as the currency has, its code behind.
pub(super) fn money(money: &Money, locale: Locale) -> String {
    let decimals = decimals(money);
    let text = format!("{:.*}", decimals as usize, money.amount.round_dp(decimals));
    format!("{} {}", text.replace('.', decimal_mark(locale)), money.currency.code())
}

/// `0,92593`, `0.92593`: five digits tell rates apart.
pub(super) fn rate(rate: Decimal, locale: Locale) -> String {
    rate.round_sf(5).unwrap_or(rate).normalize().to_string().replace('.', decimal_mark(locale))
}

/// `27/11/2026`, `2026-11-27`.
pub(super) fn day(date: Date, locale: Locale) -> String {
    match locale {
        Locale::Fr => date.strftime("%d/%m/%Y").to_string(),
        Locale::En => date.to_string(),
    }
}

/// An even share of the amount, rounded to the currency's smallest unit.
pub(super) fn share(money: &Money, parts: u32) -> Money {
    let amount = money.amount.checked_div(Decimal::from(parts.max(1))).unwrap_or(money.amount);
    Money { amount: amount.round_dp(decimals(money)), currency: money.currency }
}

fn decimals(money: &Money) -> u32 {
    u32::from(money.currency.exponent().unwrap_or(2))
}

fn decimal_mark(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => ",",
        Locale::En => ".",
    }
}
