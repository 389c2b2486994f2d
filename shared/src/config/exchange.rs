//! By which rates an agency compares prices of several currencies.

use serde::Deserialize;
use url::Url;

use super::TlsFloor;
use crate::domain::Rates;

/// Days after which a rate is no rate, where the settings say nothing: longer than any run of bank holidays.
const OLDEST_DAYS: u16 = 7;

/// Where an agency's rates come from. Without these settings nothing is converted.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum ExchangeSettings {
    /// The agency's own.
    Fixed(FixedRates),
    /// The European Central Bank's daily file, or one like it.
    Ecb(EcbFeed),
}

/// Rates that the agency sets itself, and sets anew before they are too old.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedRates {
    /// `{"base": "EUR", "date": "2026-11-27", "rates": {"USD": 1.08}}`: one EUR is 1.08 USD.
    #[serde(rename = "day")]
    pub rates: Rates,
    /// Days after which they are no rates.
    #[serde(default = "oldest_days")]
    pub oldest_days: u16,
}

/// A file of reference rates that is fetched with the catalogues.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "WrittenFeed")]
pub struct EcbFeed {
    /// Where the file is.
    pub url: Url,
    /// Lowest TLS version spoken with its host; 1.3 unless it cannot.
    pub minimum_tls: TlsFloor,
    /// Days after which its rates are no rates.
    pub oldest_days: u16,
}

/// The bank's own file.
const DAILY_FILE: &str = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml";

/// As the settings write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFeed {
    url: Option<Url>,
    #[serde(default)]
    minimum_tls: TlsFloor,
    #[serde(default = "oldest_days")]
    oldest_days: u16,
}

impl TryFrom<WrittenFeed> for EcbFeed {
    type Error = url::ParseError;

    fn try_from(WrittenFeed { url, minimum_tls, oldest_days }: WrittenFeed) -> Result<Self, Self::Error> {
        Ok(Self { url: url.map_or_else(|| DAILY_FILE.parse(), Ok)?, minimum_tls, oldest_days })
    }
}

fn oldest_days() -> u16 {
    OLDEST_DAYS
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

    use super::ExchangeSettings;
    use serde_json::{Value, json};

    fn read(json: Value) -> Result<ExchangeSettings, String> {
        serde_json::from_value(json).map_err(|error| error.to_string())
    }

    #[test]
    fn the_bank_needs_no_more_than_its_name() {
        let ExchangeSettings::Ecb(feed) = read(json!({"source": "ecb"})).unwrap() else { panic!("another source") };
        assert_eq!((feed.url.as_str(), feed.oldest_days), ("https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml", 7));
    }

    #[test]
    fn fixed_rates_have_a_day_and_may_be_kept_longer() {
        let day = json!({"base": "EUR", "date": "2026-11-27", "rates": {"USD": 1.08, "GBP": "0.83"}});
        let ExchangeSettings::Fixed(fixed) = read(json!({"source": "fixed", "day": day, "oldest_days": 90})).unwrap() else {
            panic!("another source")
        };
        let factor = fixed.rates.between(iso_currency::Currency::EUR, iso_currency::Currency::USD).unwrap().factor;
        assert_eq!((factor.to_string().as_str(), fixed.oldest_days), ("1.08", 90));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (json, what) in [
            (json!({"source": "fixed", "day": {"base": "EUR", "date": "2026-11-27", "rates": {"USD": 0}}}), "above zero"),
            (json!({"source": "fixed", "day": {"base": "EUR", "date": "2026-11-27", "rates": {}}}), "must hold a rate"),
            (json!({"source": "fixed"}), "missing field `day`"),
            (json!({"source": "ecb", "every": "hour"}), "unknown field `every`"),
            (json!({"source": "guess"}), "unknown variant"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
    }
}
