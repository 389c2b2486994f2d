//! Pictures of every page, at three widths, by day and by night, in both languages, for a human eye to judge.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::api::{Api, text};
use super::room::{Trip, play};
use super::wait::{Seen, until};
use super::{Demo, Teller};
use crate::browser::Browser;
use crate::stack::{Result, StackError};

const WIDTHS: [u32; 3] = [320, 768, 1280];
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1";

/// A photographer and where the pictures go.
struct Album<'a> {
    browser: Browser,
    folder: &'a Path,
    taken: Vec<PathBuf>,
}

/// Plays half a trip and takes the pictures; returns the files.
///
/// # Errors
/// When there is no browser, or a step of the trip fails.
pub async fn take(demo: &Arc<Demo>, folder: &Path, teller: &Teller) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let browser = Browser::start("the pictures").await?.ok_or_else(|| StackError::new("pictures need chromium and its chromedriver"))?;
    let mut album = Album { browser, folder, taken: Vec::new() };
    let mut trip = Trip::book(demo).await?;
    teller.heading("Pictures");
    let panel = trip.panel(demo).await?;
    album.page("panel-offers", &panel).await?;
    let package = best_package(demo, &trip).await?;
    album.page("confirm", &format!("{}?package={package}", panel.replace("/panel", "/confirm"))).await?;
    order(&panel, &package).await?;
    let esim = bought(demo, &trip).await?;
    let page = trip.page(demo, &esim).await?;
    album.page("traveller-desk", &page).await?;
    album.phone("traveller-phone", &page).await?;
    for event in ["activate", "consume", "day", "consume", "consume", "consume"] {
        play(demo, &mut trip, event).await?;
    }
    album.page("panel", &panel).await?;
    album.page("topup", &format!("{}?esim={esim}", panel.replace("/panel", "/topup"))).await?;
    album.page("traveller-used", &page).await?;
    album.page("refused", &panel.replace("/pages/", "/pages/x")).await?;
    album.room(demo, &mut trip).await?;
    teller.fact(&format!("{} pictures in {}", album.taken.len(), folder.display()));
    Ok(album.taken)
}

impl Album<'_> {
    /// A page of ours: every width, light and dark, French and English, with everything folded out.
    async fn page(&mut self, name: &str, url: &str) -> Result<()> {
        let join = if url.contains('?') { '&' } else { '?' };
        for language in ["fr", "en"] {
            for width in WIDTHS {
                for dark in [false, true] {
                    self.browser.screen(width, 900, dark).await?;
                    self.browser.open(&format!("{url}{join}lang={language}")).await?;
                    self.browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })").await?;
                    self.keep(&format!("{name}-{width}-{}-{language}", shade(dark))).await?;
                }
            }
        }
        Ok(())
    }

    async fn phone(&mut self, name: &str, url: &str) -> Result<()> {
        self.browser.pretend(IPHONE).await?;
        self.browser.screen(390, 844, false).await?;
        self.browser.open(url).await?;
        self.keep(name).await?;
        self.browser.pretend("").await
    }

    /// The control room, the dossier in the CRM, and the mails.
    async fn room(&mut self, demo: &Arc<Demo>, trip: &mut Trip) -> Result<()> {
        demo.room.show(trip).await;
        let origin = demo.room.origin();
        for (width, height, dark) in [(320, 2600, false), (768, 2600, false), (1280, 2100, false), (1600, 1000, false), (1600, 1000, true)]
        {
            // As high as the page: what is out of sight is not drawn in frames of another origin.
            self.browser.screen(width, height, dark).await?;
            self.browser.open(&format!("{origin}/")).await?;
            // What stands in the frames has come when nothing is loaded any more.
            tokio::time::sleep(std::time::Duration::from_secs(4)).await;
            self.keep(&format!("room-{width}-{}", shade(dark))).await?;
        }
        let mails = demo.sims.sendgrid.client().messages().await.map_err(|error| StackError::new(error.to_string()))?;
        for (number, _) in mails.iter().enumerate() {
            for (width, dark) in [(320, false), (320, true), (700, false)] {
                self.browser.screen(width, 900, dark).await?;
                self.browser.open(&format!("{origin}/mail/{number}")).await?;
                self.keep(&format!("mail-{number}-{width}-{}", shade(dark))).await?;
            }
        }
        Ok(())
    }

    async fn keep(&mut self, name: &str) -> Result<()> {
        let file = self.folder.join(format!("{name}.png"));
        std::fs::write(&file, self.browser.whole_picture().await?)?;
        self.taken.push(file);
        Ok(())
    }
}

fn shade(dark: bool) -> &'static str {
    if dark { "dark" } else { "light" }
}

async fn best_package(demo: &Demo, trip: &Trip) -> Result<String> {
    let booking = Api::new(&demo.stack).await?.get(&format!("/bookings/{}", trip.reference)).await?.expect(&[200])?;
    let offers = booking.get("offers").and_then(Value::as_array).into_iter().flatten();
    let package = offers.filter_map(|offer| text(offer, "package_id").ok()).next();
    package.ok_or_else(|| StackError::new("expected an offer of one package"))
}

/// Presses the panel's button for both travellers.
async fn order(panel: &str, package: &str) -> Result<()> {
    let form = [("package", package), ("traveller", "0"), ("traveller", "1"), ("sequence", "0")];
    let answer = crate::stack::http::client()?.post(panel.replace("/panel", "/orders")).form(&form).send().await?;
    if answer.status().as_u16() == 303 {
        Ok(())
    } else {
        Err(StackError::new(format!("the panel's button was answered with {}", answer.status())))
    }
}

/// Waits until both eSIMs are known to the CRM and both mails are there.
async fn bought(demo: &Demo, trip: &Trip) -> Result<String> {
    until("two eSIMs in the CRM and two mails", async || {
        let esims = trip.esims(demo).await?;
        let mails = demo.sims.sendgrid.client().messages().await.map_err(|error| StackError::new(error.to_string()))?.len();
        let there = (esims.len() >= 2 && mails >= 2).then(|| esims.first().cloned()).flatten();
        Ok(Seen::of(there, || format!("{} eSIMs, {mails} mails", esims.len())))
    })
    .await
}
