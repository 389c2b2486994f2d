//! BICS's own types and their conversion. Booleans and ids are texts; a missing value is `"-"` (§1).

pub(super) mod addons;
pub(super) mod login;
pub(super) mod plans;
pub(super) mod sims;
pub(super) mod usage;

use serde_json::Value;

use crate::providers::lenient;

/// A member of a row as text; `"-"` is none.
fn text(row: &Value, name: &str) -> Option<String> {
    lenient::text_of(row.get(name)?).filter(|text| text != "-")
}
