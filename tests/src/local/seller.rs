//! Whom the demo agency buys from, and how that provider's simulator is told what the traveller does.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sim::{Sim, Simulators};

/// How the end of a plan is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The provider gives its date, and says that it came.
    Told,
    /// The provider gives its date; that it came follows from the clock, which is today's in a deployed function.
    Dated,
    /// The provider does not say: there is no reminder.
    Untold,
}

/// A provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Seller {
    /// Airalo, with the reference provider beside it.
    #[default]
    Airalo,
    /// BICS SIM for Things.
    Bics,
    /// Celitech.
    Celitech,
    /// eSIM Access.
    EsimAccess,
    /// eSIM Go.
    EsimGo,
    /// 1GLOBAL Connect, once Truphone.
    OneGlobal,
    /// The reference contract.
    Reference,
    /// Telna Connect Flex.
    Telna,
}

impl Seller {
    /// Every one.
    pub const ALL: [Self; 8] =
        [Self::Airalo, Self::Bics, Self::Celitech, Self::EsimAccess, Self::EsimGo, Self::OneGlobal, Self::Reference, Self::Telna];

    /// Its name as an account and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Airalo => "airalo",
            Self::Bics => "bics",
            Self::Celitech => "celitech",
            Self::EsimAccess => "esim-access",
            Self::EsimGo => "esim-go",
            Self::OneGlobal => "one-global",
            Self::Reference => "reference",
            Self::Telna => "telna",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|seller| seller.name() == name)
    }

    /// Its simulator.
    #[must_use]
    pub fn sim(self, sims: &Simulators) -> &Sim {
        match self {
            Self::Airalo => &sims.airalo,
            Self::Bics => &sims.bics,
            Self::Celitech => &sims.celitech,
            Self::EsimAccess => &sims.esim_access,
            Self::EsimGo => &sims.esim_go,
            Self::OneGlobal => &sims.one_global,
            Self::Reference => &sims.reference,
            Self::Telna => &sims.telna,
        }
    }

    /// What its account says beyond what every account says.
    #[must_use]
    pub fn account(self, sims: &Simulators) -> Value {
        let sim = self.sim(sims);
        match self {
            Self::Airalo | Self::EsimAccess | Self::EsimGo => json!({}),
            Self::Bics => json!({"bics": {"plans": sim.credentials.get("plans")}}),
            Self::Celitech => json!({"token_url": sim.credential("token_url")}),
            Self::OneGlobal => json!({"one_global": {"country_of_sale": "FR", "footprints": sim.credentials.get("footprints")}}),
            Self::Reference => json!({
                "api_version": "2024-10", "token_url": sim.credential("token_url"),
                "webhook_secrets": [sim.credential("webhook_secret")],
            }),
            // As an agency sets it once Telna has confirmed the member of a top-up.
            Self::Telna => json!({"telna": {"top_up_member": "iccid"}}),
        }
    }

    /// What its simulator is told when the traveller has used so much since `landing`.
    #[must_use]
    pub fn used(self, mb: u64, landing: Timestamp) -> Value {
        match self {
            Self::Airalo | Self::Reference => json!({"installed": true, "activated_at": landing.to_string(), "used_mb": mb}),
            Self::Celitech => json!({"status": "ENABLED", "connected": true, "used_mb": mb}),
            Self::EsimAccess => json!({"smdp_status": "ENABLED", "used_mb": mb}),
            Self::EsimGo => json!({"profile_status": "Installed", "used_mb": mb}),
            Self::OneGlobal => json!({"profile": "Installed", "used_mb": mb}),
            Self::Telna => json!({"state": "INSTALLED", "used_mb": mb}),
            Self::Bics => json!({ "used_mb": mb }),
        }
    }

    /// The member by which its simulator knows an eSIM.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Reference => "esim_id",
            _ => "iccid",
        }
    }

    /// How the end of a plan is known.
    #[must_use]
    pub const fn end(self) -> End {
        match self {
            Self::Telna => End::Untold,
            Self::Bics | Self::Celitech | Self::EsimAccess => End::Dated,
            _ => End::Told,
        }
    }
}
