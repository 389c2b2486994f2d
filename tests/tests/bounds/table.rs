//! A DynamoDB that forgets what catalogues contain, so that the memory which is measured is the sync's own. Everything else goes to the
//! in-process table.

use aws_sdk_dynamodb::{Client, config::retry::RetryConfig};
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use passerelle::testing::{TABLE, Table, config};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Items a page: DynamoDB reads a megabyte at a time, and a country with many plans has hundreds of kilobytes.
const PAGE: usize = 25;

/// By partition and place: the print of the content, and the price.
type Catalogues = BTreeMap<String, BTreeMap<String, (String, String)>>;

#[derive(Clone)]
pub struct Shelf {
    others: Arc<Table>,
    catalogues: Arc<Mutex<Catalogues>>,
}

#[derive(Deserialize)]
struct BatchWrite {
    #[serde(rename = "RequestItems")]
    requests: BTreeMap<String, Vec<Write>>,
}

#[derive(Deserialize)]
enum Write {
    #[serde(rename = "PutRequest")]
    Put {
        #[serde(rename = "Item")]
        item: Item,
    },
    #[serde(rename = "DeleteRequest")]
    Delete {
        #[serde(rename = "Key")]
        key: Item,
    },
}

#[derive(Deserialize)]
struct Item {
    pk: Text,
    sk: Text,
    print: Option<Text>,
    price: Option<Text>,
    /// Read and forgotten.
    #[serde(rename = "data")]
    _data: Option<IgnoredAny>,
}

#[derive(Deserialize, Default)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

impl Shelf {
    pub fn new() -> Self {
        Self { others: Arc::new(Table::new()), catalogues: Arc::default() }
    }

    pub fn client(&self) -> Client {
        Client::from_conf(config().retry_config(RetryConfig::disabled()).http_client(self.clone()).build())
    }

    /// Items that catalogues hold.
    pub fn catalogue_items(&self) -> usize {
        self.catalogues().values().map(BTreeMap::len).sum()
    }

    /// Entries of the outbox.
    pub async fn outbox(&self) -> usize {
        let items = self.others.items().await;
        items.iter().filter(|item| item.get("kind").and_then(|kind| kind.as_s().ok()).is_some_and(|kind| kind == "outbox")).count()
    }

    fn catalogues(&self) -> std::sync::MutexGuard<'_, Catalogues> {
        self.catalogues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, operation: &str, body: &[u8]) -> (u16, String) {
        match operation {
            "BatchWriteItem" => (200, self.write(body)),
            "Query" => match catalogue_of(body) {
                Some((pk, after)) => (200, self.query(&pk, after.as_deref()).to_string()),
                None => self.others.raw(operation, &String::from_utf8_lossy(body)),
            },
            _ => self.others.raw(operation, &String::from_utf8_lossy(body)),
        }
    }

    fn write(&self, body: &[u8]) -> String {
        let batch: BatchWrite = serde_json::from_slice(body).expect("a batch");
        let mut catalogues = self.catalogues();
        for write in batch.requests.into_iter().flat_map(|(table, writes)| (table == TABLE).then_some(writes)).flatten() {
            match write {
                Write::Put { item } => {
                    let (print, price) = (item.print.unwrap_or_default().text, item.price.unwrap_or_default().text);
                    catalogues.entry(item.pk.text).or_default().insert(item.sk.text, (print, price));
                }
                Write::Delete { key } => drop(catalogues.entry(key.pk.text).or_default().remove(&key.sk.text)),
            }
        }
        "{}".to_owned()
    }

    fn query(&self, pk: &str, after: Option<&str>) -> Value {
        let catalogues = self.catalogues();
        let items = catalogues.get(pk).into_iter().flatten().filter(|(sk, _)| after.is_none_or(|after| sk.as_str() > after));
        let page: Vec<_> = items.take(PAGE).collect();
        let text = |text: &str| json!({ "S": text });
        let shown: Vec<Value> = page
            .iter()
            .map(|(sk, (print, price))| json!({"pk": text(pk), "sk": text(sk), "print": text(print), "price": text(price)}))
            .collect();
        let last = page.last().filter(|_| page.len() == PAGE).map(|(sk, _)| json!({"pk": text(pk), "sk": text(sk)}));
        let mut answer = json!({"Items": shown, "Count": shown.len(), "ScannedCount": shown.len()});
        if let Some(last) = last {
            answer["LastEvaluatedKey"] = last;
        }
        answer
    }
}

/// The partition that is asked for and where the page starts, when it is a catalogue's.
fn catalogue_of(body: &[u8]) -> Option<(String, Option<String>)> {
    let query: Value = serde_json::from_slice(body).ok()?;
    let pk = query["ExpressionAttributeValues"][":pk"]["S"].as_str().filter(|pk| pk.contains("#CATALOGUE#"))?;
    Some((pk.to_owned(), query["ExclusiveStartKey"]["sk"]["S"].as_str().map(str::to_owned)))
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shelf")
    }
}

impl HttpConnector for Shelf {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let (status, body) = self.answer(&operation, request.body().bytes().unwrap_or_default());
        let mut response = HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(body));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl HttpClient for Shelf {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
