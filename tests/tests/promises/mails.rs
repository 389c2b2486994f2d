//! Both mail services: the codes arrive by either, and what the service tells afterwards is shown once and believed only from it.

use crate::fixture::{MAIL_ADDRESS, TRAVELLER_EMAIL, World, trace};
use jiff::SignedDuration;
use passerelle::flows::mail_events;
use passerelle_tests::sim::{Fault, Sim, Simulators};
use serde_json::{Value, json};
use std::time::Duration;

async fn with_mailjet(more: Value) -> World {
    World::with_partners(&["reference"], |sims: &Simulators| {
        let mut email = json!({
            "kind": "mailjet", "base_url": sims.mailjet.base_url, "api_key": sims.mailjet.credential("api_key"),
            "secret_key": sims.mailjet.credential("secret_key"), "webhook_account": MAIL_ADDRESS,
            "from": {"email": "voyages@horizon.example", "name": "Voyages Horizon"},
        });
        email.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "email": email })
    })
    .await
}

async fn messages(sim: &Sim) -> Vec<Value> {
    sim.client().messages().await.unwrap()
}

/// Lets a mail service tell of its first mail; what it would post, our door is given. Events are written for the world's clock.
async fn told(world: &World, sim: &Sim, event: Value) -> Result<(), u16> {
    let mut order = event;
    order["url"] = json!(format!("{}/hook", world.sims.inbox.url));
    if sim.name == "sendgrid" && order.get("signed_at").is_none() {
        order["signed_at"] = json!(world.now().as_second());
    }
    sim.client().post("messages/0/event", &order).await.unwrap();
    let sent = sim.client().deliveries().await.unwrap().pop().unwrap();
    let headers: Vec<(&str, &str)> =
        sent["headers"].as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    world.webhook_at(MAIL_ADDRESS, &headers, sent["body"].as_str().unwrap()).await.map_err(|problem| problem.status)
}

async fn shown(world: &World) -> String {
    let records = world.sims.hubspot.client().objects("esim_subscription").await.unwrap();
    records[0]["properties"]["mail_status"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn mailjet_delivers_the_providers_exact_code_inline_once_and_untracked() {
    let mut world = with_mailjet(json!({})).await;
    let _ = world.delivered("reference").await;
    let mails = messages(&world.sims.mailjet).await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0]["to"].to_string().contains(TRAVELLER_EMAIL));
    assert_eq!((&mails[0]["TrackClicks"], &mails[0]["TrackOpens"]), (&json!("disabled"), &json!("disabled")));
    let esims = world.sims.reference.client().esims().await.unwrap();
    let png = world.sims.mailjet.client().attachment(0, 0).await.unwrap();
    let code = passerelle_tests::qr::read(&png).pop().unwrap();
    assert!(esims.last().unwrap().to_string().contains(code.trim_start_matches("LPA:")), "the provider's text");
    assert!(world.mails().await.is_empty(), "SendGrid has no part");
}

#[tokio::test]
async fn mailjets_busy_hour_lost_reply_and_refusal_end_as_promised() {
    let mut busy = with_mailjet(json!({})).await;
    busy.sims.mailjet.client().fault(&Fault::on("POST", "/v3.1/send").times(2).status(429)).await.unwrap();
    let _ = busy.delivered("reference").await;
    assert_eq!((messages(&busy.sims.mailjet).await.len(), busy.tasks().await.len()), (1, 0), "sent again, once");

    let mut lost = with_mailjet(json!({})).await;
    lost.sims.mailjet.client().fault(&Fault::on("POST", "/v3.1/send").times(1).dropping_the_reply()).await.unwrap();
    let _ = lost.delivered("reference").await;
    assert_eq!((messages(&lost.sims.mailjet).await.len(), lost.tasks().await.len()), (1, 1), "not sent again, a person asks");

    let mut refused = with_mailjet(json!({})).await;
    refused.sims.mailjet.client().post("senders", &json!({"verified": ["another.example"]})).await.unwrap();
    let _ = refused.delivered("reference").await;
    let tasks = refused.tasks().await;
    assert_eq!((messages(&refused.sims.mailjet).await.len(), tasks.len()), (0, 1));
    assert!(tasks[0].to_string().contains("send-0008") && !tasks[0].to_string().contains("voyages@"), "{tasks:?}");
}

#[tokio::test]
async fn a_sandboxed_account_mails_nobody() {
    let mut world = with_mailjet(json!({"sandbox": true})).await;
    let _ = world.delivered("reference").await;
    assert_eq!(world.sims.mailjet.client().requests_to("POST", "/send").await.unwrap().len(), 1);
    assert!(messages(&world.sims.mailjet).await.is_empty() && world.tasks().await.is_empty());
}

#[tokio::test]
async fn an_agencys_own_template_is_sent_with_the_picture() {
    let mut world = with_mailjet(json!({"template_ids": {"delivery": 42}})).await;
    world.sims.mailjet.client().post("templates", &json!({"ids": [42]})).await.unwrap();
    let _ = world.delivered("reference").await;
    let mails = messages(&world.sims.mailjet).await;
    assert_eq!((&mails[0]["TemplateID"], &mails[0]["TemplateLanguage"]), (&json!(42), &json!(true)));
    assert_eq!(mails[0]["attachments"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_became_of_the_mail_is_shown_in_the_crm_and_one_that_came_back_is_one_task() {
    for mailjet in [false, true] {
        let mut world = if mailjet { with_mailjet(json!({})).await } else { World::with_accounts(&["reference"]).await };
        let _ = world.delivered("reference").await;
        let sim = if mailjet { &world.sims.mailjet } else { &world.sims.sendgrid };
        told(&world, sim, json!({"event": if mailjet { "sent" } else { "delivered" }})).await.unwrap();
        world.settle().await;
        assert_eq!(shown(&world).await, "delivered");
        world.pass(Duration::from_secs(60)).await;
        for _ in 0..3 {
            let sim = if mailjet { &world.sims.mailjet } else { &world.sims.sendgrid };
            let bounce = json!({"event": "bounce", "reason": format!("550 {TRAVELLER_EMAIL} unknown"), "error": "user unknown", "hard_bounce": true});
            told(&world, sim, bounce).await.unwrap();
            world.settle().await;
        }
        assert_eq!(shown(&world).await, "bounced");
        let tasks = world.tasks().await;
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        assert!(tasks[0].to_string().contains("non remis") && !tasks[0].to_string().contains(TRAVELLER_EMAIL), "{tasks:?}");
        assert!(world.dead.is_empty());
    }
}

#[tokio::test]
async fn an_older_event_that_comes_late_takes_nothing_back() {
    let mut world = World::with_accounts(&["reference"]).await;
    let _ = world.delivered("reference").await;
    let now = world.now();
    told(&world, &world.sims.sendgrid, json!({"event": "bounce", "reason": "550"})).await.unwrap();
    world.sims.sendgrid.client().set_now(now.checked_sub(SignedDuration::from_secs(30)).unwrap()).await.unwrap();
    told(&world, &world.sims.sendgrid, json!({"event": "delivered"})).await.unwrap();
    world.settle().await;
    assert_eq!(shown(&world).await, "bounced");
}

#[tokio::test]
async fn forged_altered_stale_and_misdirected_events_are_refused_and_change_nothing() {
    let mut world = World::with_accounts(&["reference"]).await;
    let _ = world.delivered("reference").await;
    let sim = &world.sims.sendgrid;
    assert_eq!(told(&world, sim, json!({"event": "bounce", "unsigned": true})).await, Err(401));
    assert_eq!(told(&world, sim, json!({"event": "bounce", "tamper": true})).await, Err(401));
    let last_week = world.now().as_second() - 7 * 24 * 3600;
    assert_eq!(told(&world, sim, json!({"event": "bounce", "signed_at": last_week})).await, Err(401));
    let deadline = passerelle::outbound::Deadline::within(world.now(), Duration::from_secs(29));
    let (headers, trace) = (http::HeaderMap::new(), trace());
    let nowhere = mail_events::receive(&world.house, "wh_guessed", &headers, b"[]", &trace, deadline).await;
    assert_eq!(nowhere.unwrap_err().status, 401);
    world.settle().await;
    assert_eq!((shown(&world).await.as_str(), world.tasks().await.len()), ("", 0));
}

#[tokio::test]
async fn an_unsigned_event_is_believed_only_by_the_id_that_the_mail_was_given() {
    let mut world = with_mailjet(json!({"webhook_secrets": ["mj:agreed"]})).await;
    let _ = world.delivered("reference").await;
    let sim = &world.sims.mailjet;
    assert_eq!(told(&world, sim, json!({"event": "bounce"})).await, Err(401), "no password");
    let known = "Basic bWo6YWdyZWVk";
    told(&world, sim, json!({"event": "bounce", "authorization": known, "guid": "00000000-0000-4000-8000-000000000000"})).await.unwrap();
    world.settle().await;
    assert_eq!((shown(&world).await.as_str(), world.tasks().await.len()), ("", 0), "another mail's id");
    told(&world, &world.sims.mailjet, json!({"event": "bounce", "authorization": known, "version": 1})).await.unwrap();
    world.settle().await;
    assert_eq!((shown(&world).await.as_str(), world.tasks().await.len()), ("bounced", 1));
}
