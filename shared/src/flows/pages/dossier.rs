//! A dossier with everything that was ordered for it: what the panel shows and what decides about a click.

use futures::future::try_join_all;

use crate::{
    domain::{OrderId, Traveller, order::Purpose},
    email::MailKind,
    flows::Run,
    problem::Problem,
    store::{bookings::BookingRecord, esims::EsimRecord, mails::MailSlot, orders::OrderRecord},
};

/// A dossier and its orders, the first one first.
pub(super) struct Dossier {
    pub(super) record: BookingRecord,
    pub(super) orders: Vec<Ordered>,
}

/// One order and what came of it.
pub(super) struct Ordered {
    pub(super) order: OrderRecord,
    pub(super) esim: Option<EsimRecord>,
    /// What became of the delivery mail, of its latest copy.
    pub(super) mail: Option<String>,
    /// Copies that were begun.
    pub(super) copies: u32,
}

impl Dossier {
    /// Reads it all.
    pub(super) async fn read(run: &Run<'_>, reference: &str) -> Result<Self, Problem> {
        let store = &run.house.store;
        let record = store.booking(&run.agency_id, reference, &run.house.seals).await?.ok_or_else(|| Problem::not_found("booking"))?;
        let listed = store.orders_of_booking(&run.agency_id, reference).await?;
        let orders = try_join_all(listed.iter().map(|order| ordered(run, order))).await?;
        Ok(Self { record, orders: orders.into_iter().flatten().collect() })
    }

    /// Who travels; a place in this list names a traveller in forms.
    pub(super) fn travellers(&self) -> Vec<&Traveller> {
        std::iter::once(&self.record.booking.traveller).chain(&self.record.booking.companions).collect()
    }

    /// The orders of new eSIMs.
    pub(super) fn new_esims(&self) -> impl Iterator<Item = &Ordered> {
        self.orders.iter().filter(|ordered| ordered.order.order.purpose == Purpose::NewEsim)
    }

    /// The top-ups of an eSIM.
    pub(super) fn top_ups<'a>(&'a self, esim: &'a EsimRecord) -> impl Iterator<Item = &'a Ordered> {
        let of_it =
            move |ordered: &&Ordered| matches!(&ordered.order.order.purpose, Purpose::TopUp { esim_id } if *esim_id == esim.esim.esim_id);
        self.orders.iter().filter(of_it)
    }

    /// The orders that were made for a traveller of the dossier.
    pub(super) fn of_traveller<'a>(&'a self, traveller: &'a Traveller) -> impl Iterator<Item = &'a Ordered> {
        self.new_esims().filter(move |ordered| ordered.order.traveller.as_ref() == Some(traveller))
    }

    /// The orders for people that the dossier no longer names as they were named then.
    pub(super) fn of_others(&self) -> Vec<&Ordered> {
        let travellers = self.travellers();
        let others = |ordered: &&Ordered| !travellers.iter().any(|traveller| ordered.order.traveller.as_ref() == Some(*traveller));
        self.new_esims().filter(others).collect()
    }

    /// How many purchases of eSIMs the dossier has seen: a click is meant for this state and no other (see `purchase`).
    pub(super) fn sequence(&self) -> usize {
        self.new_esims().count()
    }
}

async fn ordered(run: &Run<'_>, order: &OrderId) -> Result<Option<Ordered>, Problem> {
    let store = &run.house.store;
    // Claimed and listed in one transaction, and forgotten before its list is.
    let Some(order) = store.order(&run.agency_id, order, &run.house.seals).await? else { return Ok(None) };
    let esim = match (&order.order.purpose, &order.order.esim_id) {
        (Purpose::NewEsim, Some(esim)) => store.esim(&run.agency_id, esim, &run.house.seals).await?,
        _ => None,
    };
    let (mail, copies) = match &esim {
        Some(esim) => mail(run, esim).await?,
        None => (None, 0),
    };
    Ok(Some(Ordered { order, esim, mail, copies }))
}

/// The slot of an eSIM's delivery mail.
pub(super) fn delivery(run: &Run<'_>, esim: &EsimRecord, copy: u32) -> MailSlot {
    let (esim_id, plan) = (esim.esim.esim_id.clone(), esim.esim.order_id.clone());
    MailSlot { agency: run.agency_id.clone(), esim_id, kind: MailKind::Delivery, plan, copy }
}

async fn mail(run: &Run<'_>, esim: &EsimRecord) -> Result<(Option<String>, u32), Problem> {
    let copies = run.house.store.mail_copies(&delivery(run, esim, 0)).await?;
    Ok((run.house.store.mail_state(&delivery(run, esim, copies)).await?, copies))
}
