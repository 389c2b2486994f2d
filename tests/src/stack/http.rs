//! One HTTP client for the driver.

use std::time::Duration;

use super::error::Result;

/// A client without a pool: suites share one stack between runtimes, and a pooled connection dies with the runtime
/// that opened it.
///
/// # Errors
/// When the client cannot be built.
pub fn client() -> Result<reqwest::Client> {
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder()
        // It stays on this machine, without TLS.
        .tls_certs_only([])
        .no_proxy()
        .pool_max_idle_per_host(0)
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(60))
        .redirect(reqwest::redirect::Policy::none())
        .build()?)
}
