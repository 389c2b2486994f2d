//! Bookings in the words of other systems, read into ours. Pure: bytes in, facts out, no I/O.

pub mod amadeus;
pub mod feed;
pub mod places;
