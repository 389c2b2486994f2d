//! Buying on a SIM of the provider's stock (BICS, travel flow): choose and lock, make ready, buy.
//!
//! | step | the process dies before it | the process dies after it |
//! |---|---|---|
//! | a SIM is chosen: its lock and the order that holds it are one transaction | nothing happened: another run chooses | the order has its SIM and keeps it; nobody else can have it |
//! | the SIM is made ready | made ready by the next run | made ready again, which the provider answers with "already" |
//! | the plan is bought on it | the provider is asked what the SIM has; nothing, twice: bought by the next run | the provider is asked what the SIM has: that plan is this order's |

use crate::{
    flows::Run,
    outbound::{Deadline, ProviderClient},
    providers::{PlaceOrder, Placement, ProviderError, SimStock, StockSim},
    store::{StoreError, orders::OrderRecord},
};

/// Pages of the stock that are looked through for a SIM that is free.
const MOST_PAGES: usize = 10;

const NOT_WRITTEN: ProviderError = ProviderError::NotSent("the SIM chosen could not be written");
const NOT_READY: ProviderError = ProviderError::NotSent("the SIM could not be made ready");
const WILL_NOT_DO: ProviderError = ProviderError::NotSent("the SIM chosen was refused: another is taken");

/// Buys a plan for an order whose record says `placing` and whose fence is ours. Until the last step nothing is bought.
pub(super) async fn buy(
    run: &Run<'_>,
    record: &mut OrderRecord,
    provider: &ProviderClient,
    stock: &dyn SimStock,
    order: &PlaceOrder<'_>,
    deadline: Deadline,
) -> Result<Placement, ProviderError> {
    let sim = match record.sim.clone() {
        Some(sim) => sim,
        None => choose(run, record, provider, stock, deadline).await?,
    };
    match provider.make_ready(stock, &sim, deadline).await {
        Ok(()) => provider.buy_on(stock, order, &sim, deadline).await,
        // Whether it is ready does not matter for money: it is made so again.
        Err(ProviderError::Unknown(_)) => Err(NOT_READY),
        Err(ProviderError::Rejected { reason, .. }) => {
            tracing::warn!(order_id = %record.order.order_id, reason, "a SIM of the stock was refused; it stays locked");
            // What may be on this SIM would never be found again from another.
            if record.order.perhaps_sent {
                return Err(NOT_READY);
            }
            record.sim = None;
            Err(WILL_NOT_DO)
        }
        Err(error) => Err(error),
    }
}

/// The first SIM that no other order of ours has.
async fn choose(
    run: &Run<'_>,
    record: &mut OrderRecord,
    provider: &ProviderClient,
    stock: &dyn SimStock,
    deadline: Deadline,
) -> Result<StockSim, ProviderError> {
    let mut cursor: Option<String> = None;
    for _ in 0..MOST_PAGES {
        // A question that has no answer, or is refused, has bought nothing.
        let page = provider.stock(stock, cursor.as_deref(), deadline).await.map_err(nothing_bought)?;
        for sim in page.sims {
            if lock(run, record, &sim).await? {
                return Ok(sim);
            }
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Err(ProviderError::Rejected { code: "sold_out", reason: "the stock holds no SIM that is free".to_owned() }),
        }
    }
    Err(ProviderError::NotSent("no free SIM was found in the stock"))
}

fn nothing_bought(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::Unknown(_) | ProviderError::Rejected { .. } => ProviderError::NotSent("the stock could not be read"),
        other => other,
    }
}

/// Locks a SIM for the order, and writes it to the order, together. False: another order has it.
async fn lock(run: &Run<'_>, record: &mut OrderRecord, sim: &StockSim) -> Result<bool, ProviderError> {
    let account = record.order.package.provider.clone();
    let name = format!("SIM-{}", run.house.index.iccid(&run.agency_id, &sim.profile.iccid));
    match run.house.store.purchase_claim(&run.agency_id, &account, &name).await {
        Ok(None) => {}
        Ok(Some(_)) => return Ok(false),
        Err(_) => return Err(NOT_WRITTEN),
    }
    record.sim = Some(sim.clone());
    let transaction = run.house.store.transaction();
    let transaction = transaction.claim_purchase(&run.agency_id, &account, &name, &record.order.order_id, run.now());
    let transaction = transaction.write_order(record, &run.house.seals).map_err(|_| NOT_WRITTEN)?;
    match transaction.commit().await {
        Ok(()) => Ok(true),
        // Somebody was quicker with the SIM, or has taken the order over: in both cases this run is done with it.
        Err(StoreError::Conflict) => {
            record.sim = None;
            Err(ProviderError::NotSent("another order was quicker with the SIM"))
        }
        Err(_) => {
            record.sim = None;
            Err(NOT_WRITTEN)
        }
    }
}
