//! What the API asks of the loop.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bfgg_net::{Address, NetError};
use bfgg_protocol::{
    ContentHash, Failure, GitSource, JoinToken, OutputAnswer, OutputRequest, PeerId, Prepare,
    RunId, Secret, Task, TaskId, TaskResult, TestId,
};
use bfgg_report::LiveFigures;
use tokio::sync::{broadcast, oneshot};
use tracing::warn;

use super::lending::Lent;
use super::{Core, Done, Published};
use crate::agents::Record;
use crate::api::types::{
    Agent, Event, Group, Info, JoinInstructions, LocalAgent, PrepareSpec, Run, RunSpec, Test,
    TestRef, Tick, Trust,
};
use crate::clock::Now;
use crate::error::{Refused, RefusedKind};
use crate::pusher::push;
use crate::store::SavedTest;

pub(crate) type Reply<T> = oneshot::Sender<Result<T, Refused>>;

/// Everything as it is now, and what comes after it.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) sequence: u64,
    pub(crate) event: Event,
    pub(crate) next: broadcast::Receiver<Arc<Published>>,
}

/// A task under way on one agent, whose end the API awaits.
#[derive(Debug)]
pub(crate) struct Errand {
    pub(crate) agent: PeerId,
    pub(crate) name: String,
    pub(crate) end: oneshot::Receiver<Result<TaskResult, Failure>>,
}

#[derive(Debug)]
pub(crate) enum Request {
    Info(Reply<Info>),
    Join(Reply<JoinInstructions>),
    RotateToken(Reply<JoinInstructions>),
    Agents(Reply<Vec<Agent>>),
    Groups(Reply<Vec<Group>>),
    AddAgent(Address, Reply<Agent>),
    /// The agent on this computer.
    LocalAgent(Reply<LocalAgent>),
    StartLocalAgent(Reply<LocalAgent>),
    StopLocalAgent(Reply<LocalAgent>),
    Admit(PeerId, Reply<Agent>),
    Remove(PeerId, Reply<()>),
    SetGroup(PeerId, String, Reply<Agent>),
    /// A task for one agent.
    Errand(PeerId, Task, Reply<Errand>),
    /// Prepare on the agents of a selection (`one`: on the first of them alone).
    Prepare {
        spec: PrepareSpec,
        one: bool,
        reply: Reply<Vec<Errand>>,
    },
    /// A run, maybe of a saved test.
    StartRun(Box<RunSpec>, Option<TestRef>, Reply<Run>),
    StopRun {
        id: RunId,
        force: bool,
        reply: Reply<Run>,
    },
    Run(RunId, Reply<Run>),
    Runs(Reply<Vec<Run>>),
    Ticks(RunId, Reply<Vec<Tick>>),
    Tests(Reply<Vec<Test>>),
    Test(TestId, Reply<Test>),
    /// A test as it is kept, with where its secret values are.
    SavedTest(TestId, Reply<SavedTest>),
    /// Whether a test could have this name, and there is room for it.
    MaySaveTest {
        id: TestId,
        name: String,
        reply: Reply<()>,
    },
    SaveTest(Box<SavedTest>, Reply<Test>),
    RemoveTest(TestId, Reply<()>),
    /// What is known of a run in progress, with the seconds from one on.
    Figures {
        id: RunId,
        from: i64,
        /// `None`: not now.
        reply: Reply<Option<Arc<LiveFigures>>>,
    },
    /// Reads what an agent's programs print.
    Output(PeerId, OutputRequest, Reply<Result<OutputAnswer, NetError>>),
    /// Snapshots of folders that are not to be cleared.
    SourcesInUse(Reply<HashSet<ContentHash>>),
    Subscribe(Reply<Snapshot>),
}

/// Runs in a snapshot and in a list.
const MAX_RUNS: u32 = 200;

impl Core {
    pub(super) fn request(&mut self, request: Request, now: Now) {
        // A caller that is gone needs no answer.
        match request {
            Request::Info(reply) => drop(reply.send(Ok(self.info.clone()))),
            Request::Join(reply) => drop(reply.send(self.join())),
            Request::RotateToken(reply) => drop(reply.send(self.rotate())),
            Request::Agents(reply) => drop(reply.send(Ok(self.agents.views()))),
            Request::Groups(reply) => drop(reply.send(Ok(self.agents.groups()))),
            Request::AddAgent(address, reply) => {
                let node = self.node.clone();
                self.tasks.spawn(async move {
                    let result = node.dial(None, vec![address.clone()]).await;
                    Done::Added(address, result, reply)
                });
            }
            Request::LocalAgent(reply) => drop(reply.send(Ok(self.local_view.clone()))),
            Request::StartLocalAgent(reply) => drop(reply.send(Ok(self.start_local_agent()))),
            Request::StopLocalAgent(reply) => drop(reply.send(self.stop_local_agent())),
            Request::Admit(id, reply) => drop(reply.send(self.admit(&id, now))),
            Request::Remove(id, reply) => {
                let known = self.agents.get(&id).is_some();
                if known {
                    self.dialer.forget(&id);
                    self.forget(&id);
                }
                let _ = reply.send(if known {
                    Ok(())
                } else {
                    Err(Refused::no_agent(&id))
                });
            }
            Request::SetGroup(id, group, reply) => {
                drop(reply.send(self.set_group(&id, &group, now)));
            }
            Request::Errand(id, task, reply) => {
                let errand = match self.agents.get(&id) {
                    None => Err(Refused::no_agent(&id)),
                    Some(record) if record.view.trust != Trust::Admitted => {
                        Err(not_admitted(record))
                    }
                    Some(_) => Ok(self.errand(&id, task)),
                };
                let _ = reply.send(errand);
            }
            Request::Prepare { spec, one, reply } => drop(reply.send(self.prepare(spec, one))),
            Request::StartRun(spec, test, reply) => {
                drop(reply.send(self.start_run(*spec, test, now)));
            }
            Request::Tests(reply) => drop(reply.send(Ok(self.list_tests()))),
            Request::Test(id, reply) => drop(reply.send(self.find_test(id))),
            Request::SavedTest(id, reply) => drop(reply.send(self.saved_test(id))),
            Request::MaySaveTest { id, name, reply } => {
                drop(reply.send(self.may_save_test(id, &name)));
            }
            Request::SaveTest(test, reply) => drop(reply.send(self.save_test(*test))),
            Request::RemoveTest(id, reply) => drop(reply.send(self.remove_test(id))),
            Request::StopRun { id, force, reply } => {
                drop(reply.send(self.stop_run(id, force, now)));
            }
            Request::Run(id, reply) => drop(reply.send(self.find_run(id))),
            Request::Runs(reply) => drop(reply.send(Ok(self.list_runs()))),
            Request::Ticks(id, reply) => drop(reply.send(Ok(self.ticks(id)))),
            Request::Figures { id, from, reply } => match self.runs.get(&id) {
                None => drop(reply.send(Err(not_in_progress(id)))),
                Some(active) => {
                    let figures = active.recorder.figures(from);
                    self.tasks.spawn(async move {
                        let _ = reply.send(Ok(figures.await));
                        Done::Nothing
                    });
                }
            },
            Request::Output(agent, request, reply) => {
                let node = self.node.clone();
                self.tasks.spawn(async move {
                    let _ = reply.send(Ok(node.output(agent, request).await));
                    Done::Nothing
                });
            }
            Request::SourcesInUse(reply) => drop(reply.send(Ok(self.sources_in_use()))),
            Request::Subscribe(reply) => {
                let next = self.viewers.subscribe();
                let ticks: BTreeMap<String, Vec<Tick>> = self
                    .runs
                    .keys()
                    .map(|id| (id.to_string(), self.ticks(*id)))
                    .collect();
                let event = Event::Snapshot {
                    info: Box::new(self.info.clone()),
                    agents: self.agents.views(),
                    runs: self.list_runs(),
                    ticks,
                    local_agent: Box::new(self.local_view.clone()),
                    tests: self.list_tests(),
                };
                let _ = reply.send(Ok(Snapshot {
                    sequence: self.sequence,
                    event,
                    next,
                }));
            }
        }
    }

    fn join(&self) -> Result<JoinInstructions, Refused> {
        let token = JoinToken {
            controller: self.info.peer.clone(),
            secret: Some(self.secret.clone()),
            addresses: self.advertise.iter().map(ToString::to_string).collect(),
        }
        .to_string();
        let command = format!("bfgg-agent --join {token}");
        Ok(JoinInstructions { token, command })
    }

    fn rotate(&mut self) -> Result<JoinInstructions, Refused> {
        let failed = |cause: String| {
            let message = format!("The token could not be rotated: {cause}.");
            Refused::new(
                RefusedKind::Internal,
                "internal",
                message,
                "The old token stays valid.",
            )
        };
        let secret = Secret::random().map_err(|e| failed(e.to_string()))?;
        self.store
            .save_secret(&secret)
            .map_err(|e| failed(e.to_string()))?;
        self.secret = secret;
        self.join()
    }

    fn admit(&mut self, id: &PeerId, now: Now) -> Result<Agent, Refused> {
        let record = self
            .agents
            .get_mut(id)
            .ok_or_else(|| Refused::no_agent(id))?;
        if record.view.trust == Trust::NeedsToken {
            return Err(not_admitted(record));
        }
        if record.view.trust == Trust::Pending {
            record.view.trust = Trust::Admitted;
            record.view.remark = String::new();
            self.save_agent(id, now);
            // The agent registers again on its next connection, and is admitted then.
            self.disconnect(id.clone());
            self.publish_agent(id);
        }
        self.agents.view_of(id).ok_or_else(|| Refused::no_agent(id))
    }

    fn set_group(&mut self, id: &PeerId, group: &str, now: Now) -> Result<Agent, Refused> {
        let group = group.trim();
        if group.chars().count() > 100 || group.chars().any(char::is_control) {
            let message = "A group's name has at most 100 characters and no control characters.";
            return Err(Refused::new(
                RefusedKind::BadInput,
                "bad-input",
                message,
                "",
            ));
        }
        let record = self
            .agents
            .get_mut(id)
            .ok_or_else(|| Refused::no_agent(id))?;
        if record.view.trust != Trust::Admitted {
            return Err(not_admitted(record));
        }
        record.set_group = Some(group.to_owned());
        record.view.group = group.to_owned();
        self.save_agent(id, now);
        self.publish_agent(id);
        let _told = self.errand(
            id,
            Task::SetGroup {
                group: group.to_owned(),
            },
        );
        self.agents.view_of(id).ok_or_else(|| Refused::no_agent(id))
    }

    /// Pushes a task of no run to an agent that is known.
    fn errand(&mut self, id: &PeerId, task: Task) -> Errand {
        let (tell, end) = oneshot::channel();
        let mut name = String::new();
        if let Some(record) = self.agents.get(id) {
            name.clone_from(&record.view.name);
            let (node, agent, state) = (self.node.clone(), id.clone(), record.state.subscribe());
            let label = name.clone();
            let prepares = match &task {
                Task::Prepare(prepare) => Some(prepare.run),
                _ => None,
            };
            self.tasks.spawn(async move {
                let result = push(&node, &agent, &label, TaskId::new(), task, state).await;
                let _ = tell.send(result);
                prepares.map_or(Done::Nothing, |run| Done::Prepared(run, agent))
            });
        }
        Errand {
            agent: id.clone(),
            name,
            end,
        }
    }

    fn prepare(&mut self, spec: PrepareSpec, one: bool) -> Result<Vec<Errand>, Refused> {
        crate::spec::check_source(&spec.source)?;
        let mut selection = spec.selection;
        if one {
            selection.count = Some(1);
        }
        let chosen: Vec<PeerId> = self
            .agents
            .select(&selection)?
            .iter()
            .map(|r| r.view.id.clone())
            .collect();
        let run = RunId::new();
        let snapshot = spec.source.snapshot.map(|snapshot| snapshot.id);
        if let Some(snapshot) = snapshot {
            let agents = chosen.iter().cloned().collect();
            self.lent.insert(run, Lent { snapshot, agents });
        }
        let task = Task::Prepare(Prepare {
            run,
            controller_name: self.info.name.clone(),
            source: GitSource {
                url: spec.source.url,
                reference: spec.source.reference,
                commit: None,
                folder: spec.source.folder,
            },
            snapshot: snapshot.map(Box::new),
            simulation: None,
            list_only: true,
        });
        Ok(chosen
            .iter()
            .map(|id| self.errand(id, task.clone()))
            .collect())
    }

    pub(super) fn find_run(&self, id: RunId) -> Result<Run, Refused> {
        if let Some(active) = self.runs.get(&id) {
            return Ok(active.view());
        }
        match self.store.run(id) {
            Ok(Some(run)) => Ok(run),
            Ok(None) => Err(Refused::no_run(id)),
            Err(cause) => {
                let message = format!("The database cannot be read: {cause}.");
                Err(Refused::new(RefusedKind::Internal, "internal", message, ""))
            }
        }
    }

    fn list_runs(&self) -> Vec<Run> {
        let mut runs = self.store.runs(MAX_RUNS).unwrap_or_else(|cause| {
            warn!(%cause, "the database cannot be read");
            Vec::new()
        });
        for run in &mut runs {
            if let Some(active) = self.runs.get(&run.id) {
                *run = active.view();
            }
        }
        runs
    }
}

fn not_admitted(record: &Record) -> Refused {
    let message = format!(
        "{} is not admitted. {}",
        record.view.name, record.view.remark
    );
    let hint = "Admit it first; where it trusts no controller, start it with the join token.";
    Refused::new(RefusedKind::Conflict, "not-admitted", message, hint)
}

/// There are no live figures of it.
pub(crate) fn not_in_progress(id: RunId) -> Refused {
    let message = format!("Run {id} is not in progress.");
    let hint = "GET /api/v1/runs/{id}/summary has the figures of a run that has ended.";
    Refused::new(RefusedKind::Conflict, "not-in-progress", message, hint)
}
