//! Passerelle: the bridge between eSIM providers and the CRMs that travel agencies live in.
//!
//! The house, from the inside out:
//!
//! - [`domain`]: pure rules of the trade, no I/O;
//! - [`providers`], [`crm`], [`email`]: translations to and from the outside systems;
//! - [`outbound`]: the one way out, with TLS floor, token, deadline, breaker and trace id;
//! - [`store`]: DynamoDB, the one table and its transactions;
//! - [`flows`]: the use cases, one file each;
//! - [`api`]: the HTTP edge that every API function shares;
//! - [`security`], [`telemetry`], [`config`]: sealed fields and signatures, logs and metrics, settings.
//! - [`world`]: time and chance, from outside; [`qr`]: codes to scan; [`quoting`]: what of others' words may be repeated.
//!
//! Arrows point one way: functions → flows → (domain, store, providers, crm, email, outbound).
//! `domain` imports nothing of ours; `providers`, `crm` and `email` never import `store`.

pub mod api;
pub mod config;
pub mod crm;
pub mod domain;
pub mod email;
pub mod flows;
pub mod outbound;
pub mod providers;
pub mod qr;
pub mod quoting;
pub mod security;
pub mod store;
pub mod telemetry;
pub mod world;
