//! What the traveller's page says of phones: the provider's own steps and its list of phones, asked for live, and no loss where they cannot
//! be had.

use crate::fixture::{World, trace};
use passerelle::{
    domain::EsimId,
    flows::pages::{Page, Visit, devices, links, steps, traveller},
    outbound::Deadline,
    problem::Problem,
    security::PageKind,
    telemetry::{CapturedLines, Format, JsonLines},
};
use passerelle_tests::sim::Fault;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tracing::{instrument::WithSubscriber, level_filters::LevelFilter};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt};

const DESK: &str = "Mozilla/5.0 (X11; Linux x86_64)";
const ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/148.0.0.0 Mobile";

struct Traveller {
    world: World,
    token: String,
    esim: EsimId,
    provider_esim: String,
}

impl Traveller {
    async fn of(account: &str) -> Self {
        let mut world = World::new().await;
        let (esim, provider_esim) = world.delivered(account).await;
        let wanted = serde_json::from_value(json!({"page": "traveller", "esim_id": esim})).unwrap();
        let given = links::give(&world.run().await, wanted, "https://api.example/v1").await.unwrap();
        let given: Value = serde_json::from_str(&given).unwrap();
        let token = given["url"].as_str().unwrap().split('/').nth(5).unwrap().to_owned();
        world.clear_records().await;
        Self { world, token, esim, provider_esim }
    }

    async fn visit(&self, language: Option<&str>) -> Visit<'_> {
        let deadline = Deadline::within(self.world.now(), Duration::from_secs(29));
        Visit::open(&self.world.house, PageKind::Traveller, &self.token, language, &trace(), deadline).await.unwrap()
    }

    async fn steps(&self, language: Option<&str>, agent: &str) -> Result<Page, Problem> {
        steps::show(&self.visit(language).await, agent).await
    }

    async fn devices(&self, language: &str, model: &str) -> Result<Page, Problem> {
        devices::show(&self.visit(Some(language)).await, model).await
    }

    async fn page(&self) -> String {
        traveller::show(&self.visit(Some("en")).await, DESK).await.unwrap().html
    }

    async fn asked(&self, path: &str) -> usize {
        self.world.sims.airalo.client().requests_to("GET", path).await.unwrap().len()
    }

    /// Everything that installs the eSIM.
    async fn codes(&self) -> Vec<String> {
        let code = self.world.esim(&self.esim).await.profile.unwrap().activation_code;
        vec![self.provider_esim.clone(), code.lpa(), code.matching_id().to_owned()]
    }
}

#[tokio::test]
async fn the_operators_steps_come_in_the_travellers_language_without_what_installs() {
    let traveller = Traveller::of("airalo").await;
    assert!(traveller.page().await.contains("href=\"steps?lang=en\">The operator’s steps</a>"));
    let own = traveller.steps(None, DESK).await.unwrap().html;
    assert!(
        own.contains("<html lang=\"fr\">") && own.contains("Scannez le QR code.") && own.contains("Les étapes de l’opérateur"),
        "{own}"
    );
    let english = traveller.steps(Some("en"), ANDROID).await.unwrap();
    let html = &english.html;
    assert!(
        html.contains("iPhone (14, 15, 13)") && html.contains("Settings &#62; Cellular/Mobile") && html.contains("singleall"),
        "{html}"
    );
    assert!(html.find("<h2>Android").unwrap() < html.find("<h2>iPhone").unwrap(), "the reader's own phone first");
    assert!(html.find("Do not turn on").unwrap() < html.find("installed successfully").unwrap(), "the tenth step comes last");
    for code in traveller.codes().await {
        assert!(!html.contains(&code) && !own.contains(&code), "{code}");
    }
    assert!(!html.contains("href=\"http") && !html.contains(" style=") && !english.policy.contains("unsafe"));
    traveller.steps(Some("en"), DESK).await.unwrap();
    assert_eq!(traveller.asked("/instructions").await, 2, "once a language, for a while");
    traveller.world.pass(Duration::from_secs(601)).await;
    traveller.steps(Some("en"), DESK).await.unwrap();
    assert_eq!(traveller.asked("/instructions").await, 3);
}

#[tokio::test]
async fn what_the_operator_writes_is_words_and_not_markup() {
    let traveller = Traveller::of("airalo").await;
    let step = "<script>alert(1)</script> & <img src=x onerror=alert(1) Turn <b>on</b> https://elsewhere.example/x";
    let told = json!({"data": {"instructions": {"language": "de", "android": [{"network_setup": {"steps": {"1": step}}}]}}});
    traveller.world.sims.airalo.client().fault(&Fault::on("GET", "/instructions").times(1).status(200).body(told)).await.unwrap();
    let html = traveller.steps(Some("en"), DESK).await.unwrap().html;
    assert!(!html.contains("<script>alert") && !html.contains("<img") && !html.contains("elsewhere.example"), "{html}");
    assert!(html.contains("alert(1)") && html.contains("<section class=\"card\" lang=\"de\">"), "{html}");
}

#[tokio::test]
async fn where_the_operator_cannot_be_asked_the_page_says_so_and_leads_back_to_our_steps() {
    let traveller = Traveller::of("airalo").await;
    let client = traveller.world.sims.airalo.client();
    client.fault(&Fault::on("GET", "/instructions").times(1000).status(503)).await.unwrap();
    client.fault(&Fault::on("GET", "/compatible-devices-lite").times(1000).status(503)).await.unwrap();
    let french = traveller.steps(None, DESK).await.unwrap();
    assert_eq!(french.status, 200);
    assert!(french.html.contains("ne peuvent pas être affichées") && french.html.contains("href=\"esim?lang=\""), "{}", french.html);
    let list = traveller.devices("en", "Pixel 5").await.unwrap().html;
    assert!(list.contains("cannot be read at the moment") && list.contains("*#06#"), "{list}");
    // The breaker of the account's reads is obeyed: soon nobody is asked any more.
    for _ in 0..20 {
        traveller.steps(None, DESK).await.unwrap();
    }
    assert!(traveller.asked("/instructions").await < 15, "{}", traveller.asked("/instructions").await);
    assert!(traveller.page().await.contains("Step by step"), "our own steps need nobody");
    client.clear_faults().await.unwrap();
    traveller.world.pass(Duration::from_secs(3_600)).await;
    assert!(traveller.steps(None, DESK).await.unwrap().html.contains("Scannez le QR code."), "a failure is not kept");
}

#[tokio::test]
async fn a_phone_is_looked_up_in_the_operators_list_which_is_kept_for_a_day() {
    let traveller = Traveller::of("airalo").await;
    assert!(traveller.page().await.contains("href=\"devices?lang=en\">Does my phone take eSIMs?</a>"));
    let form = traveller.devices("fr", "").await.unwrap().html;
    assert!(form.contains("<label for=\"model\">Marque ou modèle</label>") && form.contains("Mon téléphone est-il compatible"), "{form}");
    assert_eq!(traveller.asked("/compatible-devices-lite").await, 0, "the form asks nobody");
    let found = traveller.devices("fr", " PIXEL  4á ").await.unwrap().html;
    assert!(
        found.contains("<li>Google Pixel 4a (5G)</li>") && !found.contains("Pixel 5") && found.contains("selon l’opérateur"),
        "{found}"
    );
    let missing = traveller.devices("en", "Nokia 3310 <b>").await.unwrap().html;
    assert!(
        missing.contains("not in the operator’s list") && missing.contains("EID") && missing.contains("Nokia 3310 &#60;b&#62;"),
        "{missing}"
    );
    assert!(missing.contains("href=\"devices?lang=fr&amp;model=Nokia%203310"), "{missing}");
    assert_eq!(traveller.devices("en", "et56").await.unwrap().html.matches("Zebra ET56").count(), 1, "listed twice, shown once");
    assert_eq!(traveller.asked("/compatible-devices-lite").await, 1);
    traveller.world.pass(Duration::from_secs(86_401)).await;
    traveller.devices("en", "et56").await.unwrap();
    assert_eq!(traveller.asked("/compatible-devices-lite").await, 2, "a new day");
}

#[tokio::test]
async fn providers_without_them_show_no_link_and_no_page() {
    let traveller = Traveller::of("reference").await;
    let page = traveller.page().await;
    assert!(!page.contains("href=\"steps") && !page.contains("href=\"devices"));
    assert_eq!(traveller.steps(None, DESK).await.unwrap_err().status, 404);
    assert_eq!(traveller.devices("en", "Pixel 5").await.unwrap_err().status, 404);
}

#[tokio::test]
async fn nothing_that_installs_or_was_typed_is_logged() {
    let traveller = Traveller::of("airalo").await;
    let lines = Arc::new(CapturedLines::default());
    let layer = JsonLines::new("promises", Format::Ecs, lines.clone(), traveller.world.house.world.clock.clone());
    let heard = Targets::new().with_default(LevelFilter::WARN).with_target("passerelle", LevelFilter::TRACE);
    let looks = async {
        traveller.steps(Some("en"), DESK).await.unwrap();
        traveller.devices("en", "Pixel 5").await.unwrap();
        traveller.world.pass(Duration::from_secs(90_000)).await;
        let said = json!({"data": {"iccid": format!("{} is not yours", traveller.provider_esim)}, "meta": {"message": "the parameter is invalid"}});
        let client = traveller.world.sims.airalo.client();
        client.fault(&Fault::on("GET", "/instructions").times(1).status(422).body(said)).await.unwrap();
        client.fault(&Fault::on("GET", "/compatible-devices-lite").times(1).status(500)).await.unwrap();
        traveller.steps(Some("en"), DESK).await.unwrap();
        traveller.devices("en", "Pixel 5").await.unwrap();
    };
    looks.with_subscriber(tracing_subscriber::registry().with(heard).with(layer)).await;
    let log = lines.lines().join("\n");
    assert!(log.contains("the provider's steps cannot be shown") && log.contains("list of phones cannot be shown"), "{log}");
    for secret in traveller.codes().await.iter().map(String::as_str).chain(["Pixel"]) {
        assert!(!log.contains(secret), "the log holds {secret}");
    }
}
