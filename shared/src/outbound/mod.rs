//! The one way out: HTTP with TLS floor, authentication, deadline, breaker and trace id.

pub mod message;

pub use message::{Answer, HttpRequest, Http, SendError};
