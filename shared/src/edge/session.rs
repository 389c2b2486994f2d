//! An API call by a known agency.

use url::{Host, Url};

use super::call::Call;
use crate::{
    flows::{House, Run},
    problem::{FieldError, Problem},
};

/// The versions of our API that callers may fix with `X-API-Version`; without it they get the first.
const VERSIONS: [&str; 1] = ["2024-10"];

fn known_version(call: &Call) -> Result<(), Problem> {
    match call.header("x-api-version") {
        Some(version) if !VERSIONS.contains(&version) => {
            let mut problem = Problem::new(400, "unknown_api_version", format!("X-API-Version must be one of {}.", VERSIONS.join(", ")));
            problem
                .errors
                .push(FieldError { field: "X-API-Version".to_owned(), message: format!("must be one of {}", VERSIONS.join(", ")) });
            Err(problem)
        }
        _ => Ok(()),
    }
}

/// A run for the agency that the token belongs to. Which agency that is comes from the token, never from the request.
pub struct Session<'a> {
    /// The run.
    pub run: Run<'a>,
    /// Our public address, for links: as `onboard` was told, or as the caller reached us.
    pub base_url: String,
}

impl<'a> Session<'a> {
    /// Opens a session for a call whose token carries `scope`.
    ///
    /// # Errors
    /// [`Problem`] 403 without the scope, or when the client belongs to no agency; 503 when that cannot be found out.
    pub async fn open(house: &'a House, call: &Call, scope: &str) -> Result<Self, Problem> {
        call.needs(scope)?;
        known_version(call)?;
        let unknown = || Problem::new(403, "unknown_client", "This OAuth client belongs to no agency: run onboard with its client_id.");
        let client_id = call.client_id.as_deref().ok_or_else(unknown)?;
        let client = house.store.client(client_id).await?.ok_or_else(unknown)?;
        let run = house.run(client.agency, call.trace_id.clone(), call.deadline).await?;
        let base_url = client.public_base_url.or_else(|| house.settings.public_base_url.clone()).unwrap_or_else(|| call.host_base.clone());
        Ok(Self { run, base_url })
    }

    /// Whether our own address is a loopback one, as on a developer's machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match Url::parse(&self.base_url).as_ref().map(Url::host) {
            Ok(Some(Host::Ipv4(ip))) => ip.is_loopback(),
            Ok(Some(Host::Ipv6(ip))) => ip.is_loopback(),
            Ok(Some(Host::Domain(name))) => name == "localhost",
            _ => false,
        }
    }
}
