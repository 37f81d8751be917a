//! The event loop that owns the swarm.

use bfgg_protocol::{
    AgentState, FileAnswer, FileRequest, PeerId, Receipt, RegistrationAnswer, RegistrationRequest,
    TaskRequest,
};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::event::Event;
use crate::node::NodeSettings;
use crate::{Address, NetError};

type Answer<T> = oneshot::Sender<Result<T, NetError>>;

/// What the handle asks of the loop.
#[derive(Debug)]
pub(crate) enum Command {
    Dial { peer: Option<PeerId>, addresses: Vec<Address>, reply: Answer<PeerId> },
    Disconnect { peer: PeerId },
    Register { peer: PeerId, request: Box<RegistrationRequest>, reply: Answer<RegistrationAnswer> },
    Task { peer: PeerId, request: Box<TaskRequest>, reply: Answer<Receipt> },
    File { peer: PeerId, request: FileRequest, reply: Answer<FileAnswer> },
    Publish { controller: PeerId, state: Box<AgentState> },
    Trust { controllers: Vec<PeerId> },
    Registered { peer: PeerId, registered: bool },
    Shutdown,
}

pub(crate) async fn spawn(
    _settings: NodeSettings,
    _inbox: mpsc::Receiver<Command>,
    _outbox: mpsc::Sender<Event>,
) -> Result<JoinHandle<()>, NetError> {
    Err(NetError::Setup("not built yet".into()))
}
