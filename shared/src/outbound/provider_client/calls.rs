//! The operations, one method each.

use http::Method;
use jiff::Timestamp;
use std::time::Duration;

use super::{Call, OperationClass, ProviderClient};
use crate::{
    domain::{Country, Locale, Money, OrderId, Package, UsageReading, usage::ReportedStatus},
    outbound::{Answer, Deadline, HttpRequest},
    providers::{
        CataloguePage, EsimKey, FindOrder, FoundLater, FoundOrder, FutureOrders, Instructions, Phone, PlaceOrder, Placement, ProvidedEsim,
        ProviderError, RegisteredWebhook, Scheduled, SimStock, StockPage, StockSim, TopUp, Unsupported,
    },
};

/// The longest that a purchase is waited for, where the provider's page does not ask for more ([`crate::providers::Extras::buying_time`]).
const MONEY: Duration = Duration::from_secs(15);
/// The longest that a read is waited for.
const READ: Duration = Duration::from_secs(10);
/// The longest that a page of the catalogue is waited for.
const CATALOGUE: Duration = Duration::from_secs(25);
/// The most pages of a provider's order list that one look-up reads.
pub const MOST_PAGES: usize = 20;

/// The list of orders did not end: that is not absence.
pub const LIST_WITHOUT_END: &str = "the list of orders did not come to an end";

type Read<'a, T> = &'a (dyn Fn(&Answer) -> Result<T, ProviderError> + Send + Sync);

impl ProviderClient {
    /// Buys. Sent once; see the module's page.
    ///
    /// # Errors
    /// [`ProviderError`], by what it means for money.
    pub async fn place(&self, order: &PlaceOrder<'_>, deadline: Deadline) -> Result<Placement, ProviderError> {
        self.buy(self.adapter.place(order), deadline, &|answer| self.adapter.read_place(answer)).await
    }

    /// Buys a top-up. Sent once, as [`Self::place`].
    ///
    /// # Errors
    /// [`ProviderError`], by what it means for money.
    pub async fn top_up(&self, top_up: &TopUp<'_>, deadline: Deadline) -> Result<Placement, ProviderError> {
        self.buy(self.adapter.top_up(top_up)?, deadline, &|answer| self.adapter.read_top_up(answer)).await
    }

    /// Looks a purchase up, through all pages; never answers [`FoundOrder::Next`], and [`FoundOrder::Unclaimed`] only of all pages together.
    ///
    /// # Errors
    /// [`ProviderError`]; `Unknown` when the list does not end within 20 pages. None of them means that the purchase is absent.
    pub async fn find_order(&self, order: &FindOrder<'_>, deadline: Deadline) -> Result<FoundOrder, ProviderError> {
        let mut cursor = order.cursor.map(str::to_owned);
        let mut unclaimed = Vec::new();
        for _ in 0..MOST_PAGES {
            let page = FindOrder { cursor: cursor.as_deref(), ..order.clone() };
            let read = |answer: &Answer| self.adapter.read_find_order(&page, answer);
            let request = self.adapter.find_order(&page)?;
            // Where asking is sending again with the same key, it is a purchase in every other respect.
            let found = match request.method {
                Method::GET => self.ask(request, READ, deadline, &read).await?,
                _ => self.buy(request, deadline, &read).await?,
            };
            let found = match found {
                FoundOrder::Unclaimed { mut orders, next } => {
                    unclaimed.append(&mut orders);
                    next.map_or(FoundOrder::Absent, FoundOrder::Next)
                }
                other => other,
            };
            match found {
                FoundOrder::Absent if !unclaimed.is_empty() => return Ok(FoundOrder::Unclaimed { orders: unclaimed, next: None }),
                FoundOrder::Next(next) if cursor.as_ref() == Some(&next) => return Err(ProviderError::Unknown(LIST_WITHOUT_END)),
                FoundOrder::Next(next) => cursor = Some(next),
                found => return Ok(found),
            }
        }
        Err(ProviderError::Unknown(LIST_WITHOUT_END))
    }

    /// Orders for a later day. Sent once, as [`Self::place`].
    ///
    /// # Errors
    /// [`ProviderError`], by what it means for money; `Unsupported` where the account has none.
    pub async fn place_later(&self, order: &PlaceOrder<'_>, due: Timestamp, deadline: Deadline) -> Result<Scheduled, ProviderError> {
        let future = self.future_orders()?;
        self.buy(future.place_later(order, due), deadline, &|answer| future.read_place_later(answer)).await
    }

    /// Looks for a future order among those that are not carried out, through all pages; never answers [`FoundLater::Next`].
    ///
    /// # Errors
    /// [`ProviderError`]; none of them means that the order is absent.
    pub async fn find_later(&self, reference: &OrderId, due: Timestamp, deadline: Deadline) -> Result<FoundLater, ProviderError> {
        let future = self.future_orders()?;
        let mut cursor: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let asked = cursor.as_deref();
            let read = |answer: &Answer| future.read_find_later(reference, asked, answer);
            match self.ask(future.find_later(due, asked), READ, deadline, &read).await? {
                FoundLater::Next(next) if asked == Some(&next) => return Err(ProviderError::Unknown(LIST_WITHOUT_END)),
                FoundLater::Next(next) => cursor = Some(next),
                found => return Ok(found),
            }
        }
        Err(ProviderError::Unknown(LIST_WITHOUT_END))
    }

    /// Cancels a future order. Sent once.
    ///
    /// # Errors
    /// [`ProviderError`]; `Unknown` when it may be cancelled.
    pub async fn cancel_later(&self, request_id: &str, deadline: Deadline) -> Result<(), ProviderError> {
        let future = self.future_orders()?;
        self.ask(future.cancel_later(request_id), MONEY, deadline, &|answer| future.read_cancel_later(answer)).await
    }

    fn future_orders(&self) -> Result<&dyn FutureOrders, ProviderError> {
        self.extras.future_orders.as_deref().ok_or_else(|| Unsupported("the account takes no orders for a later day").into())
    }

    /// What installs an eSIM.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn esim(&self, esim: EsimKey<'_>, deadline: Deadline) -> Result<ProvidedEsim, ProviderError> {
        self.ask(self.adapter.esim(esim)?, READ, deadline, &|answer| self.adapter.read_esim(answer)).await
    }

    /// Usage and state of an eSIM.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn usage(&self, esim: EsimKey<'_>, deadline: Deadline) -> Result<UsageReading, ProviderError> {
        let now = || self.outbound.world.now();
        let first = |answer: &Answer| Ok((self.adapter.read_usage(answer, now())?, answer.clone()));
        let (mut reading, answer) = self.ask(self.adapter.usage(esim)?, READ, deadline, &first).await?;
        let mut answers = vec![answer];
        while let Some(request) = self.adapter.more_usage(esim, &answers) {
            let more = |answer: &Answer| Ok((self.adapter.read_more_usage(reading.clone(), answer, now())?, answer.clone()));
            let (fuller, answer) = self.ask(request, READ, deadline, &more).await?;
            reading = fuller;
            answers.push(answer);
        }
        self.add_beginning(esim, &mut reading, deadline).await;
        Ok(reading)
    }

    /// Adds when a plan that is or was in use began, where the account wants its plans read. A reading without that is as good otherwise.
    async fn add_beginning(&self, esim: EsimKey<'_>, reading: &mut UsageReading, deadline: Deadline) {
        let begun = matches!(reading.status, ReportedStatus::Active | ReportedStatus::Exhausted | ReportedStatus::Expired);
        let Some(plans) = self.extras.history.as_deref().filter(|_| begun && reading.activated_at.is_none()) else { return };
        let Ok(request) = plans.history(esim) else { return };
        match self.ask(request, READ, deadline, &|answer| plans.read_history(answer)).await {
            Ok(began) => reading.activated_at = began,
            Err(error) => tracing::info!(%error, "the plans were not read: usage goes without the time at which the plan began"),
        }
    }

    /// The packages that can be added to an eSIM, none where it says that nothing can; `countries` are those of the running plan.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn topups(
        &self,
        esim: EsimKey<'_>,
        locale: Locale,
        countries: &[Country],
        deadline: Deadline,
    ) -> Result<Vec<Package>, ProviderError> {
        if !self.may_be_topped_up(esim, deadline).await? {
            return Ok(Vec::new());
        }
        let read = |answer: &Answer| self.adapter.read_topups(answer, countries);
        self.ask(self.adapter.topups(esim, countries, locale)?, READ, deadline, &read).await
    }

    async fn may_be_topped_up(&self, esim: EsimKey<'_>, deadline: Deadline) -> Result<bool, ProviderError> {
        let Some(permission) = self.extras.top_up_permission.as_deref() else { return Ok(true) };
        self.ask(permission.permission(esim)?, READ, deadline, &|answer| permission.read_permission(answer)).await
    }

    /// How much of the agency's credit is left.
    ///
    /// # Errors
    /// [`ProviderError`]; `Unsupported` where the provider has no call for it.
    pub async fn credit(&self, deadline: Deadline) -> Result<Money, ProviderError> {
        let Some(balance) = self.extras.credit.as_deref() else {
            return Err(Unsupported("the provider has no call that says how much credit is left").into());
        };
        self.ask(balance.credit(), READ, deadline, &|answer| balance.read_credit(answer)).await
    }

    /// How an eSIM is installed, in the provider's own words.
    ///
    /// # Errors
    /// [`ProviderError`]; `Unsupported` where the provider tells no steps.
    pub async fn instructions(&self, esim: EsimKey<'_>, locale: Locale, deadline: Deadline) -> Result<Instructions, ProviderError> {
        let Some(steps) = self.extras.steps.as_deref() else {
            return Err(Unsupported("the provider tells no steps").into());
        };
        self.ask(steps.instructions(esim, locale)?, READ, deadline, &|answer| steps.read_instructions(answer)).await
    }

    /// The phones that take the provider's eSIMs.
    ///
    /// # Errors
    /// [`ProviderError`]; `Unsupported` where the provider lists none.
    pub async fn compatible_devices(&self, deadline: Deadline) -> Result<Vec<Phone>, ProviderError> {
        let Some(phones) = self.extras.phones.as_deref() else {
            return Err(Unsupported("the provider lists no phones").into());
        };
        self.ask(phones.compatible_devices(), READ, deadline, &|answer| phones.read_compatible_devices(answer)).await
    }

    /// Asks for the money back; the provider's id of the request. Sent once.
    ///
    /// # Errors
    /// [`ProviderError`]; `Unsupported` where the account does not want it, `Unknown` when the request may have arrived.
    pub async fn refund(&self, esim: EsimKey<'_>, reference: &OrderId, deadline: Deadline) -> Result<String, ProviderError> {
        let Some(refunds) = self.extras.refunds.as_deref() else {
            return Err(Unsupported("the account asks for no refunds").into());
        };
        self.ask(refunds.refund(esim, reference)?, MONEY, deadline, &|answer| refunds.read_refund(answer)).await
    }

    /// One page of the catalogue.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn catalogue_page(&self, cursor: Option<&str>, locale: Locale, deadline: Deadline) -> Result<CataloguePage, ProviderError> {
        let read = |answer: &Answer| {
            let page = self.adapter.read_catalogue(answer)?;
            Ok(CataloguePage { next: page.next.or_else(|| self.adapter.next_page(cursor, answer)), ..page })
        };
        self.ask(self.adapter.catalogue(cursor, locale), CATALOGUE, deadline, &read).await
    }

    /// Makes the provider tell of its events at `url`; one answer a call that this takes.
    ///
    /// # Errors
    /// [`ProviderError`] of the first call that failed; those before it stand, and registering again is harmless.
    pub async fn register_webhook(&self, url: &str, deadline: Deadline) -> Result<Vec<RegisteredWebhook>, ProviderError> {
        let mut registered = Vec::new();
        for request in self.adapter.register_webhook(url)? {
            let read = |answer: &Answer| self.adapter.read_register_webhook(answer);
            registered.push(self.ask(request, READ, deadline, &read).await?);
        }
        Ok(registered)
    }

    /// A page of the provider's stock of SIMs.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn stock(&self, stock: &dyn SimStock, cursor: Option<&str>, deadline: Deadline) -> Result<StockPage, ProviderError> {
        self.ask(stock.stock(cursor), READ, deadline, &|answer| stock.read_stock(cursor, answer)).await
    }

    /// Makes a SIM of the stock ready. Harmless to repeat.
    ///
    /// # Errors
    /// [`ProviderError`]; none of them means that anything was bought.
    pub async fn make_ready(&self, stock: &dyn SimStock, sim: &StockSim, deadline: Deadline) -> Result<(), ProviderError> {
        self.buy(stock.make_ready(sim), deadline, &|answer| stock.read_make_ready(answer)).await
    }

    /// Buys a plan on a SIM of the stock. Sent once, as [`Self::place`].
    ///
    /// # Errors
    /// [`ProviderError`], by what it means for money.
    pub async fn buy_on(
        &self,
        stock: &dyn SimStock,
        order: &PlaceOrder<'_>,
        sim: &StockSim,
        deadline: Deadline,
    ) -> Result<Placement, ProviderError> {
        self.buy(stock.buy_on(order, sim), deadline, &|answer| self.adapter.read_place(answer)).await
    }

    /// Makes the provider tell of one eSIM at `url`, for providers whose webhooks are registered so; zero registrations for all others.
    ///
    /// # Errors
    /// [`ProviderError`] of the first call that failed; those before it stand, and registering again is harmless.
    pub async fn register_esim_webhooks(&self, esim: EsimKey<'_>, url: &str, deadline: Deadline) -> Result<usize, ProviderError> {
        let Some(hooks) = self.extras.esim_webhooks.as_deref() else { return Ok(0) };
        let requests = hooks.register_esim_webhooks(esim, url)?;
        let registered = requests.len();
        for request in requests {
            self.ask(request, READ, deadline, &|answer: &Answer| self.adapter.read_register_webhook(answer)).await?;
        }
        Ok(registered)
    }

    async fn buy<T>(&self, request: HttpRequest, deadline: Deadline, read: Read<'_, T>) -> Result<T, ProviderError> {
        let most = self.extras.buying_time.unwrap_or(MONEY);
        self.call(Call { request, class: OperationClass::Money, most, deadline, read }).await
    }

    async fn ask<T>(&self, request: HttpRequest, most: Duration, deadline: Deadline, read: Read<'_, T>) -> Result<T, ProviderError> {
        self.call(Call { request, class: OperationClass::Read, most, deadline, read }).await
    }
}
