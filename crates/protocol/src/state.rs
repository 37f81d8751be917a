//! An agent's state: small, whole, sent once a second.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{ClockJump, Failure, Health, InstanceId, PeerId, RunId, TaskId};

/// Everything a controller needs to know of an agent from second to second.
///
/// At most [`crate::version::MAX_STATE`] bytes. A heartbeat carries no authority: it is believed
/// about its sender only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentState {
    /// This start of the agent process.
    pub instance: InstanceId,
    /// Counts the messages of this instance, from 1.
    pub sequence: u64,
    /// The agent's label.
    pub name: String,
    /// The agent's group; empty for none.
    #[serde(default)]
    pub group: String,
    /// What the agent is doing.
    pub phase: AgentPhase,
    /// What exactly, in a few words ("mvn test-compile"); empty when there is nothing to say.
    #[serde(default)]
    pub step: String,
    /// Who has the agent, and for which run.
    #[serde(default)]
    pub lease: Option<Lease>,
    /// Why the agent is in [`AgentPhase::Error`].
    #[serde(default)]
    pub failure: Option<Failure>,
    /// The newest tasks and how they ended, at most 16.
    #[serde(default)]
    pub tasks: Vec<TaskOutcome>,
    /// Counters of the run in progress.
    #[serde(default)]
    pub live: Option<LiveCounters>,
    /// What the probe in Gatling's JVM tells of the run in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
    /// The newest run that ended on this agent for this controller.
    #[serde(default)]
    pub ended: Option<RunEnd>,
    /// The runs that the agent keeps because their controller has not confirmed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Box<KeptRuns>>,
    /// The machine's load.
    #[serde(default)]
    pub health: Health,
    /// The newest jump of the agent's wall clock since this start of the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_jump: Option<ClockJump>,
}

impl AgentState {
    /// Of an agent that has nothing to do and nothing to tell.
    #[must_use]
    pub fn available(instance: InstanceId, name: &str) -> Self {
        Self {
            instance,
            sequence: 0,
            name: name.to_owned(),
            group: String::new(),
            phase: AgentPhase::Available,
            step: String::new(),
            lease: None,
            failure: None,
            tasks: Vec::new(),
            live: None,
            probe: None,
            ended: None,
            kept: None,
            health: Health::default(),
            clock_jump: None,
        }
    }
}

/// Runs that have ended on an agent and are kept until their controller confirms that it has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRuns {
    /// How many, of all controllers.
    pub runs: u32,
    /// What they take on the disk, bytes.
    #[serde(default)]
    pub bytes: u64,
    /// The end of one of them, of the controller that is told: each in its turn.
    #[serde(default)]
    pub end: Option<RunEnd>,
}

/// The phases of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AgentPhase {
    /// Free for the next run.
    Available,
    /// Cloning or fetching the repository.
    Fetching,
    /// Building the project.
    Building,
    /// Built, and waiting for Start.
    Ready,
    /// Start was received; supervisor and Gatling are coming up.
    Starting,
    /// Gatling is held where its load begins, or, without a probe, ready to be started; waiting for
    /// the start instant.
    Armed,
    /// Gatling runs.
    Running,
    /// Gatling is being stopped.
    Stopping,
    /// The last task failed; the next Prepare or Clear leaves this phase.
    Error,
}

/// Who has an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Lease {
    /// The controller.
    pub controller: PeerId,
    /// Its label.
    #[serde(default)]
    pub controller_name: String,
    /// The run.
    pub run: RunId,
    /// Since when, wall time of the agent in ms since 1970.
    pub since_ms: u64,
}

/// How a task stands. The result itself is fetched with [`crate::Task::Result`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskOutcome {
    /// The task.
    pub task: TaskId,
    /// `None` while it runs, then whether it succeeded.
    pub succeeded: Option<bool>,
}

/// Counters of a running Gatling, as its console states them (exact, whole run).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LiveCounters {
    /// The run.
    pub run: RunId,
    /// Seconds since the JVM's start, as Gatling states them.
    pub elapsed_s: u32,
    /// Requests that succeeded.
    pub ok: u64,
    /// Requests that failed.
    pub ko: u64,
    /// Virtual users at work.
    pub users_active: u64,
    /// Virtual users that have ended.
    pub users_done: u64,
    /// Virtual users still to start, where Gatling knows it.
    pub users_waiting: u64,
}

/// What the probe in Gatling's JVM tells, or why there is none in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Probe {
    /// The run.
    pub run: RunId,
    /// The start is held where the load begins. If not, Gatling is started ahead of the instant by
    /// the time it took to come up last.
    pub held: bool,
    /// The log is written ten times a second. If not, live figures lag by what Gatling buffers.
    pub flushed: bool,
    /// Why not, as a sentence without its full stop; empty where both are so.
    #[serde(default)]
    pub reason: String,
    /// When the start was released, wall time of the agent in ms since 1970.
    #[serde(default)]
    pub released_ms: Option<u64>,
    /// The same moment by Gatling's own clock, which makes the times of its log.
    #[serde(default)]
    pub gatling_ms: Option<u64>,
    /// The heap in use, bytes.
    #[serde(default)]
    pub heap_used_bytes: u64,
    /// The heap at most, bytes; 0 if not known.
    #[serde(default)]
    pub heap_max_bytes: u64,
    /// Time spent collecting garbage so far, ms.
    #[serde(default)]
    pub gc_ms: u64,
}

impl Probe {
    /// What the run lacks for want of a probe that does all it can; `None` for nothing.
    pub fn lacks(&self) -> Option<&'static str> {
        match (self.held, self.flushed) {
            (true, true) => None,
            (false, true) => Some("start not held"),
            (true, false) => Some("live figures lag"),
            (false, false) => Some("start not held, live figures lag"),
        }
    }
}

/// How a run ended on an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RunEnd {
    /// The run.
    pub run: RunId,
    /// How Gatling ended.
    pub exit: RunExit,
    /// When Gatling was started, wall time of the agent in ms since 1970; 0 if never.
    pub started_ms: u64,
    /// When it ended, likewise.
    pub ended_ms: u64,
    /// The last counters of Gatling's console: the second source the log is checked against.
    #[serde(default)]
    pub console: Option<LiveCounters>,
    /// Bytes in simulation.log; `None` if there is none.
    #[serde(default)]
    pub log_bytes: Option<u64>,
    /// What the user should know, if anything went wrong.
    #[serde(default)]
    pub failure: Option<Failure>,
    /// The probe's last word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub probe: Option<Probe>,
    /// It was stopped because its controller was not heard for the dead man's limit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub dead_man: bool,
}

/// How Gatling's process ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum RunExit {
    /// Status 0.
    Success,
    /// Status 2: assertions failed on this agent's part of the load.
    AssertionsFailed,
    /// Status 1 and any other.
    Failed {
        /// The exit status.
        status: i32,
    },
    /// A signal that nobody here sent.
    Killed {
        /// Its number.
        signal: i32,
    },
    /// Stopped by its controller.
    Stopped,
    /// The maximum duration was reached.
    MaxDuration,
    /// Gatling was never started.
    NotStarted,
}
