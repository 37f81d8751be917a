//! From the collected logs to summary.json, the report's page and its tables.

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

/// The files of a result that are for people and other programs.
pub(crate) const REPORT_FILES: [&str; 4] = [HTML, CSV, JUNIT, SUMMARY];

const HTML: &str = "report.html";
const CSV: &str = "stats.csv";
const JUNIT: &str = "junit.xml";
const SUMMARY: &str = "summary.json";

/// Merges the logs and writes [`REPORT_FILES`] and series.json. Blocking. Returns the summary's
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
    let report = bfgg_report::build(input).map_err(|cause| {
        failed(
            FailureCode::NoResult,
            format!("There is no result: {cause}."),
            "The output of each agent says why.",
        )
    })?;
    write(&report, &task.folder).map_err(|cause| {
        let message = format!("Cannot write into {}: {cause}.", task.folder.display());
        failed(
            FailureCode::DiskFull,
            message,
            "Free some space; the logs are in that folder.",
        )
    })?;
    Ok(report.summary.notes)
}

/// The summary comes last: where it is, all are.
fn write(report: &Report, folder: &Path) -> std::io::Result<()> {
    let summary = &report.summary;
    let put = |name: &str, bytes: &[u8]| bfgg_report::write_whole(&folder.join(name), bytes);
    put("series.json", &serde_json::to_vec(&report.series)?)?;
    put(HTML, bfgg_report::html(report).as_bytes())?;
    put(CSV, bfgg_report::csv(summary).as_bytes())?;
    put(JUNIT, bfgg_report::junit(summary).as_bytes())?;
    put(SUMMARY, &serde_json::to_vec_pretty(summary)?)
}
