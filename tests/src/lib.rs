//! The local AWS, the simulators and the drivers that the suites use.

pub mod browser;
pub mod contract;
pub mod local;
pub mod qr;
pub mod sim;
pub mod stack;
