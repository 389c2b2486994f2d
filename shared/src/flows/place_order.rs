//! `POST /orders`: one idempotency key, at most one purchase.
//!
//! The key is claimed together with the order and an outbox entry that looks after it, before anything is sent. A process that
//! dies before the claim has done nothing; one that dies after it leaves an order `placing` whose lease runs out, and the watch
//! asks the provider before anything else.

use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;

use super::{
    Run, deliver_later,
    order_view::{self, OrderAnswer},
    purchase,
};
use crate::{
    domain::{
        CrmLink, Order, OrderId, OrderStatus, Package, PackageId, Traveller,
        order::{DeliverLater, Move, Purpose},
    },
    problem::Problem,
    security::hash_idempotency_key,
    store::{
        StoreError,
        idempotency::KeyRecord,
        orders::{Fence, OrderRecord},
        outbox::Work,
    },
};

/// How long a run may work on an order before another may take over: longer than any function that places orders may run.
pub const LEASE: Duration = Duration::from_secs(35);

/// The same where only workers buy ([`crate::providers::Extras::buying_time`]): longer than such a worker may run.
pub const WORKER_LEASE: Duration = Duration::from_secs(245);

/// The body of `POST /orders`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// The CRM's reference, handed back in every answer.
    pub external_reference: String,
    /// What to buy.
    pub package_id: PackageId,
    /// The dossier; its traveller gets the codes.
    pub booking_reference: Option<String>,
    /// Who gets the codes, when there is no dossier.
    pub traveller: Option<Traveller>,
    /// One: each traveller's eSIM is an order of its own.
    #[serde(default = "one")]
    pub quantity: u32,
    /// The day on which it is to be delivered, instead of at once. Not part of the request's hash where it is not given: keys of before this
    /// field keep theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_on: Option<Date>,
}

fn one() -> u32 {
    1
}

/// A key as the caller sent it: 1 to 200 visible ASCII characters, a UUID usually.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads the header.
    ///
    /// # Errors
    /// [`Problem`] 400 when it is missing or malformed.
    pub fn parse(header: Option<&str>) -> Result<Self, Problem> {
        let wrong = |code, detail: &str| {
            let mut problem = Problem::new(400, code, detail);
            problem.errors.push(crate::problem::FieldError { field: "X-Idempotency-Key".to_owned(), message: detail.to_owned() });
            problem
        };
        let key = header.map(str::trim).filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| {
            wrong("missing_idempotency_key", "X-Idempotency-Key is needed: one new key for each purchase, the same for its repeats.")
        })?;
        if key.len() > 200 || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(wrong("invalid_idempotency_key", "X-Idempotency-Key must be 1 to 200 visible ASCII characters."));
        }
        Ok(Self(key.to_owned()))
    }
}

/// A purchase that is asked for, checked and ready to be claimed.
pub(super) struct Wanted {
    pub(super) purpose: Purpose,
    pub(super) package: Package,
    pub(super) external_reference: String,
    pub(super) booking_reference: Option<String>,
    pub(super) traveller: Option<Traveller>,
    pub(super) link: CrmLink,
    pub(super) later: Option<DeliverLater>,
    /// How long the key is kept.
    pub(super) keep_until: Timestamp,
}

/// `POST /orders`.
///
/// # Errors
/// [`Problem`] when the request is refused; nothing was sent then.
pub async fn place(run: &Run<'_>, key: &IdempotencyKey, new: NewOrder) -> Result<OrderAnswer, Problem> {
    let claim = Claim::of(run, key, "orders", &new);
    if let Some(answer) = claim.earlier(run).await? {
        return Ok(answer);
    }
    let wanted = check(run, new).await?;
    claim.purchase(run, wanted).await
}

async fn check(run: &Run<'_>, new: NewOrder) -> Result<Wanted, Problem> {
    if new.quantity != 1 {
        return Err(Problem::field("quantity", "must be 1: each traveller's eSIM is an order of its own, with its own key"));
    }
    text("external_reference", &new.external_reference, 200)?;
    let package = run.house.store.package(&run.agency_id, &new.package_id).await?;
    let package = package.ok_or_else(|| Problem::field("package_id", "is not in the catalogue"))?;
    run.account(&package.provider)?;
    let booking = match &new.booking_reference {
        Some(reference) => {
            let found = run.house.store.booking(&run.agency_id, reference, &run.house.seals).await?;
            let found = found.ok_or_else(|| Problem::field("booking_reference", "names no dossier of this agency"))?;
            if found.cancelled {
                return Err(Problem::field(
                    "booking_reference",
                    "names a dossier that is cancelled: take it in again if the trip takes place",
                ));
            }
            Some(found)
        }
        None => None,
    };
    let later = match new.deliver_on {
        Some(day) => Some(deliver_later::checked(run, &package, booking.as_ref(), day)?),
        None => None,
    };
    let traveller = new.traveller.or_else(|| booking.as_ref().map(|b| b.booking.traveller.clone()));
    let traveller = traveller.ok_or_else(|| Problem::field("traveller", "is needed when there is no booking_reference"))?;
    let trip_end =
        booking.as_ref().and_then(|b| b.booking.trip.span().1.at(23, 59, 59, 0).to_zoned_datetime(run.agency.timezone.clone()).ok());
    Ok(Wanted {
        purpose: Purpose::NewEsim,
        package,
        external_reference: new.external_reference,
        booking_reference: new.booking_reference,
        traveller: Some(traveller),
        link: booking.and_then(|b| b.booking.crm).unwrap_or_default(),
        keep_until: keep_until(run.now(), trip_end.map(|z| z.timestamp()).max(later.as_ref().map(|later| later.due_at))),
        later,
    })
}

/// Keys are kept until 30 days after the trip, or after the order where no trip is known or it is over.
pub(super) fn keep_until(now: Timestamp, trip_end: Option<Timestamp>) -> Timestamp {
    let from = trip_end.unwrap_or(now).max(now);
    from.saturating_add((30 * 24).hours()).map_or(from, |t| t)
}

pub(super) fn text(field: &str, value: &str, most: usize) -> Result<(), Problem> {
    let length = value.chars().count();
    if length == 0 || length > most || value.chars().any(char::is_control) {
        return Err(Problem::field(field, format!("must be 1 to {most} characters without control characters")));
    }
    Ok(())
}

/// How an order begins: with our own call under way, or in the queue where only workers buy.
struct Begun {
    status: OrderStatus,
    lease: Duration,
    note: &'static str,
}

impl Begun {
    fn of(by_worker: bool) -> Self {
        if by_worker {
            Self { status: OrderStatus::Queued, lease: Duration::ZERO, note: "claimed by its idempotency key; a worker buys" }
        } else {
            Self { status: OrderStatus::Placing, lease: LEASE, note: "claimed by its idempotency key" }
        }
    }
}

/// One key with one request.
pub(super) struct Claim {
    key_hash: String,
    request_hash: String,
}

impl Claim {
    /// The canonical request is the typed one: spelling and order of the JSON do not matter.
    pub(super) fn of<T: Serialize>(run: &Run<'_>, key: &IdempotencyKey, operation: &str, request: &T) -> Self {
        let canonical = serde_json::to_string(&(operation, request)).unwrap_or_default();
        Self { key_hash: hash_idempotency_key(&run.agency_id, &key.0), request_hash: hex::encode(Sha256::digest(canonical)) }
    }

    /// The answer when the key was used before.
    pub(super) async fn earlier(&self, run: &Run<'_>) -> Result<Option<OrderAnswer>, Problem> {
        match run.house.store.key_record(&run.agency_id, &self.key_hash, run.now()).await? {
            Some(record) => self.replay(run, &record).await.map(Some),
            None => Ok(None),
        }
    }

    async fn replay(&self, run: &Run<'_>, record: &KeyRecord) -> Result<OrderAnswer, Problem> {
        if record.request_hash != self.request_hash {
            return Err(Problem::new(
                422,
                "idempotency_key_reused",
                "This X-Idempotency-Key was used for another request. Nothing was sent.",
            ));
        }
        if let Some(answer) = record.answer.clone() {
            return Ok(OrderAnswer { answer, replayed: true, retry_after: None, order_id: record.order_id.clone() });
        }
        let found = run.house.store.order(&run.agency_id, &record.order_id, &run.house.seals).await?;
        let found = found.ok_or_else(|| Problem::not_found("order"))?;
        if found.order.status == OrderStatus::Placing && found.fence.lease_until > run.now() {
            let mut busy =
                Problem::new(409, "order_in_progress", "An order with this key is being placed.").retry_after(Duration::from_secs(2));
            busy.link = Some(format!("orders/{}", record.order_id));
            return Err(busy);
        }
        if found.order.status.is_settled()
            && let Some(settled) = run.house.store.key_record(&run.agency_id, &self.key_hash, run.now()).await?
            && let Some(answer) = settled.answer
        {
            // It was settled after the key was read: what was answered then is what is answered now.
            return Ok(OrderAnswer { answer, replayed: true, retry_after: None, order_id: record.order_id.clone() });
        }
        Ok(OrderAnswer {
            answer: order_view::answer(&found.order),
            replayed: true,
            retry_after: order_view::look_again(&found.order, run.now()),
            order_id: record.order_id.clone(),
        })
    }

    /// Claims the key, buys, and says what came of it.
    pub(super) async fn purchase(self, run: &Run<'_>, wanted: Wanted) -> Result<OrderAnswer, Problem> {
        let order_id = OrderId::parse(&run.house.world.new_id("ord")).map_err(|_| Problem::unavailable("No order id could be made."))?;
        let provider = run.provider(&wanted.package.provider)?;
        let by_worker = provider.extras().buying_time.is_some();
        let begun = Begun::of(by_worker);
        let watch = run.to_do(Work::WatchOrder { order_id: order_id.clone() }, begun.lease);
        let now = run.now();
        let mut record = OrderRecord {
            agency: run.agency_id.clone(),
            order: Order {
                order_id: order_id.clone(),
                status: begun.status,
                purpose: wanted.purpose,
                external_reference: wanted.external_reference,
                package: wanted.package,
                moved_from: Vec::new(),
                later: wanted.later,
                booking_reference: wanted.booking_reference,
                esim_id: None,
                provider_order_id: None,
                attempts: u32::from(!by_worker),
                sent_at: (!by_worker).then_some(now),
                perhaps_sent: false,
                absence_proves_nothing: provider.capabilities().recovery.absence_proves_nothing(),
                absences: 0,
                asks: 0,
                created_at: now,
                trace_id: run.trace_id.clone(),
                history: vec![Move { at: now, status: begun.status, note: begun.note.to_owned() }],
                problem: None,
            },
            key_hash: self.key_hash.clone(),
            link: wanted.link,
            traveller: wanted.traveller,
            sim: None,
            watch: Some(watch.id.clone()),
            fence: Fence {
                owner: run.house.world.new_id("run"),
                attempt: 1,
                lease_until: now.saturating_add(begun.lease).map_or(now, |t| t),
            },
        };
        let key =
            KeyRecord { order_id: order_id.clone(), request_hash: self.request_hash.clone(), keep_until: wanted.keep_until, answer: None };
        let seals = &run.house.seals;
        let claimed = run
            .house
            .store
            .transaction()
            .claim_key(&run.agency_id, &self.key_hash, &key)?
            .claim_order(&record, seals)?
            .enqueue(&watch)?
            .commit()
            .await;
        match claimed {
            Ok(()) => {}
            Err(StoreError::Conflict) => return self.lost_the_race(run).await,
            // Whether the claim was written is not known: our own order id tells.
            Err(error) => match run.house.store.key_record(&run.agency_id, &self.key_hash, now).await {
                Ok(Some(found)) if found.order_id == order_id => {}
                _ => return Err(error.into()),
            },
        }
        if by_worker {
            tracing::info!(%order_id, "the provider's calls take longer than an answer may: a worker buys");
        } else if let Err(problem) = purchase::send(run, &mut record).await {
            // The purchase may have been made, and our table does not know of it: that is "unknown", and never "nothing was sent".
            tracing::error!(%order_id, problem = problem.code, "an outcome was not written; the watch asks the provider");
            record.order.esim_id = None;
            record.order.status = OrderStatus::Unknown;
        }
        Ok(OrderAnswer {
            answer: order_view::answer(&record.order),
            replayed: false,
            retry_after: order_view::look_again(&record.order, run.now()),
            order_id,
        })
    }

    async fn lost_the_race(&self, run: &Run<'_>) -> Result<OrderAnswer, Problem> {
        match run.house.store.key_record(&run.agency_id, &self.key_hash, run.now()).await? {
            Some(record) => self.replay(run, &record).await,
            None => Err(StoreError::Conflict.into()),
        }
    }
}
