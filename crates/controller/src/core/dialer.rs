//! Whom the controller dials, and when. Pure.
//!
//! Agents dial the controller. The controller dials an agent that it has discovered and that has
//! not come by itself, and one whose address was given by hand.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use bfgg_net::Address;
use bfgg_protocol::PeerId;

/// How long a discovered agent has to come by itself.
const PATIENCE: Duration = Duration::from_secs(3);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// An address given by hand is redialled for ever, this often at the least.
const LONGEST_PAUSE_BY_HAND: Duration = Duration::from_secs(4);
/// A discovered agent that refuses (it has joined somebody else) is asked this often.
const LONGEST_PAUSE_FOUND: Duration = Duration::from_secs(60);
/// Anybody can announce any number of peers; more than these are ignored.
const MAX_FOUND: usize = 1024;

#[derive(Debug)]
struct Target {
    addresses: Vec<Address>,
    next: Duration,
    pause: Duration,
    by_hand: bool,
}

/// Peers to be dialled.
#[derive(Debug, Default)]
pub(super) struct Dialer {
    targets: BTreeMap<PeerId, Target>,
    /// Other controllers: nobody here has anything to tell them.
    controllers: HashSet<PeerId>,
}

impl Dialer {
    /// mDNS saw a peer.
    pub(super) fn found(&mut self, peer: PeerId, addresses: Vec<Address>, now: Duration) {
        if self.controllers.contains(&peer) {
            return;
        }
        if let Some(target) = self.targets.get_mut(&peer) {
            if !target.by_hand {
                target.addresses = addresses;
            }
        } else if self.targets.len() < MAX_FOUND {
            let next = now + PATIENCE;
            let target = Target {
                addresses,
                next,
                pause: FIRST_PAUSE,
                by_hand: false,
            };
            self.targets.insert(peer, target);
        }
    }

    /// A peer's address was given by hand.
    pub(super) fn by_hand(&mut self, peer: PeerId, address: Address, now: Duration) {
        let addresses = vec![address];
        let target = Target {
            addresses,
            next: now,
            pause: FIRST_PAUSE,
            by_hand: true,
        };
        self.targets.insert(peer, target);
    }

    /// A peer is not to be dialled (any more).
    pub(super) fn forget(&mut self, peer: &PeerId) {
        self.targets.remove(peer);
    }

    /// A peer has said that it is a controller.
    pub(super) fn is_controller(&mut self, peer: PeerId) {
        self.targets.remove(&peer);
        if self.controllers.len() < MAX_FOUND {
            self.controllers.insert(peer);
        }
    }

    /// A connection stands or has ended: pauses begin anew.
    pub(super) fn connection(&mut self, peer: &PeerId, now: Duration) {
        if let Some(target) = self.targets.get_mut(peer) {
            target.pause = FIRST_PAUSE;
            target.next = now
                + if target.by_hand {
                    FIRST_PAUSE
                } else {
                    PATIENCE
                };
        }
    }

    /// Who is to be dialled now, of those that are not connected.
    pub(super) fn due(
        &mut self,
        now: Duration,
        connected: impl Fn(&PeerId) -> bool,
    ) -> Vec<(PeerId, Vec<Address>)> {
        let mut due = Vec::new();
        for (peer, target) in &mut self.targets {
            if target.next > now || connected(peer) {
                continue;
            }
            let longest = if target.by_hand {
                LONGEST_PAUSE_BY_HAND
            } else {
                LONGEST_PAUSE_FOUND
            };
            target.next = now + target.pause;
            target.pause = (target.pause * 2).min(longest);
            due.push((peer.clone(), target.addresses.clone()));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_found_agent_has_three_seconds_to_come_by_itself() {
        let mut dialer = Dialer::default();
        let peer = PeerId::new("a");
        let address: Address = "192.0.2.7:7412".parse().unwrap();
        dialer.found(peer.clone(), vec![address.clone()], at(0));
        assert!(dialer.due(at(2_999), |_| false).is_empty());
        assert!(dialer.due(at(3_000), |_| true).is_empty());
        assert_eq!(
            dialer.due(at(3_000), |_| false),
            vec![(peer.clone(), vec![address])]
        );
        // Then less and less often.
        let dials = (3_001..600_000).filter(|ms| !dialer.due(at(*ms), |_| false).is_empty());
        assert!(dials.count() < 20);
        dialer.is_controller(peer.clone());
        dialer.found(peer, Vec::new(), at(600_000));
        assert!(dialer.due(at(700_000), |_| false).is_empty());
    }

    #[test]
    fn an_address_given_by_hand_is_redialled_for_ever() {
        let mut dialer = Dialer::default();
        let peer = PeerId::new("a");
        dialer.by_hand(peer.clone(), "192.0.2.7:7412".parse().unwrap(), at(0));
        let dials = (0..3_600).filter(|s| !dialer.due(at(s * 1000), |_| false).is_empty());
        assert!(dials.count() >= 3_600 / 5);
    }

    #[test]
    fn a_flood_of_records_is_bounded() {
        let mut dialer = Dialer::default();
        for n in 0..10_000 {
            dialer.found(PeerId::new(n.to_string()), Vec::new(), at(0));
        }
        assert_eq!(dialer.targets.len(), MAX_FOUND);
    }
}
