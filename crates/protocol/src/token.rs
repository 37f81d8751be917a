//! The join token: what an agent needs to trust a controller and to be admitted by it.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::PeerId;

/// 128 random bits. Compared in constant time, never printed by `Debug`.
#[derive(Clone, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(#[serde(with = "serde_bytes")] Vec<u8>);

impl Secret {
    /// Bytes in a secret.
    pub const LENGTH: usize = 16;

    /// A new secret from the system's random source.
    pub fn random() -> Result<Self, TokenError> {
        let mut bytes = vec![0u8; Self::LENGTH];
        getrandom::fill(&mut bytes).map_err(|e| TokenError::NoRandomness(e.to_string()))?;
        Ok(Self(bytes))
    }

    /// The secret as lower-case text, to keep it in a file.
    pub fn to_text(&self) -> String {
        BASE32_NOPAD.encode(&self.0).to_ascii_lowercase()
    }

    /// Reads what [`Secret::to_text`] wrote.
    pub fn from_text(text: &str) -> Result<Self, TokenError> {
        let bytes = BASE32_NOPAD
            .decode(text.trim().to_ascii_uppercase().as_bytes())
            .map_err(|_| TokenError::Damaged)?;
        if bytes.len() != Self::LENGTH {
            return Err(TokenError::Damaged);
        }
        Ok(Self(bytes))
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Who to trust (the controller's peer id), how to be admitted (the secret) and where to dial.
///
/// As text: `bfgg1-` and lower-case base32 of a CBOR map and the first four bytes of the map's
/// SHA-256, so that it survives a chat window and a shell without quoting, and what does not
/// survive is told before anything is dialled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinToken {
    /// The controller's peer id; the only one the agent will obey by this token.
    #[serde(rename = "p")]
    pub controller: PeerId,
    /// Admits the agent at once; `None` leaves it pending.
    #[serde(rename = "s")]
    pub secret: Option<Secret>,
    /// `host:port` where the controller listens: hints, never trust.
    #[serde(rename = "a", default)]
    pub addresses: Vec<String>,
}

const PREFIX: &str = "bfgg1-";
const MAX_TOKEN: usize = 4096;

fn checksum(map: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(map));
    [a, b, c, d]
}

impl fmt::Display for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = crate::encode(self, MAX_TOKEN).map_err(|_| fmt::Error)?;
        bytes.extend(checksum(&bytes));
        write!(
            f,
            "{PREFIX}{}",
            BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
        )
    }
}

impl FromStr for JoinToken {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let Some(body) = text.strip_prefix(PREFIX) else {
            return Err(TokenError::NotAToken);
        };
        let bytes = BASE32_NOPAD
            .decode(body.to_ascii_uppercase().as_bytes())
            .map_err(|_| TokenError::Damaged)?;
        let (map, sum) = bytes.split_last_chunk().ok_or(TokenError::Damaged)?;
        if *sum != checksum(map) {
            return Err(TokenError::Damaged);
        }
        let token: Self = crate::decode(map, MAX_TOKEN).map_err(|_| TokenError::Damaged)?;
        if token
            .secret
            .as_ref()
            .is_some_and(|s| s.0.len() != Secret::LENGTH)
        {
            return Err(TokenError::Damaged);
        }
        Ok(token)
    }
}

/// A join token that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The text does not begin as a token does.
    #[error("this is not a join token: a token begins with \"bfgg1-\". `bfgg token` prints one")]
    NotAToken,
    /// The text begins as a token but is cut or altered.
    #[error("this join token is cut or altered; copy the whole line that `bfgg token` prints")]
    Damaged,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {0}")]
    NoRandomness(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> JoinToken {
        JoinToken {
            controller: PeerId::new("12D3KooWExample"),
            secret: Some(Secret(vec![7; Secret::LENGTH])),
            addresses: vec!["192.0.2.7:7410".into(), "[2001:db8::7]:7410".into()],
        }
    }

    #[test]
    fn a_token_survives_text() {
        let text = token().to_string();
        assert!(
            text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
            "{text}"
        );
        assert_eq!(text.parse(), Ok(token()));
        assert_eq!(format!("  {text}\n").parse(), Ok(token()));
    }

    #[test]
    fn a_typing_error_anywhere_is_named() {
        let text = token().to_string();
        for at in PREFIX.len()..text.len() {
            let wrong = if text.as_bytes()[at] == b'a' {
                "q"
            } else {
                "a"
            };
            let typed = format!("{}{wrong}{}", &text[..at], &text[at + 1..]);
            assert_eq!(
                typed.parse::<JoinToken>(),
                Err(TokenError::Damaged),
                "wrong at {at}"
            );
        }
    }

    #[test]
    fn a_token_cut_anywhere_is_named_as_cut() {
        let text = token().to_string();
        for end in PREFIX.len()..text.len() {
            assert_eq!(
                text[..end].parse::<JoinToken>(),
                Err(TokenError::Damaged),
                "cut at {end}"
            );
        }
        assert_eq!("hello".parse::<JoinToken>(), Err(TokenError::NotAToken));
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret(vec![7; 16])), "Secret(…)");
    }
}
