//! Files in a bucket, as a port: what is dropped for us, and what we lay beside it.

use async_trait::async_trait;
use aws_sdk_s3::{Client, error::SdkError, operation::put_object::PutObjectError, primitives::ByteStream};

/// Why a file cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// There is none of that name.
    #[error("there is no such object")]
    Absent,
    /// It has more bytes than were asked for.
    #[error("the object is larger than {most} bytes")]
    TooLarge {
        /// Bytes at most.
        most: usize,
    },
    /// The store did not answer, or said no: later it may.
    #[error("the bucket cannot be used: {0}")]
    Unavailable(String),
}

/// Reads and writes files by their keys.
#[async_trait]
pub trait Objects: Send + Sync {
    /// The bytes of a file, if they are not more than `most`.
    ///
    /// # Errors
    /// [`ObjectError`].
    async fn read(&self, key: &str, most: usize) -> Result<Vec<u8>, ObjectError>;

    /// Writes a file where there is none of that key; `false` where there was one, which is left as it is.
    ///
    /// # Errors
    /// [`ObjectError::Unavailable`].
    async fn write_new(&self, key: &str, content_type: &str, bytes: Vec<u8>) -> Result<bool, ObjectError>;
}

/// A bucket of S3.
pub struct Bucket {
    client: Client,
    name: String,
}

impl Bucket {
    /// The bucket of this name.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }
}

#[async_trait]
impl Objects for Bucket {
    async fn read(&self, key: &str, most: usize) -> Result<Vec<u8>, ObjectError> {
        let answer = self.client.get_object().bucket(&self.name).key(key).send().await.map_err(|error| match &error {
            SdkError::ServiceError(refused) if refused.err().is_no_such_key() => ObjectError::Absent,
            _ => unavailable(&error),
        })?;
        let too_large = ObjectError::TooLarge { most };
        let told = answer.content_length().unwrap_or_default();
        if usize::try_from(told).is_ok_and(|told| told > most) {
            return Err(too_large);
        }
        let mut body = answer.body;
        let mut bytes = Vec::new();
        while let Some(part) = body.try_next().await.map_err(|error| ObjectError::Unavailable(error.to_string()))? {
            bytes.extend_from_slice(&part);
            if bytes.len() > most {
                return Err(too_large);
            }
        }
        Ok(bytes)
    }

    async fn write_new(&self, key: &str, content_type: &str, bytes: Vec<u8>) -> Result<bool, ObjectError> {
        let put = self.client.put_object().bucket(&self.name).key(key).content_type(content_type).if_none_match("*");
        match put.body(ByteStream::from(bytes)).send().await {
            Ok(_) => Ok(true),
            Err(error) if was_there(&error) => Ok(false),
            Err(error) => Err(unavailable(&error)),
        }
    }
}

/// 412: there is one. (409, another writer at the same moment, is worth another try.)
fn was_there(error: &SdkError<PutObjectError>) -> bool {
    error.raw_response().is_some_and(|response| response.status().as_u16() == 412)
}

/// The service's code, or what became of the call; never a key, which may hold a name that a person gave a file.
fn unavailable<E: aws_sdk_s3::error::ProvideErrorMetadata>(error: &SdkError<E>) -> ObjectError {
    let code = match error {
        SdkError::ServiceError(refused) => refused.err().code().unwrap_or("refused"),
        SdkError::TimeoutError(_) => "time-out",
        SdkError::DispatchFailure(_) => "no connection",
        _ => "unreadable answer",
    };
    ObjectError::Unavailable(code.to_owned())
}
