//! Amadeus Web Services: one remark in a booking for each eSIM (Amadeus facts, "Web Services").
//!
//! A session is begun with the retrieval of the booking, goes on with the remark, unless it is there, and is ended whatever happens. A
//! remark whose answer was lost is found by the next try, since a booking is always read before it is written to.

mod answer;
mod envelope;
mod messages;
mod talk;
#[cfg(test)]
mod tests;

use jiff::civil::Date;

use self::talk::Talk;
use super::CrmError;
use crate::{config::WriteBack, outbound::Http, world::World};

/// A remark for a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The booking's six characters.
    pub locator: String,
    /// When it was made: the same characters mean another booking after some time.
    pub created: Date,
    /// A word of the text that no other remark has.
    pub key: String,
    /// The text, in what a booking can hold: capital letters, digits, blanks, `.`, `/` and `-`.
    pub text: String,
}

/// One agency's access.
pub struct Amadeus<'a> {
    settings: &'a WriteBack,
    world: &'a World,
}

impl<'a> Amadeus<'a> {
    /// The access of these settings; the world gives each log-in its time and its nonce.
    #[must_use]
    pub fn new(settings: &'a WriteBack, world: &'a World) -> Self {
        Self { settings, world }
    }

    /// Writes the remark, unless the booking has it.
    ///
    /// # Errors
    /// [`CrmError`].
    pub async fn add_remark(&self, http: &dyn Http, remark: &Remark) -> Result<(), CrmError> {
        let mut talk = Talk::new(self.settings, self.world, http);
        let result = self.write(&mut talk, remark).await;
        talk.end(&self.settings.sign_out, &messages::sign_out(&self.settings.sign_out)).await;
        result
    }

    async fn write(&self, talk: &mut Talk<'_>, remark: &Remark) -> Result<(), CrmError> {
        let retrieve = messages::retrieve(&self.settings.retrieve, &remark.locator);
        let booking = talk.ask("pnr_retrieve", &self.settings.retrieve, &retrieve).await?;
        if booking.locator != remark.locator || booking.created != Some(remark.created) {
            return Err(CrmError::Refused { reason: "the locator means another booking now".to_owned() });
        }
        if booking.has(&remark.key) {
            return Ok(());
        }
        let add = messages::add_remark(&self.settings.add, &remark.text);
        if talk.ask("pnr_add_remark", &self.settings.add, &add).await?.has(&remark.key) {
            return Ok(());
        }
        Err(CrmError::Later { reason: "the booking does not show the remark".to_owned(), retry_after: None })
    }
}
