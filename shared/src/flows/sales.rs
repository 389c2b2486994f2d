//! What was sold, for those who count it: `GET /exports/sales`, as JSON or as the agency's CSV.
//!
//! A line is written with what it tells of, so that each sale is one line for ever; what happens to it later is a line of its own.

use jiff::{SignedDuration, ToSpan, civil::Date};
use serde::Serialize;

use super::{Run, pages};
use crate::{
    config::{SalesExport, SalesField, SalesSource},
    domain::{Country, Money, SaleLine, order::Purpose, sale::SaleEvent},
    problem::{FieldError, Problem},
    spreadsheet::Sheet,
    store::{StoreError, Transaction, esims::EsimRecord, orders::OrderRecord},
};

/// Days that may be asked for at once.
const MOST_DAYS: i32 = 31;

/// Lines that are answered at once: what API Gateway carries.
const MOST_LINES: usize = 5_000;

/// A sale is written within seconds of the moment that it states: after this, no line of a day that is over comes any more.
const SETTLED: SignedDuration = SignedDuration::from_mins(10);

/// Countries that are written out.
const MOST_COUNTRIES: usize = 5;

/// Adds the line of a purchase that is being settled.
///
/// # Errors
/// [`StoreError`] when the line cannot be written.
pub fn sold(run: &Run<'_>, transaction: Transaction, record: &OrderRecord, esim: &EsimRecord) -> Result<Transaction, StoreError> {
    let order = &record.order;
    let net = order.package.price;
    let line = SaleLine {
        event: if matches!(order.purpose, Purpose::NewEsim) { SaleEvent::Sale } else { SaleEvent::TopUp },
        external_reference: order.external_reference.clone(),
        order_id: order.order_id.clone(),
        booking_reference: order.booking_reference.clone(),
        contact_id: record.link.contact_id.clone(),
        net: Some(net),
        sell: run.agency.pages.margin_percent.and_then(|percent| pages::sale(net, percent)),
        package_id: order.package.package_id.clone(),
        title: order.package.title.clone(),
        provider: order.package.provider.clone(),
        countries: order.package.iso_countries.clone(),
        ..of_esim(run, esim, SaleEvent::Sale)
    };
    write(run, transaction, &line)
}

/// Adds the line of an eSIM that its provider says is cancelled.
///
/// # Errors
/// [`StoreError`] when the line cannot be written.
pub fn cancelled(run: &Run<'_>, transaction: Transaction, esim: &EsimRecord) -> Result<Transaction, StoreError> {
    write(run, transaction, &of_esim(run, esim, SaleEvent::Cancelled))
}

/// What an eSIM's present plan says, without money.
fn of_esim(run: &Run<'_>, record: &EsimRecord, event: SaleEvent) -> SaleLine {
    let (esim, package) = (&record.esim, &record.esim.plan.package);
    SaleLine {
        event,
        at: run.now(),
        order_id: esim.plan.order_id.clone(),
        esim_id: esim.esim_id.clone(),
        booking_reference: esim.booking_reference.clone(),
        external_reference: esim.external_reference.clone(),
        contact_id: None,
        package_id: package.package_id.clone(),
        title: package.title.clone(),
        provider: package.provider.clone(),
        countries: package.iso_countries.clone(),
        net: None,
        sell: None,
        iccid_masked: record.profile.as_ref().map(|profile| profile.iccid.masked()),
    }
}

fn write(run: &Run<'_>, transaction: Transaction, line: &SaleLine) -> Result<Transaction, StoreError> {
    let at = line.at.to_zoned_datetime(run.agency.timezone.clone());
    let until = at.saturating_add(run.house.settings.retention_months.months()).timestamp();
    transaction.write_sale(&run.agency_id, at.date(), line, until)
}

/// The lines of some days.
#[derive(Debug)]
pub struct Export {
    lines: Vec<SaleLine>,
    from: Date,
    to: Date,
    complete: bool,
}

/// Reads the lines of the days from one to another, both counted, in the agency's time zone.
///
/// # Errors
/// [`Problem`] 400 that names the parameter; 422 when there are more lines than one answer holds.
pub async fn export(run: &Run<'_>, from: Date, to: Date) -> Result<Export, Problem> {
    let days = from.until(to).map_or(-1, |span| span.get_days());
    if !(0..MOST_DAYS).contains(&days) {
        let message = format!("must be the same day as from or later, by {} days at most", MOST_DAYS - 1);
        let mut problem = Problem::new(400, "invalid_parameter", format!("to: {message}"));
        problem.errors.push(FieldError { field: "to".to_owned(), message });
        return Err(problem);
    }
    let mut lines = Vec::new();
    for day in from.series(1.day()).take_while(|day| *day <= to) {
        lines.extend(run.house.store.sales(&run.agency_id, day).await?);
        if lines.len() > MOST_LINES {
            return Err(Problem::new(422, "too_many_lines", format!("These days have more than {MOST_LINES} lines: ask for fewer days.")));
        }
    }
    for line in lines.iter_mut().filter(|line| line.iccid_masked.is_none()) {
        // Bought before its codes were known.
        let esim = run.house.store.esim(&run.agency_id, &line.esim_id, &run.house.seals).await?;
        line.iccid_masked = esim.and_then(|esim| esim.profile).map(|profile| profile.iccid.masked());
    }
    let settled = run.now().saturating_sub(SETTLED).unwrap_or(run.now()).to_zoned_datetime(run.agency.timezone.clone());
    Ok(Export { lines, from, to, complete: to < settled.date() })
}

#[derive(Serialize)]
struct View<'a> {
    from: Date,
    to: Date,
    complete: bool,
    lines: Vec<LineView<'a>>,
    trace_id: &'a str,
}

#[derive(Serialize)]
struct LineView<'a> {
    line_id: String,
    event: SaleEvent,
    order_date: Date,
    sold_at: jiff::Timestamp,
    order_id: &'a str,
    esim_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_reference: Option<&'a str>,
    external_reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    traveller: Option<&'a str>,
    product: &'a str,
    package_id: &'a str,
    provider: &'a str,
    countries: &'a [Country],
    #[serde(skip_serializing_if = "Option::is_none")]
    sell: Option<serde_json::Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    net: Option<serde_json::Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    margin: Option<serde_json::Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iccid_masked: Option<&'a str>,
}

impl Export {
    /// Whether no line of these days comes any more.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self, run: &Run<'_>) -> String {
        let lines = self.lines.iter().map(|line| view(run, line)).collect();
        let view = View { from: self.from, to: self.to, complete: self.complete, lines, trace_id: run.trace_id.as_str() };
        serde_json::to_string(&view).unwrap_or_default()
    }

    /// As the CSV that the agency's settings describe.
    #[must_use]
    pub fn csv(&self, run: &Run<'_>) -> Vec<u8> {
        let SalesExport { delimiter, columns, .. } = &run.agency.sales_export;
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let mut sheet = Sheet::with_delimiter(delimiter.byte(), &names);
        for line in &self.lines {
            sheet.row(columns.iter().map(|column| match &column.source {
                SalesSource::Constant(text) => text.clone(),
                SalesSource::Field(field) => cell(run, line, *field),
            }));
        }
        sheet.bytes()
    }
}

fn view<'a>(run: &Run<'_>, line: &'a SaleLine) -> LineView<'a> {
    let number = |money: Option<Money>| money.and_then(|money| amount(money).parse().ok());
    LineView {
        line_id: line.id(),
        event: line.event,
        order_date: day(run, line),
        sold_at: line.at,
        order_id: line.order_id.as_str(),
        esim_id: line.esim_id.as_str(),
        booking_reference: line.booking_reference.as_deref(),
        external_reference: &line.external_reference,
        traveller: line.contact_id.as_deref(),
        product: &line.title,
        package_id: line.package_id.as_str(),
        provider: line.provider.as_str(),
        countries: &line.countries,
        sell: number(line.sell),
        net: number(line.net),
        margin: number(margin(line)),
        currency: line.net.map(|net| net.currency.code()),
        iccid_masked: line.iccid_masked.as_deref(),
    }
}

fn cell(run: &Run<'_>, line: &SaleLine, field: SalesField) -> String {
    let money = |money: Option<Money>| money.map(amount).unwrap_or_default();
    match field {
        SalesField::LineId => line.id(),
        SalesField::Event => line.event.as_str().to_owned(),
        SalesField::OrderDate => day(run, line).to_string(),
        SalesField::SoldAt => line.at.to_string(),
        SalesField::OrderId => line.order_id.to_string(),
        SalesField::EsimId => line.esim_id.to_string(),
        SalesField::BookingReference => line.booking_reference.clone().unwrap_or_default(),
        SalesField::ExternalReference => line.external_reference.clone(),
        SalesField::Traveller => line.contact_id.clone().unwrap_or_default(),
        SalesField::Product => line.title.clone(),
        SalesField::PackageId => line.package_id.to_string(),
        SalesField::Provider => line.provider.to_string(),
        SalesField::Destination => destination(&line.countries),
        SalesField::Sell => money(line.sell),
        SalesField::Net => money(line.net),
        SalesField::Margin => money(margin(line)),
        SalesField::Currency => line.net.map(|net| net.currency.code().to_owned()).unwrap_or_default(),
        SalesField::IccidMasked => line.iccid_masked.clone().unwrap_or_default(),
    }
}

fn day(run: &Run<'_>, line: &SaleLine) -> Date {
    line.at.to_zoned_datetime(run.agency.timezone.clone()).date()
}

fn margin(line: &SaleLine) -> Option<Money> {
    let (sell, net) = (line.sell?, line.net?);
    Some(Money { amount: sell.amount - net.amount, ..sell })
}

/// With a point and the currency's own digits, whatever the language: machines read it.
fn amount(money: Money) -> String {
    let digits = usize::from(money.currency.exponent().unwrap_or(2)).max(money.amount.normalize().scale().min(4) as usize);
    format!("{:.digits$}", money.amount)
}

fn destination(countries: &[Country]) -> String {
    match countries.len() {
        1..=MOST_COUNTRIES => countries.iter().map(Country::as_str).collect::<Vec<_>>().join(" "),
        many => format!("{many} countries"),
    }
}
