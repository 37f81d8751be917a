//! Who may connect at all.

use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::task::{Context, Poll, Waker};

use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::swarm::{
    CloseConnection, ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler,
    THandlerInEvent, THandlerOutEvent, ToSwarm, dummy,
};
use libp2p::{Multiaddr, PeerId};
use tracing::warn;

/// Open to everybody until it is told whom to trust, then open to these peers alone.
///
/// libp2p's own allow list cannot be switched at run time from open to closed, which an agent
/// needs when it joins its first controller.
#[derive(Default)]
pub(crate) struct Gate {
    trusted: Option<HashSet<PeerId>>,
    connected: HashSet<PeerId>,
    closing: VecDeque<PeerId>,
    waker: Option<Waker>,
}

#[derive(Debug, thiserror::Error)]
#[error("{0} is not a controller this agent has joined")]
struct NotTrusted(PeerId);

impl Gate {
    /// Trusts these peers alone (`None`: everybody) and closes the connections of all others.
    pub(crate) fn trust(&mut self, trusted: Option<HashSet<PeerId>>) {
        self.trusted = trusted;
        self.closing = self
            .connected
            .iter()
            .filter(|peer| !self.lets_in(peer))
            .copied()
            .collect();
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn lets_in(&self, peer: &PeerId) -> bool {
        self.trusted
            .as_ref()
            .is_none_or(|trusted| trusted.contains(peer))
    }

    fn check(&self, peer: PeerId, address: &dyn std::fmt::Display) -> Result<(), ConnectionDenied> {
        if self.lets_in(&peer) {
            return Ok(());
        }
        warn!(%peer, %address, "refused a connection: not a controller this agent has joined");
        Err(ConnectionDenied::new(NotTrusted(peer)))
    }
}

impl NetworkBehaviour for Gate {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.check(peer, remote)?;
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.check(peer, address)?;
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(e) => {
                self.connected.insert(e.peer_id);
            }
            FromSwarm::ConnectionClosed(e) if e.remaining_established == 0 => {
                self.connected.remove(&e.peer_id);
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {}
    }

    fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        if let Some(peer_id) = self.closing.pop_front() {
            return Poll::Ready(ToSwarm::CloseConnection {
                peer_id,
                connection: CloseConnection::All,
            });
        }
        self.waker = Some(context.waker().clone());
        Poll::Pending
    }
}
