//! The edges: AWS event shapes come in here and nowhere else, and answers go out.
//!
//! Each function's `main` names its edge and hands it one function of ours.

pub mod call;
pub mod drops;
mod failures;
pub mod http;
pub mod queue;
pub mod schedule;
pub mod session;
pub mod setup;
pub mod stream;

pub use call::{Call, Reply};
pub use drops::{drop_bucket, dropped};
pub use http::serve;
pub use lambda_runtime::Error;
pub use queue::work;
pub use schedule::{Invocation, invoked, scheduled};
pub use session::Session;
pub use stream::relay;
