//! Both sides of the exchange, as they compute. Who may try, and how often, is the agent's own affair.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use spake2::{Ed25519Group, Identity, Password, Spake2};
use subtle::ConstantTimeEq;

use super::PairingCode;
use crate::PeerId;

/// What each side's proof begins with: one is never the other's.
const OF_CONTROLLER: &[u8] = b"bfgg pairing 1 controller";
const OF_AGENT: &[u8] = b"bfgg pairing 1 agent";
/// Bytes of a proof.
const PROOF: usize = 32;
/// Bytes that SHA-256 takes at once: a shorter key is filled up with zeros.
const BLOCK: usize = 64;

/// The controller has sent its first message and awaits the agent's.
pub struct Begun {
    secret: Spake2<Ed25519Group>,
    controller: PeerId,
    agent: PeerId,
    message: Vec<u8>,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Begun({} with {})", self.controller, self.agent)
    }
}

/// What one side shows to prove that it has the key, and what it wants to see of the other.
pub struct Proof {
    own: [u8; PROOF],
    others: [u8; PROOF],
}

impl Proof {
    /// The confirmation to be sent.
    pub fn own(&self) -> Vec<u8> {
        self.own.to_vec()
    }

    /// Whether the other side's confirmation holds. Takes the same time for every wrong one.
    pub fn holds(&self, confirmation: &[u8]) -> bool {
        self.others.ct_eq(confirmation).into()
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(…)")
    }
}

/// The other side's message is none of SPAKE2, or is of the wrong side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a message of the pairing's first step")]
pub struct Unreadable;

/// Begins the controller's side: what it waits with, and the message for the agent. The peer ids are
/// those that the connection has proved.
pub fn begin(code: &PairingCode, controller: &PeerId, agent: &PeerId) -> (Begun, Vec<u8>) {
    let (a, b) = identities(controller, agent);
    let (secret, message) = Spake2::start_a(&Password::new(code.digits()), &a, &b);
    let begun = Begun {
        secret,
        controller: controller.clone(),
        agent: agent.clone(),
        message: message.clone(),
    };
    (begun, message)
}

impl Begun {
    /// Takes the agent's message. A wrong code is seen only by the proofs.
    ///
    /// # Errors
    /// It is no such message.
    pub fn finish(self, answer: &[u8]) -> Result<Proof, Unreadable> {
        let key = self.secret.finish(answer).map_err(|_| Unreadable)?;
        let talk = [
            self.controller.as_str().as_bytes(),
            self.agent.as_str().as_bytes(),
            &self.message,
            answer,
        ];
        Ok(Proof {
            own: confirmation(&key, OF_CONTROLLER, &talk),
            others: confirmation(&key, OF_AGENT, &talk),
        })
    }
}

/// The agent's side: the proof it awaits and gives, and the message for the controller.
///
/// # Errors
/// The controller's message is none; nothing was told of the code.
pub fn answer(
    code: &PairingCode,
    controller: &PeerId,
    agent: &PeerId,
    message: &[u8],
) -> Result<(Proof, Vec<u8>), Unreadable> {
    let (a, b) = identities(controller, agent);
    let (secret, answer) = Spake2::<Ed25519Group>::start_b(&Password::new(code.digits()), &a, &b);
    let key = secret.finish(message).map_err(|_| Unreadable)?;
    let talk = [
        controller.as_str().as_bytes(),
        agent.as_str().as_bytes(),
        message,
        &answer,
    ];
    let proof = Proof {
        own: confirmation(&key, OF_AGENT, &talk),
        others: confirmation(&key, OF_CONTROLLER, &talk),
    };
    Ok((proof, answer))
}

fn identities(controller: &PeerId, agent: &PeerId) -> (Identity, Identity) {
    let identity = |peer: &PeerId| Identity::new(peer.as_str().as_bytes());
    (identity(controller), identity(agent))
}

/// HMAC of one side's name and all that was said, each with its length before it.
fn confirmation(key: &[u8], side: &[u8], talk: &[&[u8]]) -> [u8; PROOF] {
    let mut block = [0; BLOCK];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    for part in std::iter::once(&side).chain(talk) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
