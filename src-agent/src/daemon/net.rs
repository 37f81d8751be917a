//! What the network brings.

use std::collections::HashMap;
use std::time::Duration;

use bfgg_net::Event;
use bfgg_protocol::{
    AgentPhase, FileAnswer, OutputAnswer, PeerId, Receipt, Refusal, RefusalCode,
    RegistrationAnswer, TaskRequest,
};
use tracing::{debug, info, warn};

use super::Agent;
use crate::output;
use crate::registration::Registered;

/// A stranger's refusals are logged no more often than this.
const LOGGED: Duration = Duration::from_secs(10);
/// Strangers remembered for that.
const STRANGERS: usize = 256;
/// Work for peers under way at once; the network limits each peer's streams too.
const ERRANDS: usize = 256;

/// When a stranger was last named in the log.
#[derive(Debug, Default)]
pub(super) struct Refusals(HashMap<PeerId, Duration>);

impl Refusals {
    fn is_news(&mut self, peer: &PeerId, now: Duration) -> bool {
        let known = self.0.get(peer);
        if known.is_some_and(|last| now.saturating_sub(*last) < LOGGED) {
            return false;
        }
        if self.0.len() >= STRANGERS {
            self.0.clear();
        }
        self.0.insert(peer.clone(), now);
        true
    }
}

impl Agent {
    pub(super) fn net_event(&mut self, event: Event) {
        match event {
            Event::Listening { address } => info!(%address, "listening"),
            Event::Discovery { possible: false } if self.settings.discovery => {
                info!("no multicast here: controllers are not found by themselves");
            }
            Event::Discovery { .. } => {}
            Event::Found { peer, addresses } => {
                if !self.joined.all().is_empty() {
                    self.links.found(&peer, addresses);
                } else {
                    let now = self.now().mono;
                    if self.announcer.found(&peer, &addresses, now) {
                        let node = self.node.clone();
                        self.errand(async move {
                            if let Err(cause) = node.dial(Some(peer), addresses).await {
                                debug!(%cause, "not reached");
                            }
                        });
                    }
                }
            }
            Event::Connected {
                peer,
                address,
                dialled,
            } => {
                debug!(%peer, %address, dialled, "connected");
                self.links.connection(&peer, true);
                self.connected.insert(peer);
            }
            Event::Disconnected { peer } => {
                if self.admitted.remove(&peer) {
                    info!(controller = %peer, "the connection to the controller is gone");
                }
                self.links.connection(&peer, false);
                self.connected.remove(&peer);
            }
            Event::Identified { peer, software } => self.identified(peer, &software),
            Event::Pairing {
                peer,
                address,
                request,
                reply,
            } => self.pair(peer, &address, request, reply),
            Event::Task {
                peer,
                request,
                reply,
            } => {
                let receipt = self.answer_task(&peer, *request);
                reply.send(receipt);
            }
            Event::File {
                peer,
                request,
                reply,
            } => {
                if let Some(refusal) = self.refuse(&peer, "a file") {
                    reply.send(FileAnswer::Missing(refusal));
                    return;
                }
                let files = self.files.clone();
                self.errand(async move {
                    let reading = tokio::task::spawn_blocking(move || files.answer(&request));
                    if let Ok(answer) = reading.await {
                        reply.send(answer);
                    }
                });
            }
            Event::Output {
                peer,
                request,
                reply,
            } => {
                if let Some(refusal) = self.refuse(&peer, "an output") {
                    reply.send(OutputAnswer::Missing(refusal));
                    return;
                }
                let results = self.settings.places.results.clone();
                self.errand(async move {
                    let reading =
                        tokio::task::spawn_blocking(move || output::answer(&results, &request));
                    if let Ok(answer) = reading.await {
                        reply.send(answer);
                    }
                });
            }
            // For controllers.
            Event::Registration { .. }
            | Event::Telemetry { .. }
            | Event::Source { .. }
            | Event::State { .. } => {}
        }
    }

    fn errand(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        if self.errands.len() < ERRANDS {
            self.errands.spawn(work);
        }
    }

    /// The receipt, at once. Who was not joined gets nothing, whatever it asks.
    pub(super) fn answer_task(&mut self, peer: &PeerId, request: TaskRequest) -> Receipt {
        if !self.joined.contains(peer) {
            self.log_refusal(peer, "a task");
            return Receipt::Refused(not_joined());
        }
        let now = self.now();
        let mut effects = Vec::new();
        let receipt = self.life.task(now, peer, request, &mut effects);
        if let Receipt::Refused(refusal) = &receipt {
            info!(controller = %peer, code = ?refusal.code, message = refusal.message, "task refused");
        }
        self.apply(effects);
        receipt
    }

    /// Why a peer that was not joined gets nothing.
    fn refuse(&mut self, peer: &PeerId, what: &str) -> Option<String> {
        if self.joined.contains(peer) {
            return None;
        }
        self.log_refusal(peer, what);
        Some(not_joined().message)
    }

    fn log_refusal(&mut self, peer: &PeerId, what: &str) {
        let now = self.now().mono;
        if self.refused.is_news(peer, now) {
            warn!(%peer, "refused {what}: not a controller this agent has joined");
        }
    }

    fn identified(&mut self, peer: PeerId, software: &str) {
        if !self.joined.all().is_empty() {
            return;
        }
        let is_controller = software.starts_with("bfgg-controller/");
        let now = self.now().mono;
        let tell = self.announcer.identified(&peer, software, now);
        let node = self.node.clone();
        if !is_controller {
            self.errand(async move {
                let _ = node.disconnect(peer).await;
            });
        } else if tell {
            let mut request = self.introduction.borrow().clone();
            request.joined = false;
            request.shows_code = self.pairing.is_waiting();
            self.errand(async move {
                if let Err(cause) = node.register(peer.clone(), request).await {
                    debug!(%peer, %cause, "not announced");
                }
            });
        }
    }

    /// Without a token the addresses of the settings are at least told that the agent is there.
    pub(super) fn dial_hosts(&mut self) {
        let hosts = self.settings.controller_hosts.clone();
        let now = self.now().mono;
        if hosts.is_empty() || !self.announcer.hosts(!self.connected.is_empty(), now) {
            return;
        }
        let node = self.node.clone();
        self.errand(async move {
            if let Err(cause) = node.dial(None, hosts).await {
                debug!(%cause, "not reached");
            }
        });
    }

    pub(super) fn registered(&mut self, registered: Registered) {
        let Registered {
            controller: peer,
            answer,
        } = registered;
        // The answer may be older than a `leave` or a lost connection.
        if !self.joined.contains(&peer) || !self.connected.contains(&peer) {
            return;
        }
        match answer {
            RegistrationAnswer::Admitted {
                controller, group, ..
            } => {
                if self.admitted.insert(peer.clone()) {
                    info!(%controller, %peer, "admitted");
                }
                if let Some(group) = group {
                    self.life.set_group(&group);
                    self.apply(Vec::new());
                }
            }
            RegistrationAnswer::Pending { reason } => {
                if self.admitted.remove(&peer) {
                    info!(%peer, %reason, "no longer admitted");
                }
            }
            RegistrationAnswer::Refused { .. } => {
                self.admitted.remove(&peer);
            }
        }
    }
}

fn not_joined() -> Refusal {
    Refusal {
        code: RefusalCode::NotJoined,
        message: "this agent has not joined this controller".to_owned(),
        phase: None::<AgentPhase>,
    }
}
