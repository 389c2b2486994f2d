//! A provider of few words: a token is the body of the log-in, the order id the body of a purchase, and errors go by the status.

use http::{Method, StatusCode};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

use crate::{
    domain::{Country, Locale, Package, UsageReading, usage::ReportedStatus},
    outbound::{Answer, HttpRequest},
    providers::{
        AccessToken, Capabilities, CataloguePage, Delivery, EsimKey, EsimProvider, FindOrder, FoundOrder, Observes, PlaceOrder, Placed,
        Placement, ProvidedEsim, ProviderError, ProviderEvent, Recovery, RegisteredWebhook, Signature, TopUp, Unsupported, WebhookHeaders,
    },
};

/// What the double says that it cannot do.
pub const CHECKED: &str = "the double has no details of an eSIM";

static CAPABILITIES: Capabilities = Capabilities {
    name: "Double",
    recovery: Recovery::None,
    topup_recovery: Recovery::None,
    observes: Observes { installed: false, activated: false, expired: false, thresholds: false },
    signature: Signature::None,
    timestamped_webhooks: false,
    usage_staleness: Duration::ZERO,
    usage_calls_per_minute: 1,
    delivery: Delivery::WithTheAnswer,
    credit: "",
    top_up: "",
    taking_back: "",
    phones: "",
    identity: "",
    tls: "",
};

pub struct FakeAdapter;

fn request(operation: &'static str, method: Method) -> HttpRequest {
    HttpRequest::new(operation, method, "https://provider.test/".parse().unwrap())
}

fn text(answer: &Answer) -> Result<String, ProviderError> {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    match answer.status {
        status if status.is_success() && text != "garbage" => Ok(text),
        StatusCode::UNAUTHORIZED => Err(ProviderError::Unauthorised),
        StatusCode::TOO_MANY_REQUESTS => Err(ProviderError::Throttled { retry_after: answer.retry_after() }),
        status if status.is_client_error() => Err(ProviderError::Rejected { code: "refused", reason: text }),
        _ => Err(ProviderError::Unknown("unreadable")),
    }
}

fn placed(answer: &Answer) -> Result<Placement, ProviderError> {
    Ok(Placement::Placed(Placed { provider_order_id: text(answer)?, esim: None }))
}

impl EsimProvider for FakeAdapter {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn has_login(&self) -> bool {
        true
    }

    fn login(&self) -> HttpRequest {
        request("login", Method::POST)
    }

    fn read_login(&self, answer: &Answer) -> Result<AccessToken, ProviderError> {
        Ok(AccessToken { token: text(answer)?.into(), lifetime: Duration::from_secs(3_600) })
    }

    fn authorise(&self, request: HttpRequest, token: &SecretString) -> HttpRequest {
        // Without `Bearer`, and in the clear, so that tests can read which token was sent.
        request.header("authorization", token.expose_secret())
    }

    fn sign(&self, request: HttpRequest, _: Timestamp, _: [u8; 16]) -> HttpRequest {
        request
    }

    fn catalogue(&self, _: Option<&str>, _: Locale) -> HttpRequest {
        request("catalogue", Method::GET)
    }

    fn read_catalogue(&self, answer: &Answer) -> Result<CataloguePage, ProviderError> {
        Ok(CataloguePage { packages: Vec::new(), unreadable: 0, next: Some(text(answer)?) })
    }

    fn next_page(&self, _: Option<&str>, _: &Answer) -> Option<String> {
        None
    }

    fn place(&self, _: &PlaceOrder<'_>) -> HttpRequest {
        request("place_order", Method::POST)
    }

    fn read_place(&self, answer: &Answer) -> Result<Placement, ProviderError> {
        placed(answer)
    }

    fn find_order(&self, order: &FindOrder<'_>) -> Result<HttpRequest, Unsupported> {
        Ok(request("find_order", Method::GET).header("x-cursor", order.cursor.unwrap_or("first")))
    }

    fn read_find_order(&self, _: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
        let text = text(answer)?;
        if let Some((orders, next)) = text.strip_prefix("unclaimed:").and_then(|rest| rest.split_once('>')) {
            let orders = vec![Placed { provider_order_id: orders.to_owned(), esim: None }];
            return Ok(FoundOrder::Unclaimed { orders, next: Some(next.to_owned()).filter(|next| !next.is_empty()) });
        }
        Ok(match text.strip_prefix("next:") {
            Some(next) => FoundOrder::Next(next.to_owned()),
            None if text == "absent" => FoundOrder::Absent,
            None => FoundOrder::Placed(Placed { provider_order_id: text, esim: None }),
        })
    }

    fn esim(&self, _: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        Err(Unsupported(CHECKED))
    }

    fn read_esim(&self, _: &Answer) -> Result<ProvidedEsim, ProviderError> {
        Err(Unsupported(CHECKED).into())
    }

    fn usage(&self, _: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        Ok(request("usage", Method::GET))
    }

    fn read_usage(&self, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
        Ok(UsageReading {
            status: ReportedStatus::Unknown(text(answer)?),
            used_mb: None,
            remaining_mb: None,
            total_mb: None,
            unlimited: false,
            expires_at: None,
            activated_at: None,
            measured_at: now,
        })
    }

    fn more_usage(&self, _: EsimKey<'_>, _: &[Answer]) -> Option<HttpRequest> {
        None
    }

    fn read_more_usage(&self, so_far: UsageReading, _: &Answer, _: Timestamp) -> Result<UsageReading, ProviderError> {
        Ok(so_far)
    }

    fn topups(&self, _: EsimKey<'_>, _: &[Country], _: Locale) -> Result<HttpRequest, Unsupported> {
        Ok(request("topups", Method::GET))
    }

    fn read_topups(&self, answer: &Answer, _: &[Country]) -> Result<Vec<Package>, ProviderError> {
        text(answer).map(|_| Vec::new())
    }

    fn top_up(&self, _: &TopUp<'_>) -> Result<HttpRequest, Unsupported> {
        Ok(request("top_up", Method::POST))
    }

    fn read_top_up(&self, answer: &Answer) -> Result<Placement, ProviderError> {
        placed(answer)
    }

    fn register_webhook(&self, _: &str) -> Result<Vec<HttpRequest>, Unsupported> {
        Ok(vec![request("register_webhook", Method::POST), request("register_webhook", Method::POST)])
    }

    fn read_register_webhook(&self, answer: &Answer) -> Result<RegisteredWebhook, ProviderError> {
        Ok(RegisteredWebhook { subscription_id: Some(text(answer)?), secret: None })
    }

    fn verify_webhook(&self, _: &[SecretString], _: &WebhookHeaders, _: &[u8], _: Timestamp) -> bool {
        false
    }

    fn read_webhook(&self, _: &[u8], _: Timestamp) -> Result<Vec<ProviderEvent>, ProviderError> {
        Err(ProviderError::Unknown("the double has no webhooks"))
    }
}
