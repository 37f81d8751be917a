//! What nobody was asked for: heartbeats, and nodes that mDNS sees.

use bfgg_protocol::decode;
use bfgg_protocol::version::MAX_STATE;
use libp2p::{gossipsub, mdns};
use tracing::{debug, warn};

use super::Loop;
use crate::event::Event;
use crate::identity::peer_id;

impl Loop {
    pub(super) fn heartbeat(&mut self, via: libp2p::PeerId, message: &gossipsub::Message) {
        // A beat counts only from the agent itself: the connection's proved id and the signer.
        let Some(source) = message.source.filter(|source| *source == via) else {
            return;
        };
        if !self.peers.get(&source).is_some_and(|peer| peer.registered) {
            debug!(peer = %source, "heartbeat of a peer that is not registered");
            return;
        }
        match decode(&message.data, MAX_STATE) {
            Ok(state) => {
                let (peer, state) = (peer_id(&source), Box::new(state));
                self.emit_unless_full(Event::State { peer, state });
            }
            Err(cause) => warn!(peer = %source, %cause, "a heartbeat that cannot be read"),
        }
    }

    /// libp2p tells each address once, family by family; the owner gets all that are known.
    pub(super) fn found(&mut self, event: mdns::Event) {
        let changed = match event {
            mdns::Event::Discovered(found) => {
                // An agent that has joined a controller looks for that one alone.
                let trusted = &self.trusted;
                let wanted = |peer: &_| trusted.is_empty() || trusted.contains(peer);
                self.found
                    .add(found.into_iter().filter(|(peer, _)| wanted(peer)))
            }
            mdns::Event::Expired(expired) => {
                self.found.remove(expired);
                return;
            }
        };
        for (peer, addresses) in changed {
            self.emit_unless_full(Event::Found {
                peer: peer_id(&peer),
                addresses,
            });
        }
    }
}
