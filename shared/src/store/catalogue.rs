//! The synced catalogue of one provider account: every package once, and for each country the packages that work there.
//! Only what changed is written, and nothing is removed unless the whole new catalogue was read.

mod batch;

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::{BTreeMap, HashMap};

use super::{Store, StoreError, item::Item, keys};
use crate::domain::{AccountName, AgencyId, Country, Package, PackageId};
use batch::Batch;

/// Bytes of JSON that go into one country item; DynamoDB's limit is 400 KB an item.
const PART_BYTES: usize = 300_000;

/// What a sync changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct CatalogueChange {
    /// Packages in the new catalogue.
    pub packages: usize,
    /// Items written because they are new or differ.
    pub written: usize,
    /// Items removed because they are gone.
    pub removed: usize,
    /// Packages that were not sold before.
    pub new: usize,
    /// Packages that are no longer sold.
    pub gone: usize,
    /// Packages whose price is another one now.
    pub repriced: usize,
}

/// What is known of an item of the former catalogue.
struct Former {
    print: String,
    price: String,
}

impl Former {
    /// Items that were written before prices were compared hold none.
    fn is_repriced(&self, now: &str) -> bool {
        !self.price.is_empty() && self.price != now
    }
}

/// A whole new catalogue beside the former one: what will change is known, and nothing is written yet.
pub struct PendingCatalogue<'a> {
    agency: &'a AgencyId,
    account: &'a AccountName,
    packages: BTreeMap<&'a PackageId, &'a Package>,
    former: HashMap<String, Former>,
    change: CatalogueChange,
    changed: Vec<PackageId>,
}

impl PendingCatalogue<'_> {
    /// The packages that will be gone, or have another price.
    #[must_use]
    pub fn changed(&self) -> &[PackageId] {
        &self.changed
    }

    fn compare(&mut self) {
        for package in self.packages.values() {
            match self.former.get(&place(package)) {
                None => self.change.new += 1,
                Some(former) if former.is_repriced(&price(package)) => self.changed.push(package.package_id.clone()),
                Some(_) => {}
            }
        }
        self.change.repriced = self.changed.len();
        let former = self.former.keys().filter_map(|sk| PackageId::parse(sk.strip_prefix(PACKAGE)?).ok());
        self.changed.extend(former.filter(|id| !self.packages.contains_key(id)));
        self.change.gone = self.changed.len() - self.change.repriced;
    }
}

impl Store {
    /// Replaces the catalogue of an account by `packages`, which must be all of it.
    ///
    /// # Errors
    /// [`StoreError`]; what was written until then is valid, the rest follows with the next sync.
    pub async fn replace_catalogue(
        &self,
        agency: &AgencyId,
        account: &AccountName,
        packages: &[Package],
    ) -> Result<CatalogueChange, StoreError> {
        let pending = self.compare_catalogue(agency, account, packages).await?;
        self.write_catalogue(pending).await
    }

    /// Compares `packages`, which must be all that an account sells, with its catalogue. Of two with one id the later one counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn compare_catalogue<'a>(
        &self,
        agency: &'a AgencyId,
        account: &'a AccountName,
        packages: &'a [Package],
    ) -> Result<PendingCatalogue<'a>, StoreError> {
        let former = self.former(agency, account).await?;
        let packages: BTreeMap<_, _> = packages.iter().map(|package| (&package.package_id, package)).collect();
        let change = CatalogueChange { packages: packages.len(), ..CatalogueChange::default() };
        let mut pending = PendingCatalogue { agency, account, packages, former, change, changed: Vec::new() };
        pending.compare();
        Ok(pending)
    }

    /// Writes what is new or differs, and removes what is gone: first what is sold for each country, then the packages themselves. By these
    /// the next sync compares, so that a sync that dies half-way is found out by it.
    ///
    /// One country at a time is held in memory, of which a plan for the whole world takes a part each.
    ///
    /// # Errors
    /// [`StoreError`]; what was written until then is valid, the rest follows with the next sync.
    pub async fn write_catalogue(&self, pending: PendingCatalogue<'_>) -> Result<CatalogueChange, StoreError> {
        let PendingCatalogue { agency, account, packages, mut former, mut change, .. } = pending;
        let mut batch = Batch::new(self);
        let written = packages.values().map(|package| Written::of(package)).collect::<Result<Vec<_>, _>>()?;
        for (country, packages) in by_country(&written) {
            for (part, packages) in parts(&packages).into_iter().enumerate() {
                let item = Item::at(&keys::country_part(agency, account, country, part)).text("kind", "country");
                let json: Vec<&str> = packages.iter().map(|package| package.json.as_str()).collect();
                change.written += batch.put(item, &format!("[{}]", json.join(",")), &mut former).await?;
            }
        }
        let pk = keys::catalogue(agency, account);
        let gone: Vec<String> = former.keys().filter(|sk| !sk.starts_with(PACKAGE)).cloned().collect();
        change.removed += batch.delete_all(&pk, &gone, &mut former).await?;
        batch.send().await?;
        for Written { package, json } in &written {
            let item =
                Item::at(&keys::package(agency, account, &package.package_id)).text("kind", "package").text("price", &price(package));
            change.written += batch.put(item, json, &mut former).await?;
        }
        let gone: Vec<String> = former.keys().cloned().collect();
        change.removed += batch.delete_all(&pk, &gone, &mut former).await?;
        batch.send().await?;
        Ok(change)
    }

    /// One package of an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn package(&self, agency: &AgencyId, package: &PackageId) -> Result<Option<Package>, StoreError> {
        let Ok((account, _)) = package.split() else { return Ok(None) };
        let item = self.get(&keys::package(agency, &account, package)).await?;
        item.map(|item| item.read_data()).transpose()
    }

    /// Everything that an account sells for a country, regional and global plans included.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn packages_for(&self, agency: &AgencyId, account: &AccountName, country: Country) -> Result<Vec<Package>, StoreError> {
        let parts = self.all(&keys::catalogue(agency, account), &format!("COUNTRY#{country}#")).await?;
        let mut packages = Vec::new();
        for part in parts {
            packages.append(&mut part.read_data::<Vec<Package>>()?);
        }
        Ok(packages)
    }

    /// A page of everything that an account sells, by package id. `after` is the id that the page before ended with.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn packages_after(
        &self,
        agency: &AgencyId,
        account: &AccountName,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Package>, bool), StoreError> {
        let after = after.map(|id| format!("PACKAGE#{id}"));
        let (items, next) = self.page(&keys::catalogue(agency, account), "PACKAGE#", after.as_deref(), limit).await?;
        let packages = items.iter().map(Item::read_data).collect::<Result<_, _>>()?;
        Ok((packages, next.is_some()))
    }

    /// The former catalogue without its content.
    async fn former(&self, agency: &AgencyId, account: &AccountName) -> Result<HashMap<String, Former>, StoreError> {
        let pk = keys::catalogue(agency, account);
        let mut former = HashMap::new();
        let mut start = None;
        loop {
            let query = self.client.query().table_name(&self.table).key_condition_expression("pk = :pk").consistent_read(true);
            let query = query.expression_attribute_values(":pk", AttributeValue::S(pk.clone())).set_exclusive_start_key(start);
            let query =
                ["sk", "print", "price"].iter().fold(query, |query, name| query.expression_attribute_names(format!("#{name}"), *name));
            let answer = query.projection_expression("#sk, #print, #price").send().await.map_err(|error| StoreError::from_sdk(&error))?;
            for item in answer.items.unwrap_or_default().into_iter().map(Item::from_attributes) {
                let text = |name: &str| item.read_text(name).unwrap_or_default().to_owned();
                former.insert(text("sk"), Former { print: text("print"), price: text("price") });
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(former);
            }
        }
    }
}

/// What the places of packages start with.
const PACKAGE: &str = "PACKAGE#";

fn place(package: &Package) -> String {
    format!("{PACKAGE}{}", package.package_id)
}

/// A package and its JSON, which goes into the item of each country.
struct Written<'a> {
    package: &'a Package,
    json: String,
}

impl<'a> Written<'a> {
    fn of(package: &'a Package) -> Result<Self, StoreError> {
        let json = serde_json::to_string(package).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        Ok(Self { package, json })
    }
}

fn by_country<'a>(written: &'a [Written<'a>]) -> BTreeMap<Country, Vec<&'a Written<'a>>> {
    let mut by_country: BTreeMap<Country, Vec<&Written<'_>>> = BTreeMap::new();
    for package in written {
        for country in &package.package.iso_countries {
            let sold = by_country.entry(*country).or_default();
            // A country that a provider names twice is still one.
            if sold.last().is_none_or(|last| !std::ptr::eq(*last, package)) {
                sold.push(package);
            }
        }
    }
    by_country
}

/// As many packages in each item as it can hold.
fn parts<'a>(packages: &[&'a Written<'a>]) -> Vec<Vec<&'a Written<'a>>> {
    let mut parts: Vec<Vec<&Written<'_>>> = Vec::new();
    let mut bytes = 0;
    for package in packages {
        match parts.last_mut() {
            Some(part) if bytes + package.json.len() <= PART_BYTES => part.push(package),
            _ => {
                bytes = 0;
                parts.push(vec![package]);
            }
        }
        bytes += package.json.len();
    }
    parts
}

/// The price in comparable words: `14.9 USD`.
fn price(package: &Package) -> String {
    format!("{} {}", package.price.amount.normalize(), package.price.currency.code())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

    use super::CatalogueChange;
    use crate::{
        domain::{AccountName, AgencyId, Country, Package},
        testing::Table,
    };
    use serde_json::json;

    fn package(id: &str, price: &str) -> Package {
        serde_json::from_value(json!({
            "package_id": format!("airalo:{id}"), "provider": "airalo", "title": id, "iso_countries": ["JP"], "data_volume_mb": 1024,
            "validity_days": 7, "price": price, "currency": "USD", "network_operators": [], "topup": true,
        }))
        .unwrap()
    }

    fn covering(id: &str, countries: &[&str]) -> Package {
        Package { iso_countries: countries.iter().map(|code| Country::parse(code).unwrap()).collect(), ..package(id, "9") }
    }

    #[tokio::test]
    async fn a_country_has_the_regional_and_global_plans_that_cover_it_in_as_many_items_as_they_need() {
        let (store, agency, account) = (Table::new().store(), AgencyId::parse("horizon").unwrap(), AccountName::parse("airalo").unwrap());
        let long = "x".repeat(2_000);
        let mut all: Vec<Package> = (0..400).map(|n| Package { title: long.clone(), ..package(&format!("jp-{n:03}"), "9") }).collect();
        all.extend([covering("asia", &["KR", "JP"]), covering("world", &["JP", "US", "KR", "JP"]), covering("us", &["US"])]);
        store.replace_catalogue(&agency, &account, &all).await.unwrap();
        let japan = Country::parse("JP").unwrap();
        let ids = |sold: Vec<Package>| sold.iter().map(|package| package.package_id.to_string()).collect::<Vec<_>>();
        let sold = ids(store.packages_for(&agency, &account, japan).await.unwrap());
        assert_eq!(sold.len(), 402, "each once, though one names Japan twice");
        assert!(sold.contains(&"airalo:asia".to_owned()) && sold.contains(&"airalo:world".to_owned()));
        assert!(store.all(&super::keys::catalogue(&agency, &account), "COUNTRY#JP#").await.unwrap().len() >= 3);
        assert_eq!(ids(store.packages_for(&agency, &account, Country::parse("US").unwrap()).await.unwrap()), ["airalo:us", "airalo:world"]);

        let fewer = [covering("asia", &["KR"]), covering("world", &["JP", "US"])];
        store.replace_catalogue(&agency, &account, &fewer).await.unwrap();
        assert_eq!(ids(store.packages_for(&agency, &account, japan).await.unwrap()), ["airalo:world"], "no item of before is left");
        let (left, _) = store.packages_after(&agency, &account, None, 10).await.unwrap();
        assert_eq!(ids(left), ["airalo:asia", "airalo:world"]);
    }

    #[tokio::test]
    async fn of_two_packages_with_one_id_the_later_counts() {
        let (store, agency, account) = (Table::new().store(), AgencyId::parse("horizon").unwrap(), AccountName::parse("airalo").unwrap());
        let twice = [package("a", "1"), package("a", "2")];
        assert_eq!(store.replace_catalogue(&agency, &account, &twice).await.unwrap().packages, 1);
        let sold = store.packages_for(&agency, &account, Country::parse("JP").unwrap()).await.unwrap();
        assert_eq!(sold, twice[1..]);
    }

    #[tokio::test]
    async fn a_write_that_dies_anywhere_is_found_out_by_the_next_comparison() {
        let (agency, account) = (AgencyId::parse("horizon").unwrap(), AccountName::parse("airalo").unwrap());
        let (first, second) = ([package("a", "4"), package("b", "9")], [package("a", "5"), package("c", "1")]);
        for survived in 0.. {
            let table = Table::new();
            let store = table.store();
            store.replace_catalogue(&agency, &account, &first).await.unwrap();
            table.allow_writes(survived);
            let done = store.replace_catalogue(&agency, &account, &second).await.is_ok();
            table.allow_writes(u64::MAX);
            let pending = store.compare_catalogue(&agency, &account, &second).await.unwrap();
            let changed: Vec<_> = pending.changed().iter().map(|id| id.as_str()).collect();
            if done {
                assert!(changed.is_empty() && survived == 2, "countries, then packages: {survived}");
                return;
            }
            assert_eq!(changed, ["airalo:a", "airalo:b"], "{survived}");
            assert!(!store.packages_for(&agency, &account, Country::parse("JP").unwrap()).await.unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn what_is_new_gone_or_has_another_price_is_told_apart() {
        let (store, agency, account) = (Table::new().store(), AgencyId::parse("horizon").unwrap(), AccountName::parse("airalo").unwrap());
        let first = [package("a", "4.50"), package("b", "9"), package("c", "9")];
        let change = store.replace_catalogue(&agency, &account, &first).await.unwrap();
        assert_eq!((change.packages, change.new, change.gone, change.repriced), (3, 3, 0, 0));
        assert_eq!(
            store.replace_catalogue(&agency, &account, &first).await.unwrap(),
            CatalogueChange { packages: 3, ..Default::default() }
        );
        let mut retold = package("b", "9.00");
        retold.title = "told otherwise".to_owned();
        let second = [package("a", "4.90"), retold, package("d", "1")];
        let change = store.replace_catalogue(&agency, &account, &second).await.unwrap();
        assert_eq!((change.new, change.gone, change.repriced), (1, 1, 1));
    }
}
