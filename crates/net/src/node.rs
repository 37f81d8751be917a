//! The handle of a node: what its owner can ask of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bfgg_protocol::pairing::{PairingAnswer, PairingRequest};
use bfgg_protocol::{
    AgentState, FileAnswer, FileRequest, OutputAnswer, OutputRequest, PeerId, Receipt,
    RegistrationAnswer, RegistrationRequest, SourceAnswer, SourceRequest, TaskRequest,
    TelemetryAnswer, TelemetryRequest,
};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::command::Command;
use crate::event::Event;
use crate::swarm;
use crate::{Address, Identity, NetError};

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Takes registrations and heartbeats, sends tasks.
    Controller,
    /// Takes tasks, sends heartbeats.
    Agent,
}

/// What carries a node's connections. Encryption and all above it are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// TCP.
    #[default]
    Tcp,
    /// The memory of this process, for tests: no sockets, and nodes of this process alone. Its addresses
    /// are "memory" with a number from 1 to 65535, which stands for the port; a number is given once.
    Memory,
}

/// Where to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen {
    /// The TCP port on all interfaces, IPv4 and IPv6; 0 picks a free one.
    pub port: u16,
    /// If the port is taken, use a free one instead of failing.
    pub fall_back: bool,
    /// Listen on loopback only.
    pub loopback: bool,
}

/// How to start a node.
#[derive(Debug, Clone)]
pub struct NodeSettings {
    /// The node's key.
    pub identity: Identity,
    /// What the node is.
    pub role: Role,
    /// What carries its connections.
    pub transport: Transport,
    /// Where it listens.
    pub listen: Listen,
    /// Whether mDNS runs. It never does in memory.
    pub discovery: bool,
    /// The software's version, told to peers ("0.1.0").
    pub version: String,
}

impl NodeSettings {
    /// A node that only this computer reaches, at any free port: by TCP, found by nobody.
    pub fn here(identity: Identity, role: Role) -> Self {
        Self {
            identity,
            role,
            transport: Transport::Tcp,
            listen: Listen {
                port: 0,
                fall_back: false,
                loopback: true,
            },
            discovery: false,
            version: "0.0.0".into(),
        }
    }
}

/// A running node. Clones are cheap and command the same node.
#[derive(Debug, Clone)]
pub struct Node {
    me: PeerId,
    commands: mpsc::Sender<Command>,
    /// Taken once, by the first `shutdown`. Locked for that moment only, never across an await.
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// Starts a node. It listens when this returns; its events come through the receiver, which must
/// be read: a full queue makes the node wait (bounded by the requests and heartbeats of its
/// peers).
pub async fn start(settings: NodeSettings) -> Result<(Node, mpsc::Receiver<Event>), NetError> {
    let me = settings.identity.peer_id();
    let (commands, inbox) = mpsc::channel(256);
    let (outbox, events) = mpsc::channel(1024);
    let task = swarm::spawn(settings, inbox, outbox).await?;
    Ok((
        Node {
            me,
            commands,
            task: Arc::new(Mutex::new(Some(task))),
        },
        events,
    ))
}

impl Node {
    /// This node's peer id.
    pub fn peer_id(&self) -> &PeerId {
        &self.me
    }

    /// Connects to a peer: tries all addresses, and fails with one reason for each. With
    /// `peer: None` whoever answers there is taken (its id is then proved, but not known before).
    /// Returns at once if the peer is connected already.
    pub async fn dial(
        &self,
        peer: Option<PeerId>,
        addresses: Vec<Address>,
    ) -> Result<PeerId, NetError> {
        self.ask(|reply| Command::Dial {
            peer,
            addresses,
            reply,
        })
        .await?
    }

    /// Closes all connections to a peer.
    pub async fn disconnect(&self, peer: PeerId) -> Result<(), NetError> {
        self.tell(Command::Disconnect { peer }).await
    }

    /// Registers at a controller.
    pub async fn register(
        &self,
        peer: PeerId,
        request: RegistrationRequest,
    ) -> Result<RegistrationAnswer, NetError> {
        self.ask(|reply| Command::Register {
            peer,
            request: Box::new(request),
            reply,
        })
        .await?
    }

    /// Asks an agent that shows a code; the answer comes within 10 s or not at all.
    pub async fn pair(
        &self,
        peer: PeerId,
        request: PairingRequest,
    ) -> Result<PairingAnswer, NetError> {
        self.ask(|reply| Command::Pair {
            peer,
            request,
            reply,
        })
        .await?
    }

    /// Pushes a task to an agent; its receipt comes within 10 s or not at all.
    pub async fn task(&self, peer: PeerId, request: TaskRequest) -> Result<Receipt, NetError> {
        self.ask(|reply| Command::Task {
            peer,
            request: Box::new(request),
            reply,
        })
        .await?
    }

    /// Tells a controller figures of a run of its own; the answer comes within 60 s or not at all.
    pub async fn telemetry(
        &self,
        peer: PeerId,
        request: TelemetryRequest,
    ) -> Result<TelemetryAnswer, NetError> {
        self.ask(|reply| Command::Telemetry {
            peer,
            request: Box::new(request),
            reply,
        })
        .await?
    }

    /// Reads from a file of an agent.
    pub async fn file(&self, peer: PeerId, request: FileRequest) -> Result<FileAnswer, NetError> {
        let asked = peer.clone();
        let answer = self.ask(|reply| Command::File {
            peer: asked,
            request,
            reply,
        });
        let packed = answer.await??;
        let opening = tokio::task::spawn_blocking(move || packed.open());
        let opened = opening.await.map_err(|_| NetError::Closed)?;
        opened.map_err(|cause| NetError::NoAnswer {
            peer,
            cause: cause.to_string(),
        })
    }

    /// Reads what an agent's programs print; the answer comes within 10 s or not at all.
    pub async fn output(
        &self,
        peer: PeerId,
        request: OutputRequest,
    ) -> Result<OutputAnswer, NetError> {
        self.ask(|reply| Command::Output {
            peer,
            request,
            reply,
        })
        .await?
    }

    /// Asks a controller for files of the folder that a run of its own is made of; the answer comes
    /// within 60 s or not at all.
    pub async fn source(
        &self,
        peer: PeerId,
        request: SourceRequest,
    ) -> Result<SourceAnswer, NetError> {
        self.ask(|reply| Command::Source {
            peer,
            request,
            reply,
        })
        .await?
    }

    /// Publishes this agent's state for one controller. Never waits for the network; nobody
    /// listening is no error.
    pub async fn publish(&self, controller: PeerId, state: AgentState) -> Result<(), NetError> {
        self.tell(Command::Publish {
            controller,
            state: Box::new(state),
        })
        .await
    }

    /// Agents: the controllers joined. Once there is one, no other peer can connect.
    pub async fn trust(&self, controllers: Vec<PeerId>) -> Result<(), NetError> {
        self.tell(Command::Trust { controllers }).await
    }

    /// Controllers: whether a peer is registered. Who is not within 10 s of connecting is
    /// disconnected, and its heartbeats are dropped.
    pub async fn registered(&self, peer: PeerId, registered: bool) -> Result<(), NetError> {
        self.tell(Command::Registered { peer, registered }).await
    }

    /// Ends the node and waits until its task has ended (at most 5 s, then it is aborted).
    pub async fn shutdown(&self) {
        let task = self
            .task
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
        let Some(mut task) = task else { return };
        let (reply, ended) = oneshot::channel();
        if self.tell(Command::Shutdown { reply }).await.is_ok() {
            let _ = ended.await;
        }
        if tokio::time::timeout(Duration::from_secs(5), &mut task)
            .await
            .is_err()
        {
            task.abort();
        }
    }

    async fn tell(&self, command: Command) -> Result<(), NetError> {
        self.commands
            .send(command)
            .await
            .map_err(|_| NetError::Closed)
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Result<T, NetError> {
        let (reply, answer) = oneshot::channel();
        self.tell(command(reply)).await?;
        answer.await.map_err(|_| NetError::Closed)
    }
}
