//! eSIMs: details, usage, plans (Airalo Partner API v2, "Usage, history, top-up").

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::json::put;
use super::super::core::qr;
use super::super::core::reply::Reply;
use super::card::Card;
use super::{Airalo, errors, paging};

impl Airalo {
    /// `GET sims/{iccid}`.
    pub(super) fn show_sim(&self, call: &Call, iccid: &str) -> Reply {
        match self.detailed(iccid, &call.query("include").unwrap_or_default()) {
            Some(sim) => errors::success(200, &sim),
            None => errors::not_found(),
        }
    }

    /// `GET sims`, newest first.
    pub(super) fn list_sims(&self, call: &Call) -> Reply {
        let include = call.query("include").unwrap_or_default();
        let mut iccids: Vec<String> = self.state().cards.iter().map(|card| card.iccid.clone()).collect();
        iccids.reverse();
        let entries = iccids.iter().filter_map(|iccid| self.detailed(iccid, &include)).collect();
        let object = self.state().settings.data_object_from_page_2;
        let page = paging::cut(call, &self.url, entries, object);
        Reply::json(200, &json!({"data": page.data, "links": page.links, "meta": page.meta}))
    }

    fn detailed(&self, iccid: &str, include: &str) -> Option<Value> {
        let mut sim = self.sim(iccid)?;
        let card = self.by_iccid(iccid)?;
        let recycled = card.status(self.now()) == "RECYCLED";
        put(&mut sim, "recycled", recycled);
        put(&mut sim, "recycled_at", Value::Null);
        put(&mut sim, "voucher_code", Value::Null);
        let order = self.state().orders.iter().find(|order| order.id == card.order_id).cloned();
        put(&mut sim, "brand_settings_name", order.as_ref().and_then(|order| order.brand_settings_name.clone()));
        if include.split(',').any(|part| part.starts_with("order")) {
            put(&mut sim, "simable", order.map(|order| self.looked_up(&order, include)));
        }
        if include.split(',').any(|part| part == "share") {
            put(&mut sim, "sharing", json!({"link": format!("https://esims.airalo.example/{}", card.id), "access_code": "4812"}));
        }
        Some(sim)
    }

    /// By ICCID only: ids are no address at Airalo.
    pub(super) fn by_iccid(&self, iccid: &str) -> Option<Card> {
        self.state().card(iccid).filter(|card| card.iccid == iccid).cloned()
    }

    /// `GET sims/{iccid}/usage`.
    pub(super) fn usage(&self, iccid: &str) -> Reply {
        let refusal = self.over_limit("usage", iccid, Duration::from_secs(60)).or_else(|| self.over_usage_rate());
        if let Some(refusal) = refusal {
            return refusal;
        }
        let Some(card) = self.by_iccid(iccid) else {
            return errors::not_found();
        };
        let usage = self.cached(&card);
        Reply::json(200, &json!({"data": usage, "meta": {"message": "api.succes"}}))
    }

    fn over_usage_rate(&self) -> Option<Reply> {
        let mut state = self.state();
        let limit = state.settings.usage_per_second?;
        let verdict = state.rates.count("usage in all", limit, Duration::from_secs(1));
        (!verdict.allowed).then(|| errors::too_many(limit, verdict, Timestamp::now().as_second()))
    }

    /// The answer as it was when it was last computed, at most the cache's life ago.
    fn cached(&self, card: &Card) -> Value {
        let now = self.now();
        let mut state = self.state();
        let seconds = state.settings.usage_cache_seconds;
        if let Some((at, usage)) = state.usage_cache.get(&card.iccid)
            && (0..seconds).contains(&(now.as_second() - at.as_second()))
        {
            return usage.clone();
        }
        let usage = card.usage(now);
        state.usage_cache.insert(card.iccid.clone(), (now, usage.clone()));
        usage
    }

    /// `GET sims/{iccid}/packages`.
    pub(super) fn history(&self, iccid: &str) -> Reply {
        if let Some(refusal) = self.over_limit("history", iccid, Duration::from_secs(60)) {
            return refusal;
        }
        let Some(card) = self.by_iccid(iccid) else {
            return errors::not_found();
        };
        let discount = self.state().settings.discount_pricing;
        let entries = card.history(self.now(), discount);
        Reply::json(200, &json!({"pricing": Self::pricing(discount), "data": entries, "meta": {"message": "success"}}))
    }

    /// The picture of an activation code, while its address lives.
    pub(super) fn picture(&self, file: &str) -> Reply {
        let ticket = file.trim_end_matches(".png");
        let found = self.state().pictures.get(ticket).cloned();
        match found {
            Some((lpa, until)) if Timestamp::now() < until => match qr::png(&lpa) {
                Ok(png) => Reply::bytes(200, "image/png", png),
                Err(error) => Reply::json(500, &json!({"error": error.to_string()})),
            },
            Some(_) => Reply::json(403, &json!({"message": "Invalid signature."})),
            None => errors::not_found(),
        }
    }
}
