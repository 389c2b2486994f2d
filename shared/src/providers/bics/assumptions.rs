//! What BICS's public pages do not say (§2, §6): to be taken from the partner's own access before production.

use crate::config::{ProviderAccount, TlsFloor};

/// One line for each value that stands on a default.
#[must_use]
pub(in super::super) fn assumptions(account: &ProviderAccount) -> Vec<String> {
    let names = &account.bics.names;
    let mut lines = vec![
        format!(
            "bics.names: the bodies of two calls are not public. Plans are bought with POST {} ({}) and read with {} ({}, {}, {}, {}, {}, {}, {})",
            names.subscribe_path,
            names.subscribe_plan,
            names.details_path,
            names.unique_id,
            names.plan,
            names.total_mb,
            names.used_mb,
            names.subscribed_at,
            names.activated_at,
            names.expires_at
        ),
        format!("bics.names.listed_plan is {}: the rows of QueryRatePlan are not public", names.listed_plan),
        "the base of a MB is not stated: taken as 1,048,576 bytes".to_owned(),
        "callbacks are unsigned and never repeated: set them up in the portal, everything is also polled".to_owned(),
        "nobody else may sell from the stock of this account: SIMs are locked on our side".to_owned(),
    ];
    if account.bics.plans.is_empty() {
        lines.push("bics.plans is empty: BICS names no price and no country, so that nothing can be offered".to_owned());
    }
    if account.minimum_tls == TlsFloor::Tls13 {
        lines.push("minimum_tls is 1.3, and BICS speaks TLS 1.2 only: set it to 1.2 for this account".to_owned());
    }
    lines
}
