//! Passerelle: the bridge between eSIM providers and the CRMs that travel agencies live in.
//!
//! The house, from the inside out:
//!
//! - [`domain`]: pure rules of the trade, no I/O;
//! - [`providers`], [`crm`], [`email`]: translations to and from the outside systems;
//! - [`intake`]: what agencies' other systems send, read into a trip; [`rates`]: exchange rates that others publish;
//! - [`outbound`]: the one way out, with TLS floor, token, deadline, breaker and trace id;
//! - [`store`]: DynamoDB, the one table and its transactions;
//! - [`flows`]: the use cases, one file each;
//! - [`edge`]: AWS event shapes in, answers out: HTTP, queues, schedules, the stream;
//! - [`security`], [`telemetry`], [`config`]: sealed fields and signatures, logs and metrics, settings;
//! - [`aws`]: the SDK, set up once;
//! - [`world`]: time and chance, from outside;
//! - [`objects`]: files in a bucket; [`spreadsheet`]: CSV that people open;
//! - [`problem`]: refusals; [`qr`]: codes to scan; [`quoting`]: what of others' words may be repeated;
//! - `testing` (a feature): DynamoDB in the test's own process, a clock that obeys;
//! - `fuzzing` (a feature): what reads bytes from outside, one entry each.
//!
//! Arrows point one way: functions → flows → (domain, store, providers, crm, email, outbound).
//! `domain` imports nothing of ours; `providers`, `crm`, `intake` and `email` never import `store`.

pub mod aws;
pub mod config;
pub mod crm;
pub mod domain;
pub mod edge;
pub mod email;
pub mod flows;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod intake;
pub mod objects;
pub mod outbound;
pub mod problem;
pub mod providers;
pub mod qr;
pub mod quoting;
pub mod rates;
pub mod security;
pub mod spreadsheet;
pub mod store;
pub mod telemetry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod world;
pub mod xml;
