//! Top-ups: what can be added to an eSIM, and `POST /esims/{esim_id}/topup` under the same rules as an order.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Run,
    order_view::OrderAnswer,
    place_order::{Claim, IdempotencyKey, Wanted, keep_until},
    purchase::{esim_of, key_of},
};
use crate::{
    domain::{EsimId, EsimStatus, Package, PackageId, order::Purpose},
    problem::Problem,
    providers::ProviderError,
    store::esims::EsimRecord,
};

/// The body of `POST /esims/{esim_id}/topup`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NewTopUp {
    /// One of `GET /esims/{esim_id}/topups`.
    pub package_id: PackageId,
}

/// The packages that can be added to an eSIM now, as the provider says.
///
/// # Errors
/// [`ProviderError`]; a problem with our own table or settings is `NotSent`.
pub async fn options(run: &Run<'_>, record: &EsimRecord) -> Result<Vec<Package>, ProviderError> {
    let plan = &record.esim.plan;
    let provider =
        run.provider(&plan.package.provider).map_err(|_| ProviderError::NotSent("the agency's settings no longer name the account"))?;
    provider.topups(key_of(record), run.agency.locale, &plan.package.iso_countries, run.deadline).await
}

/// `GET /esims/{esim_id}/topups`.
///
/// # Errors
/// [`Problem`] when there is no such eSIM, or the provider cannot say.
pub async fn list(run: &Run<'_>, esim_id: &EsimId) -> Result<String, Problem> {
    let record = esim_of(run, esim_id).await?;
    let packages = options(run, &record).await.map_err(problem)?;
    Ok(json!({ "packages": packages }).to_string())
}

/// `POST /esims/{esim_id}/topup`.
///
/// # Errors
/// [`Problem`] when the request is refused; nothing was sent then.
pub async fn top_up(run: &Run<'_>, key: &IdempotencyKey, esim_id: &EsimId, new: NewTopUp) -> Result<OrderAnswer, Problem> {
    let claim = Claim::of(run, key, &format!("esims/{esim_id}/topup"), &new);
    if let Some(answer) = claim.earlier(run).await? {
        return Ok(answer);
    }
    let record = esim_of(run, esim_id).await?;
    let package = chosen(run, &record, &new.package_id).await?;
    let order = run.house.store.order(&run.agency_id, &record.esim.order_id, &run.house.seals).await?;
    let wanted = Wanted {
        purpose: Purpose::TopUp { esim_id: esim_id.clone() },
        package,
        external_reference: record.esim.external_reference.clone(),
        booking_reference: record.esim.booking_reference.clone(),
        traveller: None,
        link: order.map(|order| order.link).unwrap_or_default(),
        later: None,
        keep_until: keep_until(run.now(), record.esim.plan.expires_at),
    };
    claim.purchase(run, wanted).await
}

async fn chosen(run: &Run<'_>, record: &EsimRecord, package_id: &PackageId) -> Result<Package, Problem> {
    if record.profile.is_none() || record.esim.status == EsimStatus::Cancelled {
        return Err(Problem::new(422, "not_rechargeable", "This eSIM cannot be topped up as it stands."));
    }
    let options = options(run, record).await.map_err(problem)?;
    options
        .into_iter()
        .find(|package| package.package_id == *package_id)
        .ok_or_else(|| Problem::field("package_id", "is not among the top-ups of this eSIM"))
}

fn problem(error: ProviderError) -> Problem {
    match error {
        ProviderError::Rejected { reason, .. } => Problem::new(422, "refused_by_provider", format!("Refused by the provider: {reason}")),
        ProviderError::Unsupported(reason) => Problem::new(422, "not_rechargeable", reason.to_string()),
        ProviderError::Throttled { retry_after } => {
            let problem = Problem::unavailable("The provider asks for patience. Nothing was sent.");
            match retry_after {
                Some(wait) => problem.retry_after(wait),
                None => problem,
            }
        }
        other => {
            tracing::warn!(error = %other, "the provider's top-ups could not be read");
            Problem::unavailable("The provider's top-ups cannot be read at the moment. Nothing was sent.")
        }
    }
}
