//! The e-mail with the QR code: once, readable, and exactly the provider's code.

use crate::fixture::{TRAVELLER_EMAIL, World};
use passerelle_tests::sim::Fault;

#[tokio::test]
async fn the_qr_code_in_the_mail_is_the_providers_exact_text() {
    let mut world = World::new().await;
    let _ = world.delivered("airalo").await;
    let mails = world.mails().await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0]["to"].to_string().contains(TRAVELLER_EMAIL));
    let esims = world.sims.airalo.client().esims().await.unwrap();
    let lpa = esims.last().unwrap()["lpa"].as_str().unwrap().to_owned();
    let png = world.sims.sendgrid.client().attachment(0, 0).await.unwrap();
    assert_eq!(decoded(&png), lpa);
    assert!(mails[0]["text"].as_str().unwrap().contains(&lpa), "the code can be copied from the text part");
}

fn decoded(png: &[u8]) -> String {
    passerelle_tests::qr::read(png).pop().expect("the image holds a QR code")
}

#[tokio::test]
async fn a_mail_service_that_is_busy_is_tried_again() {
    let mut world = World::new().await;
    world.sims.sendgrid.client().fault(&Fault::on("POST", "/v3/mail/send").times(2).status(429)).await.unwrap();
    let _ = world.delivered("reference").await;
    assert_eq!(world.mails().await.len(), 1);
    assert!(world.tasks().await.is_empty());
}

#[tokio::test]
async fn a_mail_whose_reply_is_lost_is_not_sent_again_and_a_person_is_asked() {
    let mut world = World::new().await;
    world.sims.sendgrid.client().fault(&Fault::on("POST", "/v3/mail/send").times(1).dropping_the_reply()).await.unwrap();
    let _ = world.delivered("reference").await;
    assert_eq!(world.mails().await.len(), 1);
    let tasks = world.tasks().await;
    assert_eq!(tasks.len(), 1);
    assert!(tasks[0].to_string().contains("peut-être non envoyé"), "{tasks:?}");
}

#[tokio::test]
async fn an_address_that_is_refused_becomes_a_task() {
    let mut world = World::new().await;
    let refusal = Fault::on("POST", "/v3/mail/send").times(1).status(400);
    world.sims.sendgrid.client().fault(&refusal).await.unwrap();
    let _ = world.delivered("reference").await;
    assert!(world.mails().await.is_empty());
    assert_eq!(world.tasks().await.len(), 1);
}
