//! Orders for a later day (Airalo Partner API v2, "Order" and "Endpoints"): made now, carried out when the clock says so.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::form::Fields;
use super::super::core::json::{list, text};
use super::super::core::reply::Reply;
use super::state::{Scheduled, Wanted};
use super::{Airalo, errors, orders, paging};

/// Most requests of a cancellation.
const MOST: usize = 10;
/// Characters of a request's id.
const ID_LENGTH: usize = 25;
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Airalo {
    /// `POST future-orders`.
    pub(super) async fn schedule(&self, fields: &Fields) -> Reply {
        let mut wanted = match orders::wanted(fields) {
            Ok(wanted) => wanted,
            Err(refusal) => return refusal,
        };
        let due = match self.due_date(text(&fields.value, "due_date")) {
            Ok(due) => due,
            Err(problem) => return errors::invalid("due_date", problem),
        };
        let url = match self.told_at(fields).await {
            Ok(url) => url,
            Err(refusal) => return refusal,
        };
        let request_id = self.next_request_id();
        wanted.asynchronous = Some((request_id.clone(), url));
        let status = forced(&wanted.package.id).unwrap_or("pending");
        let scheduled = Scheduled { request_id: request_id.clone(), wanted, due, status };
        self.state().scheduled.push(scheduled);
        self.carry_out_due();
        let taken = json!({"request_id": request_id, "due_date": written(due), "latest_cancellation_date": written(due - DAY)});
        errors::success(200, &taken)
    }

    fn due_date(&self, given: Option<&str>) -> Result<Timestamp, &'static str> {
        let given = given.ok_or("The due date field is required.")?;
        let due = minute(given).ok_or("The due date does not match the format Y-m-d H:i.")?;
        if due < self.now() + DAY * 2 {
            return Err("Minimum due date must be at least the day after tomorrow in UTC timezone.");
        }
        if due > self.now() + DAY * 366 {
            return Err("Maximum due date must be at most one year in the future.");
        }
        Ok(due)
    }

    /// Carries out what is due; each once.
    pub(super) fn carry_out_due(&self) {
        let now = self.now();
        let due: Vec<(String, Wanted)> = {
            let mut state = self.state();
            let at_once = state.settings.future_at_once;
            let is_due = |one: &&mut Scheduled| one.status == "pending" && !is_magic(&one.wanted) && (at_once || one.due <= now);
            let carried_out = |one: &mut Scheduled| {
                one.status = "processed";
                (one.request_id.clone(), one.wanted.clone())
            };
            state.scheduled.iter_mut().filter(is_due).map(carried_out).collect()
        };
        for (request_id, wanted) in due {
            if !self.carry_out(&wanted) {
                self.state().scheduled.iter_mut().filter(|one| one.request_id == request_id).for_each(|one| one.status = "failed");
            }
        }
    }

    /// `GET future-orders`: what is not carried out, by status.
    pub(super) fn list_scheduled(&self, call: &Call) -> Reply {
        let status = call.query("status").unwrap_or_else(|| "pending".to_owned());
        if !["pending", "failed", "retry"].contains(&status.as_str()) {
            return errors::invalid("status", "The selected status is invalid.");
        }
        let bound = |name: &str| call.query(name).map(|text| minute(&text).ok_or(()));
        let (from, to) = (bound("from_due_date"), bound("to_due_date"));
        if from == Some(Err(())) || to == Some(Err(())) {
            return errors::invalid("from_due_date", "The from due date is not a valid date.");
        }
        let (from, to) = (from.and_then(Result::ok), to.and_then(Result::ok));
        let within = |one: &&Scheduled| from.is_none_or(|from| from <= one.due) && to.is_none_or(|to| one.due <= to);
        let entries = self.state().scheduled.iter().filter(|one| one.status == status).filter(within).map(shown).collect();
        let page = paging::cut(call, &self.url, entries, false);
        Reply::json(200, &json!({"data": page.data, "links": page.links, "meta": page.meta}))
    }

    /// `POST cancel-future-orders`: all of them or none, until a day before each is due.
    pub(super) fn cancel_scheduled(&self, fields: &Fields) -> Reply {
        let now = self.now();
        let ids: Vec<String> = list(&fields.value, "request_ids").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        if ids.is_empty() || ids.len() > MOST {
            return errors::invalid("request_ids", "The request ids field must hold 1 to 10 request IDs.");
        }
        let mut state = self.state();
        for (index, id) in ids.iter().enumerate() {
            let found = state.scheduled.iter().find(|one| one.request_id == *id);
            let problem = match found {
                _ if id.len() != ID_LENGTH => "Each request ID must be exactly 25 characters long.".to_owned(),
                None => format!("Request ID: {id} does not exist."),
                Some(one) if ["processed", "cancelled"].contains(&one.status) || now > one.due - DAY => {
                    format!("Request ID: {id} is already processed and can not be cancelled.")
                }
                Some(_) => continue,
            };
            return errors::invalid(&format!("request_ids.{index}"), &problem);
        }
        state.scheduled.iter_mut().filter(|one| ids.contains(&one.request_id)).for_each(|one| one.status = "cancelled");
        Reply::json(200, &json!({"data": [], "meta": {"message": "Future orders cancelled successfully"}}))
    }

    /// Every future order, whatever became of it.
    pub(super) fn every_scheduled(&self) -> Value {
        self.state().scheduled.iter().map(shown).collect()
    }
}

fn shown(one: &Scheduled) -> Value {
    json!({
        "request_id": one.request_id, "quantity": one.wanted.quantity, "description": one.wanted.description.clone().unwrap_or_default(),
        "status": one.status, "package_id": one.wanted.package.id, "due_date": written(one.due),
        "latest_cancellation_date": written(one.due - DAY),
    })
}

/// The status that a magic package keeps for good.
fn forced(package: &str) -> Option<&'static str> {
    ["pending", "retry", "failed"].into_iter().find(|status| package == format!("test-create-{status}-future-order-7days-1gb"))
}

fn is_magic(wanted: &Wanted) -> bool {
    forced(&wanted.package.id).is_some()
}

fn written(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// `YYYY-MM-DD HH:MM`, UTC.
fn minute(text: &str) -> Option<Timestamp> {
    let moment = DateTime::strptime("%Y-%m-%d %H:%M", text).ok()?;
    TimeZone::UTC.to_timestamp(moment).ok()
}
