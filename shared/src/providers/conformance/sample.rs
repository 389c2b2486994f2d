//! What a provider said, as its `samples` folder holds it.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

use super::answer;
use crate::outbound::Answer;

/// Samples by operation and scenario.
pub(super) type Samples = BTreeMap<(String, String), Sample>;

/// What a provider said, word for word. `body` is written compactly; `text` is for bytes that matter or are no JSON.
///
/// Where a provider cannot say what a scenario asks, `because` tells why, and `concludes` what is concluded instead; without an answer the
/// scenario does not exist for it. `then` holds the answers to further calls about usage, or the bodies of further webhooks. Look-ups may have asked by `provider_order_id`, and
/// at a `cursor`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sample {
    pub(super) operation: String,
    pub(super) scenario: String,
    #[serde(default)]
    pub(super) status: Option<u16>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) body: Option<Value>,
    #[serde(default)]
    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) because: Option<String>,
    #[serde(default)]
    pub(super) concludes: Option<String>,
    #[serde(default)]
    pub(super) then: Vec<Value>,
    #[serde(default)]
    pub(super) provider_order_id: Option<String>,
    #[serde(default)]
    pub(super) cursor: Option<String>,
}

impl Sample {
    pub(super) fn is_answer(&self) -> bool {
        self.body.is_some() || self.text.is_some()
    }

    /// The further answers, each a success with this body.
    pub(super) fn more(&self) -> Vec<Answer> {
        self.then.iter().map(answer).collect()
    }

    pub(super) fn answer(&self) -> Answer {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let body = self.text.clone().or_else(|| self.body.as_ref().map(Value::to_string)).unwrap_or_default();
        Answer { status: StatusCode::from_u16(self.status.unwrap_or(200)).unwrap(), headers, body: body.into_bytes() }
    }
}

/// The samples of these files; each scenario once.
pub(super) fn read(files: impl IntoIterator<Item = impl AsRef<str>>) -> Samples {
    let mut samples = Samples::new();
    for sample in files.into_iter().flat_map(|file| serde_json::from_str::<Vec<Sample>>(file.as_ref()).unwrap()) {
        let key = (sample.operation.clone(), sample.scenario.clone());
        assert!(samples.insert(key.clone(), sample).is_none(), "two samples of {key:?}");
    }
    samples
}
