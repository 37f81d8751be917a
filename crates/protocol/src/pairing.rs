//! Pairing: an agent that trusts nobody yet learns whom to trust by the code that it shows and a user
//! types in at the controller.
//!
//! Two questions of the controller, each with one answer: first the messages of SPAKE2, which tell
//! neither the code nor anything to guess it by; then each side proves that it has the same key, the
//! controller first. The key is of the code and of both peer ids as Noise has proved them to each
//! side, so that somebody in between, who has a peer id of its own, has another key with each.

mod code;
mod exchange;

use serde::{Deserialize, Serialize};

pub use code::{NoCode, PairingCode};
pub use exchange::{Begun, Proof, Unreadable, answer, begin};

/// What a controller asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairingRequest {
    /// The first question. Once it is answered it counts as a try.
    Begin {
        /// The controller's SPAKE2 message.
        #[serde(with = "serde_bytes")]
        message: Vec<u8>,
    },
    /// The second question, on the same connection or a later one.
    Confirm {
        /// The proof that the controller has the key.
        #[serde(with = "serde_bytes")]
        confirmation: Vec<u8>,
        /// `host:port` where the controller listens, as in a join token: hints, never trust. Of more
        /// than [`MAX_ADDRESSES`] the rest is passed over.
        #[serde(default)]
        addresses: Vec<String>,
    },
}

/// Addresses of a controller that an agent keeps.
pub const MAX_ADDRESSES: usize = 16;

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairingAnswer {
    /// To the first question.
    Begun {
        /// The agent's SPAKE2 message.
        #[serde(with = "serde_bytes")]
        message: Vec<u8>,
    },
    /// The controller's proof holds; the agent trusts it from now on.
    Paired {
        /// The proof that the agent has the key.
        #[serde(with = "serde_bytes")]
        confirmation: Vec<u8>,
    },
    /// The controller's proof does not hold: the code was another one.
    Wrong {
        /// How often this code can still be tried. At 0 the agent shows a new one.
        tries_left: u32,
    },
    /// There is no pairing now.
    Refused {
        /// Why.
        refusal: PairingRefusal,
        /// Seconds after which it can be tried again; 0 if waiting is of no use.
        #[serde(default)]
        retry_after_s: u32,
    },
}

/// Why an agent does not pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairingRefusal {
    /// It shows no code: it trusts a controller by now.
    NotWaiting,
    /// Codes were tried too often of late.
    TooManyTries,
    /// It knows of no first question, or that was too long ago.
    Stale,
    /// The message is none of SPAKE2.
    Unreadable,
    /// The proof holds, but the agent could not keep whom it trusts: its disk refuses.
    NotKept,
}
