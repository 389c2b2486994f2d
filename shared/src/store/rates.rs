//! Exchange rates as they were last fetched, by the address of their file: public, and shared by all agencies that name it.

use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest, Sha256};
use url::Url;

use super::{Store, StoreError, item::Item, keys, transaction::Condition};
use crate::domain::Rates;

fn key(url: &Url) -> keys::Key {
    keys::rates(&hex::encode(Sha256::digest(url.as_str())))
}

impl Store {
    /// The newest rates of a file that were kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rates(&self, url: &Url) -> Result<Option<Rates>, StoreError> {
        self.get(&key(url)).await?.map(|item| item.read_data()).transpose()
    }

    /// Keeps the rates of a file, unless newer ones are kept. `before` is what was kept when it was looked at.
    ///
    /// # Errors
    /// [`StoreError`]; who kept others meanwhile has done the same work.
    pub async fn keep_rates(&self, url: &Url, rates: &Rates, before: Option<&Rates>) -> Result<(), StoreError> {
        if before.is_some_and(|before| before.date() > rates.date()) {
            return Ok(());
        }
        let condition = match before {
            Some(before) => Condition::Holds(vec![("date", AttributeValue::S(before.date().to_string()))]),
            None => Condition::Absent,
        };
        let item = Item::at(&key(url)).text("kind", "rates").text("date", &rates.date().to_string()).data(rates)?;
        match self.transaction().put(item, &condition).commit().await {
            Err(StoreError::Conflict) => Ok(()),
            result => result,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use crate::{domain::Rates, testing::Table};
    use iso_currency::Currency;
    use rust_decimal::Decimal;
    use url::Url;

    fn rates(day: i8, cents: i64) -> Rates {
        Rates::new(Currency::EUR, jiff::civil::date(2026, 11, day), [(Currency::USD, Decimal::new(cents, 2))]).unwrap()
    }

    #[tokio::test]
    async fn newer_rates_take_the_place_of_older_ones_and_never_the_other_way_round() {
        let (store, url) = (Table::new().store(), Url::parse("https://rates.test/daily.xml").unwrap());
        assert_eq!(store.rates(&url).await.unwrap(), None);
        store.keep_rates(&url, &rates(26, 108), None).await.unwrap();
        let kept = store.rates(&url).await.unwrap();
        assert_eq!(kept, Some(rates(26, 108)));
        store.keep_rates(&url, &rates(27, 110), kept.as_ref()).await.unwrap();
        store.keep_rates(&url, &rates(25, 90), kept.as_ref()).await.unwrap();
        store.keep_rates(&url, &rates(26, 90), kept.as_ref()).await.unwrap();
        assert_eq!(store.rates(&url).await.unwrap(), Some(rates(27, 110)), "who looked before is too late");
        assert_eq!(store.rates(&Url::parse("https://rates.test/other.xml").unwrap()).await.unwrap(), None);
    }
}
