//! The AWS SDK, set up once: one TLS library (ring), short time-outs, three attempts.

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::{sync::Once, time::Duration};

/// A connection that takes longer is tried again.
const CONNECT: Duration = Duration::from_secs(1);
/// One attempt of one call; the slowest regular one, a transaction, takes a tenth of a second.
const ATTEMPT: Duration = Duration::from_secs(3);
/// One call with all its attempts.
const OPERATION: Duration = Duration::from_secs(10);
/// Below the minute after which DynamoDB closes idle connections: a sandbox that was frozen finds its pool empty, not dead.
const IDLE: Duration = Duration::from_secs(45);

/// What every SDK client is made from. Reads the region, the credentials and `AWS_ENDPOINT_URL` from the environment.
pub async fn sdk_config() -> SdkConfig {
    install_tls_provider();
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).operation_timeout(OPERATION).build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .load()
        .await
}

/// S3. Where an endpoint stands in for AWS, buckets are parts of the path: it has no names below its own.
#[must_use]
pub fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    let of_s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(config.endpoint_url().is_some());
    aws_sdk_s3::Client::from_conf(of_s3.build())
}

/// The SDK's HTTP client. It speaks plain HTTP too, where an endpoint URL asks for it: to a local AWS.
#[must_use]
pub fn http_client() -> SharedHttpClient {
    Builder::new().pool_idle_timeout(IDLE).tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

/// Makes ring the process's TLS cryptography, once: reqwest without a provider of its own needs it.
pub fn install_tls_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if rustls::crypto::ring::default_provider().install_default().is_err() {
            // Somebody was quicker; with one TLS library in the tree it can only have been ring as well.
            tracing::debug!("a TLS provider is already installed");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{install_tls_provider, sdk_config};
    use std::time::Duration;

    #[tokio::test]
    async fn clients_get_short_time_outs_and_three_attempts() {
        let config = sdk_config().await;
        let timeouts = config.timeout_config();
        assert_eq!(timeouts.and_then(|t| t.connect_timeout()), Some(Duration::from_secs(1)));
        assert_eq!(timeouts.and_then(|t| t.operation_attempt_timeout()), Some(Duration::from_secs(3)));
        assert_eq!(config.retry_config().map(|r| r.max_attempts()), Some(3));
        assert!(config.http_client().is_some());
    }

    #[test]
    fn the_tls_provider_can_be_asked_for_twice() {
        install_tls_provider();
        install_tls_provider();
        assert!(rustls::crypto::CryptoProvider::get_default().is_some());
    }
}
