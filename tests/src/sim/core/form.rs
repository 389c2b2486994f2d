//! Request bodies that may be JSON, urlencoded or multipart, read into one shape with the order of fields kept.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::call::Call;

/// How the fields of a request were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Urlencoded,
    /// `multipart/form-data`.
    Multipart,
}

/// The fields of a request.
#[derive(Debug, Clone)]
pub struct Fields {
    /// How they were written.
    pub encoding: Encoding,
    /// The fields as an object. Form values are texts, `name[]` and `name[n]` are lists called `name`.
    pub value: Value,
    /// Form fields in the order sent; empty for JSON.
    pub pairs: Vec<(String, String)>,
}

/// Reads the fields of a request; `None` when its body is none of the three encodings or cannot be read.
pub async fn read(call: &Call) -> Option<Fields> {
    match call.media_type().as_str() {
        "application/json" => {
            let value = call.json().ok().filter(Value::is_object)?;
            Some(Fields { encoding: Encoding::Json, value, pairs: Vec::new() })
        }
        "application/x-www-form-urlencoded" => {
            let pairs = form_urlencoded::parse(&call.body).into_owned().collect();
            Some(from_pairs(Encoding::Urlencoded, pairs))
        }
        "multipart/form-data" => Some(from_pairs(Encoding::Multipart, multipart(call).await?)),
        _ => None,
    }
}

async fn multipart(call: &Call) -> Option<Vec<(String, String)>> {
    let mut request = Request::new(Body::from(call.body.clone()));
    *request.headers_mut() = call.headers.clone();
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    let mut pairs = Vec::new();
    while let Some(part) = parts.next_field().await.ok()? {
        let name = part.name()?.to_owned();
        pairs.push((name, part.text().await.ok()?));
    }
    Some(pairs)
}

fn from_pairs(encoding: Encoding, pairs: Vec<(String, String)>) -> Fields {
    let mut members = Map::new();
    for (name, value) in &pairs {
        match name.split_once('[') {
            None => {
                members.insert(name.clone(), Value::from(value.as_str()));
            }
            Some((list, _)) => {
                let entry = members.entry(list).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(values) = entry {
                    values.push(Value::from(value.as_str()));
                }
            }
        }
    }
    Fields { encoding, value: Value::Object(members), pairs }
}
