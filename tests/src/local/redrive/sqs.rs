//! Dead letters in SQS: the local one, or AWS's own.

use aws_config::{BehaviorVersion, Region};
use aws_sdk_sqs::{
    Client, Config,
    config::Credentials,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    types::QueueAttributeName,
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

use super::{Letter, Letters};
use crate::stack::{Result, StackError};

/// Seconds that a letter is hidden from others while it is looked at: longer than any run takes for one.
const HIDDEN: i32 = 300;

/// Seconds that one look waits for a letter.
const LOOK: i32 = 1;

/// A dead-letter queue in SQS and the queue that it belongs to.
#[derive(Debug, Clone)]
pub struct SqsLetters {
    client: Client,
    from: String,
    to: String,
}

/// SQS of a local AWS; any credentials do there.
#[must_use]
pub fn on_this_machine(endpoint: &str, region: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(aws_sdk_sqs::config::Region::new(region.to_owned()))
        .credentials_provider(Credentials::new("test", "test", None, None, "local"))
        .endpoint_url(endpoint)
        .http_client(Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

/// AWS's SQS with the credentials and, unless given, the region of the environment or the profile.
pub async fn on_aws(region: Option<&str>) -> Client {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    Client::new(&loader.load().await)
}

impl SqsLetters {
    /// The letters of the queue `from`, for the queue `to`; without `to`, for the one queue that sends its dead letters there.
    ///
    /// # Errors
    /// When SQS does not answer, or `to` is not given and not one queue, but none or several, send their dead letters there.
    pub async fn new(client: Client, from: &str, to: Option<&str>) -> Result<Self> {
        let to = match to {
            Some(to) => to.to_owned(),
            None => source(&client, from).await?,
        };
        Ok(Self { client, from: from.to_owned(), to })
    }

    /// The dead-letter queue's URL.
    #[must_use]
    pub fn from(&self) -> &str {
        &self.from
    }

    /// The URL of the queue that the letters go to.
    #[must_use]
    pub fn to(&self) -> &str {
        &self.to
    }
}

async fn source(client: &Client, from: &str) -> Result<String> {
    let answer = client.list_dead_letter_source_queues().queue_url(from).send().await;
    match answer.map_err(|error| failed("looking for the source queue", &error))?.queue_urls.as_slice() {
        [one] => Ok(one.clone()),
        found => Err(StackError::new(format!("{} queues send their dead letters to {from}: say which with --to", found.len()))),
    }
}

impl Letters for SqsLetters {
    async fn take(&self) -> Result<Option<Letter>> {
        let look = self.client.receive_message().queue_url(&self.from).max_number_of_messages(1);
        let answer = look.visibility_timeout(HIDDEN).wait_time_seconds(LOOK).send().await;
        let messages = answer.map_err(|error| failed("taking a letter", &error))?.messages.unwrap_or_default();
        Ok(messages.into_iter().next().map(|message| Letter {
            id: message.message_id.unwrap_or_default(),
            handle: message.receipt_handle.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
        }))
    }

    async fn send(&self, letter: &Letter) -> Result<()> {
        let sent = self.client.send_message().queue_url(&self.to).message_body(&letter.body).send().await;
        sent.map(drop).map_err(|error| failed("sending a letter back", &error))
    }

    async fn delete(&self, letter: &Letter) -> Result<()> {
        let deleted = self.client.delete_message().queue_url(&self.from).receipt_handle(&letter.handle).send().await;
        deleted.map(drop).map_err(|error| failed("deleting a letter", &error))
    }

    async fn hand_back(&self, letter: &Letter) -> Result<()> {
        let change = self.client.change_message_visibility().queue_url(&self.from).receipt_handle(&letter.handle);
        let changed = change.visibility_timeout(0).send().await;
        changed.map(drop).map_err(|error| failed("handing a letter back", &error))
    }

    async fn left(&self) -> Result<u64> {
        use QueueAttributeName::{ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible};
        let names = [ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible];
        let answer = self.client.get_queue_attributes().queue_url(&self.from).set_attribute_names(Some(names.to_vec())).send().await;
        let attributes = answer.map_err(|error| failed("counting the letters", &error))?.attributes.unwrap_or_default();
        Ok(names.iter().filter_map(|name| attributes.get(name)?.parse::<u64>().ok()).sum())
    }
}

/// SQS's words; a request that met nobody says so.
fn failed<E>(doing: &str, error: &SdkError<E>) -> StackError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let told = match (error.code(), error.message()) {
        (Some(code), message) => format!("{code}: {}", message.unwrap_or_default()),
        _ => DisplayErrorContext(error).to_string(),
    };
    StackError::new(format!("{doing}: {told}"))
}
