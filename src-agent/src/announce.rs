//! An agent that has joined nobody announces itself to the controllers it meets, so that their
//! users see that it is there and can pair it by its code. It tells no secret and obeys nobody.

use std::collections::HashMap;
use std::time::Duration;

use bfgg_net::Address;
use bfgg_protocol::PeerId;

/// A peer is dialled, and told, no more often than this.
const AGAIN: Duration = Duration::from_secs(60);
/// The addresses of the settings, as long as nobody is connected: the user waits to see the agent.
const SOON: Duration = Duration::from_secs(10);
/// One that turned out to be another agent is left alone for this long.
const AGENT_AGAIN: Duration = Duration::from_secs(3600);
/// Dials in a minute, whatever mDNS claims.
const DIALS: usize = 8;
/// Peers remembered.
const PEERS: usize = 256;

/// Whom to dial and whom to tell, and when.
#[derive(Debug, Default)]
pub(crate) struct Announcer {
    dial_after: HashMap<PeerId, Duration>,
    tell_after: HashMap<PeerId, Duration>,
    dials: Vec<Duration>,
    hosts_dialled: Option<Duration>,
}

impl Announcer {
    /// Whether to dial a peer that mDNS saw.
    pub(crate) fn found(&mut self, peer: &PeerId, addresses: &[Address], now: Duration) -> bool {
        self.dials.retain(|at| now.saturating_sub(*at) < AGAIN);
        let due = self.dial_after.get(peer).is_none_or(|after| *after <= now);
        if !due || addresses.is_empty() || self.dials.len() >= DIALS {
            return false;
        }
        self.dials.push(now);
        remember(&mut self.dial_after, peer, now + AGAIN, now);
        true
    }

    /// Whether to dial the addresses of the settings: at once, and from then on once a minute, or, as
    /// long as nobody is connected, every [`SOON`].
    pub(crate) fn hosts(&mut self, connected: bool, now: Duration) -> bool {
        let pause = if connected { AGAIN } else { SOON };
        let due = self
            .hosts_dialled
            .is_none_or(|last| now.saturating_sub(last) >= pause);
        if due {
            self.hosts_dialled = Some(now);
        }
        due
    }

    /// Whether to announce the agent to a peer that said what it is.
    pub(crate) fn identified(&mut self, peer: &PeerId, software: &str, now: Duration) -> bool {
        if !software.starts_with("bfgg-controller/") {
            remember(&mut self.dial_after, peer, now + AGENT_AGAIN, now);
            return false;
        }
        let due = self.tell_after.get(peer).is_none_or(|after| *after <= now);
        if due {
            remember(&mut self.tell_after, peer, now + AGAIN, now);
        }
        due
    }
}

fn remember(peers: &mut HashMap<PeerId, Duration>, peer: &PeerId, after: Duration, now: Duration) {
    if peers.len() >= PEERS && !peers.contains_key(peer) {
        peers.retain(|_, after| *after > now);
        if peers.len() >= PEERS {
            // A flood of claims: all are forgotten, and DIALS still holds.
            peers.clear();
        }
    }
    peers.insert(peer.clone(), after);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_controller_is_told_once_a_minute_and_an_agent_never() {
        let mut announcer = Announcer::default();
        let at = Duration::from_secs;
        let addresses = ["192.0.2.1:7410".parse().unwrap()];
        let (controller, agent) = (PeerId::new("controller"), PeerId::new("agent"));
        for (seconds, expected) in [(0, true), (1, false), (59, false), (60, true)] {
            assert_eq!(
                announcer.found(&controller, &addresses, at(seconds)),
                expected
            );
            assert_eq!(
                announcer.identified(&controller, "bfgg-controller/0.1.0", at(seconds)),
                expected
            );
        }
        assert!(!announcer.found(&agent, &[], at(60)), "no address");
        assert!(announcer.found(&agent, &addresses, at(61)));
        assert!(!announcer.identified(&agent, "bfgg-agent/0.1.0", at(61)));
        assert!(!announcer.found(&agent, &addresses, at(600)));
    }

    #[test]
    fn the_settings_addresses_are_dialled_at_once_and_again_whenever_it_is_asked() {
        let mut announcer = Announcer::default();
        for (ms, connected, expected) in [
            (300, false, true),
            (2_100, false, false),
            (10_200, false, false),
            (10_300, false, true),
            (21_000, true, false),
            (70_200, true, false),
            (71_000, true, true),
            (300_000, true, true),
        ] {
            let found = announcer.hosts(connected, Duration::from_millis(ms));
            assert_eq!(found, expected, "{ms}");
        }
    }

    #[test]
    fn a_flood_of_claims_is_bounded() {
        let mut announcer = Announcer::default();
        let addresses = ["192.0.2.1:7410".parse().unwrap()];
        let dialled = (0..10_000)
            .filter(|n| announcer.found(&PeerId::new(n.to_string()), &addresses, Duration::ZERO))
            .count();
        assert_eq!(dialled, DIALS);
        for n in 0..10_000 {
            announcer.identified(
                &PeerId::new(n.to_string()),
                "bfgg-controller/1",
                Duration::ZERO,
            );
        }
        assert!(announcer.tell_after.len() <= PEERS && announcer.dial_after.len() <= PEERS);
    }
}
