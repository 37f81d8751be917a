//! The JSON of the HTTP API. TypeScript types and the OpenAPI document come from these.

mod access;
mod agents;
mod conduct;
mod local;
mod notes;
mod output;
mod source;
mod stretch;
mod test;

use std::collections::BTreeMap;

use bfgg_protocol::{
    DoctorReport, Failure, Health, LiveCounters, PeerId, Prepared, Probe, RunEnd, RunId, TestId,
};
use bfgg_report::{AgentClock, ClockStep, OfferedLoad, RunStart, Verdict};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

pub use access::{
    ApiToken, Caller, LogIn, LoggedIn, LoginLink, MadeApiToken, NewApiToken, NewLink, Rights,
};
pub use agents::{AddAgent, Agent, Group, Kept, Liveness, PairAgent, SetGroup, Trust};
pub(crate) use conduct::check as check_rules;
pub use conduct::{AgentOut, OnLoss, RunEvent, StopCause, StopKind, StopRule};
pub use local::{LocalAgent, LocalAgentState, Sample};
pub use notes::{NoteSpec, PinnedNote};
pub use output::AgentOutput;
pub use source::{Snapshot, Source, SourceOffer, SourceProgress, SourceState};
pub use stretch::{RunStretch, StretchCount};
pub use test::{RunFigures, StartTest, Test, TestRef, TestRun, TestSpec};

/// The controller itself: `GET /api/v1/info`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Info {
    /// The controller's label.
    pub name: String,
    /// Its software version.
    pub version: String,
    /// Its peer id.
    pub peer: PeerId,
    /// `host:port` addresses at which agents can reach it.
    pub addresses: Vec<String>,
    /// Where its key is kept, in a sentence.
    pub identity: String,
    /// Whether mDNS works on at least one interface.
    pub discovery: bool,
    /// What the user should know ("port 7410 was taken; 41234 is used").
    pub warnings: Vec<String>,
}

/// How to make a machine join: `GET /api/v1/token`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct JoinInstructions {
    /// The join token. It admits whoever holds it: treat it as a password.
    pub token: String,
    /// The command to run on the machine.
    pub command: String,
}

/// A parameter of the simulation: a system property.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(optional_fields)]
pub struct Parameter {
    /// The property's name.
    pub name: String,
    /// Its value. That of a secret one is never told: "•••" stands in its place.
    pub value: String,
    /// Whether its value is not to be shown or kept: it is told to the agents, and masked elsewhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub secret: bool,
}

/// Which agents are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default)]
#[ts(optional_fields)]
pub struct Selection {
    /// Only agents of this group.
    pub group: Option<String>,
    /// Only these agents, by peer id.
    pub agents: Option<Vec<PeerId>>,
    /// This many of them; all if absent.
    pub count: Option<u32>,
}

/// What to run: `POST /api/v1/runs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct RunSpec {
    /// The project.
    pub source: Source,
    /// The simulation's class; may be absent where the project has one only.
    #[serde(default)]
    pub simulation: Option<String>,
    /// System properties for the simulation.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// Names of integer parameters whose value is divided among the agents, sum kept.
    #[serde(default)]
    pub divide: Vec<String>,
    /// Options for Gatling's JVM, one argument each.
    #[serde(default)]
    pub java_options: Vec<String>,
    /// The agents.
    #[serde(default)]
    pub selection: Selection,
    /// The run ends after this many seconds (default 4 h).
    #[serde(default = "default_max_duration_s")]
    pub max_duration_s: u32,
    /// What happens where an agent is lost or ends early.
    #[serde(default)]
    pub on_loss: OnLoss,
    /// The controller stops the run as soon as one of these is broken.
    #[serde(default)]
    pub stop_if: Vec<StopRule>,
    /// The dead man's limit: an agent stops the run by itself where it has not heard its controller
    /// for so many seconds. Without it agents go on alone until the maximum duration.
    #[serde(default)]
    pub dead_man_s: Option<u32>,
    /// Free text.
    #[serde(default)]
    pub description: String,
}

fn default_max_duration_s() -> u32 {
    4 * 3600
}

/// What to prepare: `POST /api/v1/prepare` and `POST /api/v1/simulations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct PrepareSpec {
    /// The project.
    pub source: Source,
    /// The agents; `simulations` uses one of them.
    #[serde(default)]
    pub selection: Selection,
}

/// What one agent made of a prepare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct PrepareResult {
    /// The agent.
    pub agent: PeerId,
    /// Its label.
    pub name: String,
    /// What it prepared.
    pub prepared: Option<Prepared>,
    /// Or why it could not.
    pub failure: Option<Failure>,
}

/// The states of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// Agents fetch and build.
    Preparing,
    /// Agents come up and wait for the start instant.
    Arming,
    /// Gatling runs.
    Running,
    /// Gatling is being stopped.
    Stopping,
    /// Logs are being fetched and merged.
    Collecting,
    /// All agents delivered a complete log.
    Finished,
    /// Stopped: [`Run::stopped`] says why. What was logged is in the result.
    Stopped,
    /// Some agent's data is missing or incomplete.
    Partial,
    /// There is no result.
    Failed,
}

impl RunState {
    /// Whether the run has ended.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Finished | Self::Stopped | Self::Partial | Self::Failed
        )
    }
}

/// One run: `GET /api/v1/runs/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// What was asked.
    pub spec: RunSpec,
    /// The saved test it was started from; none where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub test: Option<TestRef>,
    /// Its state.
    pub state: RunState,
    /// When it was asked for, wall time in ms since 1970.
    pub created_ms: u64,
    /// The start instant, likewise; `None` before it is set.
    pub started_ms: Option<u64>,
    /// When it ended, likewise.
    pub ended_ms: Option<u64>,
    /// The commit all agents run.
    pub commit: Option<String>,
    /// The simulation that runs.
    pub simulation: Option<String>,
    /// Gatling's version.
    pub gatling: Option<String>,
    /// Its agents, by index.
    pub agents: Vec<RunAgent>,
    /// The agents' counters added up.
    pub live: Totals,
    /// Why it failed, or is partial: one line per cause.
    pub failures: Vec<RunFailure>,
    /// How the load was started; none before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub start: Option<RunStart>,
    /// Clocks that were set in the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<ClockStep>>")]
    pub clock_steps: Vec<ClockStep>,
    /// What the user should know ("each agent runs the whole profile: total = 2 × yours").
    pub notes: Vec<String>,
    /// Why it was stopped, if it was.
    #[serde(default)]
    pub stopped: Option<StopCause>,
    /// What happened: agents lost and back, a restart of the controller, late deliveries.
    #[serde(default)]
    pub events: Vec<RunEvent>,
    /// When which part of the load was offered, where that was not always all of it.
    #[serde(default)]
    pub offered_load: Vec<OfferedLoad>,
    /// Whether summary.json is there.
    pub has_summary: bool,
    /// The figures of its result in short; none before there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub figures: Option<RunFigures>,
    /// How far its figures can be believed, so far or at its end, with the worst of the evidence;
    /// none before it has started, and where there is no result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub verdict: Option<Verdict>,
    /// Notes that somebody pinned to a time of it, in the order of these times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<PinnedNote>>")]
    pub pinned: Vec<PinnedNote>,
    /// How often the result was made: an agent that delivers late has it made anew. The earlier ones
    /// are in `revisions/` of the run's folder. 0 where there is none.
    #[serde(default)]
    pub revision: u32,
    /// The run's folder on the controller.
    pub folder: String,
}

/// Counters of all agents of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Totals {
    /// Seconds since the start instant.
    pub elapsed_s: u32,
    /// Requests that succeeded.
    pub ok: u64,
    /// Requests that failed.
    pub ko: u64,
    /// Requests per second over the last second measured.
    pub per_second: f64,
    /// Virtual users at work.
    pub users_active: u64,
    /// Virtual users that have ended.
    pub users_done: u64,
    /// Virtual users still to start.
    pub users_waiting: u64,
    /// Agents whose counters are in these figures.
    pub agents: u32,
    /// The response times so far; none before the first ones are told, and where no agent tells them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub times: Option<LiveTimes>,
}

/// Response times of all requests of all agents so far, exact: counts are added, percentiles are not
/// averaged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct LiveTimes {
    /// Requests that have ended.
    pub count: u64,
    /// Their mean, ms.
    pub mean_ms: u64,
    /// The longest, ms.
    pub max_ms: u32,
    /// Percentiles, those of the project's settings.
    pub percentiles: Vec<LivePercentile>,
}

/// A percentile by nearest rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct LivePercentile {
    /// Of 100.
    pub percent: f64,
    /// No longer than this, ms.
    pub ms: u32,
}

/// What one agent is doing for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunAgentPhase {
    /// Asked to prepare.
    Waiting,
    /// Cloning or fetching.
    Fetching,
    /// Building.
    Building,
    /// Built.
    Ready,
    /// Coming up.
    Starting,
    /// Waiting for the start instant.
    Armed,
    /// Gatling runs.
    Running,
    /// Being stopped.
    Stopping,
    /// Ended; its files are on the agent.
    Ended,
    /// Its files are being fetched.
    Collecting,
    /// Its files are here, hashes checked.
    Collected,
    /// It failed; see `failure`.
    Failed,
    /// Not heard any more; its files may come later.
    Lost,
}

/// One agent's part in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct RunAgent {
    /// The agent.
    pub id: PeerId,
    /// Its label.
    pub name: String,
    /// Its place among the run's agents, from 0.
    pub index: u32,
    /// What it is doing.
    pub phase: RunAgentPhase,
    /// What exactly; empty if nothing.
    pub step: String,
    /// The parameters it gets, where they differ from the spec (divided ones).
    pub parameters: BTreeMap<String, String>,
    /// What it prepared.
    pub prepared: Option<Prepared>,
    /// Its newest counters.
    pub live: Option<LiveCounters>,
    /// What the probe in its Gatling tells, or why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub probe: Option<Probe>,
    /// Its clock against the controller's when the start instant was named, and its drift since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub clock: Option<AgentClock>,
    /// When its load was released, ms after the start instant on the controller's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub released_after_ms: Option<f64>,
    /// How it ended.
    pub end: Option<RunEnd>,
    /// Bytes of simulation.log fetched so far.
    pub collected_bytes: u64,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Since when it makes no load while the others do, as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub out: Option<AgentOut>,
}

impl RunAgent {
    /// What the times of its log lack to be those of its machine's clock, ms: Gatling's own clock
    /// stands for itself from its start on.
    pub(crate) fn log_lag_ms(&self) -> i64 {
        let probe = self.probe.as_ref();
        let times = probe.and_then(|probe| probe.released_ms.zip(probe.gatling_ms));
        times.map_or(0, |(released, gatling)| {
            i64::try_from(i128::from(released) - i128::from(gatling)).unwrap_or_default()
        })
    }

    /// Whether there is anything in its simulation.log: a run that is stopped early writes none.
    pub(crate) fn has_logged(&self) -> bool {
        let bytes = self.end.as_ref().and_then(|end| end.log_bytes);
        bytes.is_some_and(|bytes| bytes > 0)
    }
}

/// A cause of failure, with the agent it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RunFailure {
    /// The agent's label; empty if the cause is the controller's or everybody's.
    pub agent: String,
    /// The cause.
    pub failure: Failure,
}

/// The load of a run's agents over time: `GET /api/v1/runs/{id}/health`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct RunHealth {
    /// The agents, by index.
    pub agents: Vec<AgentHealth>,
}

/// One agent's part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct AgentHealth {
    /// Its place among the run's agents, from 0.
    pub index: u32,
    /// Its label.
    pub name: String,
    /// At most 600 points. One stands for all samples since the one before, by the worst figure of
    /// each kind.
    pub points: Vec<HealthPoint>,
}

/// The load at one time of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct HealthPoint {
    /// Seconds after the start instant, on the controller's clock; below 0 before it.
    pub second: i64,
    /// The load.
    pub health: Health,
}

/// How to stop: `POST /api/v1/runs/{id}/stop`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default)]
pub struct StopRun {
    /// KILL at once.
    pub force: bool,
}

/// One second of a live run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Tick {
    /// The second since the start instant.
    pub second: u32,
    /// Requests that ended OK in it.
    pub ok: u64,
    /// Requests that ended KO in it.
    pub ko: u64,
    /// Users active at its end.
    pub users: u64,
}

/// An event of `GET /api/v1/events`. The event's SSE id is its sequence number; a viewer that was
/// away gets a new snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "type")]
pub enum Event {
    /// Everything as it is now; always first.
    Snapshot {
        /// The controller.
        info: Box<Info>,
        /// All agents.
        agents: Vec<Agent>,
        /// The newest runs, newest first.
        runs: Vec<Run>,
        /// Seconds of the runs in progress so far.
        ticks: BTreeMap<String, Vec<Tick>>,
        /// The agent on the controller's computer.
        local_agent: Box<LocalAgent>,
        /// The saved tests, by name.
        tests: Vec<Test>,
    },
    /// A saved test is new or has changed, or a run of it has.
    Test {
        /// The test as it is now.
        test: Box<Test>,
    },
    /// A saved test is gone.
    TestRemoved {
        /// Its id.
        id: TestId,
    },
    /// The agent on the controller's computer came, went, or could not be started.
    LocalAgent {
        /// As it is now.
        local_agent: Box<LocalAgent>,
    },
    /// An agent is new or has changed.
    Agent {
        /// The agent as it is now.
        agent: Box<Agent>,
    },
    /// An agent is gone.
    AgentRemoved {
        /// Its peer id.
        id: PeerId,
    },
    /// A run is new or has changed.
    Run {
        /// The run as it is now.
        run: Box<Run>,
    },
    /// A second of a run.
    Tick {
        /// The run.
        run: RunId,
        /// The second.
        tick: Tick,
    },
}

/// Every error of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ApiError {
    /// A stable word for programs, listed in docs/errors.md.
    pub code: String,
    /// What went wrong, in one sentence.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Doctor's report of one agent: `POST /api/v1/agents/{id}/doctor`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Doctor {
    /// The agent.
    pub agent: PeerId,
    /// What it saw.
    pub report: DoctorReport,
}
