//! Where every run begins: an agency that is onboarded, with a catalogue and two booked trips. Made once, copied for each run.

use http::Method;
use passerelle::{
    domain::{AccountName, AgencyId, Country, TraceId},
    flows::{
        House,
        intake::{self, NewBooking},
        onboard::{self, Onboarding},
    },
    outbound::Deadline,
    testing::{TABLE, Table},
};
use passerelle_tests::sim::{core::in_process::InProcess, hubspot::Desk};
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use super::{
    audit,
    queues::Queues,
    sandboxes::Sandboxes,
    stage::Stage,
    table::Line,
    watch::{Watch, text},
    weather::Weather,
    wires::{Outside, SLOW, Wires},
};

pub const AGENCY: &str = "horizon";
pub const TRAVELLER: &str = "camille.moreau@example.com";
/// Where the agency's functions answer.
pub const PUBLIC: &str = "https://passerelle.horizon.example";
pub const START: &str = "2027-04-20T08:00:00.123456789Z";

/// The beginning.
pub struct Ground {
    /// The table's file.
    pub table: PathBuf,
    pub desk: Desk,
    /// Packages offered for the trips, as (account, package).
    pub packages: Vec<(String, String)>,
}

/// The parts of one run.
#[derive(Clone)]
pub struct World {
    pub stage: Stage,
    pub weather: Weather,
    pub table: Table,
    pub watch: Watch,
    pub outside: Outside,
    pub sandboxes: Sandboxes,
    pub queues: Queues,
}

impl World {
    pub fn new(stage: Stage, weather: Weather, table: Table, outside: Outside, seed: u64, fault: Option<super::faults::Fault>) -> Self {
        let watch = Watch::default();
        let line = Line { table: table.clone(), stage: stage.clone(), weather: weather.clone(), watch: watch.clone(), fault };
        let wires = Wires { outside: outside.clone(), stage: stage.clone(), weather: weather.clone(), fault };
        let sandboxes = Sandboxes::new(line.client(), wires, secrets(&outside), seed);
        let queues = Queues::new(sandboxes.clone(), fault);
        let feed = queues.clone();
        watch.feeds(move |id, to, delay| feed.send(id, to, delay));
        Self { stage, weather, table, watch, outside, sandboxes, queues }
    }
}

impl Ground {
    /// The packages of an account.
    pub fn packages_of<'a>(&'a self, account: &'a str) -> impl Iterator<Item = &'a String> {
        self.packages.iter().filter(move |(of, _)| of == account).map(|(_, package)| package)
    }

    /// The one of this process.
    pub fn shared() -> &'static Self {
        static GROUND: OnceLock<Ground> = OnceLock::new();
        GROUND.get_or_init(Self::make)
    }

    fn make() -> Self {
        let stage = Stage::new(START.parse().expect("a timestamp"), 1, false);
        let weather = Weather::none(&stage);
        let desk = Desk::new();
        let world = World::new(stage.clone(), weather, Table::new(), Outside::new(&desk), 1, None);
        let packages: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let (sandboxes, found, portal) = (world.sandboxes.clone(), Arc::clone(&packages), desk.hubspot.clone());
        let accounts: Vec<String> = world.outside.providers.iter().map(|(account, _)| (*account).to_owned()).collect();
        stage.spawn(async move {
            let house = sandboxes.house().await;
            onboarded(&house).await;
            for reference in ["VH-1", "VH-2"] {
                let seeded = portal.control(Method::POST, "seed", &json!({"email": TRAVELLER, "deal": reference}));
                let offers = booked(&house, reference, &seeded).await;
                found.lock().expect("one thread").extend(offers.iter().filter_map(package));
            }
            // Offers are few: an account that is dear has none among them.
            for account in accounts {
                let sold = house
                    .store
                    .packages_for(&agency(), &AccountName::parse(&account).expect("a name"), Country::parse("JP").expect("a country"))
                    .await;
                let first = sold.expect("the catalogue is read").into_iter().next().expect("it sells something for the trip");
                found.lock().expect("one thread").push((account, first.package_id.as_str().to_owned()));
            }
        });
        stage.play().expect("the beginning ends");
        keep_what_is_offered(&world.table, &packages.lock().expect("one thread"));
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("simulation-{}.sqlite", std::process::id()));
        drop(std::fs::remove_file(&file));
        world.table.save(&file);
        let mut packages = std::mem::take(&mut *packages.lock().expect("one thread"));
        packages.sort();
        packages.dedup();
        Self { table: file, desk: desk.copy(), packages }
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.table));
    }
}

/// The rest of the catalogue would only make every run slower.
fn keep_what_is_offered(table: &Table, packages: &[(String, String)]) {
    for item in audit::items(table) {
        let (pk, sk) = (text(&item, "pk"), text(&item, "sk"));
        let offered = sk.starts_with("COUNTRY#JP") || packages.iter().any(|(_, id)| sk == format!("PACKAGE#{id}"));
        if pk.contains("#CATALOGUE#") && !offered {
            let (status, answer) =
                table.raw("DeleteItem", &json!({"TableName": TABLE, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}}).to_string());
            assert_eq!(status, 200, "{answer}");
        }
    }
}

fn package(offer: &Value) -> Option<(String, String)> {
    let id = offer.get("package_id")?.as_str()?;
    Some((id.split_once(':')?.0.to_owned(), id.to_owned()))
}

async fn onboarded(house: &House) {
    let request = Onboarding { agency: agency(), client_id: Some("client-1".to_owned()), public_base_url: Some(PUBLIC.to_owned()) };
    let report = onboard::onboard(&run(house).await, &request).await.expect("onboarding works");
    assert!(report.ready, "not ready: {report:?}");
}

async fn booked(house: &House, reference: &str, seeded: &Value) -> Vec<Value> {
    let booking: NewBooking = serde_json::from_value(json!({
        "reference": reference,
        "external_reference": format!("crm-{reference}"),
        "destinations": [{"iso_country": "JP", "from": "2027-05-03", "to": "2027-05-09"}],
        "traveller": {"name": "Camille Moreau", "email": TRAVELLER, "locale": "fr"},
        "crm": {"deal_id": seeded["deal_id"], "contact_id": seeded["contact_id"]},
    }))
    .expect("a booking");
    intake::take(&run(house).await, booking).await.expect("the booking is taken").1.offers
}

async fn run(house: &House) -> passerelle::flows::Run<'_> {
    let deadline = Deadline::within(house.world.now(), Duration::from_secs(60));
    house.run(agency(), trace(), deadline).await.expect("the agency's settings are read")
}

pub fn agency() -> AgencyId {
    AgencyId::parse(AGENCY).expect("an agency id")
}

pub fn trace() -> TraceId {
    TraceId::parse("0af7651916cd43dd8448eb211c80319c").expect("a trace id")
}

/// The settings of an account, as its reference page asks for them.
fn provider(account: &str, sim: &InProcess) -> Value {
    let credential = |name: &str| sim.credentials.get(name);
    let mut settings = json!({
        "account": account, "kind": account, "base_url": sim.base_url, "client_id": credential("client_id"),
        "client_secret": credential("client_secret"), "webhook_account": webhook_address(account),
        "webhook_secrets": credential("webhook_secret").map_or_else(Vec::new, |secret| vec![secret.clone()]),
    });
    match account {
        SLOW => {
            settings["kind"] = json!("airalo");
            settings["airalo"] = json!({"orders": "async"});
        }
        "bics" => settings["bics"] = json!({"plans": credential("plans")}),
        "celitech" => {
            settings["token_url"] = json!(credential("token_url"));
            settings.as_object_mut().expect("an object").remove("webhook_account");
        }
        "one-global" => settings["one_global"] = json!({"country_of_sale": "FR", "footprints": credential("footprints")}),
        "telna" => settings["telna"] = json!({"top_up_member": "iccid"}),
        _ => {}
    }
    settings
}

/// Where an account's webhooks arrive.
pub fn webhook_address(account: &str) -> String {
    format!("wh_{account}_unguessable")
}

fn secrets(outside: &Outside) -> Vec<(String, String)> {
    let providers: Vec<Value> = outside.providers.iter().map(|(account, sim)| provider(account, sim)).collect();
    let agency = json!({
        "name": "Voyages Horizon", "locale": "fr-FR", "timezone": "Europe/Paris", "currency": "EUR",
        "providers": providers,
        "crm": {"kind": "hubspot", "base_url": outside.hubspot.base_url, "access_token": outside.hubspot.credentials["access_token"],
                "api_version": "2026-09"},
        "email": {"kind": "sendgrid", "base_url": outside.sendgrid.base_url, "api_key": outside.sendgrid.credentials["api_key"],
                  "from": {"email": "voyages@horizon.example", "name": "Voyages Horizon"}},
    });
    vec![
        (format!("passerelle/agency/{AGENCY}"), agency.to_string()),
        ("sealing".to_owned(), json!({"current": "k1", "k1": "s".repeat(64)}).to_string()),
        ("index".to_owned(), json!({"key": "i".repeat(64)}).to_string()),
    ]
}
