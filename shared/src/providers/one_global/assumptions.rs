//! What 1GLOBAL's public pages do not say (§2 "not found", §4): said by `onboard` until the agency has set it.

use crate::config::{OneGlobalSettings, ProviderAccount};

/// One line for each value that stands on a default.
#[must_use]
pub(in super::super) fn assumptions(account: &ProviderAccount) -> Vec<String> {
    let settings = &account.one_global;
    let defaults = OneGlobalSettings::default();
    let mut lines = Vec::new();
    if settings.footprints.is_empty() {
        lines.push(
            "one_global.footprints is empty: Connect v2 names no countries, so that no product can be offered. Ask 1GLOBAL for its footprint codes"
                .to_owned(),
        );
    }
    if settings.country_of_sale.is_none() {
        lines.push(format!("one_global.country_of_sale is not set: orders say {}", super::requests::COUNTRY_OF_SALE));
    }
    if settings.webhook_path == defaults.webhook_path {
        lines.push(format!("one_global.webhook_path is v1's ({}): v2's is not public, confirm with 1GLOBAL", defaults.webhook_path));
    }
    if settings.device_model == defaults.device_model {
        lines.push(
            "one_global.device_operating_system and device_model are stand-ins: orders must name a device, and the traveller's is not known"
                .to_owned(),
        );
    }
    if settings.subscriber_domain == defaults.subscriber_domain {
        lines.push(format!(
            "one_global.subscriber_domain is {}: orders are found again by an alias below it; confirm that 1GLOBAL takes it",
            defaults.subscriber_domain
        ));
    }
    lines
}
