//! Provider tokens in the table: one item an account, holding the sealed token and the lease of whoever logs in.

use async_trait::async_trait;
use aws_sdk_dynamodb::{operation::update_item::builders::UpdateItemFluentBuilder, types::AttributeValue};
use jiff::Timestamp;
use std::collections::HashMap;

use super::{
    Store,
    breaker::unreachable_shelf,
    keys::{self, Key},
};
use crate::outbound::{ShelfUnreachable, TokenKey, TokenShelf, tokens::StoredToken};

/// How long, in seconds, an item outlives its token or lease: DynamoDB may take it away from then on.
const KEEP: i64 = 86_400;

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// Moments are kept as nanoseconds since 1970, so that they compare as numbers and come back as they were.
fn nanos(moment: Timestamp) -> AttributeValue {
    AttributeValue::N(moment.as_nanosecond().to_string())
}

fn ttl(moment: Timestamp) -> AttributeValue {
    AttributeValue::N(moment.as_second().saturating_add(KEEP).to_string())
}

impl Store {
    fn update_token(&self, key: &TokenKey) -> UpdateItemFluentBuilder {
        let Key { pk, sk } = keys::token(&key.agency, &key.account);
        self.client.update_item().table_name(&self.table).key("pk", text(pk)).key("sk", text(sk))
    }
}

/// Whether the update's condition held.
async fn held(update: UpdateItemFluentBuilder) -> Result<bool, ShelfUnreachable> {
    match update.send().await {
        Ok(_) => Ok(true),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) => Ok(false),
        Err(error) => Err(unreachable_shelf(error)),
    }
}

#[async_trait]
impl TokenShelf for Store {
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredToken>, ShelfUnreachable> {
        let Key { pk, sk } = keys::token(&key.agency, &key.account);
        let get = self.client.get_item().table_name(&self.table).consistent_read(true);
        let got = get.key("pk", text(pk)).key("sk", text(sk)).send().await.map_err(unreachable_shelf)?;
        Ok(got.item.as_ref().and_then(read))
    }

    async fn try_login_lease(&self, key: &TokenKey, owner: &str, now: Timestamp, until: Timestamp) -> Result<bool, ShelfUnreachable> {
        let update = self
            .update_token(key)
            // The item of a living token must not go before its token does.
            .expression_attribute_names("#ttl", "ttl")
            .update_expression("SET lease_owner = :owner, lease_until = :until, #ttl = if_not_exists(#ttl, :ttl)")
            .condition_expression("attribute_not_exists(lease_until) OR lease_until <= :now OR lease_owner = :owner")
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":now", nanos(now))
            .expression_attribute_values(":until", nanos(until))
            .expression_attribute_values(":ttl", ttl(until));
        held(update).await
    }

    async fn save(&self, key: &TokenKey, owner: &str, token: &StoredToken) -> Result<bool, ShelfUnreachable> {
        let update = self
            .update_token(key)
            .expression_attribute_names("#ttl", "ttl")
            .update_expression(
                "SET sealed = :sealed, login_id = :login, obtained_at = :obtained, refresh_at = :refresh, expires_at = :expires, #ttl = :ttl \
                 REMOVE lease_owner, lease_until",
            )
            .condition_expression("lease_owner = :owner")
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":sealed", text(&token.sealed))
            .expression_attribute_values(":login", text(&token.login_id))
            .expression_attribute_values(":obtained", nanos(token.obtained_at))
            .expression_attribute_values(":refresh", nanos(token.refresh_at))
            .expression_attribute_values(":expires", nanos(token.expires_at))
            .expression_attribute_values(":ttl", ttl(token.expires_at));
        held(update).await
    }

    async fn hold_login(&self, key: &TokenKey, owner: &str, until: Timestamp) -> Result<(), ShelfUnreachable> {
        let update = self
            .update_token(key)
            .expression_attribute_names("#ttl", "ttl")
            .update_expression("SET lease_until = :until, #ttl = if_not_exists(#ttl, :ttl)")
            .condition_expression("lease_owner = :owner")
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":until", nanos(until))
            .expression_attribute_values(":ttl", ttl(until));
        held(update).await.map(|_| ())
    }

    async fn forget(&self, key: &TokenKey, login_id: &str) -> Result<(), ShelfUnreachable> {
        let update = self
            .update_token(key)
            .update_expression("REMOVE sealed, login_id, obtained_at, refresh_at, expires_at")
            .condition_expression("login_id = :login")
            .expression_attribute_values(":login", text(login_id));
        held(update).await.map(|_| ())
    }
}

/// `None` when there is no token, or none that can be read.
fn read(item: &HashMap<String, AttributeValue>) -> Option<StoredToken> {
    let moment = |name: &str| Timestamp::from_nanosecond(item.get(name)?.as_n().ok()?.parse().ok()?).ok();
    Some(StoredToken {
        sealed: item.get("sealed")?.as_s().ok()?.clone(),
        login_id: item.get("login_id")?.as_s().ok()?.clone(),
        obtained_at: moment("obtained_at")?,
        refresh_at: moment("refresh_at")?,
        expires_at: moment("expires_at")?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::{StoredToken, TokenKey, TokenShelf};
    use crate::{
        domain::{AccountName, AgencyId},
        store::Store,
        testing::{Table, manual_world},
    };
    use jiff::{SignedDuration, Timestamp};

    fn key(account: &str) -> TokenKey {
        TokenKey { agency: AgencyId::parse("horizon").unwrap(), account: AccountName::parse(account).unwrap() }
    }

    fn now() -> Timestamp {
        manual_world("2026-11-24T12:00:00.123456789Z", 1).0.now()
    }

    fn at(seconds: i64) -> Timestamp {
        now() + SignedDuration::from_secs(seconds)
    }

    fn token(sealed: &str, obtained: i64) -> StoredToken {
        StoredToken {
            sealed: sealed.to_owned(),
            login_id: sealed.to_owned(),
            obtained_at: at(obtained),
            refresh_at: at(obtained + 54),
            expires_at: at(obtained + 60),
        }
    }

    async fn lease(store: &Store, owner: &str, from: i64, until: i64) -> bool {
        store.try_login_lease(&key("airalo"), owner, at(from), at(until)).await.unwrap()
    }

    #[tokio::test]
    async fn one_owner_at_a_time_may_log_in() {
        let store = Table::new().store();
        assert!(lease(&store, "one", 0, 15).await);
        assert!(!lease(&store, "two", 1, 16).await);
        assert!(lease(&store, "one", 1, 16).await, "a claim whose reply was lost is recognised by its owner");
        assert!(lease(&store, "two", 16, 31).await, "a lease that is over is free");
        assert!(store.try_login_lease(&key("other"), "one", at(16), at(31)).await.unwrap(), "each account has its own");
    }

    #[tokio::test]
    async fn a_token_comes_back_as_it_was_and_ends_the_lease() {
        let store = Table::new().store();
        assert_eq!(store.load(&key("airalo")).await.unwrap(), None);
        lease(&store, "one", 0, 15).await;
        assert_eq!(store.load(&key("airalo")).await.unwrap(), None, "a lease is no token");
        assert!(store.save(&key("airalo"), "one", &token("sealed-1", 0)).await.unwrap());
        assert_eq!(store.load(&key("airalo")).await.unwrap(), Some(token("sealed-1", 0)));
        assert!(lease(&store, "two", 1, 16).await);
    }

    #[tokio::test]
    async fn who_lost_the_lease_keeps_nothing() {
        let store = Table::new().store();
        lease(&store, "late", 0, 15).await;
        lease(&store, "next", 15, 30).await;
        assert!(!store.save(&key("airalo"), "late", &token("late", 0)).await.unwrap());
        store.hold_login(&key("airalo"), "late", at(900)).await.unwrap();
        assert!(store.save(&key("airalo"), "next", &token("next", 15)).await.unwrap());
        assert_eq!(store.load(&key("airalo")).await.unwrap().unwrap().sealed, "next");
    }

    #[tokio::test]
    async fn a_failed_log_in_holds_the_next() {
        let store = Table::new().store();
        lease(&store, "one", 0, 15).await;
        store.hold_login(&key("airalo"), "one", at(45)).await.unwrap();
        assert!(!lease(&store, "two", 44, 59).await);
        assert!(lease(&store, "two", 45, 60).await);
    }

    #[tokio::test]
    async fn only_the_refused_token_is_dropped() {
        let store = Table::new().store();
        lease(&store, "one", 0, 15).await;
        store.save(&key("airalo"), "one", &token("new", 5)).await.unwrap();
        store.forget(&key("airalo"), "old").await.unwrap();
        assert_eq!(store.load(&key("airalo")).await.unwrap(), Some(token("new", 5)));
        store.forget(&key("airalo"), "new").await.unwrap();
        assert_eq!(store.load(&key("airalo")).await.unwrap(), None);
        store.forget(&key("never"), "new").await.unwrap();
        assert_eq!(store.load(&key("never")).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_table_out_of_reach_is_said_so() {
        let table = Table::new();
        table.set_reachable(false);
        let store = table.store();
        assert!(store.load(&key("airalo")).await.is_err());
        assert!(store.try_login_lease(&key("airalo"), "one", at(0), at(1)).await.is_err());
        assert!(store.save(&key("airalo"), "one", &token("x", 0)).await.is_err());
    }
}
