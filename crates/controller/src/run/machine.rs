//! The life of one run, as a pure state machine: inputs in, effects out, time passed in.
//!
//! ```text
//! Preparing ─all Ready─▶ Arming ─all Armed─▶ Running ─all ended─▶ Collecting ─▶ Finished
//!     │                    │                    │                     ▲  │        Partial
//!     └──── a failure, or Stop ─────────────────┴──▶ Stopping ────────┘  └──────▶ Stopped
//!                                                        └──── never started ───▶ Failed
//! ```

use std::time::Duration;

use bfgg_protocol::{
    AgentState, Failure, FailureCode, GitSource, PeerId, Prepare, Task, TaskId, TaskResult,
};

use super::member::Member;
use super::stop_rules::CpuRules;
use crate::api::types::{PinnedNote, Run, RunAgentPhase as Phase, RunFailure, RunState as State};
use crate::clock::{Now, Offset};
use crate::spec::Secrets;

/// What happened.
#[derive(Debug)]
pub(crate) enum Input {
    /// Begin: all agents are asked to prepare.
    Begin,
    /// A task of this run ended on an agent.
    TaskEnded {
        agent: PeerId,
        task: TaskId,
        result: Result<TaskResult, Failure>,
    },
    /// A heartbeat.
    Heard {
        agent: PeerId,
        state: Box<AgentState>,
    },
    /// An agent has not been heard for 12 s.
    Lost { agent: PeerId },
    /// An agent's clock against ours; `None` if it could not be measured.
    Clock {
        agent: PeerId,
        offset: Option<Offset>,
    },
    /// The user stops the run.
    Stop { force: bool },
    /// A stop rule is broken, as this sentence says.
    Broken { message: String },
    /// Bytes of an agent's log fetched so far.
    Collecting { agent: PeerId, bytes: u64 },
    /// Fetching waits, for this reason; until then it says more of [`Input::Collecting`].
    Waiting { agent: PeerId, why: String },
    /// An agent's files are here, or are not to be had.
    Collected {
        agent: PeerId,
        result: Result<(), Failure>,
    },
    /// The report is written, or could not be.
    Reported {
        result: Result<Vec<String>, Failure>,
    },
    /// Time passes.
    Tick,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Push a task until it ends; then [`Input::TaskEnded`].
    Push {
        agent: PeerId,
        task: TaskId,
        what: Task,
    },
    /// Measure the agent's clock; then [`Input::Clock`].
    MeasureClock { agent: PeerId },
    /// Fetch the agent's files; then [`Input::Collected`].
    Collect { agent: PeerId },
    /// Merge the logs and write the report; then [`Input::Reported`].
    Report,
}

/// What the run is heading for once it has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Normal,
    Stopped,
    Failed,
}

/// One run.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(super) run: Run,
    pub(super) members: Vec<Member>,
    pub(super) controller_name: String,
    pub(super) hosts: Vec<String>,
    pub(super) ending: Ending,
    pub(super) forced: bool,
    /// When the state was entered.
    pub(super) since: Duration,
    pub(super) started: Option<Duration>,
    pub(super) report_asked: bool,
    pub(super) resumed: bool,
    pub(super) cpu: CpuRules,
    /// Values that the run itself does not show.
    pub(super) secrets: Secrets,
}

impl Machine {
    /// The run as the API shows it.
    pub(crate) fn run(&self) -> &Run {
        &self.run
    }

    /// This computer slept: what machines did before says nothing of the time since.
    pub(crate) fn forget_cpu(&mut self) {
        self.cpu.forget();
    }

    /// Notes that somebody has pinned, all there are now.
    pub(crate) fn pin(&mut self, notes: Vec<PinnedNote>) {
        self.run.pinned = notes;
    }

    /// Takes one input.
    pub(crate) fn handle(&mut self, now: Now, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.run.state.is_final() {
            return effects;
        }
        match input {
            Input::Begin if self.resumed => self.go_on(now, &mut effects),
            Input::Begin => {
                for index in 0..self.members.len() {
                    self.prepare(index, None, &mut effects);
                }
            }
            Input::TaskEnded {
                agent,
                task,
                result,
            } => {
                if let Some(index) = self.index(&agent)
                    && self.members[index].task == Some(task)
                {
                    self.members[index].task = None;
                    self.task_ended(index, result, now, &mut effects);
                }
            }
            Input::Heard { agent, state } => {
                if let Some(index) = self.index(&agent) {
                    self.watch_cpu(index, &state, now, &mut effects);
                    self.clock_told(index, &state, now, &mut effects);
                    self.heard(index, *state, now);
                }
            }
            Input::Lost { agent } => {
                if let Some(index) = self.index(&agent) {
                    self.lost(index, now);
                }
            }
            Input::Clock { agent, offset } => {
                if let Some(index) = self.index(&agent) {
                    self.clock_measured(index, offset, now);
                }
            }
            Input::Stop { force } => self.stop(force, now, &mut effects),
            Input::Broken { message } => self.broken(message, now, &mut effects),
            Input::Collecting { agent, bytes } => {
                if let Some(index) = self.index(&agent) {
                    self.run.agents[index].collected_bytes = bytes;
                    self.run.agents[index].step.clear();
                }
            }
            Input::Waiting { agent, why } => {
                if let Some(index) = self.index(&agent) {
                    self.run.agents[index].step = why;
                }
            }
            Input::Collected { agent, result } => {
                if let Some(index) = self.index(&agent) {
                    self.collected(index, result, &mut effects);
                }
            }
            Input::Reported { result } => self.reported(result, now),
            Input::Tick => {}
        }
        self.advance(now, &mut effects);
        self.add_up();
        effects
    }

    fn index(&self, agent: &PeerId) -> Option<usize> {
        self.run
            .agents
            .iter()
            .position(|member| member.id == *agent)
    }

    pub(super) fn enter(&mut self, state: State, now: Now) {
        self.run.state = state;
        self.since = now.mono;
        if state.is_final() {
            self.run.ended_ms = Some(now.wall_ms);
            // Whatever an agent was doing for this run, it does it no more.
            for agent in &mut self.run.agents {
                agent.step.clear();
                if !matches!(agent.phase, Phase::Failed | Phase::Lost | Phase::Collected) {
                    agent.phase = Phase::Ended;
                }
            }
        }
    }

    pub(super) fn push(&mut self, index: usize, what: Task, effects: &mut Vec<Effect>) {
        let task = TaskId::new();
        self.members[index].task = Some(task);
        effects.push(Effect::Push {
            agent: self.run.agents[index].id.clone(),
            task,
            what,
        });
    }

    pub(super) fn prepare(
        &mut self,
        index: usize,
        commit: Option<String>,
        effects: &mut Vec<Effect>,
    ) {
        let source = &self.run.spec.source;
        let what = Task::Prepare(Prepare {
            run: self.run.id,
            controller_name: self.controller_name.clone(),
            source: GitSource {
                url: source.url.clone(),
                reference: source.reference.clone(),
                commit,
                folder: source.folder.clone(),
            },
            snapshot: source
                .snapshot
                .as_ref()
                .map(|snapshot| Box::new(snapshot.id)),
            simulation: self.run.spec.simulation.clone(),
            list_only: false,
        });
        self.members[index].engaged = true;
        self.push(index, what, effects);
    }

    pub(super) fn fail(&mut self, index: usize, failure: Failure) {
        let agent = &mut self.run.agents[index];
        let name = agent.name.clone();
        agent.phase = Phase::Failed;
        agent.failure = Some(failure.clone());
        self.run.failures.push(RunFailure {
            agent: name,
            failure,
        });
    }

    fn task_ended(
        &mut self,
        index: usize,
        result: Result<TaskResult, Failure>,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let result = match result {
            Ok(TaskResult::Failed(failure)) => Err(failure),
            other => other,
        };
        match (self.run.state, result) {
            (State::Preparing, Ok(TaskResult::Prepared(prepared))) => {
                let commit = self
                    .run
                    .commit
                    .get_or_insert_with(|| prepared.commit.clone())
                    .clone();
                if prepared.commit != commit && self.run.spec.source.snapshot.is_some() {
                    let name = &self.run.agents[index].name;
                    let message = format!("{name} has built other files than those of the folder.");
                    let hint = "Update the agent.";
                    let failure = Failure::new(FailureCode::Internal, "build", message, hint);
                    self.fail(index, failure);
                    return;
                }
                if prepared.commit != commit {
                    // The branch moved while the agents fetched: all run what the first one has.
                    self.prepare(index, Some(commit), effects);
                    return;
                }
                self.run.simulation = prepared.simulation.clone();
                self.run.gatling = Some(prepared.gatling.clone());
                let agent = &mut self.run.agents[index];
                agent.phase = Phase::Ready;
                agent.step = String::new();
                agent.prepared = Some(*prepared);
            }
            (State::Preparing | State::Arming, Err(failure)) => {
                // What refuses or fails before the start holds nothing of this run.
                if failure.code == FailureCode::Busy {
                    self.members[index].engaged = false;
                }
                self.fail(index, failure);
            }
            (State::Running, Err(failure)) => {
                // The release did not reach the agent: it must not wait armed for ever.
                let reason = format!("{} was not started", self.run.agents[index].name);
                self.out(index, now.wall_ms, reason, false, now);
                self.fail(index, failure);
                self.push(
                    index,
                    Task::Stop {
                        run: self.run.id,
                        force: true,
                    },
                    effects,
                );
            }
            // A stop that failed shows in the deadline; all else shows in the agent's state.
            _ => {}
        }
    }
}
