//! The scenarios of `--buy`: one plan, bought once, and everything that can be asked about it.

use std::time::Duration;

use serde_json::{Value, json};

use super::calls::Call;
use super::scenario::Scenario;
use super::system::System;
use crate::local::api::{Answer, Api};
use crate::local::wait::{Seen, until_within};
use crate::stack::Result;

/// What the scenarios are called, in the order in which they are run.
pub const NAMES: [&str; 6] = ["purchase", "the same key again", "eSIM and its codes", "QR code", "usage", "list of top-ups"];
/// The functions that ask the provider about a purchase.
const FUNCTIONS: [&str; 4] = ["orders", "fulfilment", "esims", "usage-poller"];
/// Long enough for a provider that hands out its codes later, and for one that is asked step by step.
const DELIVERED: Duration = Duration::from_secs(600);
/// Long enough for an order that is under way to be answered.
const SETTLED: Duration = Duration::from_secs(60);

/// What is bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// The plan.
    pub package_id: String,
    /// Its title and its price, for a person.
    pub told: String,
    /// The idempotency key.
    pub key: String,
}

/// What was found, and what of it must not be shown.
#[derive(Debug, Default)]
pub struct Bought {
    /// Each that was run.
    pub scenarios: Vec<Scenario>,
    /// ICCID and codes.
    pub secrets: Vec<String>,
    /// Every call to the provider, those before the purchase too.
    pub calls: Vec<Call>,
}

impl Purchase {
    /// Of a package of the catalogue, under a key.
    #[must_use]
    pub fn of(package: &Value, key: String) -> Self {
        let price = package.get("price").map(Value::to_string).unwrap_or_default();
        let told = format!("`{}`, “{}”, {price} {}", text(package, "package_id"), text(package, "title"), text(package, "currency"));
        Self { package_id: text(package, "package_id").to_owned(), told, key }
    }

    /// The same bytes each time.
    fn order(&self) -> Value {
        json!({
            "external_reference": self.key, "package_id": self.package_id,
            "traveller": {"name": "Certification", "email": "traveller@passerelle.example", "locale": "en"},
        })
    }
}

/// Buys, and asks about what was bought as far as there is something.
///
/// # Errors
/// When our own side gives no answer to a question; none to the purchase is a scenario.
pub async fn all(system: &System, api: &Api<'_>, purchase: &Purchase) -> Result<Bought> {
    let mut bought = asked(system, api, purchase).await?;
    bought.calls = system.calls(&FUNCTIONS).await?;
    Ok(bought)
}

async fn asked(system: &System, api: &Api<'_>, purchase: &Purchase) -> Result<Bought> {
    let mut bought = Bought::default();
    let order = purchase.order();
    let first = match api.post("/orders", &order, Some(&purchase.key)).await {
        Ok(first) => first,
        Err(error) => {
            let told = format!("no answer came ({error}): whether it was bought is not known, the provider's list of orders says it");
            return Ok(bought.ended(Scenario::differs("purchase", told)));
        }
    };
    // Sent again at once, as a caller does whose answer was lost.
    let second = again(api, &order, &purchase.key).await?;
    bought.scenarios.push(same_key(&first, &second));
    let (scenario, esim_id) = placed(api, purchase, &first).await?;
    bought.scenarios.insert(0, scenario);
    let Some(esim_id) = esim_id else { return Ok(bought.rest_not_run("there is no eSIM")) };
    let esim = until_codes(api, &esim_id).await?;
    bought.secrets = ["iccid", "lpa_code", "manual_activation_code"].map(|member| text(&esim, member).to_owned()).to_vec();
    bought.scenarios.push(codes(&esim));
    bought.scenarios.push(qr(&api.get(&format!("/esims/{esim_id}/qr.png")).await?, text(&esim, "lpa_code")));
    let polled = system.poll_usage().await?;
    bought.scenarios.push(usage(&polled, &api.get(&format!("/esims/{esim_id}/usage")).await?));
    bought.scenarios.push(topups(&api.get(&format!("/esims/{esim_id}/topups")).await?));
    Ok(bought)
}

impl Bought {
    fn ended(mut self, scenario: Scenario) -> Self {
        self.scenarios.push(scenario);
        self.rest_not_run("the purchase has no answer")
    }

    fn rest_not_run(mut self, why: &str) -> Self {
        let run: Vec<&str> = self.scenarios.iter().map(|scenario| scenario.name).collect();
        self.scenarios.extend(NAMES.into_iter().filter(|name| !run.contains(name)).map(|name| Scenario::not_run(name, why)));
        self
    }
}

/// The same order with the same key, once the first is not under way any more (409).
async fn again(api: &Api<'_>, order: &Value, key: &str) -> Result<Answer> {
    until_within(SETTLED, "an answer to the same key", async || {
        let answer = api.post("/orders", order, Some(key)).await?;
        let told = format!("{} {}", answer.status, answer.body);
        Ok(Seen::of((answer.status != 409).then_some(answer), || told))
    })
    .await
}

fn same_key(first: &Answer, second: &Answer) -> Scenario {
    let name = "the same key again";
    let (one, two) = (text(&first.body, "order_id"), text(&second.body, "order_id"));
    let replayed = second.headers.get("idempotent-replayed").is_some_and(|value| value == "true");
    let same = first.status == second.status && first.bytes == second.bytes;
    // An order that was under way may have come further; it is the same order.
    let fits = same || (first.status == 202 && [201, 202].contains(&second.status) && one == two && !one.is_empty());
    let bytes = if same { "the same bytes" } else { "other bytes" };
    let told = format!("answered with {} as the first with {}, {bytes}, marked as a replay: {replayed}", second.status, first.status);
    Scenario::judged(name, fits && replayed, told)
}

/// The order until it is decided, and the eSIM of one that was placed.
async fn placed(api: &Api<'_>, purchase: &Purchase, first: &Answer) -> Result<(Scenario, Option<String>)> {
    let name = "purchase";
    let order_id = text(&first.body, "order_id");
    if order_id.is_empty() {
        return Ok((Scenario::differs(name, format!("{}: {} {}", purchase.told, first.status, problem(&first.body))), None));
    }
    let decided = until_within(DELIVERED, "the order to be decided", async || {
        let order = api.get(&format!("/orders/{order_id}")).await?.expect(&[200])?;
        let is_decided = matches!(text(&order, "status"), "rejected" | "parked") || order.get("esim_id").is_some_and(Value::is_string);
        let told = text(&order, "status").to_owned();
        Ok(Seen::of(is_decided.then_some(order), || told))
    })
    .await;
    Ok(match decided {
        Ok(order) => judged_order(purchase, first, &order),
        Err(error) => (Scenario::differs(name, format!("{}: order `{order_id}`: {error}", purchase.told)), None),
    })
}

fn judged_order(purchase: &Purchase, first: &Answer, order: &Value) -> (Scenario, Option<String>) {
    let (status, esim_id) = (text(order, "status"), order.get("esim_id").and_then(Value::as_str).map(str::to_owned));
    let bought = matches!(status, "placed" | "delivered") && esim_id.is_some();
    let told = format!("{}: `POST /orders` answered with {}; order `{}` is {status}", purchase.told, first.status, text(order, "order_id"));
    let history = order.get("history").and_then(Value::as_array).into_iter().flatten();
    let steps: Vec<String> = history.map(|step| format!("{} ({})", text(step, "status"), text(step, "note"))).collect();
    let scenario = Scenario::judged("purchase", bought, told).and(format!("its history: {}", steps.join(", ")));
    (scenario, esim_id.filter(|_| bought))
}

/// The eSIM once its codes are there, or as it is when they do not come.
async fn until_codes(api: &Api<'_>, esim_id: &str) -> Result<Value> {
    let path = format!("/esims/{esim_id}");
    let with_codes = until_within(DELIVERED, "the codes", async || {
        let esim = api.get(&path).await?.expect(&[200])?;
        let there = esim.get("lpa_code").is_some_and(Value::is_string);
        Ok(Seen::of(there.then_some(esim), || "an eSIM without codes".to_owned()))
    });
    match with_codes.await {
        Ok(esim) => Ok(esim),
        Err(_) => api.get(&path).await?.expect(&[200]),
    }
}

/// Whether they are what a phone takes (SGP.22 §4.1); none of them is told.
fn codes(esim: &Value) -> Scenario {
    let (iccid, lpa) = (text(esim, "iccid"), text(esim, "lpa_code"));
    let digits = iccid.trim_end_matches(['F', 'f']);
    let number = (18..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    // A provider may use no code of its own: then the address is all.
    let (address, code) = (text(esim, "smdp_address"), text(esim, "manual_activation_code"));
    let fits = !address.is_empty() && lpa.starts_with(&format!("LPA:1${address}${code}"));
    let say = |fine: bool| if fine { "as it should be" } else { "not as it should be" };
    let told = format!("ICCID {}; activation code {}; status {}", say(number), say(fits), text(esim, "status"));
    Scenario::judged("eSIM and its codes", number && fits, told)
}

fn qr(image: &Answer, lpa: &str) -> Scenario {
    let fits = !lpa.is_empty() && crate::qr::read(&image.bytes).iter().any(|found| found == lpa);
    let told = if fits { "the image reads as the provider's code, character by character" } else { "the image does not read as the code" };
    Scenario::judged("QR code", image.status == 200 && fits, told)
}

fn usage(polled: &Value, usage: &Answer) -> Scenario {
    let read = polled.get("read").and_then(Value::as_u64).unwrap_or_default() > 0;
    let body = &usage.body;
    let measured = body.get("measured_at").is_some_and(Value::is_string);
    let member = |name: &str| body.get(name).map(Value::to_string).unwrap_or_default();
    let told = format!(
        "{} of {} MB used, status {}, end {}",
        member("data_used_mb"),
        member("data_total_mb"),
        text(body, "status"),
        member("expiry_date")
    );
    let poll = if read { "the provider was asked and answered" } else { "the provider gave no reading" };
    Scenario::judged("usage", usage.status == 200 && read && measured, poll).and(told)
}

fn topups(answer: &Answer) -> Scenario {
    let name = "list of top-ups";
    match (answer.status, answer.body.get("packages").and_then(Value::as_array)) {
        (200, Some(packages)) => Scenario::matched(name, format!("{} packages", packages.len())),
        // What a provider cannot do is told in words, and is no failure.
        (422, _) if text(&answer.body, "code") == "not_rechargeable" => Scenario::matched(name, problem(&answer.body)),
        (status, _) => Scenario::differs(name, format!("{status} {}", problem(&answer.body))),
    }
}

/// A problem document in one line.
fn problem(body: &Value) -> String {
    format!("{}: {}", text(body, "code"), text(body, "detail"))
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
#[path = "buying_tests.rs"]
mod tests;
