//! The pages as people meet them: a real Chromium, the deployed system, the providers' own records. Without a Chromium on the machine
//! each of these says that it was not run.

mod access;
mod frames;
mod group;
mod links;
mod traveller;
mod without_script;

use crate::{api, booked, demo, pages};
use passerelle_tests::{browser::Browser, local::room::Room};

/// A browser that shows a dossier's panel, filtered by a provider, in a frame of the agency's CRM, which is another origin.
pub(crate) async fn in_the_crm(browser: &Browser, reference: &str) {
    let panel = pages::panel(&api().await, reference).await;
    browser.open(&Room::framing(&demo().room.origin(), &format!("{panel}?provider=airalo"))).await.unwrap();
    browser.enter("#framed").await.unwrap();
}

/// Books a trip, orders from the panel as an adviser does, and waits until the page shows the eSIM by itself. Returns the order's id.
pub(crate) async fn ordered(browser: &Browser, reference: &str) -> String {
    booked(&api().await, reference, "airalo").await;
    in_the_crm(browser, reference).await;
    browser.find(".offer .act a.button").await.unwrap().click().await.unwrap();
    browser.until_shown("h1", "Confirmer la commande").await.unwrap();
    browser.find("form button[type=submit]").await.unwrap().click().await.unwrap();
    browser.until_shown("#live .chip", "Prête à installer").await.unwrap();
    let order = browser.run("return document.querySelector('.esim').id").await.unwrap();
    order.as_str().unwrap().to_owned()
}
