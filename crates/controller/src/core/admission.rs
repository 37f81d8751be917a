//! Who becomes one of this controller's agents: admitted by hand, paired by a code, or ignored. (By the
//! join token they come by themselves.)

use std::collections::HashSet;

use bfgg_net::{NetError, Node};
use bfgg_protocol::PeerId;
use bfgg_protocol::pairing::{
    MAX_ADDRESSES, PairingAnswer, PairingCode, PairingRefusal, PairingRequest, begin,
};
use tracing::{info, warn};

use super::{Core, Done, Reply};
use crate::agents::Record;
use crate::api::types::{Agent, Trust};
use crate::clock::Now;
use crate::error::{Refused, RefusedKind};
use crate::store::IgnoredAgent;

/// Pairings at once, of all agents.
const PAIRINGS: usize = 8;

/// Agents that are being paired.
pub(super) type Pairings = HashSet<PeerId>;

/// Why an agent was not paired.
#[derive(Debug)]
pub(super) enum NotPaired {
    /// It did not answer, or not as it should.
    Net(NetError),
    /// The code is another one; so many tries are left.
    Wrong(u32),
    /// It says no.
    Refused(PairingRefusal, u32),
    /// It answered something else than was asked, or its proof does not hold.
    NotProved,
}

impl Core {
    /// Admits an agent that trusts this controller already.
    pub(super) fn admit(&mut self, id: &PeerId, now: Now) -> Result<Agent, Refused> {
        let record = self
            .agents
            .get_mut(id)
            .ok_or_else(|| Refused::no_agent(id))?;
        match record.view.trust {
            Trust::NeedsCode | Trust::NeedsToken => return Err(not_admitted(record)),
            Trust::Pending => {
                record.admit();
                self.save_agent(id, now);
                // The agent registers again on its next connection, and is admitted then.
                self.disconnect(id.clone());
                self.publish_agent(id);
            }
            Trust::Admitted => {}
        }
        self.agents.view_of(id).ok_or_else(|| Refused::no_agent(id))
    }

    /// Does not show an agent among those that wait any more, or shows it again.
    pub(super) fn ignore(
        &mut self,
        id: &PeerId,
        ignored: bool,
        now: Now,
    ) -> Result<Agent, Refused> {
        let record = self
            .agents
            .get_mut(id)
            .ok_or_else(|| Refused::no_agent(id))?;
        if record.view.trust == Trust::Admitted {
            let message = format!("{} is admitted already.", record.view.name);
            let hint = "Remove it, if it is not to be used.";
            return Err(refused("already-admitted", message, hint));
        }
        record.view.ignored = ignored;
        let agent = IgnoredAgent {
            peer: id.clone(),
            name: record.view.name.clone(),
        };
        let kept = if ignored {
            self.store.ignore(&agent, now.wall_ms)
        } else {
            self.store.ignore_no_longer(id)
        };
        if let Err(cause) = kept {
            warn!(%cause, "who is ignored could not be saved: it is forgotten at the next start");
        }
        self.publish_agent(id);
        self.agents.view_of(id).ok_or_else(|| Refused::no_agent(id))
    }

    /// Pairs an agent by the code that it shows. Nobody waits for it but the caller.
    pub(super) fn pair(&mut self, id: PeerId, code: &PairingCode, reply: Reply<Agent>) {
        if let Err(refused) = self.may_pair(&id) {
            let _ = reply.send(Err(refused));
            return;
        }
        if self
            .agents
            .get(&id)
            .is_some_and(|record| record.view.trust == Trust::Admitted)
        {
            let view = self.agents.view_of(&id);
            let _ = reply.send(view.ok_or_else(|| Refused::no_agent(&id)));
            return;
        }
        self.pairings.insert(id.clone());
        let addresses = self.advertise.iter().map(ToString::to_string);
        let addresses: Vec<String> = addresses.take(MAX_ADDRESSES).collect();
        let (node, code) = (self.node.clone(), code.clone());
        self.tasks.spawn(async move {
            let result = prove(&node, &id, &code, addresses).await;
            Done::Paired(id, result, reply)
        });
    }

    fn may_pair(&self, id: &PeerId) -> Result<(), Refused> {
        let record = self.agents.get(id).ok_or_else(|| Refused::no_agent(id))?;
        match record.view.trust {
            Trust::Admitted => return Ok(()),
            Trust::NeedsCode => {}
            Trust::Pending => return Err(not_waiting(&record.view.name)),
            Trust::NeedsToken => return Err(too_old(&record.view.name)),
        }
        if !record.connected {
            return Err(gone(&record.view.name));
        }
        if self.pairings.contains(id) || self.pairings.len() >= PAIRINGS {
            let message = format!("{} is being paired already.", record.view.name);
            let message = match self.pairings.contains(id) {
                true => message,
                false => "Too many agents are being paired.".to_owned(),
            };
            return Err(refused("busy", message, "Try again in a moment."));
        }
        Ok(())
    }

    /// An agent was asked to pair: this is what came of it.
    pub(super) fn paired(
        &mut self,
        id: &PeerId,
        result: Result<(), NotPaired>,
        now: Now,
    ) -> Result<Agent, Refused> {
        self.pairings.remove(id);
        let record = self
            .agents
            .get_mut(id)
            .ok_or_else(|| Refused::no_agent(id))?;
        if let Err(why) = result {
            warn!(agent = %record.view.name, %id, ?why, "not paired");
            return Err(why.refused(&record.view.name));
        }
        info!(agent = %record.view.name, %id, "paired by its code");
        // It has registered meanwhile, as one that trusts this controller: then it is to come again.
        let came = record.view.trust == Trust::Pending;
        record.admit();
        self.save_agent(id, now);
        if came {
            self.disconnect(id.clone());
        }
        self.publish_agent(id);
        self.agents.view_of(id).ok_or_else(|| Refused::no_agent(id))
    }
}

/// Both sides prove to each other that they know the code, this one first.
async fn prove(
    node: &Node,
    agent: &PeerId,
    code: &PairingCode,
    addresses: Vec<String>,
) -> Result<(), NotPaired> {
    let (begun, message) = begin(code, node.peer_id(), agent);
    let answer = node.pair(agent.clone(), PairingRequest::Begin { message });
    let message = match answer.await.map_err(NotPaired::Net)? {
        PairingAnswer::Begun { message } => message,
        other => return Err(NotPaired::by(&other)),
    };
    let proof = begun.finish(&message).map_err(|_| NotPaired::NotProved)?;
    let confirmation = proof.own();
    let confirm = PairingRequest::Confirm {
        confirmation,
        addresses,
    };
    let answer = node.pair(agent.clone(), confirm);
    match answer.await.map_err(NotPaired::Net)? {
        PairingAnswer::Paired { confirmation } if proof.holds(&confirmation) => Ok(()),
        other => Err(NotPaired::by(&other)),
    }
}

impl NotPaired {
    /// An answer that is not the one that was hoped for.
    fn by(answer: &PairingAnswer) -> Self {
        match answer {
            PairingAnswer::Wrong { tries_left } => Self::Wrong(*tries_left),
            PairingAnswer::Refused {
                refusal,
                retry_after_s,
            } => Self::Refused(*refusal, *retry_after_s),
            PairingAnswer::Begun { .. } | PairingAnswer::Paired { .. } => Self::NotProved,
        }
    }

    fn refused(self, name: &str) -> Refused {
        match self {
            Self::Net(NetError::Unsupported { .. }) => too_old(name),
            Self::Net(NetError::NotConnected(_) | NetError::TimedOut(_)) => gone(name),
            Self::Net(cause) => {
                let message = format!("{name} gave no answer: {cause}.");
                let hint = "See whether it still runs; it may show a new code.";
                Refused::new(RefusedKind::Agent, "agent-unreachable", message, hint)
            }
            Self::Wrong(0) => {
                let message = format!(
                    "That is not the code of {name}, for the last time: it shows a new one now."
                );
                refused("new-code", message, "Type the new code.")
            }
            Self::Wrong(1) => {
                let message = format!("That is not the code of {name}: 1 try is left.");
                refused("wrong-code", message, "After that it shows a new code.")
            }
            Self::Wrong(left) => {
                let message = format!("That is not the code of {name}: {left} tries are left.");
                refused(
                    "wrong-code",
                    message,
                    "Compare it with what the agent shows.",
                )
            }
            Self::Refused(PairingRefusal::NotWaiting, _) => not_waiting(name),
            Self::Refused(PairingRefusal::TooManyTries, seconds) => {
                let message = format!("Codes were tried at {name} too often.");
                let hint = format!("Wait {seconds} s, or start it with the join command.");
                refused("too-many-tries", message, hint)
            }
            Self::Refused(PairingRefusal::Stale, _) => {
                let message = format!("The pairing with {name} took too long.");
                refused("pairing-stale", message, "Type the code that it shows now.")
            }
            Self::Refused(PairingRefusal::NotKept, _) => {
                let message = format!("{name} could not write down which controller it trusts.");
                let hint = "See its log: its disk may be full or not writable.";
                Refused::new(RefusedKind::Agent, "agent-failed", message, hint)
            }
            Self::Refused(PairingRefusal::Unreadable, _) => {
                let message = format!("{name} does not understand how this controller pairs.");
                let hint = "Update both, or start it with the join command.";
                Refused::new(RefusedKind::Agent, "agent-failed", message, hint)
            }
            Self::NotProved => {
                let message =
                    format!("{name} did not prove that it knows the code: it is not admitted.");
                let hint = "Another program may answer in its place. Compare the short id with the one the \
                            agent shows.";
                Refused::new(RefusedKind::Agent, "not-proved", message, hint)
            }
        }
    }
}

fn refused(code: &'static str, message: String, hint: impl Into<String>) -> Refused {
    Refused::new(RefusedKind::Conflict, code, message, hint)
}

fn too_old(name: &str) -> Refused {
    let message = format!("{name} is of an older release, which shows no code.");
    refused("no-code", message, "Start it with the join command.")
}

fn not_waiting(name: &str) -> Refused {
    let message = format!("{name} shows no code: it trusts a controller already.");
    refused("no-code", message, "If it is this one, admit it.")
}

fn gone(name: &str) -> Refused {
    let message = format!("{name} is not connected.");
    let hint = "It comes back within a minute if it still runs. It may show a new code then.";
    Refused::new(RefusedKind::Agent, "agent-unreachable", message, hint)
}

pub(super) fn not_admitted(record: &Record) -> Refused {
    let message = format!(
        "{} is not admitted. {}",
        record.view.name,
        record.waits_for()
    );
    let hint = match record.view.trust {
        Trust::NeedsCode => "Pair it by the code that it shows, or start it with the join token.",
        Trust::NeedsToken => "Start it with the join token.",
        Trust::Pending | Trust::Admitted => "Admit it first.",
    };
    refused("not-admitted", message, hint)
}
