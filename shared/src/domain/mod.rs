//! The rules of the trade, without I/O: a value of one of these types is a valid value.

pub mod activation_code;
pub mod booking;
pub mod colour;
pub mod country;
mod due;
pub mod email_address;
pub mod equivalent;
pub mod esim;
pub mod exchange;
pub mod fit;
pub mod iccid;
pub mod ids;
mod life;
pub mod locale;
pub mod money;
pub mod order;
pub mod pace;
pub mod package;
pub mod recommend;
pub mod sale;
pub mod usage;

pub use activation_code::ActivationCode;
pub use booking::{Booking, CrmLink, Destination, Traveller, Trip};
pub use colour::Colour;
pub use country::Country;
pub use email_address::EmailAddress;
pub use esim::{Esim, EsimStatus, MailFate, MailOutcome};
pub use exchange::{Exchange, Rates};
pub use iccid::Iccid;
pub use ids::{AccountName, AgencyId, EsimId, OrderId, PackageId, TraceId};
pub use locale::Locale;
pub use money::Money;
pub use order::{Order, OrderStatus};
pub use package::Package;
pub use sale::SaleLine;
pub use usage::UsageReading;

/// Why a text is not a value of the type that was asked for.
///
/// The message never repeats the text: it may be an ICCID, an activation code or an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub &'static str);
