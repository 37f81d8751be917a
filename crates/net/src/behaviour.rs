//! What the node does on the wire, put together from libp2p's parts.

use std::time::Duration;

use bfgg_protocol::pairing::{PairingAnswer, PairingRequest};
use bfgg_protocol::version::{
    FILE, MAX_OUTPUT, MAX_PAIRING, MAX_REGISTRATION, MAX_STATE, MAX_TASK, MAX_TELEMETRY, OUTPUT,
    PAIRING, REGISTRATION, SOURCE, TASK, TELEMETRY, state_topic,
};
use bfgg_protocol::{
    OutputAnswer, OutputRequest, Receipt, RegistrationAnswer, RegistrationRequest, TaskRequest,
    TelemetryAnswer, TelemetryRequest,
};
use libp2p::request_response::{self, ProtocolSupport};
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{StreamProtocol, connection_limits, gossipsub, identify, mdns, ping};
use tracing::warn;

use crate::codec::{CborCodec, FileCodec, SourceCodec};
use crate::gate::Gate;
use crate::identity::peer_id;
use crate::node::{NodeSettings, Role, Transport};
use crate::{Identity, NetError};

/// A receipt comes at once, so a longer wait means a dead link.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// A chunk of 1 MiB passes even a poor link in this time.
const FILE_TIMEOUT: Duration = Duration::from_secs(60);
/// Streams of one kind and peer at once: more are refused.
const MAX_STREAMS: usize = 32;
/// The same of telemetry, which is large and read before the owner knows whose it is. An agent waits
/// for each answer.
const MAX_TELEMETRY_STREAMS: usize = 2;
/// The same of pairing, which anybody may ask for: one question waits for the other.
const MAX_PAIRING_STREAMS: usize = 2;
/// The same of files of a folder, whose answers are large. An agent asks for less at once.
const MAX_SOURCE_STREAMS: usize = 8;
/// What stands beside the bytes of an output's piece; a sentence where there is none.
const MAX_OUTPUT_FIELDS: usize = 4096;

pub(crate) type Registration =
    request_response::Behaviour<CborCodec<RegistrationRequest, RegistrationAnswer>>;
pub(crate) type Pairings = request_response::Behaviour<CborCodec<PairingRequest, PairingAnswer>>;
pub(crate) type Tasks = request_response::Behaviour<CborCodec<TaskRequest, Receipt>>;
pub(crate) type Telemetry =
    request_response::Behaviour<CborCodec<TelemetryRequest, TelemetryAnswer>>;
pub(crate) type Files = request_response::Behaviour<FileCodec>;
pub(crate) type Sources = request_response::Behaviour<SourceCodec>;
pub(crate) type Outputs = request_response::Behaviour<CborCodec<OutputRequest, OutputAnswer>>;

/// The order matters: a connection is offered to the gate and the limits first.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(crate) gate: Gate,
    limits: connection_limits::Behaviour,
    mdns4: Toggle<mdns::tokio::Behaviour>,
    mdns6: Toggle<mdns::tokio::Behaviour>,
    pub(crate) gossip: gossipsub::Behaviour,
    pub(crate) registration: Registration,
    pub(crate) pairings: Pairings,
    pub(crate) tasks: Tasks,
    pub(crate) telemetry: Telemetry,
    pub(crate) files: Files,
    pub(crate) outputs: Outputs,
    pub(crate) sources: Sources,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
}

impl Behaviour {
    pub(crate) fn new(settings: &NodeSettings) -> Result<Self, NetError> {
        let key = settings.identity.keypair();
        // Each side answers only what it is there for.
        let (serves_registration, serves_tasks, name) = match settings.role {
            Role::Controller => (
                ProtocolSupport::Inbound,
                ProtocolSupport::Outbound,
                "controller",
            ),
            Role::Agent => (ProtocolSupport::Outbound, ProtocolSupport::Inbound, "agent"),
        };
        let limits = connection_limits::ConnectionLimits::default()
            .with_max_pending_incoming(Some(64))
            .with_max_pending_outgoing(Some(128))
            .with_max_established(Some(1024))
            .with_max_established_per_peer(Some(4));
        Ok(Self {
            gate: Gate::default(),
            limits: connection_limits::Behaviour::new(limits),
            mdns4: discovery(settings, false),
            mdns6: discovery(settings, true),
            gossip: gossip(settings)?,
            registration: Registration::with_codec(
                CborCodec::new(MAX_REGISTRATION),
                [(
                    StreamProtocol::new(REGISTRATION),
                    serves_registration.clone(),
                )],
                requests(REQUEST_TIMEOUT),
            ),
            pairings: Pairings::with_codec(
                CborCodec::new(MAX_PAIRING),
                [(StreamProtocol::new(PAIRING), serves_tasks.clone())],
                requests(REQUEST_TIMEOUT).with_max_concurrent_streams(MAX_PAIRING_STREAMS),
            ),
            tasks: Tasks::with_codec(
                CborCodec::new(MAX_TASK),
                [(StreamProtocol::new(TASK), serves_tasks.clone())],
                requests(REQUEST_TIMEOUT),
            ),
            telemetry: Telemetry::with_codec(
                CborCodec::new(MAX_TELEMETRY),
                [(StreamProtocol::new(TELEMETRY), serves_registration.clone())],
                requests(FILE_TIMEOUT).with_max_concurrent_streams(MAX_TELEMETRY_STREAMS),
            ),
            files: Files::with_codec(
                FileCodec,
                [(StreamProtocol::new(FILE), serves_tasks.clone())],
                requests(FILE_TIMEOUT),
            ),
            outputs: Outputs::with_codec(
                CborCodec::new(MAX_OUTPUT + MAX_OUTPUT_FIELDS),
                [(StreamProtocol::new(OUTPUT), serves_tasks)],
                requests(REQUEST_TIMEOUT),
            ),
            sources: Sources::with_codec(
                SourceCodec,
                [(StreamProtocol::new(SOURCE), serves_registration)],
                requests(FILE_TIMEOUT).with_max_concurrent_streams(MAX_SOURCE_STREAMS),
            ),
            identify: identify::Behaviour::new(
                identify::Config::new("/bfgg/1".into(), key.public())
                    .with_agent_version(format!("bfgg-{name}/{}", settings.version)),
            ),
            ping: ping::Behaviour::new(
                ping::Config::new()
                    // The first failure is passed over: a deaf connection is seen after two.
                    .with_interval(Duration::from_secs(2))
                    .with_timeout(Duration::from_secs(10)),
            ),
        })
    }

    /// Whether mDNS could be set up for at least one address family.
    pub(crate) fn discovers(&self) -> bool {
        self.mdns4.is_enabled() || self.mdns6.is_enabled()
    }
}

fn requests(timeout: Duration) -> request_response::Config {
    request_response::Config::default()
        .with_request_timeout(timeout)
        .with_max_concurrent_streams(MAX_STREAMS)
}

/// One libp2p mDNS behaviour speaks IPv4 or IPv6; where one cannot be set up (IPv6 switched off)
/// the other still works.
fn discovery(settings: &NodeSettings, ipv6: bool) -> Toggle<mdns::tokio::Behaviour> {
    if !settings.discovery || settings.transport == Transport::Memory {
        return None.into();
    }
    let config = mdns::Config {
        ttl: Duration::from_secs(60),
        query_interval: Duration::from_secs(10),
        enable_ipv6: ipv6,
    };
    let me = settings.identity.keypair().public().to_peer_id();
    match mdns::tokio::Behaviour::new(config, me) {
        Ok(behaviour) => Some(behaviour).into(),
        Err(cause) => {
            warn!(ipv6, %cause, "discovery by multicast is not possible here");
            None.into()
        }
    }
}

/// Agents publish, and only the controller listens: nothing is relayed.
fn gossip(settings: &NodeSettings) -> Result<gossipsub::Behaviour, NetError> {
    let setup = |cause: &dyn std::fmt::Display| NetError::Setup(cause.to_string());
    let config = gossipsub::ConfigBuilder::default()
        .validation_mode(gossipsub::ValidationMode::Strict)
        .validate_messages()
        .max_transmit_size(MAX_STATE + 1024)
        .build()
        .map_err(|e| setup(&e))?;
    let key = settings.identity.keypair().clone();
    let mut behaviour =
        gossipsub::Behaviour::new(gossipsub::MessageAuthenticity::Signed(key), config)
            .map_err(|e| setup(&e))?;
    if settings.role == Role::Controller {
        behaviour
            .subscribe(&own_topic(&settings.identity))
            .map_err(|e| setup(&e))?;
    }
    Ok(behaviour)
}

fn own_topic(identity: &Identity) -> gossipsub::IdentTopic {
    let me = peer_id(&identity.keypair().public().to_peer_id());
    gossipsub::IdentTopic::new(state_topic(&me))
}
