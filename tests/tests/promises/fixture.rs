//! A house on an in-process DynamoDB, with the simulators outside and the queues played by hand: a message is a pointer to an
//! outbox entry, so that the table itself says what is to be done.

use crate::{
    amazon::Amazon,
    settings::{agency_secret, secrets_of},
};
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use passerelle::{
    domain::{AgencyId, EsimId, TraceId},
    flows::{
        Certificates, CrmShelf, House, Phones, Run, Settings,
        consume::{self, Disposition},
        intake::{self, NewBooking},
        mail_events,
        onboard::{self, Onboarding},
        order_view::OrderAnswer,
        place_order::{self, IdempotencyKey, NewOrder},
        poll_usage, receive_webhook, remind_topup,
        sync_catalogue::{self, Synced},
        topup::{self, NewTopUp},
    },
    outbound::{Deadline, Outbound, ReqwestTransport},
    problem::Problem,
    store::Seals,
    telemetry::{CapturedLines, Metrics},
    testing::{ManualClock, TABLE, Table, manual_world},
    world::Clock,
};
use passerelle_tests::{local::Crm, sim::Simulators};
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc, time::Duration};

pub const AGENCY: &str = "horizon";
pub const WEBHOOK_ADDRESS: &str = "wh_reference_unguessable";
pub const AIRALO_ADDRESS: &str = "wh_airalo_unguessable";
pub const MAIL_ADDRESS: &str = "wh_mail_unguessable";
pub const TRAVELLER_EMAIL: &str = "camille.moreau@example.com";
/// Not on the second, as no real clock is.
const START: &str = "2027-04-20T08:00:00.123456789Z";

pub struct World {
    /// The agency's settings, as they are now.
    agency: Value,
    pub house: House,
    pub table: Arc<Table>,
    pub sims: Simulators,
    pub clock: Arc<ManualClock>,
    /// What is asked of Amazon SNS.
    pub amazon: Arc<Amazon>,
    /// Where the agency's dossiers live.
    pub crm: Crm,
    /// Provider accounts and the source of rates of the agency, each named as its simulator.
    accounts: Vec<String>,
    /// Entries that asked to be looked at later, and when.
    waiting: HashMap<String, Timestamp>,
    /// Entries whose message went to the dead-letter queue, and why.
    pub dead: Vec<(String, &'static str)>,
}

/// The house's clock: waiting passes on it, and takes next to nothing of ours.
struct Hurried(Arc<ManualClock>);

impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let clock = Arc::clone(&self.0);
        Box::pin(async move {
            // Others need a moment to do what is waited for.
            tokio::time::sleep(time.min(Duration::from_millis(5))).await;
            clock.advance(time);
        })
    }
}

impl World {
    /// Everything up, the agency onboarded, nothing left to do.
    pub async fn new() -> Self {
        Self::with_accounts(&["airalo", "reference"]).await
    }

    pub async fn with_accounts(accounts: &[&str]) -> Self {
        Self::with_settings(accounts, json!({})).await
    }

    /// With these settings in the agency's secret besides the usual ones.
    pub async fn with_settings(accounts: &[&str], settings: Value) -> Self {
        Self::with_partners(accounts, |_| settings).await
    }

    /// With settings besides the usual ones that name simulators.
    pub async fn with_partners(accounts: &[&str], settings: impl FnOnce(&Simulators) -> Value) -> Self {
        let (mut world, clock) = manual_world(START, 7);
        world.clock = Arc::new(Hurried(clock.clone()));
        let sims = Simulators::start().await.expect("simulators start");
        let table = Arc::new(Table::new());
        let mut secret = agency_secret(&sims, accounts);
        secret.as_object_mut().expect("an object").extend(settings(&sims).as_object().expect("an object").clone());
        let crm = secret["crm"]["kind"].as_str().and_then(Crm::named).expect("a CRM that is simulated");
        // Asynchronous and future orders are told by webhook: without our address none is taken.
        let told_by_webhook = secret["providers"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one["airalo"]["orders"] == "async" || one["airalo"]["future_orders"] == true));
        let public_base_url = told_by_webhook.then(|| sims.inbox.url.clone());
        let secrets = secrets_of(&secret, &world);
        let seals = Seals::new(secrets.sealer("sealing").await.expect("sealing keys"), world.clone(), TABLE);
        let store = Arc::new(table.store());
        let metrics = Metrics::to("promises", world.clock.clone(), Arc::new(CapturedLines::default()));
        let amazon = Arc::new(Amazon::beside(ReqwestTransport::new(world.clone())));
        let transport = Arc::clone(&amazon);
        let outbound =
            Outbound::new(world.clone(), transport, store.clone(), Arc::new(seals.clone()), store.clone(), Arc::new(metrics.clone()));
        let house = House {
            store: table.store(),
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
        let rates = secret["exchange"]["source"].as_str();
        let accounts = accounts.iter().copied().chain(rates).map(str::to_owned).collect();
        let mut this = Self { house, agency: secret, table, sims, clock, amazon, crm, accounts, waiting: HashMap::new(), dead: Vec::new() };
        this.set_time(START.parse().expect("a timestamp")).await;
        this.onboard(public_base_url).await;
        this
    }

    async fn onboard(&mut self, public_base_url: Option<String>) {
        let request = Onboarding { agency: agency_id(), client_id: Some("client-1".to_owned()), public_base_url };
        let report = onboard::onboard(&self.run().await, &request).await.expect("onboarding works");
        assert!(report.ready, "not ready: {report:?}");
        self.settle().await;
        self.clear_records().await;
    }

    /// Forgets what the simulators recorded so far.
    pub async fn clear_records(&self) {
        for sim in self.used_sims() {
            sim.client().clear_requests().await.expect("records are cleared");
        }
    }

    /// The simulators that this world's agency has to do with.
    fn used_sims(&self) -> impl Iterator<Item = &passerelle_tests::sim::Sim> {
        let used = |name: &str| {
            matches!(name, "hubspot" | "salesforce" | "amadeus" | "sendgrid" | "mailjet")
                || self.accounts.iter().any(|account| account == name)
        };
        self.sims.each().into_iter().filter(move |sim| used(sim.name))
    }

    pub fn now(&self) -> Timestamp {
        self.house.world.now()
    }

    /// Sets the clock of the house and of every simulator.
    pub async fn set_time(&self, now: Timestamp) {
        self.clock.set(now);
        for sim in self.used_sims() {
            sim.client().set_now(now).await.expect("the simulator's clock is set");
        }
        // Limits follow the machine's clock; when a day passes here, they have long begun anew.
        for sim in self.used_sims().filter(|sim| matches!(sim.name, "airalo" | "esim-access" | "esim-go")) {
            sim.client().post("limits/reset", &json!({})).await.expect("limits begin anew");
        }
    }

    pub async fn pass(&self, time: Duration) {
        let later = self.now().checked_add(SignedDuration::try_from(time).expect("a short time")).expect("not the end of time");
        self.set_time(later).await;
    }

    pub async fn run(&self) -> Run<'_> {
        let deadline = Deadline::within(self.now(), Duration::from_secs(29));
        self.house.run(agency_id(), trace(), deadline).await.expect("the agency's settings are read")
    }

    pub async fn book(&self, reference: &str, country: &str, from: &str, to: &str) -> Vec<Value> {
        let deal = self.crm.sim(&self.sims).client().seed_trip(TRAVELLER_EMAIL, reference).await.expect("a deal and a contact");
        let booking: NewBooking = serde_json::from_value(json!({
            "reference": reference,
            "external_reference": format!("crm-{reference}"),
            "destinations": [{"iso_country": country, "from": from, "to": to}],
            "traveller": {"name": "Camille Moreau", "email": TRAVELLER_EMAIL, "locale": "fr"},
            "crm": {"deal_id": deal.1, "contact_id": deal.0},
        }))
        .expect("a booking");
        let (_, record) = intake::take(&self.run().await, booking).await.expect("the booking is taken");
        record.offers
    }

    /// The best single-package offer of an account for a booked trip.
    pub fn best(offers: &[Value], account: &str) -> String {
        let prefix = format!("{account}:");
        let mut ids = offers.iter().filter_map(|offer| offer.get("package_id")?.as_str());
        ids.find(|id| id.starts_with(&prefix)).unwrap_or_else(|| panic!("{account} has no offer among {offers:?}")).to_owned()
    }

    pub fn order_body(package_id: &str, reference: &str) -> NewOrder {
        serde_json::from_value(json!({
            "external_reference": format!("crm-{reference}"),
            "package_id": package_id,
            "booking_reference": reference,
        }))
        .expect("an order")
    }

    pub async fn order(&self, key: &str, package_id: &str, reference: &str) -> Result<OrderAnswer, Problem> {
        let key = IdempotencyKey::parse(Some(key)).expect("a key");
        place_order::place(&self.run().await, &key, Self::order_body(package_id, reference)).await
    }

    /// A trip to Japan, ordered from `account` and delivered. The provider's key of the eSIM comes second.
    pub async fn delivered(&mut self, account: &str) -> (EsimId, String) {
        let offers = self.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
        let answer = self.order("key-1", &Self::best(&offers, account), "VH-1").await.expect("the order is placed");
        assert_eq!(answer.answer.status, 201, "{}", answer.answer.body);
        self.settle().await;
        (esim_id(&answer), self.provider_esim(account).await)
    }

    /// The simulator behind an account, which has its name.
    pub fn sim(&self, account: &str) -> &passerelle_tests::sim::Sim {
        self.sims.each().into_iter().find(|sim| sim.name == account).expect("a simulator of that name")
    }

    /// The one eSIM that an account's simulator sold.
    pub async fn provider_esim(&self, account: &str) -> String {
        let esims = self.sim(account).client().esims().await.expect("the simulator lists its eSIMs");
        let esim = esims.last().expect("one was sold");
        let key = if account == "reference" { "esim_id" } else { "iccid" };
        esim[key].as_str().expect("a key").to_owned()
    }

    pub async fn top_up(&self, key: &str, esim_id: &EsimId, package_id: &str) -> Result<OrderAnswer, Problem> {
        let key = IdempotencyKey::parse(Some(key)).expect("a key");
        let new: NewTopUp = serde_json::from_value(json!({ "package_id": package_id })).expect("a top-up");
        topup::top_up(&self.run().await, &key, esim_id, new).await
    }

    /// The hourly sync.
    pub async fn sync(&self) -> Vec<Synced> {
        let deadline = Deadline::within(self.now(), Duration::from_secs(300));
        sync_catalogue::sync_all(&self.house, &trace(), deadline).await.expect("the agencies are listed")
    }

    pub async fn poll(&mut self) -> poll_usage::Polled {
        let deadline = Deadline::within(self.now(), Duration::from_secs(60));
        let polled = poll_usage::poll_due(&self.house, self.now(), &trace(), deadline).await.expect("polling works");
        self.settle_without_waiting().await;
        polled
    }

    pub async fn remind(&mut self) -> u32 {
        let deadline = Deadline::within(self.now(), Duration::from_secs(60));
        let done = remind_topup::remind_due(&self.house, self.now(), &trace(), deadline).await.expect("reminding works");
        self.settle_without_waiting().await;
        done.proposed
    }

    pub async fn webhook(&self, headers: &[(&str, &str)], body: &str) -> Result<(), Problem> {
        self.webhook_at(WEBHOOK_ADDRESS, headers, body).await
    }

    /// A webhook at the address of any account.
    pub async fn webhook_at(&self, address: &str, headers: &[(&str, &str)], body: &str) -> Result<(), Problem> {
        let mut map = http::HeaderMap::new();
        for (name, value) in headers {
            map.insert(http::HeaderName::from_bytes(name.as_bytes()).expect("a name"), value.parse().expect("a value"));
        }
        let deadline = Deadline::within(self.now(), Duration::from_secs(29));
        if address == MAIL_ADDRESS {
            return mail_events::receive(&self.house, address, &map, body.as_bytes(), &trace(), deadline).await;
        }
        receive_webhook::receive(&self.house, Some(address), &map, body.as_bytes(), &trace(), deadline).await
    }

    /// From now on the agency's settings say otherwise.
    pub fn change_settings(&mut self, change: impl FnOnce(&mut Value)) {
        change(&mut self.agency);
        self.house.secrets = secrets_of(&self.agency, &self.house.world);
    }

    /// Works until nothing is left, letting time pass where work asks for it.
    pub async fn settle(&mut self) {
        for _ in 0..400 {
            self.settle_without_waiting().await;
            let Some(next) = self.waiting.values().min().copied() else { return };
            self.set_time(next.max(self.now())).await;
        }
        panic!("work never ends: {:?}", self.outbox().await);
    }

    /// Works on everything that may be worked on now.
    pub async fn settle_without_waiting(&mut self) {
        for _ in 0..200 {
            let ready = self.ready().await;
            if ready.is_empty() {
                return;
            }
            for id in ready {
                self.consume(&id).await;
            }
        }
        panic!("work never ends");
    }

    pub async fn consume(&mut self, id: &str) -> Disposition {
        let deadline = Deadline::within(self.now(), Duration::from_secs(60));
        let disposition = consume::consume(&self.house, id, deadline).await;
        match &disposition {
            Disposition::Done => drop(self.waiting.remove(id)),
            Disposition::Later(wait) => {
                let wait = SignedDuration::try_from(*wait).expect("a short wait");
                self.waiting.insert(id.to_owned(), self.now().checked_add(wait).expect("not the end of time"));
            }
            Disposition::Dead(reason) => {
                self.waiting.remove(id);
                self.dead.push((id.to_owned(), reason));
            }
        }
        disposition
    }

    async fn ready(&mut self) -> Vec<String> {
        let now = self.now();
        let mut ready = Vec::new();
        let entries = self.outbox().await;
        // An entry may be ended by other work than its own: nobody waits for it any more.
        self.waiting.retain(|id, _| entries.iter().any(|entry| entry.id == *id));
        for entry in entries {
            if self.dead.iter().any(|(id, _)| *id == entry.id) {
                continue;
            }
            let due = *self.waiting.entry(entry.id.clone()).or_insert(entry.due);
            if due <= now {
                ready.push(entry.id);
            }
        }
        ready
    }
}

pub fn agency_id() -> AgencyId {
    AgencyId::parse(AGENCY).expect("an agency id")
}

pub fn trace() -> TraceId {
    TraceId::parse("0af7651916cd43dd8448eb211c80319c").expect("a trace id")
}

pub fn esim_id(answer: &OrderAnswer) -> EsimId {
    let body: Value = serde_json::from_str(&answer.answer.body).expect("JSON");
    EsimId::parse(body["esim_id"].as_str().expect("an eSIM id")).expect("an eSIM id")
}
