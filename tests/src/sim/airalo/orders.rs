//! Buying eSIMs and looking orders up (Airalo Partner API v2, "Order").

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::{iso, zoneless};
use super::super::core::form::{Encoding, Fields};
use super::super::core::iccid::digest;
use super::super::core::json::{money, put, text, texts, whole};
use super::super::core::reply::Reply;
use super::card::{Card, Plan};
use super::state::{Order, Purchase, State, Wanted};
use super::{Airalo, catalogue, errors, paging};

/// Order numbers below this one belong to somebody else: they are answered 401.
pub(super) const FIRST_ORDER: i64 = 1_000;

/// Host of the simulated SM-DP+.
const SMDP_HOST: &str = "smdp.airalo.example";

impl Airalo {
    /// `POST orders`: buys at once.
    pub(super) fn order(&self, fields: &Fields) -> Reply {
        let wanted = match wanted(fields) {
            Ok(wanted) => wanted,
            Err(refusal) => return refusal,
        };
        match self.buy(&wanted) {
            Ok(order) => errors::success(200, &self.shown(&order, false)),
            Err(refusal) => refusal.reply(),
        }
    }

    /// `POST orders-async`: accepts, buys later, tells the result by webhook only.
    pub(super) async fn order_later(self: &Arc<Self>, fields: &Fields) -> Reply {
        let mut wanted = match wanted(fields) {
            Ok(wanted) => wanted,
            Err(refusal) => return refusal,
        };
        let url = match self.told_at(fields).await {
            Ok(url) => url,
            Err(refusal) => return refusal,
        };
        let request_id = self.next_request_id();
        wanted.asynchronous = Some((request_id.clone(), url));
        let accepted = json!({"request_id": request_id, "accepted_at": zoneless(self.now())});
        let settings = self.state().settings.clone();
        if settings.hold_async {
            self.state().held.push(wanted);
        } else {
            self.carry_out_after(wanted, settings.async_delay_ms);
        }
        errors::success(202, &accepted)
    }

    /// Where the result of an order goes that is carried out later.
    pub(super) async fn told_at(&self, fields: &Fields) -> Result<String, Reply> {
        let given = text(&fields.value, "webhook_url").map(str::to_owned);
        let opted_in = self.state().opted_in.get("async_orders").map(|(url, _)| url.clone());
        let Some(url) = given.clone().or(opted_in) else {
            return Err(Reply::json(422, &json!({"reason": "User is not opted in and no webhook URL provided."})));
        };
        if given.is_some() && self.courier.probe(&url).await != Some(200) {
            return Err(errors::invalid("webhook_url", "The webhook url must answer HEAD with 200."));
        }
        Ok(url)
    }

    /// Buys on a task of its own and sends the result.
    pub(super) fn carry_out_after(self: &Arc<Self>, wanted: Wanted, delay_ms: u64) {
        let airalo = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            airalo.carry_out(&wanted);
        });
    }

    /// Whether it was bought.
    pub(super) fn carry_out(&self, wanted: &Wanted) -> bool {
        let Some((request_id, url)) = &wanted.asynchronous else {
            return false;
        };
        let outcome = self.buy(wanted);
        let bought = outcome.is_ok();
        let members = match outcome {
            Ok(order) => {
                let mut shown = self.shown(&order, false);
                put(&mut shown, "request_id", request_id.as_str());
                shown.to_string()
            }
            Err(refusal) => json!({"request_id": request_id, "reason": refusal.reason()}).to_string(),
        };
        self.send_webhook(url, &members);
        bought
    }

    /// The purchase itself; everything or nothing.
    fn buy(&self, wanted: &Wanted) -> Result<Order, Refusal> {
        refused_by_magic(&wanted.package.id)?;
        let now = self.now();
        let mut state = self.state();
        let price = if state.settings.discount_pricing { wanted.package.price * 80 / 100 } else { wanted.package.net };
        let paid = price * wanted.quantity;
        if paid > state.balance {
            return Err(Refusal::Business(11, "Insufficient Airalo credit."));
        }
        state.balance -= paid;
        let id = self.next_order_id(&state);
        let iccids: Vec<String> = (0..wanted.quantity).map(|_| self.deliver_card(&mut state, id, wanted)).collect();
        let order = Order {
            id,
            code: format!("{}-{:06}", now.strftime("%Y%m%d"), id % 1_000_000),
            created_at: now,
            package: wanted.package.clone(),
            quantity: wanted.quantity,
            quantity_written: wanted.quantity_written.clone(),
            description: wanted.description.clone(),
            brand_settings_name: wanted.brand_settings_name.clone(),
            iccids,
            request_id: wanted.asynchronous.as_ref().map(|(id, _)| id.clone()),
        };
        book(&mut state, &order, "sim", paid);
        Ok(order)
    }

    fn deliver_card(&self, state: &mut State, order_id: i64, wanted: &Wanted) -> String {
        let profile = self.profiles.issue();
        let id = self.number(profile.number);
        let plan = Plan { id: id * 10, package: wanted.package.clone(), ended: None };
        state.cards.push(Card {
            id,
            iccid: profile.iccid.clone(),
            matching_id: profile.matching_id,
            host: SMDP_HOST.to_owned(),
            order_id,
            created_at: self.now(),
            installed: false,
            activated_at: None,
            used_mb: 0,
            expires_at: None,
            forced: None,
            plans: vec![plan],
        });
        profile.iccid
    }

    /// A number that no other simulator of this process gives out.
    pub(super) fn number(&self, nth: u64) -> i64 {
        i64::try_from(self.profiles.seed() * 100_000 + nth).unwrap_or(i64::MAX)
    }

    pub(super) fn next_order_id(&self, state: &State) -> i64 {
        self.number(u64::try_from(state.orders.len()).unwrap_or(0) + 1)
    }

    pub(super) fn next_request_id(&self) -> String {
        let mut state = self.state();
        state.requests_accepted += 1;
        digest(&format!("request {} {}", self.profiles.seed(), state.requests_accepted), 25)
    }

    /// `GET orders/{id}`. `sims`, `status` and `user` only when included.
    pub(super) fn show_order(&self, call: &Call, id: &str) -> Reply {
        let Ok(number) = id.parse::<i64>() else {
            return errors::not_found();
        };
        if number < FIRST_ORDER {
            return errors::unauthorized();
        }
        let found = self.state().orders.iter().find(|order| order.id == number).cloned();
        match found {
            Some(order) => errors::success(200, &self.looked_up(&order, &call.query("include").unwrap_or_default())),
            None => errors::not_found(),
        }
    }

    /// `GET orders`, newest first.
    pub(super) fn list_orders(&self, call: &Call) -> Reply {
        let include = call.query("include").unwrap_or_default();
        let mut orders = self.state().orders.clone();
        orders.reverse();
        orders.retain(|order| selected(call, order));
        let entries = orders.iter().map(|order| self.looked_up(order, &include)).collect();
        let object = self.state().settings.data_object_from_page_2;
        let page = paging::cut(call, &self.url, entries, object);
        Reply::json(200, &json!({"data": page.data, "links": page.links, "meta": page.meta}))
    }

    /// An order as `GET` shows it: prices and validity are texts there.
    pub(super) fn looked_up(&self, order: &Order, include: &str) -> Value {
        let mut shown = self.shown(order, true);
        put(&mut shown, "quantity", order.quantity);
        let with = |name: &str| include.split(',').any(|part| part.trim() == name || part.trim() == format!("order.{name}"));
        if !with("sims")
            && let Some(members) = shown.as_object_mut()
        {
            members.remove("sims");
        }
        if with("status") {
            put(&mut shown, "status", json!({"name": "Completed", "slug": "completed"}));
        }
        if with("user") {
            put(
                &mut shown,
                "user",
                json!({"id": 120, "created_at": "2023-02-20 08:41:57", "name": "Partner", "email": "partner@example.com", "company": "Partner"}),
            );
        }
        shown
    }

    /// An order with its eSIMs.
    pub(super) fn shown(&self, order: &Order, texts: bool) -> Value {
        let discount = self.state().settings.discount_pricing;
        let (price, net) = (order.package.price, (!discount).then_some(order.package.net));
        let amount = |hundredths: i64| if texts { Value::from(two_places(hundredths)) } else { money(hundredths) };
        let days = order.package.days;
        let mut shown = json!({
            "id": order.id, "code": order.code, "currency": "USD", "package_id": order.package.id,
            "quantity": order.quantity_written, "type": if order.package.topup { "topup" } else { "sim" },
            "description": order.description, "esim_type": "Prepaid",
            "validity": if texts { json!(days.to_string()) } else { json!(days) },
            "package": format!("{}-{}", order.package.brand_title, order.package.title()), "data": order.package.data(),
            "price": amount(price), "net_price": net.map(amount), "pricing_model": Self::pricing(discount).get("model"),
            "voice": order.package.voice, "text": order.package.text, "created_at": zoneless(order.created_at),
            "manual_installation": "<p>Type the address and the code.</p>", "qrcode_installation": "<p>Scan the QR code.</p>",
            "installation_guides": {"en": "https://www.airalo.example/installation-guides"},
            "brand_settings_name": order.brand_settings_name,
        });
        if discount {
            put(&mut shown, "discount_percentage", 20);
            put(&mut shown, "discount_amount", amount(price * order.quantity / 5));
            put(&mut shown, "unit_paid_price", amount(price * 80 / 100));
            put(&mut shown, "total_amount_paid", amount(price * 80 / 100 * order.quantity));
        }
        if !order.package.topup {
            let sims: Vec<Value> = order.iccids.iter().filter_map(|iccid| self.sim(iccid)).collect();
            put(&mut shown, "sims", sims);
        }
        shown
    }

    /// One entry of `sims[]`. Each look hands out a fresh picture address that lives for an hour.
    pub(super) fn sim(&self, iccid: &str) -> Option<Value> {
        let mut state = self.state();
        let card = state.card(iccid)?.clone();
        let ticket = digest(&format!("picture {} {}", card.iccid, state.pictures.len()), 40);
        state.pictures.insert(ticket.clone(), (card.lpa(), plus_hour()));
        Some(json!({
            "id": card.id, "created_at": zoneless(card.created_at), "iccid": card.iccid, "lpa": card.host, "imsis": Value::Null,
            "matching_id": card.matching_id, "qrcode": card.lpa(), "qrcode_url": format!("{}/qr/{ticket}.png", self.url),
            "direct_apple_installation_url": format!("https://esimsetup.apple.com/esim_qrcode_provisioning?carddata={}", card.lpa()),
            "airalo_code": Value::Null, "apn_type": "automatic", "apn_value": Value::Null, "is_roaming": true,
            "apn": {"ios": {"apn_type": "automatic", "apn_value": Value::Null}, "android": {"apn_type": "automatic", "apn_value": Value::Null}},
            "confirmation_code": Value::Null, "msisdn": Value::Null,
        }))
    }
}

/// Pictures expire by the machine's clock: a played date must not break the links of a mail that was just sent.
fn plus_hour() -> jiff::Timestamp {
    let now = jiff::Timestamp::now();
    now.checked_add(jiff::SignedDuration::from_hours(1)).unwrap_or(now)
}

fn two_places(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Enters a purchase in the books.
pub(super) fn book(state: &mut State, order: &Order, kind: &'static str, paid: i64) {
    state.ledger.push(Purchase {
        order_id: order.id,
        package_id: order.package.id.clone(),
        description: order.description.clone(),
        quantity: order.quantity,
        kind,
        iccids: order.iccids.clone(),
        at: iso(order.created_at),
        paid_hundredths: paid,
    });
    state.orders.push(order.clone());
}

/// Why a purchase was refused, in one of the two shapes.
#[derive(Debug)]
pub(super) enum Refusal {
    Business(i64, &'static str),
    Invalid(&'static str, &'static str),
}

impl Refusal {
    pub(super) fn reply(&self) -> Reply {
        match self {
            Self::Business(code, reason) => errors::business(*code, reason),
            Self::Invalid(field, message) => errors::invalid(field, message),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Business(_, reason) => reason,
            Self::Invalid(_, message) => message,
        }
    }
}

/// Airalo Partner API v2, "Sandbox magic values". Out of stock comes in both shapes, so each family has one.
pub(super) fn refused_by_magic(id: &str) -> Result<(), Refusal> {
    let families = [
        ("test-insufficient-balance-", Refusal::Business(11, "Insufficient Airalo credit.")),
        ("test-out-of-stock-", Refusal::Business(33, "Insufficient stock of eSIMs remaining.")),
        ("test-maintenance-mode-", Refusal::Business(13, "The operator is currently undergoing maintenance.")),
        ("test-not-enough-", Refusal::Invalid("quantity", "SIM quantity is not available. Available quantity: 0.")),
    ];
    let hit = families.into_iter().find(|(family, _)| id.starts_with(family));
    hit.map_or(Ok(()), |(_, refusal)| Err(refusal))
}

/// Checks the fields of an order.
pub(super) fn wanted(fields: &Fields) -> Result<Wanted, Reply> {
    let value = &fields.value;
    let mut problems = json!({});
    let id = text(value, "package_id").unwrap_or_default();
    let package = catalogue::find(id).filter(|package| !package.topup);
    if id.is_empty() {
        put(&mut problems, "package_id", "The package id field is required.");
    } else if package.is_none() {
        put(&mut problems, "package_id", "The selected package is invalid.");
    }
    let quantity = whole(value, "quantity");
    if let Some(problem) = quantity_problem(value, quantity) {
        put(&mut problems, "quantity", problem);
    }
    if text(value, "type").is_some_and(|kind| kind != "sim") {
        put(&mut problems, "type", "The selected type is invalid.");
    }
    if text(value, "to_email").is_some() && texts(value, "sharing_option").is_empty() {
        put(&mut problems, "sharing_option", "The sharing option field is required when to email is present.");
    }
    if let (Some(package), Some(quantity), true) = (package, quantity, problems == json!({})) {
        return Ok(Wanted {
            package,
            quantity,
            quantity_written: if fields.encoding == Encoding::Json {
                value.get("quantity").cloned().unwrap_or_default()
            } else {
                json!(quantity.to_string())
            },
            description: text(value, "description").map(str::to_owned),
            brand_settings_name: text(value, "brand_settings_name").map(str::to_owned),
            asynchronous: None,
        });
    }
    Err(errors::invalid_fields(&problems))
}

fn quantity_problem(value: &Value, quantity: Option<i64>) -> Option<&'static str> {
    match quantity {
        None if value.get("quantity").is_none() => Some("The quantity field is required."),
        None => Some("The quantity must be an integer."),
        Some(number) if number < 1 => Some("The quantity must be at least 1."),
        Some(number) if number > 50 => Some("The quantity may not be greater than 50."),
        Some(_) => None,
    }
}

/// The filters of `GET orders`; code, ICCID and description are substring matches.
fn selected(call: &Call, order: &Order) -> bool {
    let filter = |name: &str| call.query(&format!("filter[{name}]"));
    let contains = |whole: &str, part: Option<String>| part.is_none_or(|part| whole.contains(&part));
    let iccid = filter("iccid").is_none_or(|part| order.iccids.iter().any(|iccid| iccid.contains(&part)));
    let status = filter("order_status").is_none_or(|status| status == "completed");
    let day = order.created_at.strftime("%Y-%m-%d").to_string();
    let created = filter("created_at").is_none_or(|range| match range.split_once(" - ") {
        Some((from, to)) => from <= day.as_str() && day.as_str() <= to,
        None => false,
    });
    let description = order.description.as_deref().unwrap_or_default();
    iccid && status && created && contains(description, filter("description")) && contains(&order.code, filter("code"))
}
