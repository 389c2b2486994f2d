//! The pages: who may look, what a click buys, and what is sent again, as the providers' and the mail service's own records tell.

use crate::fixture::{TRAVELLER_EMAIL, World, agency_id, trace};
use passerelle::{
    domain::{AccountName, AgencyId, Country, EsimId},
    flows::{
        intake,
        pages::{
            Filters, Visit, links, panel,
            purchase::{self, OrderForm, TopUpForm},
            resend, traveller,
        },
    },
    outbound::Deadline,
    problem::Problem,
    security::{PageKind, PageLink},
};
use passerelle_tests::sim::Fault;
use serde_json::{Value, json};
use std::time::Duration;

const DESK: &str = "Mozilla/5.0 (X11; Linux x86_64)";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)";

async fn token(world: &World, page: &str, subject: (&str, &str)) -> String {
    let wanted = serde_json::from_value(json!({"page": page, subject.0: subject.1})).unwrap();
    let given = links::give(&world.run().await, wanted, "https://api.example/v1").await.unwrap();
    let given: Value = serde_json::from_str(&given).unwrap();
    given["url"].as_str().unwrap().split('/').nth(5).unwrap().to_owned()
}

async fn open<'a>(world: &'a World, kind: PageKind, token: &str) -> Result<Visit<'a>, Problem> {
    let deadline = Deadline::within(world.now(), Duration::from_secs(29));
    Visit::open(&world.house, kind, token, Some("en"), &trace(), deadline).await
}

pub(crate) async fn panel_of<'a>(world: &'a World, reference: &str) -> Visit<'a> {
    open(world, PageKind::Panel, &token(world, "panel", ("booking_reference", reference)).await).await.unwrap()
}

pub(crate) async fn html(visit: &Visit<'_>) -> String {
    panel::show(visit, &Filters::default(), None).await.unwrap().html
}

fn form(package: &str, travellers: &[usize], sequence: usize) -> OrderForm {
    OrderForm { package: package.to_owned(), travellers: travellers.to_vec(), sequence }
}

async fn booked(world: &World) -> String {
    World::best(&world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await, "reference")
}

/// A dossier of three.
async fn group(world: &World) -> String {
    let package = booked(world).await;
    let person =
        |name: &str, locale: &str| json!({"name": name, "email": format!("{}@example.com", name.to_lowercase()), "locale": locale});
    let group = serde_json::from_value(json!({
        "reference": "VH-3", "external_reference": "crm-3",
        "destinations": [{"iso_country": "JP", "from": "2027-05-03", "to": "2027-05-09"}],
        "traveller": person("Anna", "en"), "companions": [person("Bruno", "fr"), person("Chloe", "fr")],
    }));
    intake::take(&world.run().await, group.unwrap()).await.unwrap();
    package
}

#[tokio::test]
async fn a_link_opens_one_page_of_one_agency_until_it_ends_or_is_taken_back() {
    let mut world = World::new().await;
    let (esim, _) = world.delivered("reference").await;
    let good = token(&world, "panel", ("booking_reference", "VH-1")).await;
    let page = html(&open(&world, PageKind::Panel, &good).await.unwrap()).await;
    assert!(page.contains("VH-1") && page.contains("Camille Moreau"));
    let traveller = token(&world, "traveller", ("esim_id", esim.as_str())).await;
    let link = PageLink {
        agency: AgencyId::parse("another").unwrap(),
        page: PageKind::Panel,
        subject: "VH-1".to_owned(),
        expires_at: world.now() + Duration::from_secs(600),
        generation: 0,
    };
    let of_another = world.house.index.links().sign(&link);
    let changed = format!("{}x", &good[..good.len() - 1]);
    for bad in [traveller.as_str(), changed.as_str(), "", "a.b", &good[1..]] {
        assert_eq!(open(&world, PageKind::Panel, bad).await.err().map(|problem| problem.status), Some(403), "{bad}");
    }
    assert!(open(&world, PageKind::Panel, &of_another).await.is_err(), "an agency that is not there");
    assert_eq!(open(&world, PageKind::Traveller, &good).await.err().map(|problem| problem.status), Some(403));
    let revoked = serde_json::from_value(json!({"page": "panel", "booking_reference": "VH-1"})).unwrap();
    links::revoke(&world.run().await, revoked).await.unwrap();
    assert_eq!(open(&world, PageKind::Panel, &good).await.err().map(|problem| problem.code), Some("link_refused"));
    let anew = token(&world, "panel", ("booking_reference", "VH-1")).await;
    assert!(open(&world, PageKind::Panel, &anew).await.is_ok());
    world.pass(Duration::from_secs(3600)).await;
    assert_eq!(open(&world, PageKind::Panel, &anew).await.err().map(|problem| problem.status), Some(403), "an hour is over");
    assert!(open(&world, PageKind::Traveller, &traveller).await.is_ok(), "the traveller's own page goes on");
}

#[tokio::test]
async fn a_link_is_given_for_what_is_there_and_for_a_time_that_is_allowed() {
    let world = World::new().await;
    booked(&world).await;
    for (wrong, field) in [
        (json!({"page": "panel"}), "booking_reference"),
        (json!({"page": "panel", "booking_reference": "VH-404"}), "booking_reference"),
        (json!({"page": "panel", "booking_reference": "VH-1", "valid_minutes": 721}), "valid_minutes"),
        (json!({"page": "traveller", "esim_id": "esim_404"}), "esim_id"),
        (json!({"page": "traveller", "booking_reference": "VH-1"}), "esim_id"),
    ] {
        let wanted = serde_json::from_value(wrong.clone()).unwrap();
        let problem = links::give(&world.run().await, wanted, "https://api.example").await.unwrap_err();
        assert_eq!((problem.status, problem.errors[0].field.as_str()), (422, field), "{wrong}");
    }
}

#[tokio::test]
async fn the_same_button_buys_once_however_often_it_is_pressed() {
    let mut world = World::new().await;
    let package = booked(&world).await;
    let visit = panel_of(&world, "VH-1").await;
    let button = form(&package, &[0], 0);
    let (first, second) = futures::join!(purchase::order(&visit, &button), purchase::order(&visit, &button));
    assert!(first.is_ok() || second.is_ok(), "{first:?} {second:?}");
    drop(visit);
    world.settle().await;
    // A reload that sends the form again, a day later, in another tab.
    world.pass(Duration::from_secs(86_400)).await;
    purchase::order(&panel_of(&world, "VH-1").await, &button).await.unwrap();
    world.settle().await;
    assert_eq!((world.purchases("reference").await.len(), world.mails().await.len()), (1, 1));
    // The same state, another package: the button of a page that is no longer true.
    let (agency, account) = (agency_id(), AccountName::parse("reference").unwrap());
    let sold = world.house.store.packages_for(&agency, &account, Country::parse("JP").unwrap()).await.unwrap();
    let other = sold.into_iter().find(|other| other.package_id.as_str() != package).unwrap();
    let refused = purchase::order(&panel_of(&world, "VH-1").await, &form(other.package_id.as_str(), &[0], 0)).await.unwrap_err();
    assert_eq!(refused.code, "idempotency_key_reused");
    assert_eq!(world.purchases("reference").await.len(), 1);
    // A page that shows the first one may buy a second.
    purchase::order(&panel_of(&world, "VH-1").await, &form(&package, &[0], 1)).await.unwrap();
    assert_eq!(world.purchases("reference").await.len(), 2);
}

#[tokio::test]
async fn a_button_drawn_before_somebody_else_ordered_buys_nothing() {
    let world = World::new().await;
    let package = booked(&world).await;
    world.order("crm-workflow", &package, "VH-1").await.unwrap();
    let visit = panel_of(&world, "VH-1").await;
    let refused = purchase::order(&visit, &form(&package, &[0], 0)).await.unwrap_err();
    assert_eq!((refused.status, refused.code), (409, "page_outdated"));
    assert_eq!(world.purchases("reference").await.len(), 1);
    assert!(html(&visit).await.contains("Ready to install"), "what the workflow ordered is shown");
}

#[tokio::test]
async fn each_traveller_of_a_group_gets_an_esim_and_a_mail_of_their_own() {
    let mut world = World::new().await;
    let package = group(&world).await;
    purchase::order(&panel_of(&world, "VH-3").await, &form(&package, &[0, 1, 2], 0)).await.unwrap();
    purchase::order(&panel_of(&world, "VH-3").await, &form(&package, &[0, 1, 2], 0)).await.unwrap();
    world.settle().await;
    assert_eq!(world.purchases("reference").await.len(), 3);
    let mut to: Vec<String> = world.mails().await.iter().map(|mail| mail["to"].to_string()).collect();
    to.sort();
    assert!(to.len() == 3 && ["anna", "bruno", "chloe"].iter().zip(&to).all(|(name, to)| to.contains(name)), "{to:?}");
    let page = html(&panel_of(&world, "VH-3").await).await;
    assert_eq!(page.matches("class=\"esim\"").count(), 3);
}

#[tokio::test]
async fn what_was_ordered_before_the_trouble_is_not_denied() {
    let world = World::new().await;
    let package = group(&world).await;
    let refused = purchase::order(&panel_of(&world, "VH-3").await, &form(&package, &[0, 7], 0)).await.unwrap_err();
    assert_eq!((refused.code, world.purchases("reference").await.len()), ("some_not_ordered", 1));
    let page = panel::show_refusal(&panel_of(&world, "VH-3").await, &refused).await.unwrap().html;
    assert!(page.contains("Not every order could be placed"));
}

#[tokio::test]
async fn what_waits_and_what_failed_is_said_with_what_to_do() {
    let mut world = World::new().await;
    let package = booked(&world).await;
    let reference = world.sims.reference.client();
    reference.fault(&Fault::on("POST", "/orders").times(1).status(503)).await.unwrap();
    purchase::order(&panel_of(&world, "VH-1").await, &form(&package, &[0], 0)).await.unwrap();
    let waiting = html(&panel_of(&world, "VH-1").await).await;
    assert!(waiting.contains("data-poll=\"2000\"") && waiting.contains("chip waiting"), "looked at again soon");
    world.settle().await;
    assert!(html(&panel_of(&world, "VH-1").await).await.contains("Ready to install"));
    let refusal = Fault::on("POST", "/orders").times(1).status(422).body(json!({"code": "out_of_stock", "message": "Sold out"}));
    reference.fault(&refusal).await.unwrap();
    let taken = purchase::order(&panel_of(&world, "VH-1").await, &form(&package, &[0], 1)).await.unwrap();
    assert!(!taken, "a refusal is no order taken");
    let failed = html(&panel_of(&world, "VH-1").await).await;
    assert!(failed.contains("Nothing was bought: choose another offer"), "{failed}");
}

#[tokio::test]
async fn a_mail_is_sent_again_once_for_each_time_that_it_is_asked_for() {
    let mut world = World::new().await;
    world.house.settings.public_base_url = Some("https://api.example/v1".to_owned());
    let (esim, _) = world.delivered("reference").await;
    for copy in [1, 1, 2] {
        let body = format!("esim={esim}&copy={copy}");
        resend::resend(&panel_of(&world, "VH-1").await, body.as_bytes()).await.unwrap();
        resend::resend(&panel_of(&world, "VH-1").await, body.as_bytes()).await.unwrap();
        world.settle().await;
    }
    let mails = world.mails().await;
    assert_eq!(mails.len(), 3, "the first, and two copies");
    assert!(mails.iter().all(|mail| mail["to"].to_string().contains(TRAVELLER_EMAIL)));
    let skipped = resend::resend(&panel_of(&world, "VH-1").await, format!("esim={esim}&copy=9").as_bytes()).await;
    assert_eq!(skipped.unwrap_err().status, 422);
    // The mail carries the traveller's page, and its address holds no code.
    let mail = mails[0].to_string();
    let address = mail.split("https://api.example/v1/pages/").nth(1).expect("a link").split("/esim").next().unwrap();
    let visit = open(&world, PageKind::Traveller, address).await.unwrap();
    let code = world.esim(&esim).await.profile.unwrap().activation_code;
    assert!(!code.matching_id().is_empty() && !address.contains(code.matching_id()));
    assert!(traveller::show(&visit, DESK).await.unwrap().html.contains(&code.lpa()));
}

#[tokio::test]
async fn a_top_up_is_bought_once_and_only_for_an_esim_of_the_dossier() {
    let mut world = World::new().await;
    let (esim, _) = world.delivered("reference").await;
    world.book("VH-2", "JP", "2027-05-03", "2027-05-09").await;
    let record = world.esim(&esim).await;
    let options = passerelle::flows::topup::options(&world.run().await, &record).await.unwrap();
    let button = TopUpForm { esim: esim.to_string(), package: options[0].package_id.to_string(), sequence: 0 };
    let foreign = purchase::top_up(&panel_of(&world, "VH-2").await, &button).await.unwrap_err();
    assert_eq!(foreign.status, 404);
    assert_eq!(panel::top_ups(&panel_of(&world, "VH-2").await, Some(esim.as_str())).await.unwrap_err().status, 404);
    let shown = panel::top_ups(&panel_of(&world, "VH-1").await, Some(esim.as_str())).await.unwrap().html;
    assert!(shown.contains(options[0].package_id.as_str()));
    for _ in 0..2 {
        purchase::top_up(&panel_of(&world, "VH-1").await, &button).await.unwrap();
        world.settle().await;
    }
    assert_eq!(world.purchases("reference").await.len(), 2, "the plan and one top-up");
    assert_eq!(panel_of(&world, "VH-1").await.run.house.store.orders_of_booking(&agency_id(), "VH-1").await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_travellers_page_puts_first_what_the_phone_can_do_and_shows_use_and_end() {
    let mut world = World::new().await;
    let (esim, provider_esim) = world.delivered("reference").await;
    let token = token(&world, "traveller", ("esim_id", esim.as_str())).await;
    let show =
        async |world: &World, agent: &str| traveller::show(&open(world, PageKind::Traveller, &token).await.unwrap(), agent).await.unwrap();
    let phone = show(&world, IPHONE).await.html;
    assert!(phone.contains("class=\"button big\" rel=\"noreferrer\" href=\"https://esimsetup.apple.com/"));
    let desk = show(&world, DESK).await.html;
    assert!(!desk.contains("button big") && desk.contains("class=\"qr\"") && desk.contains("Scan with the phone"));
    assert_eq!(traveller::calendar(&open(&world, PageKind::Traveller, &token).await.unwrap()).await.unwrap_err().status, 404);
    world.set_time("2027-05-03T06:00:00Z".parse().unwrap()).await;
    let running = json!({"installed": true, "activated_at": "2027-05-03T06:00:00Z", "used_mb": 700});
    world.sims.reference.client().set_esim(&provider_esim, &running).await.unwrap();
    world.set_time("2027-05-04T06:00:00Z".parse().unwrap()).await;
    world.poll().await;
    let used = show(&world, IPHONE).await.html;
    assert!(used.contains("700\u{a0}MB") && used.contains("The eSIM is on a phone already"), "{used}");
    let entry = traveller::calendar(&open(&world, PageKind::Traveller, &token).await.unwrap()).await.unwrap();
    assert!(entry.starts_with("BEGIN:VCALENDAR\r\n") && entry.contains("TRIGGER:-P2D"));
}

#[tokio::test]
async fn pages_load_nothing_from_elsewhere_and_are_framed_where_the_agency_wants_them() {
    let settings = json!({"pages": {"framed_by": ["https://app.hubspot.com"], "accent": "#ffcc00", "margin_percent": 20}});
    let world = World::with_settings(&["airalo", "reference"], settings).await;
    let name = json!({
        "reference": "VH-1", "external_reference": "crm", "destinations": [{"iso_country": "JP", "from": "2027-05-03", "to": "2027-05-09"}],
        "traveller": {"name": "<script>alert(1)</script>", "email": "x@example.com"},
    });
    intake::take(&world.run().await, serde_json::from_value(name).unwrap()).await.unwrap();
    let page = panel::show(&panel_of(&world, "VH-1").await, &Filters::default(), None).await.unwrap();
    assert!(
        page.policy.contains("frame-ancestors https://app.hubspot.com") && page.policy.contains("default-src 'none'"),
        "{}",
        page.policy
    );
    assert!(!page.policy.contains("unsafe"));
    assert!(page.html.contains("&#60;script&#62;") && !page.html.contains("<script>alert"));
    assert!(page.html.contains("Selling price") && page.html.contains("Margin"));
    assert!(!page.html.contains(" style=") && !page.html.contains("onclick"), "nothing in line");
    let addresses = page.html.split("src=\"").skip(1).chain(page.html.split("href=\"").skip(1));
    assert!(addresses.into_iter().all(|rest| !rest.starts_with("http") && !rest.starts_with("//")));
    let bare = World::new().await;
    booked(&bare).await;
    let page = panel::show(&panel_of(&bare, "VH-1").await, &Filters::default(), None).await.unwrap();
    assert!(page.policy.ends_with("frame-ancestors 'none'"), "nobody, unless the agency says who");
}

#[tokio::test]
async fn nothing_of_the_pages_remains_when_the_dossier_is_forgotten() {
    let mut world = World::new().await;
    world.house.settings.public_base_url = Some("https://api.example/v1".to_owned());
    let (esim, _): (EsimId, _) = world.delivered("reference").await;
    resend::resend(&panel_of(&world, "VH-1").await, format!("esim={esim}&copy=1").as_bytes()).await.unwrap();
    world.settle().await;
    for (page, subject) in [("panel", ("booking_reference", "VH-1")), ("traveller", ("esim_id", esim.as_str()))] {
        let revoked = serde_json::from_value(json!({"page": page, subject.0: subject.1})).unwrap();
        links::revoke(&world.run().await, revoked).await.unwrap();
    }
    world.set_time("2029-06-01T00:00:00Z".parse().unwrap()).await;
    let deadline = Deadline::within(world.now(), Duration::from_secs(60));
    passerelle::flows::anonymise::anonymise_due(&world.house, world.now(), &trace(), deadline).await.unwrap();
    for kind in ["booking", "booking_order", "esim", "mail"] {
        assert!(world.items(kind).await.is_empty(), "{kind}");
    }
    let places = world.table.items().await;
    assert!(!places.iter().any(|item| item["pk"].as_s().is_ok_and(|pk| pk.contains("#PAGE#"))));
}
