//! From the collected logs to summary.json.

use std::path::{Path, PathBuf};

use bfgg_protocol::{Failure, FailureCode, Indicators};
use bfgg_report::{Columns, Limits, LogInput, Report, ReportInput};

/// A report to be written.
#[derive(Debug, Clone)]
pub(crate) struct ReportTask {
    pub(crate) run: String,
    /// The run's folder.
    pub(crate) folder: PathBuf,
    pub(crate) indicators: Indicators,
    pub(crate) logs: Vec<LogInput>,
}

/// Merges the logs and writes summary.json and series.json. Blocking. Returns the summary's
/// notes.
pub(crate) fn write_report(task: ReportTask) -> Result<Vec<String>, Failure> {
    let failed = |code, message: String, hint: &str| Failure::new(code, "report", message, hint);
    if task.logs.is_empty() {
        return Err(failed(
            FailureCode::NoResult,
            "There is no result: no agent has logged anything.".to_owned(),
            "The output of each agent says why.",
        ));
    }
    let Indicators {
        lower_bound_ms,
        higher_bound_ms,
        percentiles_milli,
    } = task.indicators;
    let columns = Columns {
        lower_bound_ms,
        higher_bound_ms,
        percentiles: percentiles_milli.map(|milli| f64::from(milli) / 1000.0),
    };
    let input = ReportInput {
        run: task.run,
        columns,
        limits: Limits::default(),
        logs: task.logs,
    };
    let Report {
        summary, series, ..
    } = bfgg_report::build(input).map_err(|cause| {
        failed(
            FailureCode::NoResult,
            format!("There is no result: {cause}."),
            "The output of each agent says why.",
        )
    })?;
    let write = || -> std::io::Result<()> {
        write_beside(
            &task.folder.join("series.json"),
            &serde_json::to_vec(&series)?,
        )?;
        write_beside(
            &task.folder.join("summary.json"),
            &serde_json::to_vec_pretty(&summary)?,
        )
    };
    write().map_err(|cause| {
        let message = format!("Cannot write into {}: {cause}.", task.folder.display());
        failed(
            FailureCode::DiskFull,
            message,
            "Free some space; the logs are in that folder.",
        )
    })?;
    Ok(summary.notes)
}

/// Written beside and renamed: a reader sees all of it or nothing.
fn write_beside(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("json.new");
    std::fs::write(&beside, bytes)?;
    std::fs::rename(beside, path)
}
