//! One trip, from the booking to the expiry of its plan.
//!
//! Each step is awaited on a fact that somebody else can see: the simulators' records and our API's answers, never our
//! own table. What a schedule would do on a later day is done by calling the scheduled function with that day.

mod booking;
mod facts;
mod life;
mod order;
mod reminder;

use std::cell::Cell;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::api::Api;
use super::{Demo, Teller};
use crate::stack::{During, Result, StackError};

/// Days between today and the departure.
const DAYS_BEFORE: i64 = 2;
/// Days from the first to the last, both counted.
const DAYS_AWAY: i64 = 9;

/// What was made on the way: enough to look at every part of it again.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Played {
    /// The dossier.
    pub booking_reference: String,
    /// The package that was offered first and bought.
    pub package_id: String,
    /// The order.
    pub order_id: String,
    /// The eSIM.
    pub esim_id: String,
    /// The order of the top-up.
    pub topup_order_id: Option<String>,
    /// How many e-mails the traveller got.
    pub mails: usize,
    /// Whether every step was played; not so where the simulators have no part.
    pub complete: bool,
}

/// What every step knows.
pub(super) struct Scene<'a> {
    demo: &'a Demo,
    teller: &'a Teller,
    api: Api<'a>,
    reference: String,
    email: String,
    from: Date,
    to: Date,
    /// The played moment; `None` is now.
    at: Cell<Option<Timestamp>>,
}

impl<'a> Scene<'a> {
    async fn set(demo: &'a Demo, teller: &'a Teller) -> Result<Scene<'a>> {
        let today = Timestamp::now().to_zoned_datetime(demo.zone.clone()).date();
        let from = later(today, DAYS_BEFORE)?;
        // Every trip has a name of its own, so that several can be played on one stack.
        let number = Timestamp::now().as_millisecond();
        Ok(Self {
            demo,
            teller,
            api: Api::new(&demo.stack).await?,
            reference: format!("VH-{number}"),
            email: format!("camille.{number}@example.com"),
            from,
            to: later(from, DAYS_AWAY - 1)?,
            at: Cell::new(None),
        })
    }

    /// Begins a step at the moment that is played.
    fn step(&self, text: &str) {
        self.teller.on(self.at.get().unwrap_or_else(Timestamp::now), &self.demo.zone, text);
    }

    /// Begins a step on a played day: the simulators' clocks go there.
    async fn step_at(&self, at: Timestamp, text: &str) -> Result<()> {
        self.at.set(Some(at));
        self.step(text);
        self.demo.sims.set_clock(Some(&at.to_string())).await.map_err(simulator)
    }

    fn fact(&self, text: &str) {
        self.teller.fact(text);
    }
}

fn later(day: Date, days: i64) -> Result<Date> {
    day.checked_add(days.days()).map_err(|error| StackError::new(format!("the calendar: {error}")))
}

fn simulator(error: crate::sim::SimError) -> StackError {
    StackError::new(format!("a simulator: {error}"))
}

/// Plays the trip and tells it.
///
/// Without `simulated`, the agency's partners are not ours: the trip is played as far as our API shows it.
///
/// # Errors
/// At the first step that does not come to its fact: which step, what was expected, what was seen.
pub async fn play(demo: &Demo, simulated: bool, teller: &Teller) -> Result<Played> {
    let scene = Scene::set(demo, teller).await?;
    teller.heading(&format!("A trip to Japan, {} to {}", scene.from, scene.to));
    let crm = booking::seed_crm(&scene, simulated).await.during(|| "step `the CRM's records`".to_owned())?;
    let offer = booking::arrives(&scene, &crm, simulated).await.during(|| "step `booking arrives`".to_owned())?;
    let bought = order::place(&scene, &crm, &offer, simulated).await.during(|| "step `order`".to_owned())?;
    let mut played = Played {
        booking_reference: scene.reference.clone(),
        package_id: offer.package_id.clone(),
        order_id: bought.order_id.clone(),
        esim_id: bought.esim_id.clone(),
        ..Played::default()
    };
    if !simulated {
        teller.fact("the rest of the trip needs the simulators");
        return Ok(played);
    }
    let mail = order::mail_arrives(&scene, &bought).await.during(|| "step `e-mail`".to_owned())?;
    facts::crm_shows(&scene, &bought.esim_id, None).await.during(|| "step `CRM record`".to_owned())?;
    facts::mail_delivered(&scene, &bought.esim_id, mail).await.during(|| "step `e-mail delivered`".to_owned())?;
    played.topup_order_id = Some(after_delivery(&scene, &bought).await?);
    played.mails = facts::mails(&scene).await?.len();
    demo.sims.set_clock(None).await.map_err(simulator)?;
    facts::each_once(&scene, &bought).await.during(|| "step `the books`".to_owned())?;
    played.complete = true;
    teller.finish();
    Ok(played)
}

/// From the first poll to the end; returns the order of the top-up.
async fn after_delivery(scene: &Scene<'_>, bought: &order::Bought) -> Result<String> {
    life::before_departure(scene, bought).await.during(|| "step `usage polls`".to_owned())?;
    life::landed(scene, bought).await.during(|| "step `activated`".to_owned())?;
    life::eighty_percent(scene, bought).await.during(|| "step `80 %`".to_owned())?;
    reminder::two_days_before(scene, bought).await.during(|| "step `J-2 reminder`".to_owned())?;
    let topup = reminder::top_up(scene, bought).await.during(|| "step `top-up`".to_owned())?;
    life::expired(scene, bought).await.during(|| "step `expired`".to_owned())?;
    Ok(topup)
}
