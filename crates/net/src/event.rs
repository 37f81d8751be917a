//! What a node tells its owner.

use bfgg_protocol::pairing::{PairingAnswer, PairingRequest};
use bfgg_protocol::{
    AgentState, FileAnswer, FileRequest, OutputAnswer, OutputRequest, PeerId, Receipt,
    RegistrationAnswer, RegistrationRequest, SourceAnswer, SourceRequest, TaskRequest,
    TelemetryAnswer, TelemetryRequest,
};
use tokio::sync::oneshot;

use crate::Address;

/// Something happened on the network. The owner answers requests through their [`Reply`];
/// dropping it closes the request's stream.
#[derive(Debug)]
pub enum Event {
    /// The node listens here.
    Listening {
        /// The address, with the port really used.
        address: Address,
    },
    /// Whether mDNS could be set up. Sent once, first.
    Discovery {
        /// It works for at least one address family.
        possible: bool,
    },
    /// mDNS saw a peer. A hint, never trust: anybody can claim any id.
    Found {
        /// Who it claims to be.
        peer: PeerId,
        /// Where.
        addresses: Vec<Address>,
    },
    /// A connection stands, and Noise has proved the peer's id. Sent for the first connection of
    /// a peer only.
    Connected {
        /// The peer.
        peer: PeerId,
        /// Its address.
        address: Address,
        /// We dialled.
        dialled: bool,
    },
    /// The last connection to a peer is gone.
    Disconnected {
        /// The peer.
        peer: PeerId,
    },
    /// The peer said what it is (libp2p identify): `bfgg-agent/0.1.0`, `bfgg-controller/0.1.0`.
    Identified {
        /// The peer.
        peer: PeerId,
        /// Its agent version.
        software: String,
    },
    /// An agent registers (controllers only).
    Registration {
        /// The agent.
        peer: PeerId,
        /// Its address.
        address: Address,
        /// What it says.
        request: Box<RegistrationRequest>,
        /// The answer.
        reply: Reply<RegistrationAnswer>,
    },
    /// An agent's heartbeat, signed by it (controllers only).
    State {
        /// The agent that signed it.
        peer: PeerId,
        /// Its state.
        state: Box<AgentState>,
    },
    /// An agent tells figures of its run (controllers only). The peer is registered; whether the run
    /// is its own the owner checks. At most 64 wait for their answers: of more the streams close, and
    /// agents tell again.
    Telemetry {
        /// The agent.
        peer: PeerId,
        /// The figures.
        request: Box<TelemetryRequest>,
        /// The answer.
        reply: Reply<TelemetryAnswer>,
    },
    /// An agent asks for files of the folder that a run is made of (controllers only). The peer is
    /// registered; whether the run is its own the owner checks. At most 64 wait for their answers: of
    /// more the streams close, and agents ask again.
    Source {
        /// The agent.
        peer: PeerId,
        /// What it asks.
        request: SourceRequest,
        /// The answer.
        reply: Reply<SourceAnswer>,
    },
    /// A controller asks to be paired (agents only). The peer may be anybody: the owner limits who may
    /// try, and how often.
    Pairing {
        /// The controller.
        peer: PeerId,
        /// Its address.
        address: Address,
        /// What it asks.
        request: PairingRequest,
        /// The answer.
        reply: Reply<PairingAnswer>,
    },
    /// A controller pushes a task (agents only). The peer may be anybody: the owner checks that
    /// it has joined it.
    Task {
        /// The controller.
        peer: PeerId,
        /// The task.
        request: Box<TaskRequest>,
        /// The receipt.
        reply: Reply<Receipt>,
    },
    /// A controller reads a file (agents only). The peer may be anybody: the owner checks.
    File {
        /// The controller.
        peer: PeerId,
        /// What it asks.
        request: FileRequest,
        /// The answer.
        reply: Reply<FileAnswer>,
    },
    /// A controller reads what programs print (agents only). The peer may be anybody: the owner
    /// checks.
    Output {
        /// The controller.
        peer: PeerId,
        /// What it asks.
        request: OutputRequest,
        /// The answer.
        reply: Reply<OutputAnswer>,
    },
}

/// The way back for one answer.
#[derive(Debug)]
pub struct Reply<T>(pub(crate) oneshot::Sender<T>);

impl<T> Reply<T> {
    /// A reply with the end that receives it, for tests.
    pub fn channel() -> (Self, oneshot::Receiver<T>) {
        let (sender, receiver) = oneshot::channel();
        (Self(sender), receiver)
    }

    /// Sends the answer. A peer that is gone gets nothing.
    pub fn send(self, answer: T) {
        let _ = self.0.send(answer);
    }
}
