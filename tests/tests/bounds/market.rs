//! Eight accounts of 3,200 packages each, as large catalogues are made: mostly one country, a tenth regional (35 countries), a twentieth for
//! the whole world (200). The pages are made when they are asked for.

use async_trait::async_trait;
use passerelle::{
    domain::{AgencyId, Country, TraceId},
    flows::{Certificates, CrmShelf, House, Phones, Run, Settings},
    outbound::{Answer, Deadline, HttpRequest, Outbound, Route, SendError, Transport},
    security::{MemorySecrets, Secrets},
    store::{Seals, Store},
    telemetry::{CapturedLines, Metrics},
    testing::{TABLE, manual_world},
};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use super::table::Shelf;

pub const ACCOUNTS: usize = 8;
pub const PACKAGES: usize = 3_200;
pub const COUNTRIES: usize = 200;
const AGENCY: &str = "horizon";

/// The house, its table, and what the providers' prices are above the usual ones.
pub struct Market {
    house: House,
    pub shelf: Shelf,
    cents_more: Arc<AtomicI64>,
}

impl Market {
    pub async fn new() -> Self {
        let (world, _) = manual_world("2027-04-20T08:00:00Z", 7);
        let secrets = MemorySecrets::new([
            (format!("passerelle/agency/{AGENCY}"), agency().to_string()),
            ("sealing".to_owned(), json!({"current": "k1", "k1": "s".repeat(64)}).to_string()),
            ("index".to_owned(), json!({"key": "i".repeat(64)}).to_string()),
        ]);
        let secrets = Secrets::new(Arc::new(secrets), world.clone(), "passerelle/agency/");
        let seals = Seals::new(secrets.sealer("sealing").await.expect("sealing keys"), world.clone(), TABLE);
        let shelf = Shelf::new();
        let store = Arc::new(Store::new(shelf.client(), TABLE));
        let metrics = Metrics::to("bounds", world.clock.clone(), Arc::new(CapturedLines::default()));
        let cents_more = Arc::new(AtomicI64::new(0));
        let providers = Arc::new(Providers { countries: countries(), cents_more: cents_more.clone() });
        let outbound =
            Outbound::new(world.clone(), providers, store.clone(), Arc::new(seals.clone()), store.clone(), Arc::new(metrics.clone()));
        let house = House {
            store: Store::clone(&store),
            index: secrets.blind_index("index").await.expect("index key"),
            secrets,
            seals,
            world,
            outbound,
            metrics,
            crms: CrmShelf::default(),
            certificates: Certificates::default(),
            phones: Phones::default(),
            settings: Settings { default_agency: None, public_base_url: None, sealing_keys: "sealing".to_owned(), retention_months: 13 },
        };
        Self { house, shelf, cents_more }
    }

    pub async fn run(&self) -> Run<'_> {
        let deadline = Deadline::within(self.house.world.now(), Duration::from_secs(300));
        let trace = TraceId::parse("0af7651916cd43dd8448eb211c80319c").expect("a trace id");
        self.house.run(AgencyId::parse(AGENCY).expect("an id"), trace, deadline).await.expect("the agency's settings are read")
    }

    /// Every price of every account rises.
    pub fn reprice(&self) {
        self.cents_more.fetch_add(10, Ordering::SeqCst);
    }
}

fn agency() -> Value {
    let providers: Vec<Value> = (0..ACCOUNTS)
        .map(|n| {
            let base_url = format!("https://provider-{n}.test/");
            json!({"account": format!("provider-{n}"), "kind": "reference", "base_url": base_url, "client_id": "id", "client_secret": "secret"})
        })
        .collect();
    json!({
        "name": "Voyages Horizon", "timezone": "Europe/Paris", "currency": "EUR", "providers": providers,
        "email": {"kind": "sendgrid", "base_url": "https://mail.test", "api_key": "SG.x", "from": {"email": "a@example.com", "name": "A"}},
    })
}

fn countries() -> Vec<String> {
    let letters = || 'A'..='Z';
    let all = letters().flat_map(|a| letters().map(move |b| format!("{a}{b}")));
    all.filter(|code| Country::parse(code).is_ok()).take(COUNTRIES).collect()
}

/// Every provider. The first one gives its whole catalogue as one page, the others as many as the contract's.
struct Providers {
    countries: Vec<String>,
    cents_more: Arc<AtomicI64>,
}

#[async_trait]
impl Transport for Providers {
    async fn send(&self, request: HttpRequest, _: &Route, _: Duration) -> Result<Answer, SendError> {
        let query = |name: &str| request.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let body = match request.operation {
            "login" => json!({"access_token": "token", "token_type": "Bearer", "expires_in": 3600}).to_string(),
            _ => self.page(
                request.url.host_str().is_some_and(|host| host.starts_with("provider-0")),
                query("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0),
            ),
        };
        Ok(Answer { status: http::StatusCode::OK, headers: http::HeaderMap::new(), body: body.into_bytes() })
    }
}

impl Providers {
    fn page(&self, whole: bool, first: usize) -> String {
        let end = if whole { PACKAGES } else { (first + 200).min(PACKAGES) };
        let packages: Vec<String> = (first..end).map(|n| self.package(n).to_string()).collect();
        let next = if end < PACKAGES { format!("\"{end}\"") } else { "null".to_owned() };
        format!("{{\"packages\": [{}], \"next_cursor\": {next}}}", packages.join(","))
    }

    fn package(&self, n: usize) -> Value {
        let (skip, take) = match n % 20 {
            0 => (0, self.countries.len()),
            1 | 2 => (n % self.countries.len(), 35),
            _ => (n % self.countries.len(), 1),
        };
        let codes: Vec<&String> = self.countries.iter().cycle().skip(skip).take(take).collect();
        let cents = (n as i64 * 7_919) % 5_000 + 100 + self.cents_more.load(Ordering::SeqCst);
        let networks: Vec<String> = (0..take.min(8)).map(|place| format!("Operator {place} of {}", codes[place])).collect();
        json!({
            "package_id": format!("plan-{n}-of-an-account-with-long-names"), "title": format!("Plan {n}: some gigabytes for some days"),
            "iso_countries": codes, "data_volume_mb": (n % 20 + 1) * 1024, "validity_days": ([7, 15, 30, 3][n % 4]),
            "price": format!("{}.{:02}", cents / 100, cents % 100), "currency": "EUR", "network_operators": networks, "topup": n.is_multiple_of(3),
        })
    }
}
