//! `cargo local`: the whole system on one machine, and one trip told from booking to expiry.
//!
//! The story itself ([`trip::play`]) is a function of a running [`Demo`], so that a suite can play it too.

pub mod agency;
pub mod api;
pub mod arguments;
pub mod certify;
mod demo;
mod mails;
mod partners;
pub mod pictures;
pub mod redrive;
pub mod room;
mod run;
mod running;
mod seller;
mod summary;
pub mod terminal;
pub mod trip;
pub mod wait;

pub use self::arguments::Arguments;
pub use self::demo::{AGENCY_ID, Demo};
pub use self::partners::{Crm, Mail, Partners};
pub use self::run::run;
pub use self::running::Running;
pub use self::terminal::Teller;
