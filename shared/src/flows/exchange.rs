//! The day's exchange rates: fetched with the catalogues, kept in the table, and read for every comparison. They never stand in the way of
//! an offer: what cannot be read or fetched is as good as unknown.

use jiff::{ToSpan, civil::Date};
use std::collections::HashSet;
use url::Url;

use super::Run;
use crate::{
    config::{EcbFeed, ExchangeSettings},
    domain::{Exchange, Rates},
    outbound::{Http, HttpRequest, OutboundHttp, Route},
    rates::ecb,
};

/// The rates that the agency compares by today.
pub async fn of(run: &Run<'_>) -> Exchange {
    let today = run.now().to_zoned_datetime(run.agency.timezone.clone()).date();
    match &run.agency.exchange {
        None => Exchange::default(),
        Some(ExchangeSettings::Fixed(fixed)) => Exchange::fresh(fixed.rates.clone(), today, fixed.oldest_days),
        Some(ExchangeSettings::Ecb(feed)) => match kept(run, feed).await {
            Some(rates) => Exchange::fresh(rates, today, feed.oldest_days),
            None => Exchange::default(),
        },
    }
}

async fn kept(run: &Run<'_>, feed: &EcbFeed) -> Option<Rates> {
    match run.house.store.rates(&feed.url).await {
        Ok(rates) => rates,
        Err(error) => {
            tracing::warn!(%error, "exchange rates could not be read; prices of other currencies are not compared");
            None
        }
    }
}

/// Fetches the agency's rates anew, each file once for all agencies of a run: `fetched` remembers which. What fails leaves the rates that
/// are kept, until they are too old.
pub async fn renew(run: &Run<'_>, fetched: &mut HashSet<Url>) -> Option<Result<Date, String>> {
    let Some(ExchangeSettings::Ecb(feed)) = &run.agency.exchange else { return None };
    if !fetched.insert(feed.url.clone()) {
        return None;
    }
    let renewed = renew_file(run, feed).await;
    match &renewed {
        Ok(date) => tracing::info!(%date, "exchange rates are known"),
        Err(reason) => {
            tracing::error!(reason, "exchange rates were not renewed; those that are kept stay until they are too old");
            run.house.metrics.error("exchange_rates");
        }
    }
    Some(renewed)
}

/// The day of the rates that are kept now. Those of today are not asked for again.
async fn renew_file(run: &Run<'_>, feed: &EcbFeed) -> Result<Date, String> {
    let today = run.now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let before = run.house.store.rates(&feed.url).await.map_err(|error| error.to_string())?;
    if let Some(date) = before.as_ref().map(Rates::date).filter(|date| *date >= today) {
        return Ok(date);
    }
    let rates = fetch(run, feed).await?;
    if rates.date() > today.saturating_add(1.day()) {
        return Err("the file is of a day that has not come".to_owned());
    }
    run.house.store.keep_rates(&feed.url, &rates, before.as_ref()).await.map_err(|error| error.to_string())?;
    Ok(before.map_or(rates.date(), |before| before.date().max(rates.date())))
}

async fn fetch(run: &Run<'_>, feed: &EcbFeed) -> Result<Rates, String> {
    let route = Route { minimum_tls: feed.minimum_tls, ..Route::default() };
    let http = OutboundHttp::new(run.house.outbound.clone(), "exchange_rates", route, run.trace_id.clone(), run.deadline);
    let request = HttpRequest::new("exchange_rates", http::Method::GET, feed.url.clone()).header("accept", "application/xml, text/xml");
    let answer = http.send(request).await.map_err(|error| error.to_string())?;
    if !answer.status.is_success() {
        return Err(format!("the source of rates answered {}", answer.status.as_u16()));
    }
    ecb::read(&answer.body).map_err(|error| format!("the file of rates {error}"))
}
