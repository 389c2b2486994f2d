//! Looking into the queues.

use serde_json::{Value, json};

use super::Stack;
use super::aws::accepted;
use super::error::{Result, StackError};

/// How full a queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueState {
    /// Messages that a consumer could take now.
    pub visible: u64,
    /// Messages taken and not yet deleted.
    pub in_flight: u64,
    /// Messages whose delay is not over.
    pub delayed: u64,
}

impl QueueState {
    /// Whether nothing is in it in any state.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.visible + self.in_flight + self.delayed == 0
    }
}

impl Stack {
    /// How full a queue (`fulfilment`, `notifier-dlq`) is.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn queue(&self, name: &str) -> Result<QueueState> {
        let body = json!({"QueueUrl": self.queue_url(name)?, "AttributeNames": ["All"]});
        let answer = self.aws.json("sqs", "AmazonSQS.GetQueueAttributes", &body).await?;
        let number = |attribute: &str| {
            let value = answer.get("Attributes").and_then(|all| all.get(attribute)).and_then(Value::as_str);
            value.and_then(|digits| digits.parse().ok()).unwrap_or(0)
        };
        Ok(QueueState {
            visible: number("ApproximateNumberOfMessages"),
            in_flight: number("ApproximateNumberOfMessagesNotVisible"),
            delayed: number("ApproximateNumberOfMessagesDelayed"),
        })
    }

    /// Every message of a queue in whatever state, without taking it (`MessageId`, `Body`,
    /// `IsVisible`, `ReceiveCount` …): MiniStack's own window into its queues.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn messages(&self, name: &str) -> Result<Vec<Value>> {
        let window = format!("{}/_ministack/sqs/messages", self.aws.endpoint());
        let url = url::Url::parse_with_params(&window, [("QueueUrl", self.queue_url(name)?)])?;
        let response = self.aws.http().get(url).send().await?;
        let answer: Value = accepted(response, "looking into a queue").await?.json().await?;
        // account -> region -> queue -> messages
        let members = |value: &Value| value.as_object().into_iter().flatten().map(|(_, inner)| inner.clone()).collect::<Vec<_>>();
        let accounts = answer.get("messages").map(members).unwrap_or_default();
        let queues = accounts.iter().flat_map(members).flat_map(|region| members(&region));
        Ok(queues.filter_map(|queue| queue.as_array().cloned()).flatten().collect())
    }

    /// Sends a message to a queue, as a test that plays the relay does.
    ///
    /// # Errors
    /// When SQS refuses.
    pub async fn send(&self, queue: &str, body: &Value, delay_seconds: u32) -> Result<()> {
        let message = json!({
            "QueueUrl": self.queue_url(queue)?, "MessageBody": body.to_string(), "DelaySeconds": delay_seconds
        });
        self.aws.json("sqs", "AmazonSQS.SendMessage", &message).await.map(drop)
    }

    /// Empties a queue.
    ///
    /// # Errors
    /// When SQS refuses.
    pub async fn purge(&self, queue: &str) -> Result<()> {
        self.aws.json("sqs", "AmazonSQS.PurgeQueue", &json!({"QueueUrl": self.queue_url(queue)?})).await.map(drop)
    }

    fn queue_url(&self, name: &str) -> Result<&str> {
        let url = self.deployed.queues.get(name).map(String::as_str);
        url.ok_or_else(|| StackError::new(format!("no queue {name} is deployed")))
    }
}
