//! Files of a folder that a run is made of, from the controller to its agents.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::RunId;

/// The SHA-256 of some bytes: what they are asked for by. 64 lower-case hex digits as text.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct ContentHash(#[ts(type = "string")] [u8; 32]);

impl ContentHash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The first 12 digits, for people.
    pub fn short(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0[..6])
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no [`ContentHash`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{}\" is no SHA-256: 64 hex digits in lower case are", .0.escape_debug())]
pub struct NoContentHash(String);

impl FromStr for ContentHash {
    type Err = NoContentHash;

    fn from_str(text: &str) -> Result<Self, NoContentHash> {
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes());
        let hash = bytes.ok().and_then(|bytes| bytes.try_into().ok());
        hash.map(Self)
            .ok_or_else(|| NoContentHash(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for ContentHash {
    type Error = NoContentHash;

    fn try_from(text: String) -> Result<Self, NoContentHash> {
        text.parse()
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.to_string()
    }
}

/// What an agent asks of a folder that a run of its own is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceRequest {
    /// Bytes of the list of its files, whose hash is the snapshot's id.
    Manifest {
        /// The run.
        run: RunId,
        /// The snapshot.
        snapshot: ContentHash,
        /// The first byte wanted.
        offset: u64,
    },
    /// Pieces of its files.
    Chunks {
        /// The run.
        run: RunId,
        /// The snapshot.
        snapshot: ContentHash,
        /// Those wanted, at most [`crate::version::MAX_ASKED_CHUNKS`].
        chunks: Vec<ContentHash>,
    },
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceAnswer {
    /// Bytes from the offset asked for, at most [`crate::version::MAX_CHUNK`].
    Manifest {
        /// Bytes of the whole list.
        size: u64,
        /// Those from the offset on; none only at its end.
        bytes: Vec<u8>,
    },
    /// The first of those asked for, in their order: as many as fit into
    /// [`crate::version::MAX_CHUNK`], and at least one.
    Chunks(Vec<Vec<u8>>),
    /// They are not to be had: a sentence.
    Missing(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_text() {
        let hash = ContentHash::of(b"hello");
        let text = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert_eq!(
            (hash.to_string().as_str(), hash.short().as_str()),
            (text, &text[..12])
        );
        assert_eq!(text.parse(), Ok(hash));
        for wrong in [
            "",
            "2cf2",
            &text.to_uppercase(),
            &text[1..],
            &format!("{text}0"),
            "../x",
        ] {
            assert!(wrong.parse::<ContentHash>().is_err(), "{wrong}");
        }
    }
}
