//! The event loop that owns the swarm.
//!
//! It never waits for its owner: events go into a bounded queue, and while that is full the
//! swarm is not polled (its peers wait), but commands are still taken.

mod heard;
mod requests;

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use bfgg_protocol::version::{
    FILE, MAX_STATE, OUTPUT, PAIRING, REGISTRATION, SOURCE, TASK, TELEMETRY, state_topic,
};
use bfgg_protocol::{AgentState, PeerId, encode};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use libp2p::core::transport::MemoryTransport;
use libp2p::core::upgrade::Version;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionError, SwarmEvent};
use libp2p::{
    Multiaddr, Swarm, SwarmBuilder, Transport as _, gossipsub, identify, noise, tcp, yamux,
};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tracing::{debug, warn};

use crate::behaviour::{Behaviour, BehaviourEvent};
use crate::command::Command;
use crate::dial::{Dial, Dials, resolve};
use crate::event::Event;
use crate::found::Found;
use crate::identity::{peer_id, swarm_id};
use crate::node::{NodeSettings, Role, Transport};
use crate::request::{Answer, Answered, Asked, incoming};
use crate::{Address, NetError, listen};
use requests::Refused;

/// Events that wait for the owner. Beyond this, heartbeats and discoveries are dropped (they
/// come again); at twice this the swarm waits.
const QUEUE: usize = 1024;
/// A peer that has not registered in this time is disconnected from a controller.
const INTRODUCTION: Duration = Duration::from_secs(10);
/// A connection is kept until one side closes it or pings fail; libp2p's own idle time-out would
/// close the connection of an agent that waits a day for its next task.
const IDLE: Duration = Duration::from_secs(365 * 24 * 3600);

/// A connected peer.
struct Peer {
    address: Address,
    since: Instant,
    /// It has sent a registration.
    introduced: bool,
    /// The owner has admitted it.
    registered: bool,
    /// Its telemetry that was refused.
    refused: Refused,
}

pub(crate) async fn spawn(
    settings: NodeSettings,
    inbox: mpsc::Receiver<Command>,
    outbox: mpsc::Sender<Event>,
) -> Result<JoinHandle<()>, NetError> {
    let setup = |cause: &dyn std::fmt::Display| NetError::Setup(cause.to_string());
    let behaviour = Behaviour::new(&settings)?;
    let discovers = behaviour.discovers();
    let builder =
        SwarmBuilder::with_existing_identity(settings.identity.keypair().clone()).with_tokio();
    // Each way gives a builder of its own type.
    let mut swarm = match settings.transport {
        Transport::Tcp => builder
            .with_tcp(
                tcp::Config::default().nodelay(true),
                noise::Config::new,
                yamux::Config::default,
            )
            .map_err(|e| setup(&e))?
            .with_behaviour(|_| behaviour)
            .map_err(|e| setup(&e))?
            .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE))
            .build(),
        Transport::Memory => builder
            .with_other_transport(|key| {
                let transport = MemoryTransport::new().upgrade(Version::V1);
                let transport = transport.authenticate(noise::Config::new(key)?);
                Ok(transport.multiplex(yamux::Config::default()))
            })
            .map_err(|e| setup(&e))?
            .with_behaviour(|_| behaviour)
            .map_err(|e| setup(&e))?
            .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE))
            .build(),
    };
    listen::listen(&mut swarm, settings.transport, settings.listen)?;
    let mut node = Loop {
        swarm,
        role: settings.role,
        transport: settings.transport,
        inbox,
        outbox,
        events: VecDeque::from([Event::Discovery {
            possible: discovers,
        }]),
        dials: Dials::default(),
        resolving: JoinSet::new(),
        asked: Asked::default(),
        answers: FuturesUnordered::new(),
        telemetry_owed: 0,
        sources_owed: 0,
        peers: HashMap::new(),
        admitted: HashSet::new(),
        trusted: HashSet::new(),
        found: Found::default(),
    };
    Ok(tokio::spawn(async move { node.run().await }))
}

struct Loop {
    swarm: Swarm<Behaviour>,
    role: Role,
    transport: Transport,
    inbox: mpsc::Receiver<Command>,
    outbox: mpsc::Sender<Event>,
    events: VecDeque<Event>,
    dials: Dials,
    resolving: JoinSet<(Dial, Vec<Multiaddr>)>,
    asked: Asked,
    answers: FuturesUnordered<BoxFuture<'static, Answered>>,
    /// Telemetry that the owner has not answered.
    telemetry_owed: usize,
    /// Questions for files of a folder that the owner has not answered.
    sources_owed: usize,
    peers: HashMap<libp2p::PeerId, Peer>,
    /// Peers the owner has admitted, connected or not.
    admitted: HashSet<libp2p::PeerId>,
    trusted: HashSet<libp2p::PeerId>,
    found: Found,
}

/// Everything that can happen to the loop.
enum Input {
    Command(Option<Command>),
    Room(Result<(), ()>),
    Resolved(Dial, Vec<Multiaddr>),
    Answered(Answered),
    Swarm(Box<SwarmEvent<BehaviourEvent>>),
    Tick,
}

impl Loop {
    async fn run(&mut self) {
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let full = self.events.len() >= 2 * QUEUE;
            let input = tokio::select! {
                command = self.inbox.recv() => Input::Command(command),
                permit = self.outbox.reserve(), if !self.events.is_empty() => match permit {
                    Ok(permit) => {
                        if let Some(event) = self.events.pop_front() {
                            permit.send(event);
                        }
                        Input::Room(Ok(()))
                    }
                    Err(_) => Input::Room(Err(())),
                },
                Some(Ok((dial, found))) = self.resolving.join_next() => Input::Resolved(dial, found),
                Some(answered) = self.answers.next() => Input::Answered(answered),
                event = self.swarm.select_next_some(), if !full => Input::Swarm(Box::new(event)),
                _ = tick.tick() => Input::Tick,
            };
            match input {
                Input::Command(Some(Command::Shutdown { reply })) => {
                    let _ = reply.send(());
                    return;
                }
                // Nobody can command this node, or hear it, any more.
                Input::Command(None) | Input::Room(Err(())) => return,
                Input::Command(Some(command)) => self.command(command),
                Input::Room(Ok(())) => {}
                Input::Resolved(dial, found) => self.dial(dial, found),
                Input::Answered(answered) => self.answer(answered),
                Input::Swarm(event) => self.swarm_event(*event),
                Input::Tick => self.disconnect_strangers(),
            }
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Dial {
                peer,
                addresses,
                reply,
            } => self.resolve(peer, addresses, reply),
            Command::Disconnect { peer } => {
                if let Some(peer) = swarm_id(&peer) {
                    let _ = self.swarm.disconnect_peer_id(peer);
                }
            }
            Command::Register {
                peer,
                request,
                reply,
            } => {
                if let Some((id, reply)) = self.connected(&peer, reply) {
                    let behaviour = &mut self.swarm.behaviour_mut().registration;
                    let request = behaviour.send_request(&id, *request);
                    self.asked.registrations.insert(request, (peer, reply));
                }
            }
            Command::Pair {
                peer,
                request,
                reply,
            } => {
                if let Some((id, reply)) = self.connected(&peer, reply) {
                    let behaviour = &mut self.swarm.behaviour_mut().pairings;
                    let request = behaviour.send_request(&id, request);
                    self.asked.pairings.insert(request, (peer, reply));
                }
            }
            Command::Task {
                peer,
                request,
                reply,
            } => {
                if let Some((id, reply)) = self.connected(&peer, reply) {
                    let request = self.swarm.behaviour_mut().tasks.send_request(&id, *request);
                    self.asked.tasks.insert(request, (peer, reply));
                }
            }
            Command::Telemetry {
                peer,
                request,
                reply,
            } => {
                if let Some((id, reply)) = self.connected(&peer, reply) {
                    let behaviour = &mut self.swarm.behaviour_mut().telemetry;
                    let request = behaviour.send_request(&id, *request);
                    self.asked.telemetry.insert(request, (peer, reply));
                }
            }
            Command::File {
                peer,
                request,
                reply,
            } => {
                if let Some((id, reply)) = self.connected(&peer, reply) {
                    let request = self.swarm.behaviour_mut().files.send_request(&id, request);
                    self.asked.files.insert(request, (peer, reply));
                }
            }
            Command::Output {
                peer,
                request,
                reply,
            } => {
                if let Some((id, reply)) = self.connected(&peer, reply) {
                    let behaviour = &mut self.swarm.behaviour_mut().outputs;
                    let request = behaviour.send_request(&id, request);
                    self.asked.outputs.insert(request, (peer, reply));
                }
            }
            Command::Source {
                peer,
                request,
                reply,
            } => {
                if let Some((id, reply)) = self.connected(&peer, reply) {
                    let behaviour = &mut self.swarm.behaviour_mut().sources;
                    let request = behaviour.send_request(&id, request);
                    self.asked.sources.insert(request, (peer, reply));
                }
            }
            Command::Publish { controller, state } => self.publish(&controller, &state),
            Command::Trust { controllers } => {
                self.trusted = controllers.iter().filter_map(swarm_id).collect();
                let trusted = (!self.trusted.is_empty()).then(|| self.trusted.clone());
                self.swarm.behaviour_mut().gate.trust(trusted);
            }
            Command::Registered { peer, registered } => {
                let Some(peer) = swarm_id(&peer) else { return };
                if registered {
                    self.admitted.insert(peer);
                } else {
                    self.admitted.remove(&peer);
                }
                if let Some(peer) = self.peers.get_mut(&peer) {
                    peer.registered = registered;
                }
            }
            // Handled where the loop can end.
            Command::Shutdown { .. } => {}
        }
    }

    fn resolve(&mut self, peer: Option<PeerId>, addresses: Vec<Address>, reply: Answer<PeerId>) {
        let wanted = match peer.as_ref().map(|peer| (peer, swarm_id(peer))) {
            None => None,
            Some((_, Some(id))) if self.swarm.is_connected(&id) => {
                let _ = reply.send(Ok(peer_id(&id)));
                return;
            }
            Some((_, Some(id))) => Some(id),
            Some((peer, None)) => {
                let (target, cause) = (peer.to_string(), "that is no peer id".to_owned());
                let _ = reply.send(Err(NetError::Unreachable { target, cause }));
                return;
            }
        };
        let (attempts, causes) = (HashSet::new(), Vec::new());
        let mut dial = Dial {
            peer: wanted,
            addresses,
            attempts,
            causes,
            reply,
        };
        let transport = self.transport;
        self.resolving.spawn(async move {
            let (found, causes) = resolve(transport, &dial.addresses).await;
            dial.causes = causes;
            (dial, found)
        });
    }

    fn dial(&mut self, mut dial: Dial, found: Vec<Multiaddr>) {
        let attempts: Vec<DialOpts> = match dial.peer {
            _ if found.is_empty() => Vec::new(),
            // A port of its own each time: reusing the listening port fails while an earlier
            // connection between the same two ports is in TIME_WAIT.
            Some(peer) => vec![
                DialOpts::peer_id(peer)
                    .addresses(found)
                    .condition(PeerCondition::Always)
                    .allocate_new_port()
                    .build(),
            ],
            None => found
                .into_iter()
                .map(|a| {
                    DialOpts::unknown_peer_id()
                        .address(a)
                        .allocate_new_port()
                        .build()
                })
                .collect(),
        };
        for attempt in attempts {
            let connection = attempt.connection_id();
            match self.swarm.dial(attempt) {
                Ok(()) => {
                    dial.attempts.insert(connection);
                }
                Err(cause) => dial.causes.push(cause.to_string()),
            }
        }
        if dial.attempts.is_empty() {
            dial.fail();
        } else {
            self.dials.push(dial);
        }
    }

    /// A request goes to connected peers only: libp2p would dial by itself, at addresses nobody
    /// has chosen.
    fn connected<T>(&self, peer: &PeerId, reply: Answer<T>) -> Option<(libp2p::PeerId, Answer<T>)> {
        match swarm_id(peer).filter(|id| self.swarm.is_connected(id)) {
            Some(id) => Some((id, reply)),
            None => {
                let _ = reply.send(Err(NetError::NotConnected(peer.clone())));
                None
            }
        }
    }

    fn publish(&mut self, controller: &PeerId, state: &AgentState) {
        let bytes = match encode(state, MAX_STATE) {
            Ok(bytes) => bytes,
            Err(cause) => {
                warn!(%cause, "the state could not be sent");
                return;
            }
        };
        let topic = gossipsub::IdentTopic::new(state_topic(controller));
        // Nobody subscribed yet, or a full queue: the next beat comes in a second.
        if let Err(cause) = self.swarm.behaviour_mut().gossip.publish(topic, bytes) {
            debug!(%cause, "heartbeat not sent");
        }
    }

    fn disconnect_strangers(&mut self) {
        if self.role != Role::Controller {
            return;
        }
        let strangers: Vec<_> = self
            .peers
            .iter()
            .filter(|(_, peer)| !peer.introduced && peer.since.elapsed() > INTRODUCTION)
            .map(|(id, _)| *id)
            .collect();
        for id in strangers {
            debug!(peer = %id, "disconnected: it has not registered");
            let _ = self.swarm.disconnect_peer_id(id);
        }
    }

    fn emit(&mut self, event: Event) {
        self.events.push_back(event);
    }

    /// For what comes again by itself.
    fn emit_unless_full(&mut self, event: Event) {
        if self.events.len() < QUEUE {
            self.events.push_back(event);
        }
    }

    fn swarm_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.behaviour_event(event),
            SwarmEvent::NewListenAddr { address, .. } => {
                if let Some(address) = Address::from_multiaddr(&address) {
                    self.emit(Event::Listening { address });
                }
            }
            SwarmEvent::ConnectionEstablished {
                peer_id: id,
                connection_id,
                endpoint,
                num_established,
                ..
            } => {
                self.dials.connected(id, connection_id);
                let remote = endpoint.get_remote_address();
                let Some(address) = Address::from_multiaddr(remote) else {
                    return;
                };
                if num_established.get() > 1 {
                    return;
                }
                let registered = self.admitted.contains(&id);
                let peer = Peer {
                    address: address.clone(),
                    since: Instant::now(),
                    introduced: false,
                    registered,
                    refused: Refused::default(),
                };
                self.peers.insert(id, peer);
                let dialled = endpoint.is_dialer();
                self.emit(Event::Connected {
                    peer: peer_id(&id),
                    address,
                    dialled,
                });
            }
            SwarmEvent::ConnectionClosed {
                peer_id: id,
                num_established: 0,
                cause,
                ..
            } => {
                if let Some(ConnectionError::IO(cause)) = &cause {
                    debug!(peer = %id, %cause, "connection closed");
                }
                if self.peers.remove(&id).is_some() {
                    self.emit(Event::Disconnected { peer: peer_id(&id) });
                }
            }
            SwarmEvent::OutgoingConnectionError {
                connection_id,
                error,
                ..
            } => {
                self.dials.failed(connection_id, &error);
            }
            SwarmEvent::ListenerClosed {
                reason: Err(cause),
                addresses,
                ..
            } => {
                warn!(?addresses, %cause, "the node does not listen here any more");
            }
            _ => {}
        }
    }

    fn behaviour_event(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Mdns4(event) | BehaviourEvent::Mdns6(event) => self.found(event),
            BehaviourEvent::Gossip(gossipsub::Event::Message {
                propagation_source,
                message_id,
                message,
            }) => {
                // Consumed here: nothing is ever relayed.
                self.swarm
                    .behaviour_mut()
                    .gossip
                    .report_message_validation_result(
                        &message_id,
                        &propagation_source,
                        gossipsub::MessageAcceptance::Ignore,
                    );
                self.heartbeat(propagation_source, &message);
            }
            BehaviourEvent::Registration(event) => {
                if let Some(request) = incoming(event, &mut self.asked.registrations, REGISTRATION)
                {
                    self.registration(request);
                }
            }
            BehaviourEvent::Pairings(event) => {
                if let Some(asked) = incoming(event, &mut self.asked.pairings, PAIRING) {
                    self.pairing(asked);
                }
            }
            BehaviourEvent::Tasks(event) => {
                if let Some(asked) = incoming(event, &mut self.asked.tasks, TASK) {
                    let reply = self.owe(asked.channel, Answered::Task);
                    let (peer, request) = (peer_id(&asked.peer), Box::new(asked.request));
                    self.emit(Event::Task {
                        peer,
                        request,
                        reply,
                    });
                }
            }
            BehaviourEvent::Telemetry(event) => {
                if let Some(asked) = incoming(event, &mut self.asked.telemetry, TELEMETRY) {
                    self.telemetry(asked);
                }
            }
            BehaviourEvent::Files(event) => {
                if let Some(asked) = incoming(event, &mut self.asked.files, FILE) {
                    let reply = self.owe_file(asked.channel);
                    let (peer, request) = (peer_id(&asked.peer), asked.request);
                    self.emit(Event::File {
                        peer,
                        request,
                        reply,
                    });
                }
            }
            BehaviourEvent::Outputs(event) => {
                if let Some(asked) = incoming(event, &mut self.asked.outputs, OUTPUT) {
                    let reply = self.owe(asked.channel, Answered::Output);
                    let (peer, request) = (peer_id(&asked.peer), asked.request);
                    self.emit(Event::Output {
                        peer,
                        request,
                        reply,
                    });
                }
            }
            BehaviourEvent::Sources(event) => {
                if let Some(asked) = incoming(event, &mut self.asked.sources, SOURCE) {
                    self.source(asked);
                }
            }
            BehaviourEvent::Identify(identify::Event::Received {
                peer_id: id, info, ..
            }) => {
                let software = info.agent_version;
                self.emit(Event::Identified {
                    peer: peer_id(&id),
                    software,
                });
            }
            BehaviourEvent::Ping(ping) => {
                if let Err(cause) = ping.result {
                    debug!(peer = %ping.peer, %cause, "ping failed: the connection is closed");
                    self.swarm.close_connection(ping.connection);
                }
            }
            _ => {}
        }
    }
}
