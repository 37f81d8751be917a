//! `summary.json`: one run's figures. Milliseconds, requests per second, percent.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::text::figure;
use crate::{AgentClock, ClockStep, Proof, RunStart, Verdict};

/// The figures of one run, of all its agents together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Summary {
    /// The run's id; empty for logs that no run of ours made.
    pub run: String,
    /// The simulation's class.
    pub simulation: String,
    /// The load's start, RFC 3339 in UTC with milliseconds.
    pub started: String,
    /// From the first record's start to the last record's end, ms.
    pub duration_ms: u64,
    /// The columns' settings.
    pub columns: Columns,
    /// Each agent's share.
    pub agents: Vec<AgentShare>,
    /// Spread of the agents' starts, ms: the latest first user minus the earliest.
    pub start_spread_ms: u64,
    /// How the agents' load was started; none for logs that no run of ours made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub start: Option<RunStart>,
    /// Clocks that were set in the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<ClockStep>>")]
    pub clock_steps: Vec<ClockStep>,
    /// Requests/s of the whole cluster while all agents made load; null if they never did so for
    /// a whole second.
    #[serde(default)]
    pub steady: Option<Steady>,
    /// The users: all first (with an empty name), then each scenario.
    #[serde(default)]
    pub users: Vec<UsersRow>,
    /// "All requests" first, then groups and requests in the order of their first appearance.
    pub rows: Vec<Row>,
    /// Every error message of failed requests and of Error records, the most frequent first.
    pub errors: Vec<ErrorRow>,
    /// When which part of the load was offered, where that was not always all of it.
    #[serde(default)]
    pub offered_load: Vec<OfferedLoad>,
    /// The simulation's assertions on the merged figures.
    pub assertions: Vec<AssertionRow>,
    /// What the reader has to know to believe the figures ("agent lab-2's log ends in the middle
    /// of a record"). Empty when all is well.
    pub notes: Vec<String>,
    /// Whether the figures can be believed, with the evidence; null where an older version has not
    /// judged them.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// For each agent what proves that its log is whole. Those without a log are here too.
    #[serde(default)]
    pub proofs: Vec<Proof>,
}

/// What the columns of a [`Row`] mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Columns {
    /// The lower bound of the response time ranges, ms (Gatling's default is 800).
    pub lower_bound_ms: u32,
    /// The higher bound, ms (1200).
    pub higher_bound_ms: u32,
    /// The percents behind `p50`, `p75`, `p95` and `p99`: these fields keep their names when a
    /// project's gatling.conf sets other percents.
    pub percentiles: [f64; 4],
}

impl Default for Columns {
    /// Gatling's own.
    fn default() -> Self {
        Self {
            lower_bound_ms: 800,
            higher_bound_ms: 1200,
            percentiles: [50.0, 75.0, 95.0, 99.0],
        }
    }
}

/// One agent's part of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct AgentShare {
    /// The agent's label.
    pub name: String,
    /// Its peer id; empty for logs that no run of ours made.
    pub peer: String,
    /// Requests in its log.
    pub total: u64,
    /// Requests that succeeded.
    pub ok: u64,
    /// Requests that failed.
    pub ko: u64,
    /// Its first user after the earliest agent's first user, ms.
    pub start_offset_ms: u64,
    /// Users that had not ended when its log did.
    #[serde(default)]
    pub unfinished_users: u64,
    /// Its clock at the start, against the controller's, and its drift since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub clock: Option<AgentClock>,
    /// When its load was released, ms after the start instant on the controller's clock; none where
    /// it was not held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub released_after_ms: Option<f64>,
}

/// Requests/s over the whole seconds in which all agents made load: from the latest first user to
/// the earliest last record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Steady {
    /// Requests sent per second.
    pub per_second: f64,
    /// When the window begins, ms after the load's start.
    pub from_ms: u64,
    /// How long it is, ms.
    pub duration_ms: u64,
}

/// From when on agents were missing: nobody takes over their share of the load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct OfferedLoad {
    /// Seconds after the start instant.
    pub from_s: u32,
    /// The part of the load that was offered from then on, percent of all.
    pub percent: f64,
    /// Why, as a sentence without its full stop.
    pub reason: String,
}

/// `offered load 90 % from 00:41:10: lab-3 was not heard`
impl std::fmt::Display for OfferedLoad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (hours, rest) = (self.from_s / 3600, self.from_s % 3600);
        let (minutes, seconds) = (rest / 60, rest % 60);
        write!(
            f,
            "offered load {} % from {hours:02}:{minutes:02}:{seconds:02}: {}",
            figure(self.percent),
            self.reason
        )
    }
}

/// The virtual users of one scenario, or of all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct UsersRow {
    /// The scenario; empty for all.
    pub scenario: String,
    /// Users that started.
    pub started: u64,
    /// Users that ended.
    pub ended: u64,
    /// Users that had not ended when their agent's log did.
    pub unfinished: u64,
    /// The most that were active at once, on all agents together.
    pub max_active: u64,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// All requests together.
    All,
    /// A group: its cumulated response times.
    Group,
    /// A request.
    Request,
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Row {
    /// What it is about.
    pub kind: RowKind,
    /// The groups from the outermost in, then the request; empty for all.
    pub path: Vec<String>,
    /// Requests (or times the group was left).
    pub total: u64,
    /// Of these OK.
    pub ok: u64,
    /// Of these KO.
    pub ko: u64,
    /// KO of all, percent.
    pub percent_ko: f64,
    /// Requests per second of the whole run.
    pub per_second: f64,
    /// OK and KO together.
    #[serde(flatten)]
    pub times: Times,
    /// OK alone.
    pub ok_only: Times,
    /// KO alone.
    pub ko_only: Times,
    /// Counts: OK below the lower bound, OK between the bounds, OK at or above the higher bound,
    /// failed.
    pub ranges: [u64; 4],
    /// Of a group its durations, pauses included; the other times are cumulated response times.
    #[serde(default)]
    pub duration: Option<Times>,
    /// How far percentiles and ranges may be off, percent: 0 unless there were too many different
    /// times above 2 s to keep each.
    #[serde(default)]
    pub error_percent: f64,
}

/// Response times in ms; all 0 where nothing was counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Times {
    /// The shortest.
    pub min: u64,
    /// The longest.
    pub max: u64,
    /// Mean, rounded to ms as Gatling does.
    pub mean: u64,
    /// Standard deviation of the population, rounded likewise.
    pub std_dev: u64,
    /// First percentile column.
    pub p50: u64,
    /// Second percentile column.
    pub p75: u64,
    /// Third percentile column.
    pub p95: u64,
    /// Fourth percentile column.
    pub p99: u64,
}

/// An error message and how often it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct ErrorRow {
    /// The message.
    pub message: String,
    /// How often.
    pub count: u64,
    /// Of all errors, percent.
    pub percent: f64,
}

/// An assertion on the merged figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct AssertionRow {
    /// Gatling's own sentence.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
    /// Whether that could not be decided: it cannot be read, or what it is about is not known
    /// closely enough. It does not hold then, and the note says why.
    #[serde(default)]
    pub undecided: bool,
    /// The figure it was compared with; of no meaning where it is undecided.
    pub actual: f64,
    /// What else is to be known: why it is undecided, that there is no such request, or that
    /// Gatling's own percentile, an estimate, would fall on the other side of the bound.
    #[serde(default)]
    pub note: Option<String>,
}

impl Summary {
    /// What made the figures: agents in a run of ours, otherwise logs.
    pub(crate) fn sources(&self) -> &'static str {
        if self.run.is_empty() {
            "logs"
        } else {
            "agents"
        }
    }
}

impl AssertionRow {
    /// What was found, and the note.
    pub(crate) fn found(&self) -> String {
        match (&self.note, self.undecided) {
            (Some(note), true) => note.clone(),
            (Some(note), false) => format!("actual: {}; {note}", figure(self.actual)),
            (None, _) => format!("actual: {}", figure(self.actual)),
        }
    }
}

/// Requests per second over the run, drawn as one chart.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Series {
    /// Unix time of the first second, ms.
    pub start_ms: u64,
    /// One value per second.
    pub seconds: Vec<SeriesPoint>,
}

/// One second of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct SeriesPoint {
    /// Seconds since the start.
    pub second: u32,
    /// Requests that ended OK in this second.
    pub ok: u64,
    /// Requests that ended KO in this second.
    pub ko: u64,
    /// Users active at the end of this second.
    pub users: u64,
    /// Response times of the OK requests sent in it, ms: the columns' four percentiles and the
    /// maximum; none if there were none. In a run of more than an hour some seconds are counted
    /// together, and have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub times: Option<[u32; 5]>,
}
