//! An eSIM as the API shows it: what installs it, its QR code, its usage.

use serde::Serialize;

use super::{Run, purchase::esim_of};
use crate::{
    domain::{ActivationCode, EsimId, EsimStatus, OrderId},
    email::install,
    problem::Problem,
    qr,
};

/// Side of the QR image, pixels at least: twice the mission's 300, for printing.
const QR_PIXELS: u32 = 600;

#[derive(Serialize)]
struct EsimView<'a> {
    esim_id: &'a EsimId,
    status: EsimStatus,
    order_id: &'a OrderId,
    #[serde(skip_serializing_if = "Option::is_none")]
    iccid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lpa_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    smdp_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manual_activation_code: Option<&'a str>,
    confirmation_code_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_code_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    install: Option<Install>,
}

/// One-tap links for phones that have them (iOS 17.4, Android 10).
#[derive(Serialize)]
struct Install {
    ios: String,
    android: String,
}

#[derive(Serialize)]
struct UsageView {
    status: EsimStatus,
    data_used_mb: u64,
    data_remaining_mb: Option<u64>,
    data_total_mb: Option<u64>,
    expiry_date: Option<String>,
    measured_at: Option<String>,
}

/// `GET /esims/{esim_id}`. `base` is our own public address, for the link to the image.
///
/// # Errors
/// [`Problem`] when there is no such eSIM.
pub async fn details(run: &Run<'_>, esim_id: &EsimId, base: &str) -> Result<String, Problem> {
    let record = esim_of(run, esim_id).await?;
    let code = record.profile.as_ref().map(|profile| &profile.activation_code);
    let view = EsimView {
        esim_id: &record.esim.esim_id,
        status: record.esim.status,
        order_id: &record.esim.order_id,
        iccid: record.profile.as_ref().map(|profile| profile.iccid.expose()),
        lpa_code: code.map(ActivationCode::lpa),
        smdp_address: code.map(ActivationCode::smdp_address),
        manual_activation_code: code.map(ActivationCode::matching_id),
        confirmation_code_required: code.is_some_and(ActivationCode::confirmation_code_required),
        qr_code_url: code.map(|_| format!("{base}/esims/{esim_id}/qr.png")),
        install: code.map(|code| Install { ios: install::apple_link(code), android: install::android_link(code) }),
    };
    Ok(serde_json::to_string(&view).unwrap_or_default())
}

/// `GET /esims/{esim_id}/qr.png`: the provider's exact text.
///
/// # Errors
/// [`Problem`] when there is no such eSIM, or its code is not known yet.
pub async fn qr_png(run: &Run<'_>, esim_id: &EsimId) -> Result<Vec<u8>, Problem> {
    let record = esim_of(run, esim_id).await?;
    let profile =
        record.profile.ok_or_else(|| Problem::new(404, "not_ready", "The provider has not handed out the code of this eSIM yet."))?;
    qr::png(&profile.activation_code.lpa(), QR_PIXELS).map_err(|_| Problem::new(500, "internal", "The QR code could not be drawn."))
}

/// `GET /esims/{esim_id}/usage`: as last read. MB of 1,048,576 bytes.
///
/// # Errors
/// [`Problem`] when there is no such eSIM.
pub async fn usage(run: &Run<'_>, esim_id: &EsimId) -> Result<String, Problem> {
    let record = esim_of(run, esim_id).await?;
    let plan = &record.esim.plan;
    let view = UsageView {
        status: record.esim.status,
        data_used_mb: plan.used_mb,
        data_remaining_mb: record.esim.remaining_mb(),
        data_total_mb: plan.total_mb,
        expiry_date: plan.expires_at.map(|at| at.to_string()),
        measured_at: plan.measured_at.map(|at| at.to_string()),
    };
    Ok(serde_json::to_string(&view).unwrap_or_default())
}
