//! What Telna's public pages do not say (§1, §2, §5): to be confirmed before production.

use crate::config::ProviderAccount;

/// One line for each value that stands on a default.
#[must_use]
pub(in super::super) fn assumptions(account: &ProviderAccount) -> Vec<String> {
    let settings = &account.telna;
    let mut lines = vec![
        "no idempotency and no limit of requests is documented: usage is read at most 60 times a minute".to_owned(),
        "usage names no end of a plan: no reminder before the end and no expiry is told".to_owned(),
        "the signature of events is not checked: they only make us look".to_owned(),
        format!(
            "telna.fulfilled_statuses is {:?} and telna.failed_statuses {:?}: the words of a work order are not all known, any other is pending",
            settings.fulfilled_statuses, settings.failed_statuses
        ),
    ];
    if settings.auth_scheme.is_none() {
        lines.push("telna.auth_scheme is not set: the key goes alone in Authorization; integrations also send Bearer".to_owned());
    }
    if settings.top_up_member.is_none() {
        lines.push("telna.top_up_member is not set: the body of a top-up is not documented, so that none is sold".to_owned());
    }
    if settings.reference_filter.is_none() {
        lines.push("telna.reference_filter is not set: a lost order is looked for in the whole list of work orders".to_owned());
    }
    if settings.topic_arn.is_none() {
        lines.push("telna.topic_arn is not set: the first event's SubscribeURL must be visited by hand".to_owned());
    }
    lines
}
