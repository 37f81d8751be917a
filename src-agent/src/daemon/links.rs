//! The ways to all controllers that were joined.

use std::collections::{HashMap, HashSet};

use bfgg_net::{Address, Node};
use bfgg_protocol::{PeerId, RegistrationRequest};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::joined::Membership;
use crate::registration::{Link, Registered, Registration};

/// Addresses kept of those that mDNS claims for a controller.
const FOUND: usize = 16;

struct Way {
    membership: Membership,
    link: watch::Sender<Link>,
    stop: CancellationToken,
}

/// One registration task for each controller.
pub(super) struct Links {
    node: Node,
    hosts: Vec<Address>,
    introduction: watch::Receiver<RegistrationRequest>,
    answers: mpsc::Sender<Registered>,
    ways: HashMap<PeerId, Way>,
    tasks: JoinSet<()>,
}

impl Links {
    pub(super) fn new(
        node: Node,
        hosts: Vec<Address>,
        introduction: watch::Receiver<RegistrationRequest>,
        answers: mpsc::Sender<Registered>,
    ) -> Self {
        Self {
            node,
            hosts,
            introduction,
            answers,
            ways: HashMap::new(),
            tasks: JoinSet::new(),
        }
    }

    /// These controllers and no others. One whose token has changed begins anew.
    pub(super) fn set(&mut self, all: &[Membership], connected: &HashSet<PeerId>) {
        self.ways.retain(|_, way| {
            let stays = all.contains(&way.membership);
            if !stays {
                way.stop.cancel();
            }
            stays
        });
        while self.tasks.try_join_next().is_some() {}
        for membership in all {
            if self.ways.contains_key(&membership.controller) {
                continue;
            }
            let link = Link {
                connected: connected.contains(&membership.controller),
                connections: 0,
                found: Vec::new(),
            };
            let link = watch::Sender::new(link);
            let stop = CancellationToken::new();
            let registration = Registration {
                node: self.node.clone(),
                membership: membership.clone(),
                hosts: self.hosts.clone(),
                link: link.subscribe(),
                introduction: self.introduction.clone(),
                answers: self.answers.clone(),
                stop: stop.clone(),
            };
            self.tasks.spawn(registration.keep_in_touch());
            let way = Way {
                membership: membership.clone(),
                link,
                stop,
            };
            self.ways.insert(membership.controller.clone(), way);
        }
    }

    /// A connection to a controller stands, or is gone.
    pub(super) fn connection(&self, peer: &PeerId, connected: bool) {
        if let Some(way) = self.ways.get(peer) {
            way.link.send_modify(|link| {
                link.connected = connected;
                link.connections += u64::from(connected);
            });
        }
    }

    /// mDNS saw a controller that was joined.
    pub(super) fn found(&self, peer: &PeerId, mut addresses: Vec<Address>) {
        if let Some(way) = self.ways.get(peer) {
            addresses.truncate(FOUND);
            way.link.send_if_modified(|link| {
                let new = link.found != addresses;
                link.found = addresses;
                new
            });
        }
    }

    pub(super) async fn end(&mut self) {
        for way in self.ways.values() {
            way.stop.cancel();
        }
        while self.tasks.join_next().await.is_some() {}
    }
}
