//! Saved tests: what to run under a name, and what came of it so far.

use bfgg_protocol::{RunId, TestId};
use bfgg_report::VerdictLevel;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::{Parameter, Run, RunSpec, RunState};

/// What a test is to be: `POST /api/v1/tests` and `PUT /api/v1/tests/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct TestSpec {
    /// Its name, 1 to 100 characters; no other test has it, in capitals or not.
    pub name: String,
    /// Free text, up to 2000 characters.
    #[serde(default)]
    pub description: String,
    /// Up to 20 words to find it by, up to 50 characters each.
    #[serde(default)]
    pub labels: Vec<String>,
    /// What runs. A secret parameter whose value is "•••" keeps the value that is known.
    pub spec: RunSpec,
    /// Of a change: the revision that was changed. Another one is refused, so that nobody's work is lost.
    #[serde(default)]
    pub revision: Option<u32>,
    /// Of a new test: the test whose secret values it takes over where "•••" stands.
    #[serde(default)]
    pub copy_of: Option<TestId>,
}

/// A saved test: `GET /api/v1/tests/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Test {
    /// Its id.
    pub id: TestId,
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Words to find it by.
    pub labels: Vec<String>,
    /// What runs, secret values masked.
    pub spec: RunSpec,
    /// Counts its changes, from 1.
    pub revision: u32,
    /// When it was made, wall time in ms since 1970.
    pub created_ms: u64,
    /// When it was changed last, likewise.
    pub changed_ms: u64,
    /// Where the values of its secret parameters are, in a sentence; none where it has none.
    pub secrets: Option<String>,
    /// Its newest runs, at most 20, the newest first.
    pub runs: Vec<TestRun>,
}

/// What came of one run of a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct TestRun {
    /// The run.
    pub id: RunId,
    /// Its state.
    pub state: RunState,
    /// When it was asked for, wall time in ms since 1970.
    pub created_ms: u64,
    /// How far its figures can be believed; none before it has ended, and where there is no result.
    pub verdict: Option<VerdictLevel>,
    /// The figures of its result; none before there is one.
    pub figures: Option<RunFigures>,
}

impl TestRun {
    /// A run in short.
    pub(crate) fn of(run: &Run) -> Self {
        let verdict = run.verdict.as_ref().filter(|_| run.state.is_final());
        Self {
            id: run.id,
            state: run.state,
            created_ms: run.created_ms,
            verdict: verdict.map(|verdict| verdict.level),
            figures: run.figures.clone(),
        }
    }
}

/// The figures of a result in short, of all requests of all agents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RunFigures {
    /// Requests that succeeded.
    pub ok: u64,
    /// Requests that failed.
    pub ko: u64,
    /// The 95th percentile of their response times, ms; none without a request.
    pub p95_ms: Option<u32>,
}

/// The saved test a run was started from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct TestRef {
    /// Its id.
    pub id: TestId,
    /// Its name when the run was started.
    pub name: String,
    /// Whether the run was started with other settings or parameters than those of the test.
    #[serde(default)]
    pub changed: bool,
}

/// How to start a test: `POST /api/v1/tests/{id}/runs`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct StartTest {
    /// Parameters in the place of the test's own of the same name, or besides them.
    #[ts(optional, as = "Option<Vec<Parameter>>")]
    pub parameters: Vec<Parameter>,
    /// What runs this time, in the place of what is saved. Secret values that are "•••" are the test's.
    pub spec: Option<RunSpec>,
}
