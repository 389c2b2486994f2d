#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::Secrets;
use crate::{
    domain::{AccountName, AgencyId},
    security::{MemorySecrets, SecretError, SecretSource, secrets::agency::tests::sample},
    world::{Clock, World},
};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

struct Bench {
    hands: Arc<Hands>,
    source: Arc<MemorySecrets>,
    secrets: Secrets,
    demo: AgencyId,
}

impl Bench {
    fn new() -> Self {
        let keys = format!(r#"{{"current":"k1","k1":"{}"}}"#, "1".repeat(64));
        let agency = sample().to_string();
        let source = Arc::new(MemorySecrets::new([
            ("passerelle/agency/demo", agency.as_str()),
            ("keys", keys.as_str()),
            ("short", r#"{"key":"x"}"#),
        ]));
        let hands = Arc::new(Hands(AtomicI64::new(1_800_000_000)));
        let world = World { clock: hands.clone(), ..World::real() };
        let secrets = Secrets::new(source.clone(), world, "passerelle/agency/");
        Self { hands, source, secrets, demo: AgencyId::parse("demo").unwrap() }
    }

    fn pass(&self, seconds: i64) {
        self.hands.0.fetch_add(seconds, Ordering::SeqCst);
    }

    async fn rename(&self, name: &str) {
        let mut json = sample();
        *json.pointer_mut("/name").unwrap() = name.into();
        self.source.write("passerelle/agency/demo", &SecretString::from(json.to_string())).await.unwrap();
    }

    async fn name(&self) -> String {
        self.secrets.agency(&self.demo).await.unwrap().name.clone()
    }
}

#[tokio::test]
async fn what_was_read_is_kept_for_five_minutes() {
    let bench = Bench::new();
    assert_eq!(bench.name().await, "Voyages Horizon");
    bench.rename("New").await;
    bench.pass(299);
    assert_eq!((bench.name().await.as_str(), bench.source.reads()), ("Voyages Horizon", 1));
    bench.pass(1);
    assert_eq!((bench.name().await.as_str(), bench.source.reads()), ("New", 2));
}

#[tokio::test]
async fn many_at_once_read_once() {
    let bench = Bench::new();
    let all = futures::future::join_all((0..20).map(|_| bench.secrets.agency(&bench.demo))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(bench.source.reads(), 1);
}

#[tokio::test]
async fn a_refused_credential_is_read_anew_but_not_at_will() {
    let bench = Bench::new();
    bench.name().await;
    bench.rename("New").await;
    bench.pass(10);
    assert_eq!(bench.secrets.agency_anew(&bench.demo).await.unwrap().name, "New");
    bench.secrets.agency_anew(&bench.demo).await.unwrap();
    assert_eq!(bench.source.reads(), 2);
}

#[tokio::test]
async fn an_outage_is_bridged_for_an_hour() {
    let bench = Bench::new();
    bench.name().await;
    bench.source.set_unreachable(true);
    bench.pass(3_599);
    assert_eq!(bench.name().await, "Voyages Horizon");
    bench.pass(1);
    assert!(matches!(bench.secrets.agency(&bench.demo).await, Err(SecretError::Unreachable { .. })));
    bench.source.set_unreachable(false);
    assert_eq!(bench.name().await, "Voyages Horizon");
}

#[tokio::test]
async fn a_broken_or_absent_agency_is_told_apart() {
    let bench = Bench::new();
    let nobody = AgencyId::parse("nobody").unwrap();
    assert!(matches!(bench.secrets.agency(&nobody).await, Err(SecretError::Unknown { .. })));
    bench.name().await;
    bench.source.write("passerelle/agency/demo", &SecretString::from("{}")).await.unwrap();
    bench.pass(300);
    assert!(matches!(bench.secrets.agency(&bench.demo).await, Err(SecretError::Unusable { .. })));
}

#[tokio::test]
async fn a_webhook_secret_is_seen_at_once_and_the_old_one_stays() {
    let bench = Bench::new();
    let account = AccountName::parse("reference").unwrap();
    bench.name().await;
    bench.secrets.keep_webhook_secret(&bench.demo, &account, &SecretString::from("new")).await.unwrap();
    let agency = bench.secrets.agency(&bench.demo).await.unwrap();
    let kept: Vec<_> = agency.account(&account).unwrap().webhook_secrets.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(kept, ["new", "old"]);
    let nobody = AccountName::parse("nobody").unwrap();
    assert!(bench.secrets.keep_webhook_secret(&bench.demo, &nobody, &SecretString::from("x")).await.is_err());
}

#[tokio::test]
async fn keys_come_from_their_secrets_and_are_renewed() {
    let bench = Bench::new();
    let sealer = bench.secrets.sealer("keys").await.unwrap();
    let changed = format!(r#"{{"current":"k2","k1":"{0}","k2":"{0}"}}"#, "1".repeat(64));
    bench.source.write("keys", &SecretString::from(changed)).await.unwrap();
    bench.pass(300);
    bench.secrets.renew(&sealer, "keys").await.unwrap();
    let place = crate::security::SealContext { tenant: &bench.demo, table: "t", pk: "p", sk: "s", attribute: "a" };
    assert!(sealer.seal(&World::real(), &place, b"x").unwrap().starts_with("v1.k2."));
    let error = bench.secrets.blind_index("short").await.unwrap_err();
    assert_eq!(error.to_string(), "the secret short is not usable: key is shorter than 43 characters");
}
