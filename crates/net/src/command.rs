//! What a node's owner asks of its loop.

use bfgg_protocol::pairing::{PairingAnswer, PairingRequest};
use bfgg_protocol::{
    AgentState, FileRequest, OutputAnswer, OutputRequest, PeerId, Receipt, RegistrationAnswer,
    RegistrationRequest, SourceAnswer, SourceRequest, TaskRequest, TelemetryAnswer,
    TelemetryRequest,
};
use tokio::sync::oneshot;

use crate::Address;
use crate::packed::Packed;
use crate::request::Answer;

/// What the handle asks of the loop.
#[derive(Debug)]
pub(crate) enum Command {
    Dial {
        peer: Option<PeerId>,
        addresses: Vec<Address>,
        reply: Answer<PeerId>,
    },
    Disconnect {
        peer: PeerId,
    },
    Register {
        peer: PeerId,
        request: Box<RegistrationRequest>,
        reply: Answer<RegistrationAnswer>,
    },
    Pair {
        peer: PeerId,
        request: PairingRequest,
        reply: Answer<PairingAnswer>,
    },
    Task {
        peer: PeerId,
        request: Box<TaskRequest>,
        reply: Answer<Receipt>,
    },
    Telemetry {
        peer: PeerId,
        request: Box<TelemetryRequest>,
        reply: Answer<TelemetryAnswer>,
    },
    File {
        peer: PeerId,
        request: FileRequest,
        reply: Answer<Packed>,
    },
    Output {
        peer: PeerId,
        request: OutputRequest,
        reply: Answer<OutputAnswer>,
    },
    Source {
        peer: PeerId,
        request: SourceRequest,
        reply: Answer<SourceAnswer>,
    },
    Publish {
        controller: PeerId,
        state: Box<AgentState>,
    },
    Trust {
        controllers: Vec<PeerId>,
    },
    Registered {
        peer: PeerId,
        registered: bool,
    },
    Shutdown {
        reply: oneshot::Sender<()>,
    },
}
