//! The panel's button that sends the delivery mail again. The copy's number stands in the button: however often it is sent, that copy
//! goes out once.

use std::time::Duration;

use super::{
    Visit,
    dossier::Dossier,
    purchase::{esim_of_dossier, fields},
};
use crate::{
    problem::Problem,
    store::{mails::MOST_COPIES, outbox::Work},
};

/// Sends the codes of an eSIM of the dossier to its traveller once more.
///
/// # Errors
/// [`Problem`] when the eSIM is not of the dossier, its codes are not known, or the copy is not the next one or one before.
pub async fn resend(visit: &Visit<'_>, body: &[u8]) -> Result<(), Problem> {
    let run = &visit.run;
    let form = fields(body)?;
    let field = |wanted: &str| form.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).unwrap_or_default();
    let dossier = Dossier::read(run, &visit.link.subject).await?;
    let esim_id = esim_of_dossier(&dossier, field("esim"))?;
    let copy: u32 = field("copy").parse().map_err(|_| Problem::field("copy", "must be a whole number"))?;
    let is_it = |record: &crate::store::esims::EsimRecord| record.esim.esim_id == esim_id && record.profile.is_some();
    let ordered = dossier.new_esims().find(|ordered| ordered.esim.as_ref().is_some_and(is_it));
    let begun = ordered.ok_or_else(|| Problem::new(422, "not_ready", "The codes of this eSIM are not known yet."))?.copies;
    if copy == 0 || copy > begun + 1 || copy > MOST_COPIES {
        return Err(Problem::field("copy", format!("must be the next copy, {MOST_COPIES} at most")));
    }
    if copy <= begun {
        // The same button again: this copy is on its way, or was sent.
        return Ok(());
    }
    let entry = run.to_do(Work::DeliverAgain { esim_id, copy }, Duration::ZERO);
    Ok(run.house.store.transaction().enqueue(&entry)?.commit().await?)
}
