//! What all simulators have in common: the server, the record of requests, faults, the clock, and small tools.

pub mod call;
pub mod clock;
pub mod deliver;
pub mod fault;
pub mod form;
pub mod iccid;
pub mod in_process;
pub mod journal;
pub mod json;
mod line;
pub mod mail;
pub mod php_json;
pub mod qr;
pub mod rate;
pub mod reply;
pub mod server;
pub mod settings;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex; a panic elsewhere in a test must not hide the simulator's record.
pub(crate) fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
