//! The figures of a stretch of a run.

use bfgg_report::{Columns, ErrorRow, Row};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The figures of some seconds of a run alone, exact: `GET /api/v1/runs/{id}/stretch`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct RunStretch {
    /// The first second, as the run's series counts them.
    pub from_s: i64,
    /// The second behind the last one.
    pub until_s: i64,
    /// Which responses these are.
    pub counted: StretchCount,
    /// Responses among them that ended outside of these seconds; 0 where they are counted by their
    /// end.
    pub outside: u64,
    /// Responses that ended within these seconds and are not among them; likewise.
    pub elsewhere: u64,
    /// The columns' settings.
    pub columns: Columns,
    /// "All requests" first, then groups and requests. Rates are over these seconds.
    pub rows: Vec<Row>,
    /// Every error message, the most frequent first.
    pub errors: Vec<ErrorRow>,
    /// What is missing in these figures.
    pub notes: Vec<String>,
}

/// When a response belongs to a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StretchCount {
    /// By its end, from the agents' logs.
    Ended,
    /// With what its agent told of the same second: what its log had some 0.1 s after that. So it is
    /// while the run goes on, and where no log is here.
    Told,
}
