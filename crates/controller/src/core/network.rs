//! Registrator and state puller: what the network brings.

use bfgg_net::{Address, Event, NetError, Reply as NetReply};
use bfgg_protocol::{PeerId, RegistrationAnswer, RegistrationRequest};
use tracing::{debug, info, warn};

use super::{Awaited, Core, Done, Reply};
use crate::agents::Record;
use crate::api::types::{Agent, Liveness, Trust};
use crate::clock::Now;
use crate::error::{Refused, RefusedKind};
use crate::run;

impl Core {
    pub(super) fn net_event(&mut self, event: Event, now: Now) {
        match event {
            Event::Discovery { possible } => self.info.discovery = possible,
            Event::Found { peer, addresses } => self.dialer.found(peer, addresses, now.mono),
            Event::Connected { peer, address, .. } => {
                debug!(%peer, %address, "connected");
                self.dialer.connection(&peer, now.mono);
                self.set_connected(&peer, true);
            }
            Event::Disconnected { peer } => {
                debug!(%peer, "disconnected");
                self.dialer.connection(&peer, now.mono);
                self.set_connected(&peer, false);
            }
            Event::Identified { peer, software } => {
                if software.starts_with("bfgg-controller/") {
                    self.dialer.is_controller(peer.clone());
                    self.not_an_agent(&peer, "another controller answers there");
                    self.disconnect(peer);
                }
            }
            Event::Registration {
                peer,
                address,
                request,
                reply,
            } => {
                self.register(&peer, &address, &request, reply, now);
            }
            Event::State { peer, state } => {
                let before = self.agents.get(&peer).map(|record| record.view.liveness);
                let Some(state) = self.agents.heard(&peer, *state, now) else {
                    return;
                };
                // From its first beat on it serves tasks.
                let record = self.agents.get_mut(&peer);
                if record.is_some_and(Record::wants_clock) {
                    self.measure_clock(None, peer.clone());
                }
                if before != Some(Liveness::Alive) {
                    info!(agent = %state.name, %peer, "heard again");
                }
                self.publish_agent(&peer);
                self.look_for_late(&peer, &state, now);
                let ids: Vec<_> = self.runs.keys().copied().collect();
                for id in ids {
                    self.observe(id, &peer, &state, now);
                    let state = Box::new(state.clone());
                    self.run_input(
                        id,
                        run::Input::Heard {
                            agent: peer.clone(),
                            state,
                        },
                        now,
                    );
                }
            }
            Event::Telemetry {
                peer,
                request,
                reply,
            } => self.telemetry(&peer, *request, reply),
            Event::Source {
                peer,
                request,
                reply,
            } => self.source(&peer, request, reply),
            Event::Listening { .. }
            | Event::Pairing { .. }
            | Event::Task { .. }
            | Event::File { .. }
            | Event::Output { .. } => {}
        }
    }

    fn set_connected(&mut self, peer: &PeerId, connected: bool) {
        if let Some(record) = self.agents.get_mut(peer) {
            record.connected = connected;
        }
    }

    fn register(
        &mut self,
        peer: &PeerId,
        address: &Address,
        request: &RegistrationRequest,
        reply: NetReply<RegistrationAnswer>,
        now: Now,
    ) {
        let result =
            self.agents
                .register(peer, address, request, &self.secret, &self.info.name, now);
        match &result.answer {
            RegistrationAnswer::Admitted { .. } => {
                info!(agent = %request.name, %peer, %address, "agent admitted");
            }
            RegistrationAnswer::Pending { reason } => {
                info!(agent = %request.name, %peer, %address, %reason, "agent pending");
            }
            RegistrationAnswer::Refused { reason, .. } => {
                warn!(agent = %request.name, %peer, %address, %reason, "agent refused");
            }
        }
        if result.newly {
            self.save_agent(peer, now);
        }
        if let RegistrationAnswer::Refused { reason, .. } = &result.answer {
            let reason = format!("it was refused: {reason}");
            self.not_an_agent(peer, &reason);
        } else if let Some(awaited) = self.awaited.remove(peer) {
            self.keep_address(peer, awaited.address, now);
            let view = self
                .agents
                .view_of(peer)
                .ok_or_else(|| Refused::no_agent(peer));
            let _ = awaited.reply.send(view);
        }
        self.publish_agent(peer);
        // The node must take the agent's beats before the agent sends the first one.
        let (node, peer) = (self.node.clone(), peer.clone());
        self.tasks.spawn(async move {
            let _ = node.registered(peer, result.admitted).await;
            reply.send(result.answer);
            Done::Nothing
        });
    }

    pub(super) fn save_agent(&mut self, peer: &PeerId, now: Now) {
        let Some(record) = self.agents.get(peer) else {
            return;
        };
        if let Err(cause) = self.store.save_agent(&record.admitted(), now.wall_ms) {
            warn!(%cause, "the agent could not be saved: it has to be admitted again after a restart");
        }
    }

    pub(super) fn liveness_changed(&mut self, id: &PeerId, now: Now) {
        self.publish_agent(id);
        let Some(record) = self.agents.get(id) else {
            return;
        };
        let (name, liveness) = (record.view.name.clone(), record.view.liveness);
        match liveness {
            Liveness::Alive => return,
            Liveness::Suspect => {
                info!(agent = %name, %id, "not heard for 3 s");
                return;
            }
            Liveness::Lost => warn!(agent = %name, %id, "lost: not heard for 12 s"),
        }
        // Whatever connection is left is dead or half dead: the agent dials anew.
        self.disconnect(id.clone());
        let ids: Vec<_> = self.runs.keys().copied().collect();
        for run in ids {
            self.run_input(run, run::Input::Lost { agent: id.clone() }, now);
        }
    }

    pub(super) fn disconnect(&mut self, peer: PeerId) {
        let node = self.node.clone();
        self.tasks.spawn(async move {
            let _ = node.disconnect(peer).await;
            Done::Nothing
        });
    }

    pub(super) fn dial_due(&mut self, now: Now) {
        let agents = &self.agents;
        let connected = |peer: &PeerId| agents.get(peer).is_some_and(|record| record.connected);
        for (peer, addresses) in self.dialer.due(now.mono, connected) {
            let node = self.node.clone();
            self.tasks.spawn(async move {
                if let Err(cause) = node.dial(Some(peer), addresses).await {
                    debug!(%cause, "dialled an agent in vain");
                }
                Done::Nothing
            });
        }
    }

    /// An address given by hand was dialled.
    pub(super) fn added(
        &mut self,
        address: Address,
        result: Result<PeerId, NetError>,
        reply: Reply<Agent>,
        now: Now,
    ) {
        match result {
            Err(cause) => {
                let hint = "See that the agent runs there, and that a firewall lets TCP through.";
                let message = format!("{address} cannot be added: {cause}.");
                let refused = Refused::new(RefusedKind::Agent, "agent-unreachable", message, hint);
                let _ = reply.send(Err(refused));
            }
            Ok(peer)
                if self
                    .agents
                    .get(&peer)
                    .is_some_and(|record| record.connected) =>
            {
                self.keep_address(&peer, address, now);
                let view = self
                    .agents
                    .view_of(&peer)
                    .ok_or_else(|| Refused::no_agent(&peer));
                let _ = reply.send(view);
            }
            Ok(peer) => {
                let until = now.mono + std::time::Duration::from_secs(10);
                self.awaited.insert(
                    peer,
                    Awaited {
                        address,
                        reply,
                        until,
                    },
                );
            }
        }
    }

    fn keep_address(&mut self, peer: &PeerId, address: Address, now: Now) {
        self.dialer.by_hand(peer.clone(), address.clone(), now.mono);
        let Some(record) = self.agents.get_mut(peer) else {
            return;
        };
        record.dial = Some(address);
        if record.view.trust == Trust::Admitted {
            self.save_agent(peer, now);
        }
    }

    fn not_an_agent(&mut self, peer: &PeerId, why: &str) {
        let Some(awaited) = self.awaited.remove(peer) else {
            return;
        };
        let message = format!("{} cannot be added: {why}.", awaited.address);
        let hint = "Give the address of a machine on which bfgg-agent runs (port 7412).";
        let refused = Refused::new(RefusedKind::Agent, "agent-unreachable", message, hint);
        let _ = awaited.reply.send(Err(refused));
    }

    pub(super) fn give_up_awaited(&mut self, now: Now) {
        let late: Vec<PeerId> = self
            .awaited
            .iter()
            .filter(|(_, awaited)| awaited.until < now.mono)
            .map(|(peer, _)| peer.clone())
            .collect();
        for peer in late {
            self.not_an_agent(&peer, "it answers but has not registered within 10 s");
        }
    }
}
