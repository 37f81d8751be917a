//! A node's key.

use std::fmt;

use bfgg_protocol::PeerId;
use libp2p::identity::Keypair;

use crate::IdentityError;

/// An ed25519 key pair. Never printed by `Debug`.
#[derive(Clone)]
pub struct Identity(Keypair);

impl Identity {
    /// A new key.
    pub fn generate() -> Self {
        Self(Keypair::generate_ed25519())
    }

    /// The key as bytes (libp2p's protobuf encoding), to be kept in a keychain or a 0600 file.
    pub fn to_bytes(&self) -> Result<Vec<u8>, IdentityError> {
        self.0
            .to_protobuf_encoding()
            .map_err(|e| IdentityError::Damaged(e.to_string()))
    }

    /// Reads what [`Identity::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdentityError> {
        Keypair::from_protobuf_encoding(bytes)
            .map(Self)
            .map_err(|e| IdentityError::Damaged(e.to_string()))
    }

    /// The peer id that belongs to the key.
    pub fn peer_id(&self) -> PeerId {
        peer_id(&self.0.public().to_peer_id())
    }

    /// Checks that a text is a peer id.
    pub fn parse_peer_id(text: &str) -> Result<PeerId, IdentityError> {
        text.trim()
            .parse::<libp2p::PeerId>()
            .map(|id| peer_id(&id))
            .map_err(|e| IdentityError::NotAPeerId {
                text: text.trim().to_owned(),
                cause: e.to_string(),
            })
    }

    pub(crate) fn keypair(&self) -> &Keypair {
        &self.0
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.peer_id())
    }
}

/// libp2p's id as the protocol's.
pub(crate) fn peer_id(id: &libp2p::PeerId) -> PeerId {
    PeerId::new(id.to_base58())
}

/// The protocol's id as libp2p's; `None` for text from outside that is no peer id.
pub(crate) fn swarm_id(id: &PeerId) -> Option<libp2p::PeerId> {
    id.as_str().parse().ok()
}
