//! What multicast has told: which peer is where. Hints from anybody, so all of it is bounded.

use std::collections::{BTreeSet, HashMap};

use libp2p::{Multiaddr, PeerId};

use crate::Address;

const MAX_PEERS: usize = 1024;
const MAX_ADDRESSES: usize = 16;

/// The addresses known of each peer.
#[derive(Debug, Default)]
pub(crate) struct Found(HashMap<PeerId, BTreeSet<Address>>);

impl Found {
    /// Takes what was told; returns the peers of which something new is known, with all that is.
    ///
    /// Link-local IPv6 addresses are left out: without the interface's name, which the record does
    /// not carry, they cannot be dialled.
    pub(crate) fn add(
        &mut self,
        told: impl IntoIterator<Item = (PeerId, Multiaddr)>,
    ) -> Vec<(PeerId, Vec<Address>)> {
        let mut changed = BTreeSet::new();
        for (peer, address) in told {
            let Some(address) = Address::from_multiaddr(&address).filter(|a| !a.is_link_local())
            else {
                continue;
            };
            if self.0.len() >= MAX_PEERS && !self.0.contains_key(&peer) {
                continue;
            }
            let known = self.0.entry(peer).or_default();
            if known.len() < MAX_ADDRESSES && known.insert(address) {
                changed.insert(peer);
            }
        }
        let all = |peer: PeerId| Some((peer, self.0.get(&peer)?.iter().cloned().collect()));
        changed.into_iter().filter_map(all).collect()
    }

    /// Forgets what was not told again in time.
    pub(crate) fn remove(&mut self, expired: impl IntoIterator<Item = (PeerId, Multiaddr)>) {
        for (peer, address) in expired {
            let Some(address) = Address::from_multiaddr(&address) else {
                continue;
            };
            if let Some(known) = self.0.get_mut(&peer) {
                known.remove(&address);
                if known.is_empty() {
                    self.0.remove(&peer);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_of_both_families_add_up() {
        let peer = PeerId::random();
        let mut found = Found::default();
        let shown = |changed: Vec<(PeerId, Vec<Address>)>| {
            let (_, addresses) = changed.into_iter().next().unwrap();
            addresses
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        let v4 = at("/ip4/192.0.2.7/tcp/7410");
        assert_eq!(shown(found.add([(peer, v4.clone())])), ["192.0.2.7:7410"]);
        let v6 = at("/ip6/2001:db8::7/tcp/7410");
        assert_eq!(
            shown(found.add([(peer, v6)])),
            ["192.0.2.7:7410", "[2001:db8::7]:7410"]
        );
        // Neither news nor what cannot be dialled is told again.
        let link_local = at("/ip6/fe80::1/tcp/7410");
        assert!(
            found
                .add([(peer, v4.clone()), (peer, link_local)])
                .is_empty()
        );
        found.remove([(peer, v4.clone())]);
        assert_eq!(
            shown(found.add([(peer, v4)])),
            ["192.0.2.7:7410", "[2001:db8::7]:7410"]
        );
    }

    #[test]
    fn a_flood_of_records_is_bounded() {
        let mut found = Found::default();
        for _ in 0..10_000 {
            found.add([(PeerId::random(), at("/ip4/192.0.2.7/tcp/7410"))]);
        }
        assert_eq!(found.0.len(), MAX_PEERS);
        let one = *found.0.keys().next().unwrap();
        found.add((1..10_000).map(|port| (one, at(&format!("/ip4/192.0.2.7/tcp/{port}")))));
        assert_eq!(found.0[&one].len(), MAX_ADDRESSES);
    }
}
