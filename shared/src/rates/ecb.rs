//! The European Central Bank's euro foreign exchange reference rates: one small XML file (`eurofxref-daily.xml`), made anew at about
//! 16:00 CET on every working day of its payment system. For information: the bank advises against using them for transactions.
//!
//! `Cube` elements within each other: the outermost is the frame, one with `time` is a day, those in it with `currency` and `rate` say how
//! much of the currency one euro buys.

use iso_currency::Currency;
use jiff::civil::Date;
use roxmltree::Node;
use rust_decimal::Decimal;

use crate::{
    domain::{Invalid, Rates},
    xml,
};

/// The most that is read, bytes: a hundred times the daily file, which has about thirty rates.
const MOST_BYTES: usize = 262_144;

/// The rates of the newest day in the file. Currencies that ISO 4217 no longer knows are left out.
///
/// # Errors
/// [`Invalid`] when the file is not what it should be. A rate that cannot be read spoils the file: it is better to keep yesterday's.
pub fn read(file: &[u8]) -> Result<Rates, Invalid> {
    if file.len() > MOST_BYTES {
        return Err(Invalid("must be a file of 256 kB at most"));
    }
    let text = std::str::from_utf8(file).map_err(|_| Invalid("must be UTF-8"))?;
    let document = xml::parse(text).map_err(|_| Invalid("must be XML"))?;
    let days = document.descendants().filter(is_cube).filter_map(|cube| Some((cube.attribute("time")?, cube)));
    let days = days.map(|(time, cube)| Ok((day(time)?, cube))).collect::<Result<Vec<_>, Invalid>>()?;
    let (date, newest) = days.into_iter().max_by_key(|(date, _)| *date).ok_or(Invalid("must hold a Cube with a time"))?;
    let rates = newest.children().filter(is_cube).map(rate).collect::<Result<Vec<_>, Invalid>>()?;
    Rates::new(Currency::EUR, date, rates.into_iter().flatten())
}

fn is_cube(node: &Node<'_, '_>) -> bool {
    node.is_element() && node.tag_name().name() == "Cube"
}

fn day(time: &str) -> Result<Date, Invalid> {
    time.parse().map_err(|_| Invalid("must hold days as YYYY-MM-DD"))
}

fn rate(cube: Node<'_, '_>) -> Result<Option<(Currency, Decimal)>, Invalid> {
    let (Some(code), Some(rate)) = (cube.attribute("currency"), cube.attribute("rate")) else {
        return Err(Invalid("must hold a currency and a rate in each innermost Cube"));
    };
    let rate = rate.parse().map_err(|_| Invalid("must hold rates that are decimal numbers"))?;
    Ok(Currency::from_code(code).map(|currency| (currency, rate)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]

    use super::{MOST_BYTES, read};
    use iso_currency::Currency;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    const SAMPLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender>
		<gesmes:name>European Central Bank</gesmes:name>
	</gesmes:Sender>
	<Cube>
		<Cube time='2026-11-27'>
			<Cube currency='USD' rate='1.0842'/>
			<Cube currency='JPY' rate='162.15'/>
		</Cube>
	</Cube>
</gesmes:Envelope>"#;

    fn file(days: &[(&str, &[(&str, &str)])]) -> String {
        let mut file = String::from("<Envelope><Cube>");
        for (time, rates) in days {
            write!(file, "<Cube time=\"{time}\">").unwrap();
            for (currency, rate) in *rates {
                write!(file, "<Cube currency=\"{currency}\" rate=\"{rate}\"/>").unwrap();
            }
            file.push_str("</Cube>");
        }
        file + "</Cube></Envelope>"
    }

    fn dollars(rates: &crate::domain::Rates) -> String {
        rates.between(Currency::EUR, Currency::USD).unwrap().factor.to_string()
    }

    #[test]
    fn the_daily_file_is_read() {
        let rates = read(SAMPLE.as_bytes()).unwrap();
        assert_eq!(rates.date(), jiff::civil::date(2026, 11, 27));
        let codes: Vec<_> = rates.currencies().map(|currency| currency.code()).collect();
        assert_eq!(codes.len(), 3);
        assert!(["EUR", "USD", "JPY"].iter().all(|code| codes.contains(code)));
        assert_eq!(dollars(&rates), "1.0842");
    }

    #[test]
    fn of_several_days_the_newest_is_taken_wherever_it_stands() {
        let rates = read(
            file(&[("2026-11-26", &[("USD", "1.1")]), ("2026-11-27", &[("USD", "1.2")]), ("2026-11-25", &[("USD", "1.3")])]).as_bytes(),
        );
        assert_eq!(dollars(&rates.unwrap()), "1.2");
    }

    #[test]
    fn a_currency_that_is_no_more_is_left_out() {
        let rates = read(file(&[("2026-11-27", &[("XXQ", "1.9"), ("USD", "1.2")])]).as_bytes()).unwrap();
        assert_eq!(rates.currencies().count(), 2);
    }

    #[test]
    fn what_is_not_the_file_is_refused() {
        let day = "2026-11-27";
        let none: &[(&str, &str)] = &[];
        for text in [
            String::new(),
            "<html><body>Service unavailable</body></html>".to_owned(),
            SAMPLE[..SAMPLE.len() / 2].to_owned(),
            format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", file(&[(day, &[("USD", "1.1")])])),
            file(&[(day, none)]),
            file(&[("27.11.2026", &[("USD", "1.1")])]),
            file(&[(day, &[("USD", "1,1")])]),
            file(&[(day, &[("USD", "0")])]),
            file(&[(day, &[("USD", "-1.1")])]),
            file(&[(day, &[("USD", "N/A")])]),
            file(&[(day, &[("USD", "1.1"), ("USD", "1.2")])]),
            file(&[(day, &[("EUR", "1")])]),
            file(&[(day, &[("USD", "1.1")])]).replace("rate=", "value="),
            format!("{}{}", SAMPLE, " ".repeat(MOST_BYTES)),
        ] {
            assert!(read(text.as_bytes()).is_err(), "{}", text.chars().take(200).collect::<String>());
        }
        assert!(read(b"<Cube time=\"2026-11-27\">\xff</Cube>").is_err());
    }

    proptest! {
        #[test]
        fn what_the_bank_writes_is_read_as_it_is(
            day in 0..3_000_i64,
            of in prop::collection::btree_map(prop::sample::select(vec!["USD", "JPY", "GBP", "CHF", "IDR", "KRW"]), 1..100_000_000_u32, 1..6),
        ) {
            let date = jiff::civil::date(2020, 1, 1).saturating_add(jiff::Span::new().days(day));
            let written: Vec<_> = of.iter().map(|(code, rate)| (*code, format!("{}.{:04}", rate / 10_000, rate % 10_000))).collect();
            let listed: Vec<_> = written.iter().map(|(code, rate)| (*code, rate.as_str())).collect();
            let rates = read(file(&[(&date.to_string(), &listed)]).as_bytes()).unwrap();
            prop_assert_eq!(rates.date(), date);
            prop_assert_eq!(rates.currencies().count(), of.len() + 1);
            for (code, rate) in written {
                let rate: rust_decimal::Decimal = rate.parse().unwrap();
                let read = rates.between(Currency::EUR, Currency::from_code(code).unwrap()).unwrap();
                prop_assert_eq!(read.factor, rate.round_sf(8).unwrap().normalize());
            }
        }

        #[test]
        fn a_file_cut_anywhere_is_refused(cut in 0..SAMPLE.len()) {
            prop_assert!(read(&SAMPLE.as_bytes()[..cut]).is_err());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = read(&bytes);
        }
    }
}
