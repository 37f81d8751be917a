//! Connections being made, and who waits for them.

use std::collections::HashSet;
use std::net::IpAddr;

use bfgg_protocol::PeerId;
use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{ConnectionId, DialError};
use tokio::sync::oneshot;

use crate::identity::peer_id;
use crate::node::Transport;
use crate::{Address, NetError};

/// One call of `dial`.
#[derive(Debug)]
pub(crate) struct Dial {
    /// Who is wanted; `None` takes whoever answers.
    pub(crate) peer: Option<libp2p::PeerId>,
    /// Where, as the caller wrote it.
    pub(crate) addresses: Vec<Address>,
    pub(crate) attempts: HashSet<ConnectionId>,
    pub(crate) causes: Vec<String>,
    pub(crate) reply: oneshot::Sender<Result<PeerId, NetError>>,
}

impl Dial {
    /// Tells the caller that nothing answered.
    pub(crate) fn fail(self) {
        let target = match &self.addresses[..] {
            [] => self
                .peer
                .map_or_else(|| "nobody".into(), |peer| peer.to_string()),
            addresses => addresses
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        };
        let cause = match &self.causes[..] {
            [] => "no address is known".into(),
            causes => causes.join("; "),
        };
        let _ = self
            .reply
            .send(Err(NetError::Unreachable { target, cause }));
    }
}

/// All calls of `dial` that wait.
#[derive(Debug, Default)]
pub(crate) struct Dials(Vec<Dial>);

impl Dials {
    pub(crate) fn push(&mut self, dial: Dial) {
        self.0.push(dial);
    }

    /// A connection stands: whoever waits for it is told.
    pub(crate) fn connected(&mut self, peer: libp2p::PeerId, connection: ConnectionId) {
        let (done, waiting) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|d: &Dial| d.peer == Some(peer) || d.attempts.contains(&connection));
        self.0 = waiting;
        for dial in done {
            let _ = dial.reply.send(Ok(peer_id(&peer)));
        }
    }

    /// An attempt failed: whoever has no other attempt is told.
    pub(crate) fn failed(&mut self, connection: ConnectionId, error: &DialError) {
        let Some(index) = self.0.iter().position(|d| d.attempts.contains(&connection)) else {
            return;
        };
        let dial = &mut self.0[index];
        dial.attempts.remove(&connection);
        dial.causes.push(cause(error));
        if dial.attempts.is_empty() {
            self.0.swap_remove(index).fail();
        }
    }
}

/// The reason in a user's words.
fn cause(error: &DialError) -> String {
    match error {
        DialError::WrongPeerId { obtained, address } => {
            let at = Address::from_multiaddr(address)
                .map(|a| a.to_string())
                .unwrap_or_default();
            format!("another node ({obtained}) answers at {at}")
        }
        DialError::LocalPeerId { .. } => "that is this node itself".into(),
        DialError::NoAddresses => "no address is known".into(),
        DialError::Transport(attempts) => {
            let line = |(address, error): &(Multiaddr, libp2p::TransportError<std::io::Error>)| {
                let at = Address::from_multiaddr(address)
                    .map_or_else(|| address.to_string(), |a| a.to_string());
                format!("{at}: {}", innermost(error))
            };
            attempts.iter().map(line).collect::<Vec<_>>().join("; ")
        }
        other => innermost(other),
    }
}

/// The last cause in a chain says what happened; those before it say through which layers.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Looks the hosts up. Names that are not found become causes.
pub(crate) async fn resolve(
    transport: Transport,
    addresses: &[Address],
) -> (Vec<Multiaddr>, Vec<String>) {
    let mut found = Vec::new();
    if transport == Transport::Memory {
        found.extend(addresses.iter().map(|address| in_memory(address.port())));
        return (found, Vec::new());
    }
    let mut causes = Vec::new();
    for address in addresses {
        match tokio::net::lookup_host((address.host(), address.port())).await {
            Ok(resolved) => found.extend(resolved.map(|a| multiaddr(a.ip(), a.port()))),
            Err(cause) => causes.push(format!("{address}: {cause}")),
        }
    }
    let mut seen = HashSet::new();
    found.retain(|address| seen.insert(address.clone()));
    (found, causes)
}

pub(crate) fn in_memory(number: u16) -> Multiaddr {
    Protocol::Memory(number.into()).into()
}

pub(crate) fn multiaddr(ip: IpAddr, port: u16) -> Multiaddr {
    Multiaddr::empty().with(ip.into()).with(Protocol::Tcp(port))
}
