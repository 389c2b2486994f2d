//! Writes of a sync, a few at a time: only what differs, and never more in memory than a batch holds.

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

use super::{Former, Item, Store, StoreError};

/// Writes that DynamoDB takes at once.
const MOST_WRITES: usize = 25;

/// Bytes of content that are sent at once; DynamoDB takes 16 MB.
const MOST_BYTES: usize = 2_000_000;

/// Times that writes which were left undone are sent again before the sync gives up.
const MOST_ROUNDS: u32 = 200;

/// Writes that wait to be sent.
pub(super) struct Batch<'a> {
    store: &'a Store,
    writes: Vec<WriteRequest>,
    bytes: usize,
    rounds: u32,
}

impl<'a> Batch<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self { store, writes: Vec::new(), bytes: 0, rounds: 0 }
    }

    /// Writes the item with this content unless the former catalogue holds the same. The number of items written: 1 or 0.
    pub(super) async fn put(&mut self, item: Item, json: &str, former: &mut HashMap<String, Former>) -> Result<usize, StoreError> {
        let print = hex::encode(Sha256::digest(json));
        if former.remove(&item.key().sk).is_some_and(|former| former.print == print) {
            return Ok(0);
        }
        let item = item.text("data", json).text("print", &print);
        let put = PutRequest::builder().set_item(Some(item.into_attributes())).build();
        let put = put.map_err(|error| StoreError::Unreadable(error.to_string()))?;
        self.add(WriteRequest::builder().put_request(put).build(), json.len()).await?;
        Ok(1)
    }

    /// Removes items of the former catalogue. The number of them.
    pub(super) async fn delete_all(
        &mut self,
        pk: &str,
        gone: &[String],
        former: &mut HashMap<String, Former>,
    ) -> Result<usize, StoreError> {
        for sk in gone {
            former.remove(sk);
            let key = DeleteRequest::builder().key("pk", AttributeValue::S(pk.to_owned())).key("sk", AttributeValue::S(sk.clone()));
            let delete = key.build().map_err(|error| StoreError::Unreadable(error.to_string()))?;
            self.add(WriteRequest::builder().delete_request(delete).build(), 0).await?;
        }
        Ok(gone.len())
    }

    async fn add(&mut self, write: WriteRequest, bytes: usize) -> Result<(), StoreError> {
        if self.writes.len() >= MOST_WRITES || (self.bytes + bytes > MOST_BYTES && !self.writes.is_empty()) {
            self.send().await?;
        }
        self.writes.push(write);
        self.bytes += bytes;
        Ok(())
    }

    /// Sends what waits, until nothing of it is left undone.
    pub(super) async fn send(&mut self) -> Result<(), StoreError> {
        self.bytes = 0;
        while !self.writes.is_empty() {
            let writes = std::mem::take(&mut self.writes);
            let batch = self.store.client.batch_write_item().request_items(&self.store.table, writes);
            let answer = batch.send().await.map_err(|error| StoreError::from_sdk(&error))?;
            self.writes = answer.unprocessed_items.and_then(|mut left| left.remove(&self.store.table)).unwrap_or_default();
            self.rounds += u32::from(!self.writes.is_empty());
            if self.rounds > MOST_ROUNDS {
                return Err(StoreError::Unavailable("batch writes are throttled".to_owned()));
            }
        }
        Ok(())
    }
}
