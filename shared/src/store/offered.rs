//! Which dossiers have an offer of a package: one small item a dossier and package, in the partition of the package's account, sorted by
//! package. Written with the offers themselves, so that they are never apart.

use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde_json::Value;

use super::{Store, StoreError, Transaction, bookings::BookingRecord, item::Item, keys, transaction::Condition};
use crate::domain::{AgencyId, PackageId};

/// Packages of a dossier that are kept here, those of the best offers: a transaction holds 100 writes, and may have to remove as many.
const MOST: usize = 40;

/// Days after the trip's end that the items may stay: it may still be that day at the destination.
const DAYS_AFTER: i64 = 2;

/// The packages that a dossier's offers name, the best offer's first.
fn packages(record: &BookingRecord) -> Vec<PackageId> {
    let mut found: Vec<PackageId> = Vec::new();
    let parts = record.offers.iter().filter_map(|offer| offer.get("packages")?.as_array()).flatten();
    for id in parts.filter_map(|part| part.get("package_id").and_then(Value::as_str)) {
        match PackageId::parse(id) {
            Ok(id) if !found.contains(&id) => found.push(id),
            _ => {}
        }
    }
    found.truncate(MOST);
    found
}

fn key(record: &BookingRecord, package: &PackageId) -> Option<keys::Key> {
    let (account, _) = package.split().ok()?;
    Some(keys::offered(&record.agency, &account, package, &record.booking.reference))
}

fn item(record: &BookingRecord, key: &keys::Key) -> Item {
    let last: Date = record.booking.trip.span().1;
    let after = last.saturating_add(DAYS_AFTER.days()).to_zoned_datetime(TimeZone::UTC).map(|day| day.timestamp());
    let item = Item::at(key).text("kind", "offered").text("reference", &record.booking.reference);
    match after {
        Ok(after) => item.expires(after),
        Err(_) => item,
    }
}

impl Transaction {
    /// Lets the packages of a dossier's offers be found again, and those of the offers before no more.
    pub fn offered(mut self, now: &BookingRecord, before: Option<&BookingRecord>) -> Self {
        let new = packages(now);
        let old = before.map(packages).unwrap_or_default();
        for key in old.iter().filter(|package| !new.contains(package)).filter_map(|package| key(now, package)) {
            self = self.delete(&key, &Condition::Always);
        }
        for key in new.iter().filter_map(|package| key(now, package)) {
            self = self.put(item(now, &key), &Condition::Always);
        }
        self
    }

    /// Forgets which packages a dossier was offered.
    pub(super) fn offered_no_more(mut self, record: &BookingRecord) -> Self {
        for key in packages(record).iter().filter_map(|package| key(record, package)) {
            self = self.delete(&key, &Condition::Always);
        }
        self
    }
}

impl Store {
    /// Dossiers that have an offer of the package, `limit` at most; `after` is the reference that the page before ended with. The second value
    /// says whether there are more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dossiers_offered(
        &self,
        agency: &AgencyId,
        package: &PackageId,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<String>, bool), StoreError> {
        let Ok((account, _)) = package.split() else { return Ok((Vec::new(), false)) };
        let place = |reference: &str| keys::offered(agency, &account, package, reference);
        let after = after.map(|reference| place(reference).sk);
        let first = place("");
        let (items, next) = self.page(&first.pk, &first.sk, after.as_deref(), limit).await?;
        Ok((items.iter().filter_map(|item| item.read_text("reference").map(str::to_owned)).collect(), next.is_some()))
    }
}
