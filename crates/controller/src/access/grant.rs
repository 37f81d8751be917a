//! One browser or token that was let in.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::{SESSION_MS, hash};
use crate::ControllerError;
use crate::api::types::Rights;

/// What was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A browser, by its cookie.
    Session,
    /// Whoever shows a token.
    Token,
}

/// As it stands in access.json.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// By which it is taken back.
    pub(crate) id: String,
    pub(crate) kind: Kind,
    /// What its user calls it; empty for a browser.
    pub(crate) name: String,
    pub(crate) rights: Rights,
    /// SHA-256 of the secret, in hex.
    hash: String,
    /// Unix time, ms.
    pub(crate) created_ms: u64,
    /// Unix time, ms.
    pub(crate) until_ms: u64,
}

impl Grant {
    pub(super) fn session(
        secret: &str,
        rights: Rights,
        now_ms: u64,
    ) -> Result<Self, ControllerError> {
        Ok(Self {
            id: id()?,
            kind: Kind::Session,
            name: String::new(),
            rights,
            hash: hex(secret),
            created_ms: now_ms,
            until_ms: now_ms + SESSION_MS,
        })
    }

    /// It ends when it is taken back.
    pub(super) fn token(secret: &str, name: &str, now_ms: u64) -> Result<Self, ControllerError> {
        Ok(Self {
            id: id()?,
            kind: Kind::Token,
            name: name.to_owned(),
            rights: Rights::Read,
            hash: hex(secret),
            created_ms: now_ms,
            until_ms: u64::MAX,
        })
    }

    /// Whether it is that of a secret with this hash.
    pub(super) fn is(&self, hash: &[u8; 32]) -> bool {
        let hex = data_encoding::HEXLOWER.encode(hash);
        self.hash.as_bytes().ct_eq(hex.as_bytes()).into()
    }
}

/// Typed by its user, so none that begins like an option.
fn id() -> Result<String, ControllerError> {
    let mut bytes = [0u8; 5];
    getrandom::fill(&mut bytes).map_err(|e| ControllerError::NoRandomness(e.to_string()))?;
    Ok(data_encoding::HEXLOWER.encode(&bytes))
}

fn hex(secret: &str) -> String {
    data_encoding::HEXLOWER.encode(&hash(secret))
}
