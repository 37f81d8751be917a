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
    AgentPhase, AgentState, Failure, FailureCode, GitSource, PeerId, Prepare, RunId, Task, TaskId,
    TaskResult,
};

use super::split::divide;
use crate::api::types::{
    Run, RunAgent, RunAgentPhase as Phase, RunFailure, RunSpec, RunState as State, Totals,
};
use crate::clock::Now;

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
    /// An agent's clock minus ours, µs; `None` if it could not be measured.
    Clock {
        agent: PeerId,
        offset_us: Option<i64>,
    },
    /// The user stops the run.
    Stop { force: bool },
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

/// An agent's part, beside what the API shows.
#[derive(Debug)]
pub(super) struct Member {
    /// The task whose end is awaited.
    pub(super) task: Option<TaskId>,
    pub(super) offset: Option<Option<i64>>,
    /// It holds this run's lease, or has told how the run ended.
    pub(super) engaged: bool,
    pub(super) lost_since: Option<Duration>,
    /// Since when its beats say nothing of this run although it should be at work on it.
    pub(super) disowned_since: Option<Duration>,
    /// A heartbeat came since Stopping began.
    pub(super) heard_since_stop: bool,
}

impl Member {
    fn new() -> Self {
        Self {
            task: None,
            offset: None,
            engaged: false,
            lost_since: None,
            disowned_since: None,
            heard_since_stop: false,
        }
    }
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
    resumed: bool,
}

/// An agent chosen for a run.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    pub(crate) id: PeerId,
    pub(crate) name: String,
    /// The host it is connected from: JVMs of one host share its memory.
    pub(crate) host: String,
}

impl Machine {
    /// A run that has not begun. `Err` names what in the spec does not fit the agents.
    pub(crate) fn new(
        spec: RunSpec,
        agents: Vec<Chosen>,
        controller_name: String,
        folder: impl FnOnce(RunId) -> String,
        now: Now,
    ) -> Result<Self, String> {
        let id = RunId::new();
        let count = u32::try_from(agents.len()).unwrap_or(u32::MAX);
        let shares = shares(&spec, count)?;
        let mut notes = Vec::new();
        if count > 1 && spec.divide.is_empty() {
            notes.push(format!(
                "Each agent runs the whole profile: total = {count} × yours."
            ));
        }
        for (name, values) in &shares {
            let list = values
                .iter()
                .map(u64::to_string)
                .collect::<Vec<_>>()
                .join(" + ");
            notes.push(format!("Parameter {name} is divided: {list}."));
        }
        let hosts = agents.iter().map(|agent| agent.host.clone()).collect();
        let members = agents.iter().map(|_| Member::new()).collect();
        let agents = agents
            .into_iter()
            .zip(0u32..)
            .map(|(agent, index)| RunAgent {
                id: agent.id,
                name: agent.name,
                index,
                phase: Phase::Waiting,
                step: String::new(),
                parameters: shares
                    .iter()
                    .map(|(name, values)| (name.clone(), values[index as usize].to_string()))
                    .collect(),
                prepared: None,
                live: None,
                probe: None,
                end: None,
                collected_bytes: 0,
                failure: None,
            })
            .collect();
        let run = Run {
            id,
            state: State::Preparing,
            created_ms: now.wall_ms,
            started_ms: None,
            ended_ms: None,
            commit: None,
            simulation: spec.simulation.clone(),
            gatling: None,
            agents,
            live: Totals::default(),
            failures: Vec::new(),
            notes,
            has_summary: false,
            folder: folder(id),
            spec,
        };
        let (ending, forced) = (Ending::Normal, false);
        let since = now.mono;
        Ok(Self {
            run,
            members,
            controller_name,
            hosts,
            ending,
            forced,
            since,
            started: None,
            report_asked: false,
            resumed: false,
        })
    }

    /// A run that an earlier start of the controller left. What runs on the agents goes on; what
    /// was only being prepared has failed.
    pub(crate) fn resume(mut run: Run, controller_name: String, now: Now) -> Self {
        let started = run.started_ms.is_some();
        if !started {
            let failure = Failure::new(
                FailureCode::Internal,
                "prepare",
                "The controller was restarted before the run had started.",
                "Start the run again.",
            );
            run.failures.push(RunFailure {
                agent: String::new(),
                failure,
            });
        }
        // What was being collected is collected again, from the byte where it ended.
        if run.state == State::Collecting {
            run.state = State::Running;
        }
        for agent in run.agents.iter_mut().filter(|agent| agent.end.is_some()) {
            agent.phase = Phase::Ended;
        }
        let members = run
            .agents
            .iter()
            .map(|_| Member {
                engaged: true,
                ..Member::new()
            })
            .collect();
        Self {
            hosts: run
                .agents
                .iter()
                .map(|agent| agent.id.to_string())
                .collect(),
            members,
            controller_name,
            ending: if started {
                Ending::Normal
            } else {
                Ending::Failed
            },
            forced: false,
            since: now.mono,
            started: started.then_some(now.mono),
            report_asked: false,
            resumed: true,
            run,
        }
    }

    /// The run as the API shows it.
    pub(crate) fn run(&self) -> &Run {
        &self.run
    }

    /// An agent's clock minus the controller's, µs; 0 if it was never measured.
    pub(crate) fn offset_us(&self, index: usize) -> i64 {
        self.members
            .get(index)
            .and_then(|m| m.offset.flatten())
            .unwrap_or(0)
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
                    self.task_ended(index, result, &mut effects);
                }
            }
            Input::Heard { agent, state } => {
                if let Some(index) = self.index(&agent) {
                    self.heard(index, *state, now);
                }
            }
            Input::Lost { agent } => {
                if let Some(index) = self.index(&agent) {
                    self.lost(index, now);
                }
            }
            Input::Clock { agent, offset_us } => {
                if let Some(index) = self.index(&agent) {
                    self.members[index].offset = Some(offset_us);
                }
            }
            Input::Stop { force } => self.stop(force, now, &mut effects),
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

    fn go_on(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.run.started_ms.is_none() {
            self.begin_stopping(true, now, effects);
            return;
        }
        for agent in &self.run.agents {
            effects.push(Effect::MeasureClock {
                agent: agent.id.clone(),
            });
        }
        if self.run.state == State::Stopping {
            self.ending = Ending::Stopped;
            self.begin_stopping(false, now, effects);
        }
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

    fn heard(&mut self, index: usize, state: AgentState, now: Now) {
        let id = self.run.id;
        let ours = state.lease.as_ref().is_some_and(|lease| lease.run == id);
        let member = &mut self.members[index];
        member.lost_since = None;
        member.heard_since_stop = self.run.state == State::Stopping;
        let agent = &mut self.run.agents[index];
        if let Some(live) = state.live.filter(|live| live.run == id) {
            agent.live = Some(live);
        }
        let probe = state.probe.or_else(|| state.ended.as_ref()?.probe.clone());
        if let Some(probe) = probe.filter(|probe| probe.run == id) {
            agent.probe = Some(probe);
        }
        if let Some(end) = state.ended.filter(|end| end.run == id) {
            member.engaged = false;
            if agent.end.is_none() {
                let failure = end.failure.clone();
                if let Some(console) = &end.console {
                    agent.live = Some(console.clone());
                }
                agent.end = Some(end);
                agent.step = String::new();
                agent.phase = Phase::Ended;
                if let Some(failure) = failure {
                    let name = agent.name.clone();
                    agent.failure = Some(failure.clone());
                    self.run.failures.push(RunFailure {
                        agent: name,
                        failure,
                    });
                }
            }
            return;
        }
        if matches!(
            agent.phase,
            Phase::Failed | Phase::Ended | Phase::Collecting
        ) {
            if !ours {
                member.engaged = false;
            }
            return;
        }
        if !ours {
            match self.run.state {
                State::Stopping => member.engaged = false,
                State::Running => {
                    member.disowned_since.get_or_insert(now.mono);
                }
                _ => {}
            }
            return;
        }
        member.engaged = true;
        member.disowned_since = None;
        agent.step = state.step;
        agent.phase = match state.phase {
            AgentPhase::Fetching => Phase::Fetching,
            AgentPhase::Building => Phase::Building,
            AgentPhase::Starting => Phase::Starting,
            AgentPhase::Armed => Phase::Armed,
            AgentPhase::Running => Phase::Running,
            AgentPhase::Stopping => Phase::Stopping,
            // Ready counts when the task's result is here; the rest says nothing of this run.
            AgentPhase::Ready | AgentPhase::Available | AgentPhase::Error => agent.phase,
        };
    }

    fn lost(&mut self, index: usize, now: Now) {
        let member = &mut self.members[index];
        if member.lost_since.is_some() {
            return;
        }
        member.lost_since = Some(now.mono);
        if matches!(self.run.state, State::Preparing | State::Arming)
            && self.run.agents[index].phase != Phase::Failed
        {
            let name = &self.run.agents[index].name;
            let failure = Failure::new(
                FailureCode::AgentLost,
                "prepare",
                format!("{name} was lost before the start: it has not been heard for 12 s."),
                "See whether the machine is up and reaches the controller, then start again.",
            );
            self.fail(index, failure);
        } else if !matches!(
            self.run.agents[index].phase,
            Phase::Failed | Phase::Collected
        ) {
            self.run.agents[index].phase = Phase::Lost;
        }
    }
}

fn shares(spec: &RunSpec, count: u32) -> Result<Vec<(String, Vec<u64>)>, String> {
    let mut shares = Vec::new();
    for name in &spec.divide {
        let Some(parameter) = spec.parameters.iter().find(|p| p.name == *name) else {
            return Err(format!(
                "\"{name}\" is to be divided but is no parameter of the run."
            ));
        };
        let value = &parameter.value;
        let total: u64 = value.trim().parse().map_err(|_| {
            format!(
                "Parameter {name} is to be divided but its value \"{value}\" is no whole number."
            )
        })?;
        if total < u64::from(count) {
            return Err(format!(
                "Parameter {name} = {total} cannot be divided among {count} agents: each needs 1 at least."
            ));
        }
        shares.push((name.clone(), divide(total, count)));
    }
    Ok(shares)
}
