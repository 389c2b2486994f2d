//! Top-ups (Airalo Partner API v2, "Usage, history, top-up").

use serde_json::{Value, json};

use super::super::core::form::Fields;
use super::super::core::json::text;
use super::super::core::reply::Reply;
use super::card::{Card, Plan};
use super::catalogue::Package;
use super::orders::{book, refused_by_magic};
use super::state::Order;
use super::{Airalo, catalogue, errors};

impl Airalo {
    /// `GET sims/{iccid}/topups`; an empty list when the plan cannot be recharged.
    pub(super) fn list_topups(&self, iccid: &str) -> Reply {
        let Some(card) = self.by_iccid(iccid) else {
            return errors::not_found();
        };
        let discount = self.state().settings.discount_pricing;
        let offered: Vec<Value> = offered(&card).iter().map(|package| package.show(discount)).collect();
        Reply::json(200, &json!({"pricing": Self::pricing(discount), "data": offered, "meta": {"message": "success"}}))
    }

    /// `POST orders/topups`.
    pub(super) fn order_topup(&self, fields: &Fields) -> Reply {
        let value = &fields.value;
        for (name, label) in [("package_id", "package id"), ("iccid", "iccid")] {
            if text(value, name).is_none_or(str::is_empty) {
                return errors::invalid(name, &format!("The {label} field is required."));
            }
        }
        let id = text(value, "package_id").unwrap_or_default();
        let Some(card) = self.by_iccid(text(value, "iccid").unwrap_or_default()) else {
            return errors::invalid("iccid", "The selected iccid is invalid.");
        };
        if id.starts_with("test-disabled-top-up-") || card.plans.iter().any(|plan| !plan.package.rechargeable) {
            return errors::business(23, "Top-up is disabled for this eSIM.");
        }
        if card.status(self.now()) == "RECYCLED" {
            return errors::business(73, "The eSIM has been recycled.");
        }
        if let Err(refusal) = refused_by_magic(id) {
            return refusal.reply();
        }
        match offered(&card).into_iter().find(|package| package.id == id) {
            Some(package) => self.buy_topup(&card, package, text(value, "description").map(str::to_owned)),
            None => errors::invalid("package_id", "invalid topup package"),
        }
    }

    fn buy_topup(&self, card: &Card, package: Package, description: Option<String>) -> Reply {
        let now = self.now();
        let mut state = self.state();
        let paid = if state.settings.discount_pricing { package.price * 80 / 100 } else { package.net };
        if paid > state.balance {
            return errors::business(11, "Insufficient Airalo credit.");
        }
        state.balance -= paid;
        let id = self.next_order_id(&state);
        let order = Order {
            id,
            code: format!("{}-{:06}", now.strftime("%Y%m%d"), id % 1_000_000),
            created_at: now,
            package: package.clone(),
            quantity: 1,
            quantity_written: json!("1"),
            description,
            brand_settings_name: None,
            iccids: vec![card.iccid.clone()],
            request_id: None,
        };
        if let Some(card) = state.card_mut(&card.iccid) {
            card.top_up(Plan { id: id * 10, package, ended: None }, now);
        }
        // A purchase is seen at once: the cache would otherwise hide it for its whole life.
        state.usage_cache.remove(&card.iccid);
        book(&mut state, &order, "topup", paid);
        drop(state);
        errors::success(200, &self.shown(&order, false))
    }
}

/// The top-ups of the brand of an eSIM's first plan.
fn offered(card: &Card) -> Vec<Package> {
    match card.plans.first() {
        Some(plan) if plan.package.rechargeable => catalogue::topups(&plan.package.brand),
        _ => Vec::new(),
    }
}
