//! What can go wrong on the network.

use bfgg_protocol::PeerId;

/// A node that could not start, or a request that got no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NetError {
    /// The port the user named is in use or not allowed.
    #[error("cannot listen on port {port}: {cause}")]
    Listen {
        /// The port.
        port: u16,
        /// The system's reason.
        cause: String,
    },
    /// Nothing answered at any address.
    #[error("cannot reach {target}: {cause}")]
    Unreachable {
        /// Who was dialled.
        target: String,
        /// The reasons, one per address.
        cause: String,
    },
    /// There is no connection to the peer.
    #[error("not connected to {0}")]
    NotConnected(PeerId),
    /// The peer closed the connection or sent something that is no answer.
    #[error("no answer from {peer}: {cause}")]
    NoAnswer {
        /// The peer.
        peer: PeerId,
        /// Why.
        cause: String,
    },
    /// The peer does not speak the protocol.
    #[error("{peer} does not speak {protocol}: its version of BFG-G is too old or too new")]
    Unsupported {
        /// The peer.
        peer: PeerId,
        /// The protocol.
        protocol: &'static str,
    },
    /// No answer within the deadline.
    #[error("{0} did not answer in time")]
    TimedOut(PeerId),
    /// A message of ours is over its limit.
    #[error("{0}")]
    Message(String),
    /// The node has ended.
    #[error("the network node has ended")]
    Closed,
    /// The node could not be set up.
    #[error("the network could not be set up: {0}")]
    Setup(String),
}

/// A key that cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IdentityError {
    /// The bytes are not a key.
    #[error("not an identity key: {0}")]
    Damaged(String),
    /// The text is not a peer id.
    #[error("\"{text}\" is not a peer id: {cause}")]
    NotAPeerId {
        /// The text.
        text: String,
        /// Why.
        cause: String,
    },
}
