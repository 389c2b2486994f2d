//! How what was sold is written for a data consolidator.

use serde::Deserialize;

use super::Mark;

/// The settings `sales_export` of an agency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SalesExport {
    /// Whether each day that is over is laid into the bucket as a file.
    pub daily: bool,
    /// Between two cells.
    pub delimiter: Mark,
    /// The columns, in this order.
    pub columns: Vec<SalesColumn>,
}

/// One column: a field of the line, or the same text in every line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Declared")]
pub struct SalesColumn {
    /// The name in the first row.
    pub name: String,
    /// What stands below it.
    pub source: SalesSource,
}

/// Where a column's cells come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SalesSource {
    /// A field of the line.
    Field(SalesField),
    /// A text.
    Constant(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    name: String,
    field: Option<SalesField>,
    constant: Option<String>,
}

impl TryFrom<Declared> for SalesColumn {
    type Error = &'static str;
    fn try_from(told: Declared) -> Result<Self, Self::Error> {
        let source = match (told.field, told.constant) {
            (Some(field), None) => SalesSource::Field(field),
            (None, Some(text)) => SalesSource::Constant(text),
            _ => return Err("must have either a field or a constant"),
        };
        Ok(Self { name: told.name, source })
    }
}

/// The fields of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SalesField {
    /// Names the line for good.
    LineId,
    /// `sale`, `top_up` or `cancelled`.
    Event,
    /// The day, in the agency's time zone.
    OrderDate,
    /// The instant, UTC.
    SoldAt,
    /// Our order.
    OrderId,
    /// Our eSIM.
    EsimId,
    /// The dossier.
    BookingReference,
    /// The CRM's id of the customer or dossier.
    ExternalReference,
    /// The CRM's id of the traveller's contact.
    Traveller,
    /// The plan's name.
    Product,
    /// The plan's id.
    PackageId,
    /// The provider account.
    Provider,
    /// ISO codes of the countries, or how many there are where they are more than five.
    Destination,
    /// What the traveller pays.
    Sell,
    /// What the agency pays.
    Net,
    /// The difference.
    Margin,
    /// ISO 4217.
    Currency,
    /// The last digits of the ICCID.
    IccidMasked,
}

impl SalesField {
    /// Every field by its word, in the order of an export without settings.
    pub const ALL: [(&'static str, Self); 18] = [
        ("line_id", Self::LineId),
        ("event", Self::Event),
        ("order_date", Self::OrderDate),
        ("sold_at", Self::SoldAt),
        ("order_id", Self::OrderId),
        ("esim_id", Self::EsimId),
        ("booking_reference", Self::BookingReference),
        ("external_reference", Self::ExternalReference),
        ("traveller", Self::Traveller),
        ("product", Self::Product),
        ("package_id", Self::PackageId),
        ("provider", Self::Provider),
        ("destination", Self::Destination),
        ("sell", Self::Sell),
        ("net", Self::Net),
        ("margin", Self::Margin),
        ("currency", Self::Currency),
        ("iccid_masked", Self::IccidMasked),
    ];
}

impl Default for SalesExport {
    fn default() -> Self {
        let column = |(name, field): (&str, SalesField)| SalesColumn { name: name.to_owned(), source: SalesSource::Field(field) };
        Self { daily: false, delimiter: Mark::COMMA, columns: SalesField::ALL.into_iter().map(column).collect() }
    }
}
