//! `POST /orders`, `GET /orders/{orderReference}` and `POST /esims/apply`.

use serde::Deserialize;
use serde_json::Value;

use super::{esims, success};
use crate::outbound::Answer;
use crate::providers::{Placed, Placement, ProvidedEsim, ProviderError, lenient};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    #[serde(default, deserialize_with = "lenient::text")]
    pub(super) order_reference: Option<String>,
    /// `GET` spells it `createDate`.
    #[serde(default, alias = "createDate", deserialize_with = "lenient::text")]
    pub(super) created_date: Option<String>,
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    order: Vec<Value>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default, deserialize_with = "lenient::text")]
    r#type: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    item: Option<String>,
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    iccids: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    esims: Vec<Value>,
}

impl Order {
    fn lines(&self) -> Vec<Line> {
        self.order.iter().filter_map(|line| serde_json::from_value(line.clone()).ok()).collect()
    }

    /// Whether it is an order for one such bundle and nothing else. Applying a bundle makes an order of another type.
    pub(super) fn is_for(&self, bundle: &str) -> bool {
        match self.lines().as_slice() {
            [line] => line.item.as_deref() == Some(bundle) && line.r#type.as_deref().is_none_or(|kind| kind == "bundle"),
            _ => false,
        }
    }

    /// Its eSIM. The order's reference is the key to fetch its codes by, where they are not here: an order is for one eSIM.
    pub(super) fn esim(&self) -> Option<ProvidedEsim> {
        let lines = self.lines();
        let profile = lines.iter().flat_map(|line| &line.esims).find_map(esims::profile);
        let named = profile.is_some() || lines.iter().any(|line| !line.iccids.is_empty() || !line.esims.is_empty());
        named.then(|| ProvidedEsim { provider_esim_id: self.order_reference.clone(), profile })
    }
}

/// With a reference something was bought for certain, or will be; no word of `status` is needed for that, and none is a failure.
pub(in super::super) fn read_place(answer: &Answer) -> Result<Placement, ProviderError> {
    let order: Order = success(answer)?;
    let reference = order.order_reference.clone().ok_or(ProviderError::Unknown("the provider took the order and gave it no reference"))?;
    Ok(match order.esim() {
        Some(esim) => Placement::Placed(Placed { provider_order_id: reference, esim: Some(esim) }),
        None => Placement::Accepted { provider_order_id: Some(reference) },
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Applied {
    #[serde(default, alias = "reference", deserialize_with = "lenient::text")]
    apply_reference: Option<String>,
}

pub(in super::super) fn read_top_up(answer: &Answer) -> Result<Placement, ProviderError> {
    let applied: Applied = success(answer)?;
    let reference = applied.apply_reference.ok_or(ProviderError::Unknown("the provider applied the bundle and gave no reference"))?;
    Ok(Placement::Placed(Placed { provider_order_id: reference, esim: None }))
}
