//! The panel's buttons that buy. Each goes through the same flows as the API's calls, with an idempotency key.
//!
//! The key follows from the dossier, the traveller and the number of purchases that the dossier had seen when the button was drawn. It
//! lives nowhere that a reload, a second tab or a second click could lose it: whoever sends the same button again, sends the same key, and
//! the flow buys once. A button drawn in an earlier state than the dossier is in now buys nothing: its key is either known, and answered as
//! before, or refused here. To buy a second eSIM for a traveller, the page must have shown the first.

use sha2::{Digest, Sha256};
use std::time::Duration;

use super::{Visit, dossier::Dossier};
use crate::{
    domain::{EsimId, PackageId},
    flows::{
        Run,
        place_order::{self, IdempotencyKey, NewOrder},
        topup::{self, NewTopUp},
    },
    problem::Problem,
    security::hash_idempotency_key,
};

/// Time that one more purchase must have, before it is begun.
const TIME_FOR_ONE: Duration = Duration::from_secs(12);

/// What the form of an order says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderForm {
    /// The package.
    pub package: String,
    /// Places of the travellers, see `Dossier::travellers`.
    pub travellers: Vec<usize>,
    /// The purchases that the page knew of.
    pub sequence: usize,
}

/// What the form of a top-up says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TopUpForm {
    /// The eSIM.
    pub esim: String,
    /// The package.
    pub package: String,
    /// The top-ups that the page knew of.
    pub sequence: usize,
}

impl OrderForm {
    /// Reads a form.
    ///
    /// # Errors
    /// [`Problem`] when it is not what the page sends.
    pub fn read(body: &[u8]) -> Result<Self, Problem> {
        let mut form = Self::default();
        for (name, value) in fields(body)? {
            match name.as_str() {
                "package" => form.package = value,
                "traveller" => form.travellers.push(whole(&name, &value)?),
                "sequence" => form.sequence = whole(&name, &value)?,
                _ => {}
            }
        }
        form.travellers.sort_unstable();
        form.travellers.dedup();
        Ok(form)
    }
}

impl TopUpForm {
    /// Reads a form.
    ///
    /// # Errors
    /// [`Problem`] when it is not what the page sends.
    pub fn read(body: &[u8]) -> Result<Self, Problem> {
        let mut form = Self::default();
        for (name, value) in fields(body)? {
            match name.as_str() {
                "package" => form.package = value,
                "esim" => form.esim = value,
                "sequence" => form.sequence = whole(&name, &value)?,
                _ => {}
            }
        }
        Ok(form)
    }
}

/// The fields of a form (`application/x-www-form-urlencoded`).
pub(super) fn fields(body: &[u8]) -> Result<Vec<(String, String)>, Problem> {
    serde_urlencoded::from_bytes(body).map_err(|_| Problem::field("body", "must be a form"))
}

fn whole(name: &str, value: &str) -> Result<usize, Problem> {
    value.parse().map_err(|_| Problem::field(name, "must be a whole number"))
}

/// Orders one eSIM for each traveller ticked. `false` when a provider refused one of them: the panel shows which and why.
///
/// # Errors
/// [`Problem`]: `page_outdated` when the dossier has moved on since the page was drawn, `order_in_progress` when the same click is being
/// worked on, `some_not_ordered` when it went so far and no further, or what the order's own flow says. What was ordered stays so.
pub async fn order(visit: &Visit<'_>, form: &OrderForm) -> Result<bool, Problem> {
    let run = &visit.run;
    let dossier = Dossier::read(run, &visit.link.subject).await?;
    if form.travellers.is_empty() {
        return Err(Problem::field("traveller", "one at least must be chosen"));
    }
    let package = PackageId::parse(&form.package).map_err(|_| Problem::field("package", "is no package"))?;
    let mut all_taken = true;
    for (ordered, place) in form.travellers.iter().enumerate() {
        match order_for(visit, &dossier, &package, *place, form.sequence).await {
            Ok(taken) => all_taken &= taken,
            // What was ordered before stays so, and must not be denied.
            Err(problem) if ordered > 0 => return Err(Problem { code: "some_not_ordered", ..problem }),
            Err(problem) => return Err(problem),
        }
    }
    Ok(all_taken)
}

async fn order_for(visit: &Visit<'_>, dossier: &Dossier, package: &PackageId, place: usize, sequence: usize) -> Result<bool, Problem> {
    let (run, booking) = (&visit.run, &dossier.record.booking);
    let traveller = dossier.travellers().get(place).copied().cloned();
    let traveller = traveller.ok_or_else(|| Problem::field("traveller", "is not in the dossier"))?;
    let key = key(&["order", &booking.reference, &place.to_string(), &sequence.to_string()]);
    if sequence != dossier.sequence() && !is_known(run, &key).await? {
        return Err(outdated());
    }
    if run.deadline.left(run.now()) < TIME_FOR_ONE {
        return Err(Problem::unavailable("There was no time left for every traveller."));
    }
    let new = NewOrder {
        external_reference: booking.external_reference.clone(),
        package_id: package.clone(),
        booking_reference: Some(booking.reference.clone()),
        traveller: Some(traveller),
        quantity: 1,
        deliver_on: None,
    };
    let answer = place_order::place(run, &IdempotencyKey::parse(Some(&key))?, new).await?;
    Ok(answer.answer.status < 400)
}

/// Tops an eSIM of the dossier up. `false` when the provider refused.
///
/// # Errors
/// As [`order`].
pub async fn top_up(visit: &Visit<'_>, form: &TopUpForm) -> Result<bool, Problem> {
    let run = &visit.run;
    let dossier = Dossier::read(run, &visit.link.subject).await?;
    let esim_id = esim_of_dossier(&dossier, &form.esim)?;
    let package_id = PackageId::parse(&form.package).map_err(|_| Problem::field("package", "is no package"))?;
    let key = key(&["topup", esim_id.as_str(), &form.sequence.to_string()]);
    if form.sequence != top_ups(&dossier, &esim_id) && !is_known(run, &key).await? {
        return Err(outdated());
    }
    let answer = topup::top_up(run, &IdempotencyKey::parse(Some(&key))?, &esim_id, NewTopUp { package_id }).await?;
    Ok(answer.answer.status < 400)
}

/// The eSIM, when it belongs to the dossier that the link opens: a link is about one dossier.
pub(super) fn esim_of_dossier(dossier: &Dossier, esim: &str) -> Result<EsimId, Problem> {
    let found = dossier.new_esims().filter_map(|ordered| ordered.esim.as_ref()).find(|record| record.esim.esim_id.as_str() == esim);
    found.map(|record| record.esim.esim_id.clone()).ok_or_else(|| Problem::not_found("eSIM"))
}

/// How many top-ups of an eSIM the dossier has seen.
pub(super) fn top_ups(dossier: &Dossier, esim_id: &EsimId) -> usize {
    let records = dossier.new_esims().filter_map(|ordered| ordered.esim.as_ref());
    records.filter(|record| record.esim.esim_id == *esim_id).map(|record| dossier.top_ups(record).count()).sum()
}

fn outdated() -> Problem {
    Problem::new(409, "page_outdated", "The dossier has changed since the page was opened. Nothing was bought by this click.")
}

async fn is_known(run: &Run<'_>, key: &str) -> Result<bool, Problem> {
    let hash = hash_idempotency_key(&run.agency_id, key);
    Ok(run.house.store.key_record(&run.agency_id, &hash, run.now()).await?.is_some())
}

/// Parts of any length and content as one key; their lengths keep them apart.
fn key(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(format!("{}:{part};", part.len()));
    }
    format!("panel-{}", hex::encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::{OrderForm, key};

    #[test]
    fn a_key_is_the_same_for_the_same_button_and_another_for_any_other() {
        let one = key(&["order", "VH-1", "0", "2"]);
        assert_eq!(one, key(&["order", "VH-1", "0", "2"]));
        for other in [["order", "VH-1", "0", "3"], ["order", "VH-1", "1", "2"], ["order", "VH-10", "", "2"], ["topup", "VH-1", "0", "2"]] {
            assert_ne!(one, key(&other));
        }
    }

    #[test]
    fn a_form_is_read_with_each_traveller_once() {
        let form = OrderForm::read(b"package=a%3Ab&traveller=1&traveller=0&traveller=1&sequence=2&lang=en").unwrap();
        assert_eq!((form.package.as_str(), form.travellers.as_slice(), form.sequence), ("a:b", [0, 1].as_slice(), 2));
        assert_eq!(OrderForm::read(b"traveller=x").unwrap_err().status, 422);
    }
}
