//! The table of agents: who is there, who may be used, who is heard. Pure: time is passed in.

mod link;
mod record;
mod slowdown;

use std::collections::BTreeMap;
use std::time::Duration;

use bfgg_net::Address;
use bfgg_protocol::{AgentState, PeerId, RegistrationAnswer, RegistrationRequest, Secret, version};

pub(crate) use record::Record;
use slowdown::Slowdown;

use crate::api::types::{Agent, Group, Run, RunAgentPhase, Selection, Trust};
use crate::clock::Now;
use crate::error::{Refused, RefusedKind};
use crate::store::{AdmittedAgent, IgnoredAgent};

/// Agents that are listed without being admitted: more are refused, so that nobody fills memory.
const MAX_STRANGERS: usize = 256;
/// An ephemeral agent is forgotten this long after it is lost.
const EPHEMERAL: Duration = Duration::from_secs(600);

/// What a registration came to.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) answer: RegistrationAnswer,
    /// The agent may send its state and get tasks.
    pub(crate) admitted: bool,
    /// It was admitted by this registration: to be kept.
    pub(crate) newly: bool,
}

/// All agents this controller knows.
#[derive(Debug, Default)]
pub(crate) struct Agents {
    records: BTreeMap<PeerId, Record>,
    slowdown: Slowdown,
}

impl Agents {
    /// The agents admitted in earlier starts, and those that are ignored.
    pub(crate) fn known(admitted: Vec<AdmittedAgent>, ignored: Vec<IgnoredAgent>) -> Self {
        let ignored = ignored.into_iter().map(Record::ignored);
        let admitted = admitted.into_iter().map(Record::known);
        let records = ignored
            .chain(admitted)
            .map(|record| (record.view.id.clone(), record))
            .collect();
        Self {
            records,
            slowdown: Slowdown::default(),
        }
    }

    pub(crate) fn get(&self, id: &PeerId) -> Option<&Record> {
        self.records.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &PeerId) -> Option<&mut Record> {
        self.records.get_mut(id)
    }

    pub(crate) fn remove(&mut self, id: &PeerId) -> bool {
        self.records.remove(id).is_some()
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// All agents as the API shows them: pending ones first, then by name.
    pub(crate) fn views(&self) -> Vec<Agent> {
        let mut views: Vec<Agent> = self.records.values().map(|r| self.view(r)).collect();
        views.sort_by(|a, b| {
            let order = |agent: &Agent| (agent.trust == Trust::Admitted, agent.name.clone());
            order(a).cmp(&order(b)).then_with(|| a.id.cmp(&b.id))
        });
        views
    }

    /// One agent as the API shows it.
    pub(crate) fn view_of(&self, id: &PeerId) -> Option<Agent> {
        self.records.get(id).map(|record| self.view(record))
    }

    fn view(&self, record: &Record) -> Agent {
        let mut view = record.view.clone();
        let twins = self
            .records
            .values()
            .filter(|r| r.view.name == view.name)
            .count();
        if view.remark.is_empty() && twins > 1 {
            view.remark = format!(
                "{twins} agents are called {}: tell them apart by their ids.",
                view.name
            );
        }
        if view.remark.is_empty() {
            view.remark = record.poor_link().unwrap_or_default();
        }
        view
    }

    /// An agent introduces itself.
    pub(crate) fn register(
        &mut self,
        id: &PeerId,
        address: &Address,
        request: &RegistrationRequest,
        secret: &Secret,
        controller: &str,
        now: Now,
    ) -> Registered {
        let refuse = |reason: String, retry_after_s| Registered {
            answer: RegistrationAnswer::Refused {
                reason,
                retry_after_s,
            },
            admitted: false,
            newly: false,
        };
        let shared = version::shared(request.oldest, request.newest);
        let known = self
            .records
            .get(id)
            .is_some_and(|r| r.view.trust == Trust::Admitted);
        let mut proved = false;
        if let (false, Some(shown)) = (known, &request.secret) {
            if let Err(wait) = self.slowdown.may_try(address.host(), now.mono) {
                let reason = format!(
                    "Too many wrong join tokens came from {}; wait {} s.",
                    address.host(),
                    wait.as_secs() + 1
                );
                return refuse(
                    reason,
                    u32::try_from(wait.as_secs()).unwrap_or(u32::MAX) + 1,
                );
            }
            proved = shown == secret;
            if !proved {
                self.slowdown.wrong(address.host(), now.mono);
                let reason = "The join token is not valid (any more). `bfgg token` on the \
                              controller prints the current one.";
                return refuse(reason.into(), 8);
            }
        }
        let strangers = self
            .records
            .values()
            .filter(|r| r.view.trust != Trust::Admitted && !r.view.ignored)
            .count();
        if !known && !proved && !self.records.contains_key(id) && strangers >= MAX_STRANGERS {
            let reason = "Too many agents wait to be admitted; admit or remove some.";
            return refuse(reason.into(), 60);
        }
        let newly = !known && proved && request.joined;
        let record = self
            .records
            .entry(id.clone())
            .or_insert_with(|| Record::new(id.clone()));
        record.introduce(address, request, now);
        if newly {
            record.admit();
        } else if !known {
            record.view.trust = match (request.joined, request.shows_code) {
                (true, _) => Trust::Pending,
                (false, true) => Trust::NeedsCode,
                (false, false) => Trust::NeedsToken,
            };
        }
        let Some(protocol) = shared else {
            record.view.remark = format!(
                "Version {} speaks protocols {} to {}, this controller {} to {}: {} must be updated.",
                request.software,
                request.oldest,
                request.newest,
                version::OLDEST,
                version::CURRENT,
                if request.newest < version::OLDEST {
                    "the agent"
                } else {
                    "the controller"
                },
            );
            let reason = record.view.remark.clone();
            return Registered {
                newly,
                ..refuse(reason, 60)
            };
        };
        let admitted = record.view.trust == Trust::Admitted;
        record.view.remark = record.remark().to_owned();
        let answer = if admitted {
            RegistrationAnswer::Admitted {
                protocol,
                controller: controller.to_owned(),
                group: record.set_group.clone(),
            }
        } else {
            RegistrationAnswer::Pending {
                reason: record.waits_for().to_owned(),
            }
        };
        Registered {
            answer,
            admitted,
            newly,
        }
    }

    /// A heartbeat. Returns the state if it counts (see [`Record::heard`]).
    pub(crate) fn heard(&mut self, id: &PeerId, state: AgentState, now: Now) -> Option<AgentState> {
        let record = self.records.get_mut(id)?;
        (record.view.trust == Trust::Admitted)
            .then(|| record.heard(state, now))
            .flatten()
    }

    /// Time passes: returns those with something new to show, and those to be forgotten.
    pub(crate) fn tick(&mut self, now: Now) -> (Vec<PeerId>, Vec<PeerId>) {
        let mut changed = Vec::new();
        for (id, record) in &mut self.records {
            if record.age(now) {
                changed.push(id.clone());
            }
        }
        let forgettable = |record: &Record| {
            let stranger =
                record.view.trust != Trust::Admitted && !record.view.ignored && !record.connected;
            (record.ephemeral || stranger)
                && record
                    .silent_for(now)
                    .is_some_and(|silence| silence > EPHEMERAL)
        };
        let gone: Vec<PeerId> = self
            .records
            .iter()
            .filter(|(_, record)| forgettable(record))
            .map(|(id, _)| id.clone())
            .collect();
        for id in &gone {
            self.records.remove(id);
        }
        (changed, gone)
    }

    /// The groups, by name.
    pub(crate) fn groups(&self) -> Vec<Group> {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        for record in self
            .records
            .values()
            .filter(|r| r.view.trust == Trust::Admitted)
        {
            let name = record.view.group.clone();
            let group = groups.entry(name.clone()).or_insert(Group {
                name,
                agents: 0,
                available: 0,
            });
            group.agents += 1;
            group.available += u32::from(record.unusable().is_none());
        }
        groups.into_values().collect()
    }

    /// Notes which agents are at work for a run of this controller.
    pub(crate) fn hold(&mut self, run: &Run) {
        use RunAgentPhase as Phase;
        for member in &run.agents {
            let over = matches!(
                member.phase,
                Phase::Ended | Phase::Collecting | Phase::Collected | Phase::Failed | Phase::Lost
            );
            if let Some(record) = self.records.get_mut(&member.id) {
                record.hold(run, !over && !run.state.is_final());
            }
        }
    }

    /// Chooses agents, in the order of their names; those that are free come first.
    pub(crate) fn select(&self, selection: &Selection) -> Result<Vec<&Record>, Refused> {
        let conflict = |code, message: String, hint: &str| {
            Err(Refused::new(RefusedKind::Conflict, code, message, hint))
        };
        let join = "`bfgg token` prints the command that makes a machine join.";
        let mut chosen: Vec<&Record> = match &selection.agents {
            Some(ids) => {
                let mut named = Vec::new();
                for id in ids {
                    let record = self.records.get(id).ok_or_else(|| Refused::no_agent(id))?;
                    if !named.iter().any(|other: &&Record| other.view.id == *id) {
                        named.push(record);
                    }
                }
                named
            }
            None => {
                let admitted = |r: &&Record| r.view.trust == Trust::Admitted;
                let mut all: Vec<&Record> = self.records.values().filter(admitted).collect();
                all.sort_by(|a, b| {
                    a.view
                        .name
                        .cmp(&b.view.name)
                        .then_with(|| a.view.id.cmp(&b.view.id))
                });
                all
            }
        };
        if let Some(group) = &selection.group {
            chosen.retain(|record| record.view.group == *group);
            if chosen.is_empty() {
                let message = format!("No agent belongs to the group \"{group}\".");
                return conflict("no-agents", message, "GET /api/v1/groups lists the groups.");
            }
        }
        if chosen.is_empty() {
            return conflict(
                "no-agents",
                "No agent has joined this controller.".into(),
                join,
            );
        }
        let (free, unusable): (Vec<&Record>, Vec<&Record>) = chosen
            .iter()
            .copied()
            .partition(|record| record.unusable().is_none());
        let reasons = |records: &[&Record]| {
            let line = |r: &&Record| {
                format!(
                    "{} ({}) {}",
                    r.view.name,
                    r.view.short_id,
                    r.unusable().unwrap_or_default()
                )
            };
            records.iter().map(line).collect::<Vec<_>>().join("; ")
        };
        // Agents named one by one are all meant; of a group or of all, those that are free.
        let wanted = selection.count.map_or(
            if selection.agents.is_some() {
                chosen.len()
            } else {
                free.len().max(1)
            },
            |count| count as usize,
        );
        if wanted == 0 {
            let message = "A run needs one agent at least.".to_owned();
            return Err(Refused::new(
                RefusedKind::BadInput,
                "bad-input",
                message,
                "",
            ));
        }
        if free.len() < wanted {
            let (have, of) = (free.len(), chosen.len());
            let agents = if wanted == 1 {
                "agent is"
            } else {
                "agents are"
            };
            let message = match reasons(&unusable) {
                why if why.is_empty() => {
                    format!("{wanted} {agents} wanted, and only {of} have joined.")
                }
                why => format!("{wanted} {agents} wanted; {have} of {of} can be used: {why}."),
            };
            let (code, hint) = match unusable.iter().any(|r| r.is_busy()) {
                true => (
                    "busy",
                    "Wait for that run, stop it, or choose other agents.",
                ),
                false => ("too-few-agents", join),
            };
            return conflict(code, message, hint);
        }
        Ok(free.into_iter().take(wanted).collect())
    }
}
