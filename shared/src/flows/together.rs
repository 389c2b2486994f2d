//! Work of one batch of messages that is done together: states of several eSIMs that one agency's CRM is told. What becomes of each entry is
//! its own affair, as if it had been worked on alone.

use std::{collections::BTreeMap, time::Duration};

use super::{
    House, Run,
    consume::{self, Disposition},
    purchase::Next,
    sync_crm,
};
use crate::{
    domain::{AgencyId, EsimId},
    outbound::Deadline,
    problem::Problem,
    store::outbox::{Entry, Work},
};

/// The longest that they are worked on: an entry's lease is little longer.
const LONGEST: Duration = Duration::from_secs(55);

/// The entries among these that are done together: each agency's, where it has several.
pub async fn groups(house: &House, outbox_ids: &[String]) -> Vec<Vec<String>> {
    let mut of_agency: BTreeMap<AgencyId, Vec<String>> = BTreeMap::new();
    for id in outbox_ids.iter().filter(|_| outbox_ids.len() > 1) {
        // An entry that cannot be read now is left to be looked at alone.
        if let Ok(Some(entry)) = house.store.entry(id).await
            && matches!(entry.work, Work::SyncEsim { .. })
        {
            let ids = of_agency.entry(entry.agency).or_default();
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
    }
    of_agency.into_values().filter(|ids| ids.len() > 1).collect()
}

/// Works on the entries of one agency.
pub async fn consume(house: &House, outbox_ids: &[String], deadline: Deadline) -> Vec<(String, Disposition)> {
    let owner = house.world.new_id("run");
    let (mut dispositions, mut entries) = (Vec::new(), Vec::new());
    for id in outbox_ids {
        match consume::take(house, id, &owner).await {
            Ok(entry) => entries.push(entry),
            Err(disposition) => dispositions.push((id.clone(), disposition)),
        }
    }
    let mut outcomes = told(house, &entries, deadline).await;
    for entry in entries {
        // A second entry about the same eSIM comes back, and finds it told.
        let result = esim_of(&entry).and_then(|esim_id| outcomes.remove(&esim_id)).unwrap_or(Ok(Next::Later(Duration::from_secs(1))));
        let disposition = consume::settle(house, &entry, &owner, result).await;
        dispositions.push((entry.id.clone(), disposition));
    }
    dispositions
}

fn esim_of(entry: &Entry) -> Option<EsimId> {
    match &entry.work {
        Work::SyncEsim { esim_id, .. } => Some(esim_id.clone()),
        _ => None,
    }
}

async fn told(house: &House, entries: &[Entry], deadline: Deadline) -> BTreeMap<EsimId, Result<Next, Problem>> {
    let mut esim_ids: Vec<EsimId> = entries.iter().filter_map(esim_of).collect();
    esim_ids.sort();
    esim_ids.dedup();
    let Some(first) = entries.first() else { return BTreeMap::new() };
    let deadline = deadline.or_sooner(Deadline::within(house.world.now(), LONGEST));
    // The calls carry the trace of the first of their causes; the entries name their own in the log.
    let run: Run<'_> = match house.run(first.agency.clone(), first.trace_id.clone(), deadline).await {
        Ok(run) => run,
        Err(_) => return BTreeMap::new(),
    };
    tracing::info!(esims = esim_ids.len(), "told together");
    sync_crm::sync_esims(&run, &esim_ids).await.into_iter().collect()
}
