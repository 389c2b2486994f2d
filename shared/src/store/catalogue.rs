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
        let mut old = self.fingerprints(agency, account).await?;
        let mut writes = Vec::new();
        for (sk, (print, item)) in new {
            if old.remove(&sk).as_deref() != Some(print.as_str()) {
                writes.push(put_request(item.text("print", &print))?);
            }
        }
        let written = writes.len();
        let removed = old.len();
        for sk in old.into_keys() {
            writes.push(delete_request(&keys::catalogue(agency, account), &sk)?);
        }
        self.write_all(writes).await?;
        Ok(CatalogueChange { packages: packages.len(), written, removed })
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

    async fn fingerprints(&self, agency: &AgencyId, account: &AccountName) -> Result<HashMap<String, String>, StoreError> {
        let items = self.all(&keys::catalogue(agency, account), "").await?;
        Ok(items.into_iter().map(|item| (item.key().sk, item.read_text("print").unwrap_or_default().to_owned())).collect())
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

type Items = BTreeMap<String, (String, Item)>;

fn items(agency: &AgencyId, account: &AccountName, packages: &[Package]) -> Result<Items, StoreError> {
    let mut all = Items::new();
    let mut by_country: BTreeMap<Country, Vec<&Package>> = BTreeMap::new();
    for package in packages {
        let item = Item::at(&keys::package(agency, account, &package.package_id)).text("kind", "package").data(package)?;
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
