//! Tasks: what a controller asks of an agent.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{AgentPhase, ContentHash, Failure, Jdk, RunId, TaskId, Toolchains};

/// A task with its id. The same id again never does the work twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRequest {
    /// The task's id.
    pub id: TaskId,
    /// What to do.
    pub task: Task,
}

/// What an agent can be asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Fetch one commit, build it once, find its simulations. Takes the agent's lease.
    Prepare(Prepare),
    /// Bring the run's supervisor and Gatling up, and be Armed. Needs a Prepare of the same run.
    Start(Start),
    /// Let Gatling begin its load at an instant: the agent is Armed.
    Release {
        /// The run.
        run: RunId,
        /// The instant in the agent's own wall clock, ms since 1970.
        at_ms: u64,
    },
    /// End the run, in whatever phase it is.
    Stop {
        /// The run.
        run: RunId,
        /// Skip what is graceful: KILL at once.
        force: bool,
    },
    /// Give the lease back: the run will not start on this agent.
    Abandon {
        /// The run.
        run: RunId,
    },
    /// Belong to another group; empty for none.
    SetGroup {
        /// The group.
        group: String,
    },
    /// Look at the machine.
    Doctor,
    /// What the agent's wall clock says now.
    Clock,
    /// Leave [`AgentPhase::Error`].
    Clear,
    /// The controller has the run's files, checked by their hashes: they may be deleted later.
    Confirm {
        /// The run.
        run: RunId,
    },
    /// The result of an earlier task.
    Result {
        /// The earlier task.
        task: TaskId,
    },
}

/// What to fetch and build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepare {
    /// The run this is for.
    pub run: RunId,
    /// The controller's label, for the lease.
    #[serde(default)]
    pub controller_name: String,
    /// Where the project is. Of a snapshot only the module's folder is given here.
    pub source: GitSource,
    /// A folder's files, which the controller has, in the place of a repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<Box<ContentHash>>,
    /// The simulation's class; `None` picks the only one.
    #[serde(default)]
    pub simulation: Option<String>,
    /// End in [`AgentPhase::Available`] with the list of simulations instead of Ready.
    #[serde(default)]
    pub list_only: bool,
}

/// A Git repository at one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct GitSource {
    /// https, http, ssh or scp form; `file` where the agent allows it.
    pub url: String,
    /// A branch, a tag or a commit; `None` is the repository's default branch.
    #[serde(default)]
    pub reference: Option<String>,
    /// The exact commit, once it is known: all agents of a run build the same one.
    #[serde(default)]
    pub commit: Option<String>,
    /// The module's folder inside the repository; `None` is its root.
    #[serde(default)]
    pub folder: Option<String>,
}

/// What a Prepare came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Prepared {
    /// The commit that was checked out, 40 hex digits; of a folder its snapshot's id, 64.
    pub commit: String,
    /// The build tool ("maven", "sbt").
    pub build_tool: String,
    /// Every simulation of the project, sorted.
    pub simulations: Vec<String>,
    /// The simulation that will run; `None` if the list was all that was asked.
    pub simulation: Option<String>,
    /// The JDK used for the build, and for the run.
    pub jdk: Jdk,
    /// Gatling's version, from its jar on the class path ("3.16.0").
    pub gatling: String,
    /// The project's bounds and percentiles.
    pub indicators: Indicators,
    /// Time spent fetching, ms.
    pub fetch_ms: u64,
    /// Time spent building, ms.
    pub build_ms: u64,
}

/// `charting.indicators` of the project's gatling.conf: they set the report's columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Indicators {
    /// The lower bound of the response time ranges, ms.
    pub lower_bound_ms: u32,
    /// The higher bound, ms.
    pub higher_bound_ms: u32,
    /// The four percentiles, in percent × 1000 (99.9 % is 99 900).
    pub percentiles_milli: [u32; 4],
}

impl Default for Indicators {
    /// Gatling's own defaults: 800 and 1200 ms; 50, 75, 95 and 99 %.
    fn default() -> Self {
        Self {
            lower_bound_ms: 800,
            higher_bound_ms: 1200,
            percentiles_milli: [50_000, 75_000, 95_000, 99_000],
        }
    }
}

/// How to run what was prepared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The run.
    pub run: RunId,
    /// System properties for the simulation, in order: `-Dname=value`.
    pub parameters: Vec<(String, String)>,
    /// Names of those whose values are not to be shown or kept, whatever they are called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secret: Vec<String>,
    /// The user's Java options; they come last and win.
    #[serde(default)]
    pub java_options: Vec<String>,
    /// This agent's place among the run's agents, from 0.
    pub index: u32,
    /// How many agents take part.
    pub count: u32,
    /// The run ends after this many seconds, whatever happens to the controller.
    pub max_duration_s: u32,
    /// JVMs of this run on the same host: they share its memory.
    #[serde(default)]
    pub jvms_on_host: u32,
    /// The dead man's limit: the run ends where the controller was not heard for so many seconds;
    /// none where it goes on without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_man_s: Option<u32>,
}

/// The answer to a task, at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Receipt {
    /// Begun, or already in progress: the end shows in the agent's state.
    Accepted,
    /// Done: here is what came of it.
    Done(TaskResult),
    /// Not begun, and why.
    Refused(Refusal),
}

/// What came of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskResult {
    /// Prepare.
    Prepared(Box<Prepared>),
    /// Any task whose success has nothing more to say.
    Done,
    /// Doctor.
    Doctor(DoctorReport),
    /// Clock: wall time of the agent in µs since 1970.
    Clock {
        /// The time.
        now_us: u64,
    },
    /// The task failed.
    Failed(Failure),
}

/// A task that an agent will not begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Why, for programs.
    pub code: RefusalCode,
    /// Why, in a sentence ("busy: run X since …").
    pub message: String,
    /// What the agent is doing.
    pub phase: Option<AgentPhase>,
}

/// Why a task was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalCode {
    /// The sender is not a controller this agent has joined.
    NotJoined,
    /// Another run, maybe of another controller, has the agent.
    Busy,
    /// The task does not fit the agent's phase.
    WrongPhase,
    /// The run is not known here.
    UnknownRun,
    /// The earlier task is not known (any more).
    UnknownTask,
    /// A field of the task is not acceptable.
    BadInput,
}

/// What Doctor saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct DoctorReport {
    /// One line per check.
    pub checks: Vec<Check>,
    /// The tools found, looked up anew.
    pub toolchains: Toolchains,
}

/// One line of Doctor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Check {
    /// What was looked at ("git", "disk", "open files").
    pub name: String,
    /// How it stands.
    pub status: CheckStatus,
    /// What was seen.
    pub value: String,
    /// What to do, unless it passed.
    #[serde(default)]
    pub hint: String,
    /// Lines of settings that raise what is too low, to be pasted; what begins with `#` says where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub lines: Vec<String>,
}

/// How a check stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CheckStatus {
    /// Fine.
    Pass,
    /// Works, but may spoil a run.
    Warn,
    /// A run cannot work.
    Fail,
    /// For information.
    Info,
}
