//! What a person can make happen: the traveller, the calendar, the provider.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::super::{Demo, api::Api};
use super::trip::{Trip, simulator};
use crate::sim::{Fault, SimClient};
use crate::stack::{Result, StackError};

/// What the traveller does with every eSIM of the dossier.
enum Life {
    Installs,
    Connects(Timestamp),
    Consumes,
}

impl Life {
    /// What the provider is to say from now on.
    fn change(&self, profile: &Value) -> Value {
        let number = |name: &str| profile.get(name).and_then(Value::as_u64);
        match self {
            Self::Installs => json!({"installed": true}),
            Self::Connects(at) => json!({"installed": true, "activated_at": at.to_string(), "used_mb": 120}),
            Self::Consumes => {
                let (used, total) = (number("used_mb").unwrap_or(0), number("total_mb").unwrap_or(5120));
                json!({"used_mb": (used + total / 5).min(total)})
            }
        }
    }
}

/// Plays one event, `install`, `activate`, `consume`, `day`, `down` or `up`, and tells it.
///
/// # Errors
/// When nobody knows the event, or a function or simulator does not do its part.
pub async fn play(demo: &Demo, trip: &mut Trip, event: &str) -> Result<()> {
    match event {
        "down" => fail(demo, trip, true).await,
        "up" => fail(demo, trip, false).await,
        "install" => live(demo, trip, Life::Installs, "L’eSIM est installée sur le téléphone.").await,
        "activate" => live(demo, trip, Life::Connects(trip.at.max(Timestamp::now())), "Le voyageur atterrit : l’eSIM se connecte.").await,
        "consume" => live(demo, trip, Life::Consumes, "Un cinquième du forfait est consommé.").await,
        "day" => a_day(demo, trip).await,
        _ => Err(StackError::new(format!("nobody knows how to play {event}"))),
    }
}

async fn live(demo: &Demo, trip: &mut Trip, life: Life, what: &str) -> Result<()> {
    let changed = change(demo, trip, &life).await?;
    read(demo, trip).await?;
    trip.tell(if changed == 0 { "Rien à jouer : commandez d’abord une eSIM dans le panneau." } else { what });
    Ok(())
}

async fn fail(demo: &Demo, trip: &mut Trip, down: bool) -> Result<()> {
    for provider in providers(demo) {
        provider.clear_faults().await.map_err(simulator)?;
        if down {
            provider.fault(&Fault::on("POST", "orders").times(200).status(503)).await.map_err(simulator)?;
        }
    }
    trip.down = down;
    trip.tell(if down {
        "Les fournisseurs ne répondent plus : une commande attend, rien n’est perdu ni acheté deux fois."
    } else {
        "Les fournisseurs répondent de nouveau : ce qui attendait est repris."
    });
    Ok(())
}

fn providers(demo: &Demo) -> [SimClient; 2] {
    [demo.sims.airalo.client(), demo.sims.reference.client()]
}

/// Changes every eSIM of the dossier at its provider; how many there were.
async fn change(demo: &Demo, trip: &Trip, life: &Life) -> Result<usize> {
    let api = Api::new(&demo.stack).await?;
    let mut changed = 0;
    for esim in trip.esims(demo).await? {
        let details = api.get(&format!("/esims/{esim}")).await?.expect(&[200])?;
        let iccid = details.get("iccid").and_then(Value::as_str).unwrap_or_default().to_owned();
        for provider in providers(demo) {
            let theirs = provider.esims().await.map_err(simulator)?;
            if let Some(profile) = theirs.iter().find(|profile| profile.get("iccid").and_then(Value::as_str) == Some(&iccid)) {
                provider.set_esim(&iccid, &life.change(profile)).await.map_err(simulator)?;
                changed += 1;
            }
        }
    }
    Ok(changed)
}

/// The night's schedules run as if it were tomorrow.
async fn a_day(demo: &Demo, trip: &mut Trip) -> Result<()> {
    trip.at = later(trip.at, 24)?;
    demo.sims.set_clock(Some(&trip.at.to_string())).await.map_err(simulator)?;
    read(demo, trip).await?;
    demo.play("topup-reminder", trip.at).await?;
    trip.tell("Un jour passe : la consommation est relevée, les fins proches sont annoncées.");
    Ok(())
}

/// Our usage poller reads what the providers say, on the played day.
async fn read(demo: &Demo, trip: &mut Trip) -> Result<()> {
    // A plan is polled twice a day at least: in half a day it is due.
    trip.at = later(trip.at.max(Timestamp::now()), 13)?;
    demo.sims.set_clock(Some(&trip.at.to_string())).await.map_err(simulator)?;
    demo.play("usage-poller", trip.at).await.map(drop)
}

fn later(at: Timestamp, hours: i64) -> Result<Timestamp> {
    at.checked_add(hours.hours()).map_err(|error| StackError::new(format!("the calendar: {error}")))
}
