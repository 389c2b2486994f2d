//! Functions that are told of files: S3's events by way of EventBridge.

use jiff::Timestamp;
use lambda_runtime::Error;
use serde::{Deserialize, Serialize};

use super::{Invocation, invoked};
use crate::{
    aws,
    config::Environment,
    flows::{House, intake_drop::Dropped},
    objects::Bucket,
    problem::Problem,
};

/// "Object Created" of S3. Its `time` is when the object was written.
#[derive(Deserialize)]
struct Event {
    time: Timestamp,
    detail: Detail,
}

/// The bucket is not looked at: the rule that hands events over names it.
#[derive(Deserialize)]
struct Detail {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    key: String,
    #[serde(default)]
    etag: String,
    #[serde(default)]
    sequencer: String,
}

impl From<Event> for Dropped {
    fn from(event: Event) -> Self {
        let Object { key, etag, sequencer } = event.detail.object;
        // The sequencer differs from one writing of a key to the next; the hash of the content stands in for it.
        let writing = if sequencer.is_empty() { etag } else { sequencer };
        Self { key, writing: writing.chars().filter(char::is_ascii_alphanumeric).collect(), written_at: event.time }
    }
}

/// The bucket `DROP_BUCKET`.
///
/// # Errors
/// When the environment does not name it.
pub async fn drop_bucket() -> Result<Bucket, Error> {
    let name = Environment.required("DROP_BUCKET")?;
    Ok(Bucket::new(aws::s3(&aws::sdk_config().await), name))
}

/// Runs a job for each file that is dropped into the bucket `DROP_BUCKET`.
///
/// # Errors
/// When the function cannot be set up, or the runtime cannot be reached.
pub async fn dropped<F, T>(service: &'static str, job: F) -> Result<(), Error>
where
    F: AsyncFn(&House, &Bucket, Dropped, Invocation) -> Result<T, Problem>,
    T: Serialize,
{
    let bucket = &drop_bucket().await?;
    invoked(service, async |house: &House, event: Event, invocation: Invocation| job(house, bucket, event.into(), invocation).await).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::{Dropped, Event};

    #[test]
    fn the_sample_event_says_what_was_written_when() {
        let event: Event = serde_json::from_str(include_str!("../../../events/intake-drop/feed.json")).unwrap();
        let dropped = Dropped::from(event);
        assert_eq!(dropped.key, "in/demo/feed/back-office/dossiers 2027-04-20.csv", "as it is, not encoded for a URL");
        assert_eq!((dropped.writing.as_str(), dropped.written_at.to_string().as_str()), ("00623C7C8A1F2D3E4B", "2027-04-20T04:00:00Z"));
    }
}
