//! CBOR with a cap, so that a message's size is known before it is built or read.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A message that could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum CborError {
    /// The message is larger than its protocol allows.
    #[error("a message of {size} bytes is over the limit of {limit}")]
    TooLarge {
        /// Bytes in the message.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The bytes are not such a message.
    #[error("not a valid message: {0}")]
    Malformed(String),
}

/// Encodes a message of at most `limit` bytes.
pub fn encode<T: Serialize>(message: &T, limit: usize) -> Result<Vec<u8>, CborError> {
    let mut bytes = Vec::new();
    ciborium::into_writer(message, &mut bytes).map_err(|e| CborError::Malformed(e.to_string()))?;
    if bytes.len() > limit {
        return Err(CborError::TooLarge {
            size: bytes.len(),
            limit,
        });
    }
    Ok(bytes)
}

/// Decodes a message of at most `limit` bytes. Bytes after the message are an error.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, CborError> {
    if bytes.len() > limit {
        return Err(CborError::TooLarge {
            size: bytes.len(),
            limit,
        });
    }
    let mut rest = bytes;
    let message =
        ciborium::from_reader(&mut rest).map_err(|e| CborError::Malformed(e.to_string()))?;
    if !rest.is_empty() {
        return Err(CborError::Malformed(format!(
            "{} bytes follow the message",
            rest.len()
        )));
    }
    Ok(message)
}
