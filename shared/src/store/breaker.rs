//! Breakers in the table: one item a provider account and class, changed by comparison with its version.

use async_trait::async_trait;
use aws_sdk_dynamodb::{error::SdkError, types::AttributeValue};
use jiff::Timestamp;
use std::collections::HashMap;

use super::{
    Store,
    keys::{self, Key},
};
use crate::outbound::{BreakerKey, BreakerRecord, BreakerShelf, ShelfUnreachable, breaker::Shelved};

fn key_of(key: &BreakerKey) -> Key {
    keys::breaker(&key.agency, &key.account, key.class.as_str())
}

#[async_trait]
impl BreakerShelf for Store {
    async fn load(&self, key: &BreakerKey) -> Result<Shelved, ShelfUnreachable> {
        let Key { pk, sk } = key_of(key);
        let get = self.client.get_item().table_name(&self.table).consistent_read(true);
        let got = get.key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S(sk)).send().await.map_err(unreachable_shelf)?;
        Ok(got.item.as_ref().map(read).unwrap_or_default())
    }

    async fn replace(
        &self,
        key: &BreakerKey,
        version: u64,
        record: &BreakerRecord,
        keep_until: Timestamp,
    ) -> Result<bool, ShelfUnreachable> {
        let Key { pk, sk } = key_of(key);
        let json = serde_json::to_string(record).map_err(|error| ShelfUnreachable(error.to_string()))?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("pk", AttributeValue::S(pk))
            .item("sk", AttributeValue::S(sk))
            .item("version", AttributeValue::N(version.saturating_add(1).to_string()))
            // For whoever looks at the table; the record is what is read.
            .item("phase", AttributeValue::S(record.phase.as_str().to_owned()))
            .item("record", AttributeValue::S(json))
            .item("ttl", AttributeValue::N(keep_until.as_second().to_string()));
        let put = if version == 0 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("version = :known").expression_attribute_values(":known", AttributeValue::N(version.to_string()))
        };
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) => Ok(false),
            Err(error) => Err(unreachable_shelf(error)),
        }
    }
}

/// A record that cannot be read (written by another version of this code) counts as closed, and is replaced by the next change.
fn read(item: &HashMap<String, AttributeValue>) -> Shelved {
    let version = item.get("version").and_then(|value| value.as_n().ok()).and_then(|n| n.parse().ok()).unwrap_or_default();
    let record = item.get("record").and_then(|value| value.as_s().ok()).and_then(|json| serde_json::from_str(json).ok());
    Shelved { version, record: record.unwrap_or_default() }
}

/// The SDK's error in short: kind and code, never the request.
pub(super) fn unreachable_shelf<E: std::error::Error + aws_sdk_dynamodb::error::ProvideErrorMetadata>(
    error: SdkError<E>,
) -> ShelfUnreachable {
    let code = error.as_service_error().and_then(|error| error.code()).map(str::to_owned);
    ShelfUnreachable(code.unwrap_or_else(|| error.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::{BreakerKey, BreakerShelf, Shelved};
    use crate::{
        domain::{AccountName, AgencyId},
        outbound::{
            Breaker, OperationClass,
            breaker::{Outcome, Phase},
        },
        testing::{TABLE, Table, manual_world},
    };
    use aws_sdk_dynamodb::types::AttributeValue;
    use std::{sync::Arc, time::Duration};

    fn key(class: OperationClass) -> BreakerKey {
        BreakerKey { agency: AgencyId::parse("horizon").unwrap(), account: AccountName::parse("airalo").unwrap(), class, system: "airalo" }
    }

    const MONEY: OperationClass = OperationClass::Money;

    #[tokio::test]
    async fn a_record_is_replaced_only_by_who_has_read_it() {
        let (world, _) = manual_world("2026-11-24T12:00:00Z", 1);
        let store = Table::new().store();
        let fresh = store.load(&key(MONEY)).await.unwrap();
        assert_eq!(fresh, Shelved::default());
        let mut record = fresh.record;
        record.trips = 3;
        let now = world.now();
        assert!(store.replace(&key(MONEY), 0, &record, now).await.unwrap());
        assert!(!store.replace(&key(MONEY), 0, &record, now).await.unwrap(), "another was first");
        assert!(!store.replace(&key(MONEY), 2, &record, now).await.unwrap());
        assert!(store.replace(&key(MONEY), 1, &record, now).await.unwrap());
        assert_eq!(store.load(&key(MONEY)).await.unwrap(), Shelved { version: 2, record });
        assert_eq!(store.load(&key(OperationClass::Read)).await.unwrap(), Shelved::default(), "each class has its own");
    }

    #[tokio::test]
    async fn sandboxes_share_one_breaker_and_one_probe() {
        let (world, clock) = manual_world("2026-11-24T12:00:00Z", 1);
        let table = Table::new();
        let sandboxes: Vec<_> = (0..4).map(|_| Breaker::new(world.clone(), Arc::new(table.store()))).collect();
        let first = sandboxes.first().unwrap();
        for _ in 0..10 {
            let ticket = first.admit(&key(MONEY), "place_order").await.unwrap();
            first.settle(&key(MONEY), "place_order", ticket, Outcome::Success).await;
        }
        assert_eq!((table.reads(), table.writes()), (1, 0), "closed, a success costs nothing");
        // Successes of long ago do not count against failures of now.
        clock.advance(Duration::from_secs(120));
        for sandbox in sandboxes.iter().cycle().take(5) {
            let ticket = sandbox.admit(&key(MONEY), "place_order").await.unwrap();
            sandbox.settle(&key(MONEY), "place_order", ticket, Outcome::Failure).await;
        }
        clock.advance(Duration::from_secs(6));
        let asks = sandboxes.iter().map(|sandbox| async { sandbox.admit(&key(MONEY), "place_order").await });
        let probes: Vec<_> = futures::future::join_all(asks).await.into_iter().filter_map(Result::ok).collect();
        assert_eq!(probes.len(), 1);
        for probe in probes {
            first.settle(&key(MONEY), "place_order", probe, Outcome::Success).await;
        }
        assert_eq!(first.show(&key(MONEY)).await.unwrap().phase, Phase::Closed);
    }

    #[tokio::test]
    async fn an_unreadable_record_is_closed_and_can_be_replaced() {
        let table = Table::new();
        let s = |text: &str| AttributeValue::S(text.to_owned());
        let put = table.client().put_item().table_name(TABLE).item("pk", s("A#horizon#ACCOUNT#airalo")).item("sk", s("BREAKER#money"));
        put.item("version", AttributeValue::N("7".to_owned())).item("record", s("{\"phase\":\"molten\"}")).send().await.unwrap();
        let store = table.store();
        let shelved = store.load(&key(MONEY)).await.unwrap();
        assert_eq!((shelved.version, &shelved.record.phase), (7, &Phase::Closed));
        assert!(store.replace(&key(MONEY), 7, &shelved.record, manual_world("2026-11-24T12:00:00Z", 1).0.now()).await.unwrap());
    }

    #[tokio::test]
    async fn a_table_out_of_reach_is_said_so_and_closes_nothing_off() {
        let table = Table::new();
        table.set_reachable(false);
        assert!(table.store().load(&key(MONEY)).await.is_err());
        let breaker = Breaker::new(manual_world("2026-11-24T12:00:00Z", 1).0, Arc::new(table.store()));
        assert!(breaker.admit(&key(MONEY), "place_order").await.is_ok());
    }
}
