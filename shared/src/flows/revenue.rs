//! What the eSIMs of a dossier cost and bring in, on the dossier in the CRM: sums over what was bought for it, as it is now.

use futures::future::try_join_all;
use rust_decimal::Decimal;
use std::{collections::BTreeSet, time::Duration};

use super::{Run, pages::money::sale, purchase::Next, sync_crm};
use crate::{
    crm::{RevenueRecord, RevenueSums},
    domain::{CrmLink, Money, OrderStatus},
    problem::Problem,
    store::{StoreError, Transaction, orders::OrderRecord, outbox::Work},
};

/// Times that the sums are written again because something was bought meanwhile.
const MOST_WRITES: u32 = 5;

/// Adds the telling of a purchase that was made, where the dossier is in a CRM.
///
/// # Errors
/// [`StoreError`] when the entry cannot be written.
pub fn follow(run: &Run<'_>, transaction: Transaction, order: &OrderRecord) -> Result<Transaction, StoreError> {
    match &order.order.booking_reference {
        Some(reference) if run.agency.crm.is_some() && order.link.deal_id.is_some() => {
            transaction.enqueue(&run.to_do(Work::ShowRevenue { reference: reference.clone() }, Duration::ZERO))
        }
        _ => Ok(transaction),
    }
}

/// Writes the sums, and again where they are others afterwards: of two runs at once the later sums stand at the end.
///
/// # Errors
/// [`Problem`] when the CRM or the table cannot be used.
pub async fn show(run: &Run<'_>, reference: &str) -> Result<Next, Problem> {
    let Some(crm) = run.crm() else { return Ok(Next::Done) };
    let dossier = run.house.store.booking(&run.agency_id, reference, &run.house.seals).await?;
    // Forgotten meanwhile, or in no CRM.
    let Some(link) = dossier.and_then(|record| record.booking.crm) else { return Ok(Next::Done) };
    let mut prices = paid(run, reference).await?;
    for _ in 0..MOST_WRITES {
        let Some(revenue) = revenue(run, reference, &link, &prices) else { return Ok(Next::Done) };
        let next = sync_crm::outcome(crm.show_revenue(&run.http("crm"), &revenue).await)?;
        let after = paid(run, reference).await?;
        if next != Next::Done || after == prices {
            return Ok(next);
        }
        prices = after;
    }
    Ok(Next::Later(Duration::from_secs(2)))
}

/// The price of everything that was bought for a dossier, in the order of the purchases.
async fn paid(run: &Run<'_>, reference: &str) -> Result<Vec<Money>, Problem> {
    let store = &run.house.store;
    let listed = store.orders_of_booking(&run.agency_id, reference).await?;
    let orders = try_join_all(listed.iter().map(|order| store.order(&run.agency_id, order, &run.house.seals))).await?;
    let bought = |record: &OrderRecord| matches!(record.order.status, OrderStatus::Placed | OrderStatus::Delivered);
    Ok(orders.into_iter().flatten().filter(bought).map(|record| record.order.package.price).collect())
}

/// `None` where nothing was bought.
fn revenue(run: &Run<'_>, reference: &str, link: &CrmLink, prices: &[Money]) -> Option<RevenueRecord> {
    let currencies: BTreeSet<&str> = prices.iter().map(|price| price.currency.code()).collect();
    (!prices.is_empty()).then(|| RevenueRecord {
        booking_reference: reference.to_owned(),
        link: link.clone(),
        currency: currencies.iter().copied().collect::<Vec<_>>().join(","),
        sums: if currencies.len() == 1 { sums(prices, run.agency.pages.margin_percent) } else { None },
    })
}

/// The sum of what was paid, and of what was asked for each: each is rounded as the adviser's panel shows it.
fn sums(prices: &[Money], percent: Option<Decimal>) -> Option<RevenueSums> {
    let total = |amounts: Vec<Decimal>| amounts.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add);
    let net = total(prices.iter().map(|price| price.amount).collect())?;
    let sale = percent.and_then(|percent| {
        let asked: Option<Vec<Decimal>> = prices.iter().map(|price| sale(*price, percent).map(|sale| sale.amount)).collect();
        total(asked?)
    });
    Some(RevenueSums { net, sale })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::sums;
    use crate::domain::Money;
    use rust_decimal::Decimal;

    #[test]
    fn each_purchase_is_rounded_as_the_panel_shows_it_and_then_added() {
        let prices = [Money::new(Decimal::new(450, 2), "EUR").unwrap(); 2];
        let told = sums(&prices, Some(Decimal::from(25))).unwrap();
        assert_eq!((told.net, told.sale, told.margin()), (Decimal::from(9), Some(Decimal::new(1126, 2)), Some(Decimal::new(226, 2))));
        assert_eq!(sums(&prices, None).unwrap().margin(), None);
    }
}
