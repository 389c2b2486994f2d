//! Certificates that webhooks are signed with: fetched once an instance, from addresses that an adapter has found trustworthy.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use url::Url;

use super::Run;
use crate::{
    outbound::{Http, HttpRequest},
    problem::Problem,
};

/// Certificates kept. Amazon has one at a time and region; whoever makes us fetch others gains nothing but that.
const MOST: usize = 16;
/// Longest certificate that is kept, bytes.
const LONGEST: usize = 16 * 1024;

/// The certificates that were fetched, by address.
#[derive(Default)]
pub struct Certificates(Mutex<HashMap<Url, Arc<Vec<u8>>>>);

impl Certificates {
    /// The certificate at an address.
    ///
    /// # Errors
    /// [`Problem`] 503 when it cannot be fetched now: the webhook comes again.
    pub async fn at(&self, run: &Run<'_>, url: &Url) -> Result<Arc<Vec<u8>>, Problem> {
        if let Some(known) = self.known(url) {
            return Ok(known);
        }
        let request = HttpRequest::new("certificate", http::Method::GET, url.clone());
        match run.http("sns").send(request).await {
            Ok(answer) if answer.status.is_success() && answer.body.len() <= LONGEST => Ok(self.keep(url, answer.body)),
            Ok(answer) => Err(Problem::unavailable(format!("the certificate of a webhook was not handed out: {}", answer.status))),
            Err(error) => Err(Problem::unavailable(format!("the certificate of a webhook could not be fetched: {error}"))),
        }
    }

    fn known(&self, url: &Url) -> Option<Arc<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned()
    }

    fn keep(&self, url: &Url, certificate: Vec<u8>) -> Arc<Vec<u8>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        let certificate = Arc::new(certificate);
        all.insert(url.clone(), Arc::clone(&certificate));
        certificate
    }
}
