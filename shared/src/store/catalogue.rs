//! The synced catalogue of one provider account: every package once, and for each country the packages that work there.
//! Only what changed is written, and nothing is removed unless the whole new catalogue was read.

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

use super::{Store, StoreError, item::Item, keys};
use crate::domain::{AccountName, AgencyId, Country, Package, PackageId};

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
    fn is_repriced(&self, now: &Item) -> bool {
        !self.price.is_empty() && Some(self.price.as_str()) != now.read_text("price")
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
        let new = items(agency, account, packages)?;
        let mut old = self.former(agency, account).await?;
        let mut change = CatalogueChange { packages: packages.len(), ..CatalogueChange::default() };
        let mut writes = Vec::new();
        for (sk, (print, item)) in new {
            let former = old.remove(&sk);
            if is_package(&sk) {
                change.new += usize::from(former.is_none());
                change.repriced += usize::from(former.as_ref().is_some_and(|former| former.is_repriced(&item)));
            }
            if former.is_none_or(|former| former.print != print) {
                writes.push(put_request(item.text("print", &print))?);
            }
        }
        change.written = writes.len();
        change.removed = old.len();
        change.gone = old.keys().filter(|sk| is_package(sk)).count();
        for sk in old.into_keys() {
            writes.push(delete_request(&keys::catalogue(agency, account), &sk)?);
        }
        self.write_all(writes).await?;
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

    async fn former(&self, agency: &AgencyId, account: &AccountName) -> Result<HashMap<String, Former>, StoreError> {
        let items = self.all(&keys::catalogue(agency, account), "").await?;
        let text = |item: &Item, name: &str| item.read_text(name).unwrap_or_default().to_owned();
        Ok(items.into_iter().map(|item| (item.key().sk, Former { print: text(&item, "print"), price: text(&item, "price") })).collect())
    }

    async fn write_all(&self, writes: Vec<WriteRequest>) -> Result<(), StoreError> {
        let mut left = writes;
        let mut rounds = 0;
        while !left.is_empty() {
            let now: Vec<_> = left.drain(..left.len().min(25)).collect();
            let answer = self
                .client
                .batch_write_item()
                .request_items(&self.table, now)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk(&error))?;
            if let Some(mut again) = answer.unprocessed_items.and_then(|mut map| map.remove(&self.table)) {
                rounds += 1;
                if rounds > 200 {
                    return Err(StoreError::Unavailable("batch writes are throttled".to_owned()));
                }
                left.append(&mut again);
            }
        }
        Ok(())
    }
}

fn is_package(sk: &str) -> bool {
    sk.starts_with("PACKAGE#")
}

type Items = BTreeMap<String, (String, Item)>;

fn items(agency: &AgencyId, account: &AccountName, packages: &[Package]) -> Result<Items, StoreError> {
    let mut all = Items::new();
    let mut by_country: BTreeMap<Country, Vec<&Package>> = BTreeMap::new();
    for package in packages {
        let item = Item::at(&keys::package(agency, account, &package.package_id))
            .text("kind", "package")
            .text("price", &price(package))
            .data(package)?;
        insert(&mut all, item);
        for country in &package.iso_countries {
            by_country.entry(*country).or_default().push(package);
        }
    }
    for (country, mut packages) in by_country {
        packages.sort_by(|a, b| a.package_id.cmp(&b.package_id));
        for (part, packages) in parts(&packages).into_iter().enumerate() {
            let item = Item::at(&keys::country_part(agency, account, country, part)).text("kind", "country").data(&packages)?;
            insert(&mut all, item);
        }
    }
    Ok(all)
}

/// The price in comparable words: `14.9 USD`.
fn price(package: &Package) -> String {
    format!("{} {}", package.price.amount.normalize(), package.price.currency.code())
}

fn insert(all: &mut Items, item: Item) {
    let print = hex::encode(Sha256::digest(item.read_text("data").unwrap_or_default()));
    all.insert(item.key().sk, (print, item));
}

fn parts<'a>(packages: &[&'a Package]) -> Vec<Vec<&'a Package>> {
    let mut parts: Vec<Vec<&Package>> = Vec::new();
    let mut bytes = PART_BYTES;
    for package in packages {
        let size = serde_json::to_string(package).map_or(0, |json| json.len());
        if bytes + size > PART_BYTES || parts.is_empty() {
            parts.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(part) = parts.last_mut() {
            part.push(package);
        }
    }
    parts
}

fn put_request(item: Item) -> Result<WriteRequest, StoreError> {
    let put = PutRequest::builder().set_item(Some(item.into_attributes())).build();
    let put = put.map_err(|error| StoreError::Unreadable(error.to_string()))?;
    Ok(WriteRequest::builder().put_request(put).build())
}

fn delete_request(pk: &str, sk: &str) -> Result<WriteRequest, StoreError> {
    let delete = DeleteRequest::builder()
        .key("pk", AttributeValue::S(pk.to_owned()))
        .key("sk", AttributeValue::S(sk.to_owned()))
        .build()
        .map_err(|error| StoreError::Unreadable(error.to_string()))?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::CatalogueChange;
    use crate::{
        domain::{AccountName, AgencyId, Package},
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
