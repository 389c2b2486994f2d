//! Looking a purchase up (§8.3): by the order's id where we have it, else among the subscriptions.

use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use serde_json::Value;

use super::{Page, orders, sims, success};
use crate::config::OneGlobalSettings;
use crate::domain::Iccid;
use crate::outbound::Answer;
use crate::providers::one_global::requests;
use crate::providers::{FindOrder, FoundOrder, Placed, ProviderError, lenient};

/// How far 1GLOBAL's clock may be behind ours. Less than [`FindOrder::earliest`] allows: a top-up of the same product a few minutes before
/// would be taken for this one, and what is not found goes to a person.
const CLOCKS_APART_MINUTES: i64 = 2;

#[derive(Deserialize)]
struct Subscription {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    sim_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    product_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    created_date: Option<String>,
    /// Not documented in the answer; compared where it is there.
    #[serde(default, deserialize_with = "lenient::text")]
    email: Option<String>,
}

impl Subscription {
    /// Whether it can be what this order bought. The filter of the question is the provider's; this is ours.
    fn fits(&self, order: &FindOrder<'_>, alias: &str) -> bool {
        let since = order.sent_at.saturating_sub(CLOCKS_APART_MINUTES.minutes()).unwrap_or(order.sent_at);
        let created: Option<Timestamp> = self.created_date.as_deref().and_then(lenient::moment);
        self.product_id.as_deref() == Some(order.provider_package_id)
            && created.is_none_or(|created| created >= since)
            && self.email.as_deref().is_none_or(|email| email.eq_ignore_ascii_case(alias))
    }
}

/// What the look-up's answer says. A look-up that is refused says nothing about the purchase.
pub(in super::super) fn read(settings: &OneGlobalSettings, order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
    let smdp = order.top_up_of.is_none().then_some(settings.smdp_address.as_str());
    let found = if let Some((subscription, _)) = order.cursor.and_then(requests::found_sim) {
        sims::read_esim(&settings.smdp_address, answer)
            .map(|esim| FoundOrder::Placed(Placed { provider_order_id: subscription.to_owned(), esim: Some(esim) }))
    } else if order.provider_order_id.is_some() {
        orders::read_by_id(smdp, answer)
    } else {
        among_subscriptions(settings, order, answer)
    };
    match found {
        Err(ProviderError::Rejected { .. }) => Err(ProviderError::Unknown("the provider refused the look-up")),
        other => other,
    }
}

/// Exactly one subscription that fits is the purchase; its codes are asked for next. Several prove nothing.
fn among_subscriptions(settings: &OneGlobalSettings, order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
    let page: Page = success(answer)?;
    let next = page.next();
    let rows = page.data.ok_or(ProviderError::Unknown("the list of subscriptions holds no list"))?;
    let alias = requests::alias(&settings.subscriber_domain, order.reference);
    let mut fitting = subscriptions(rows)?.into_iter().filter(|subscription| subscription.fits(order, &alias));
    match (fitting.next(), fitting.next(), next) {
        (Some(_), Some(_), _) => Err(ProviderError::Unknown("several subscriptions may be this order's")),
        (Some(found), None, _) => bought(order, found),
        (None, _, Some(next)) => Ok(FoundOrder::Next(next)),
        (None, _, None) => Ok(FoundOrder::Absent),
    }
}

/// A subscription that cannot be read might be ours, so that the list then proves nothing.
fn subscriptions(rows: Vec<Value>) -> Result<Vec<Subscription>, ProviderError> {
    let rows: Result<Vec<Subscription>, _> = rows.into_iter().map(serde_json::from_value).collect();
    rows.map_err(|_| ProviderError::Unknown("a subscription of the list cannot be read"))
}

fn bought(order: &FindOrder<'_>, found: Subscription) -> Result<FoundOrder, ProviderError> {
    let id = found.id.filter(|id| !id.contains(' ')).ok_or(ProviderError::Unknown("the subscription found has no id"))?;
    if order.top_up_of.is_some() {
        return Ok(FoundOrder::Placed(Placed { provider_order_id: id, esim: None }));
    }
    let iccid = found.sim_id.as_deref().and_then(|sim| Iccid::parse(sim).ok());
    let iccid = iccid.ok_or(ProviderError::Unknown("the subscription found names no SIM"))?;
    Ok(FoundOrder::Next(format!("sim {id} {}", iccid.expose())))
}
