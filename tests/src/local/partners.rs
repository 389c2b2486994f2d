//! Which CRM and which mail service the demo agency has.

use serde_json::{Value, json};

use crate::sim::{Sim, Simulators};

/// The agency's partners beside the providers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Partners {
    /// Who mails the traveller.
    pub mail: Mail,
}

/// A mail service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mail {
    /// SendGrid.
    #[default]
    Sendgrid,
    /// Mailjet.
    Mailjet,
}

impl Mail {
    /// The service of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "sendgrid" => Some(Self::Sendgrid),
            "mailjet" => Some(Self::Mailjet),
            _ => None,
        }
    }

    /// Its simulator.
    #[must_use]
    pub fn sim(self, sims: &Simulators) -> &Sim {
        match self {
            Self::Sendgrid => &sims.sendgrid,
            Self::Mailjet => &sims.mailjet,
        }
    }

    /// Its part of an agency's secret, with events to `address`.
    #[must_use]
    pub fn settings(self, sims: &Simulators, address: &str) -> Value {
        let sim = self.sim(sims);
        let from = json!({"email": "voyages@horizon.example", "name": "Voyages Horizon"});
        match self {
            Self::Sendgrid => json!({
                "kind": "sendgrid", "base_url": sim.base_url, "api_key": sim.credential("api_key"), "from": from, "template_ids": {},
                "webhook_account": address, "webhook_public_keys": [sim.credential("webhook_public_key")],
            }),
            Self::Mailjet => json!({
                "kind": "mailjet", "base_url": sim.base_url, "api_key": sim.credential("api_key"),
                "secret_key": sim.credential("secret_key"), "from": from, "template_ids": {}, "webhook_account": address,
            }),
        }
    }

    /// What its simulator calls a mail that was taken by the traveller's server.
    #[must_use]
    pub fn delivered(self) -> &'static str {
        match self {
            Self::Sendgrid => "delivered",
            Self::Mailjet => "sent",
        }
    }
}
