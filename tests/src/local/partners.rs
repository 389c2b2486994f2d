//! Which provider and which mail service the demo agency has.

use serde_json::{Value, json};

use super::seller::Seller;
use crate::sim::{Sim, Simulators};

/// The agency's partners.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Partners {
    /// Whom it buys from.
    pub seller: Seller,
    /// Where the dossier lives.
    pub crm: Crm,
    /// Who mails the traveller.
    pub mail: Mail,
}

/// A CRM.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Crm {
    /// HubSpot.
    #[default]
    Hubspot,
    /// Salesforce.
    Salesforce,
}

impl Crm {
    /// The CRM of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "hubspot" => Some(Self::Hubspot),
            "salesforce" => Some(Self::Salesforce),
            _ => None,
        }
    }

    /// Its simulator.
    #[must_use]
    pub fn sim(self, sims: &Simulators) -> &Sim {
        match self {
            Self::Hubspot => &sims.hubspot,
            Self::Salesforce => &sims.salesforce,
        }
    }

    /// Its part of an agency's secret.
    #[must_use]
    pub fn settings(self, sims: &Simulators) -> Value {
        let sim = self.sim(sims);
        match self {
            Self::Hubspot => json!({
                "kind": "hubspot", "base_url": sim.base_url, "access_token": sim.credential("access_token"),
                "api_version": "2026-09", "records": "custom_object",
            }),
            Self::Salesforce => json!({
                "kind": "salesforce", "base_url": sim.base_url, "client_id": sim.credential("client_id"),
                "client_secret": sim.credential("client_secret"),
            }),
        }
    }

    /// What it calls the eSIMs, the tasks, and where events are posted to.
    #[must_use]
    pub fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Hubspot => ("esim_subscription", "tasks", "/events/"),
            Self::Salesforce => ("eSIM_Subscription__c", "Task", "eSIM_Event__e"),
        }
    }

    /// What it calls a fact of an eSIM.
    #[must_use]
    pub fn field(self, fact: &str) -> &str {
        match (self, fact) {
            (Self::Salesforce, "esim_id") => "eSIM_Id__c",
            (Self::Salesforce, "status") => "Status__c",
            (Self::Salesforce, "mail_status") => "Mail_Status__c",
            (_, fact) => fact,
        }
    }
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
