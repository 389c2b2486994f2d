//! Where exchange rates come from, other than from an agency's own settings. Pure: bytes in, [`crate::domain::Rates`] out.

pub mod ecb;
