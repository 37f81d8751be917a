//! From the collected logs to summary.json, the report's page and its tables.

use std::path::{Path, PathBuf};

use bfgg_protocol::{Failure, FailureCode, Indicators};
use bfgg_report::{
    Columns, Limits, LogInput, OfferedLoad, Report, ReportInput, RunClocks, Verdict,
};
use bfgg_stats::Outcomes;

use super::{Judging, Observed, Told};
use crate::api::types::RunFigures;

/// A report to be written.
#[derive(Debug, Clone)]
pub(crate) struct ReportTask {
    pub(crate) run: String,
    /// The run's folder.
    pub(crate) folder: PathBuf,
    pub(crate) indicators: Indicators,
    pub(crate) logs: Vec<LogInput>,
    pub(crate) clocks: RunClocks,
    /// Whose logs these are: the agents' indices in the run.
    pub(crate) agents: Vec<usize>,
    /// What the agents told live, in the order of the logs.
    pub(crate) told: Vec<Told>,
    /// What the run itself has noted, for the result to say too.
    pub(crate) notes: Vec<String>,
    /// When not all of the load was offered.
    pub(crate) offered_load: Vec<OfferedLoad>,
    /// The number of this result: those before it are kept.
    pub(crate) revision: u32,
    pub(crate) judging: Judging,
    /// What was seen of the run, to be kept beside.
    pub(crate) observed: Observed,
}

/// What came of it.
#[derive(Debug, Clone)]
pub(crate) struct Reported {
    /// Notes on the logs.
    pub(crate) notes: Vec<String>,
    pub(crate) verdict: Option<Verdict>,
    /// Its figures in short.
    pub(crate) figures: RunFigures,
}

/// The files of a result that are for people and other programs.
pub(crate) const REPORT_FILES: [&str; 4] = [HTML, CSV, JUNIT, SUMMARY];

const HTML: &str = "report.html";
const CSV: &str = "stats.csv";
const JUNIT: &str = "junit.xml";
const SUMMARY: &str = "summary.json";
pub(super) const SERIES: &str = "series.json";

/// What the project's own bounds and percentiles make of the table.
pub(crate) fn columns(indicators: &Indicators) -> Columns {
    Columns {
        lower_bound_ms: indicators.lower_bound_ms,
        higher_bound_ms: indicators.higher_bound_ms,
        percentiles: (indicators.percentiles_milli).map(|milli| f64::from(milli) / 1000.0),
    }
}

/// Merges the logs, judges the run, and writes [`REPORT_FILES`] and series.json. Blocking.
pub(crate) fn write_report(task: ReportTask) -> Result<Reported, Failure> {
    let failed = |code, message: String, hint: &str| Failure::new(code, "report", message, hint);
    if task.logs.is_empty() {
        return Err(failed(
            FailureCode::NoResult,
            "There is no result: no agent has logged anything.".to_owned(),
            "The output of each agent says why.",
        ));
    }
    let input = ReportInput {
        run: task.run,
        columns: columns(&task.indicators),
        limits: Limits::default(),
        logs: task.logs,
        clocks: task.clocks,
    };
    let names: Vec<String> = input.logs.iter().map(|log| log.name.clone()).collect();
    let mut report = bfgg_report::build(input).map_err(|cause| {
        failed(
            FailureCode::NoResult,
            format!("There is no result: {cause}."),
            "The output of each agent says why.",
        )
    })?;
    let logged = names.iter().zip(&report.times);
    let differences = logged.zip(&task.told).filter_map(|((name, logged), told)| {
        let logged = logged.as_ref()?;
        difference(logged, told).map(|difference| format!("{name}: {difference}."))
    });
    report.summary.notes.extend(differences);
    let found = report.summary.notes.clone();
    report.summary.notes.extend(task.notes);
    let loads = task.offered_load.iter().map(|load| format!("{load}."));
    report.summary.notes.extend(loads);
    report.summary.offered_load = task.offered_load;
    task.judging.judge(&mut report);
    task.observed.keep(&task.folder);
    let kept = keep(&task.folder, task.revision);
    kept.and_then(|()| write(&report, &task.folder))
        .map_err(|cause| {
            let message = format!("Cannot write into {}: {cause}.", task.folder.display());
            failed(
                FailureCode::DiskFull,
                message,
                "Free some space; the logs are in that folder.",
            )
        })?;
    Ok(Reported {
        notes: found,
        figures: figures(&report.times),
        verdict: report.summary.verdict,
    })
}

/// The figures in short, of the response times of all logs together.
fn figures(times: &[Option<Outcomes>]) -> RunFigures {
    let mut all = Outcomes::default();
    times.iter().flatten().for_each(|own| all.merge(own));
    let some = !all.is_empty();
    RunFigures {
        ok: all.ok.count(),
        ko: all.ko.count(),
        p95_ms: some.then(|| all.together().measures().percentile(95.0)),
    }
}

/// Where an agent's live figures are not those of its log, why. An agent that tells none has none.
fn difference(logged: &Outcomes, told: &Told) -> Option<String> {
    if !told.tells || told.times.agrees(logged) {
        return None;
    }
    let (live, log) = (told.times.count(), logged.count());
    Some(match told.ended {
        true => {
            format!("its live figures were of {live} requests, its log has {log}: the log counts")
        }
        false => format!(
            "its live figures are of the {live} requests up to byte {} of its log, which has {log}: \
             the rest was not told while the run went on, and is in the log alone",
            told.to
        ),
    })
}

/// Puts the files of the result before this one beside: they stay as they were.
fn keep(folder: &Path, revision: u32) -> std::io::Result<()> {
    let Some(before) = revision.checked_sub(1).filter(|before| *before > 0) else {
        return Ok(());
    };
    let beside = folder.join("revisions").join(before.to_string());
    std::fs::create_dir_all(&beside)?;
    for name in REPORT_FILES.into_iter().chain([SERIES]) {
        let (from, to) = (folder.join(name), beside.join(name));
        if from.is_file() && !to.exists() {
            // Whole or not at all, as what stands there is not looked at again.
            bfgg_report::write_whole(&to, &std::fs::read(from)?)?;
        }
    }
    Ok(())
}

/// All of them or none, so that no page stands beside another one's figures. The summary comes last: where
/// it is, all are.
fn write(report: &Report, folder: &Path) -> std::io::Result<()> {
    let summary = &report.summary;
    let file = |name: &str, bytes: Vec<u8>| (folder.join(name), bytes);
    bfgg_report::write_together(&[
        file(SERIES, serde_json::to_vec(&report.series)?),
        file(HTML, bfgg_report::html(report).into_bytes()),
        file(CSV, bfgg_report::csv(summary).into_bytes()),
        file(JUNIT, bfgg_report::junit(summary).into_bytes()),
        file(SUMMARY, serde_json::to_vec_pretty(summary)?),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(of: &[u32]) -> Outcomes {
        let mut times = Outcomes::default();
        of.iter().for_each(|ms| times.ok.add(*ms));
        times
    }

    #[test]
    fn the_figures_in_short_are_of_all_logs() {
        let none = RunFigures {
            ok: 0,
            ko: 0,
            p95_ms: None,
        };
        assert_eq!(figures(&[None]), none);
        let mut failed = times(&[10]);
        failed.ko.add(900);
        let found = figures(&[Some(times(&[5; 18])), None, Some(failed)]);
        let expected = RunFigures {
            ok: 19,
            ko: 1,
            p95_ms: Some(10),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn live_figures_that_lack_something_are_noted() {
        let logged = times(&[5, 7, 3000]);
        let told = |tells, ended, of: &[u32]| Told {
            tells,
            to: 90,
            ended,
            cells: 3,
            times: times(of),
        };
        assert_eq!(difference(&logged, &told(true, true, &[5, 7, 3000])), None);
        // Nobody has promised any.
        assert_eq!(difference(&logged, &told(false, false, &[])), None);
        let note = difference(&logged, &told(true, false, &[5])).unwrap();
        assert!(note.contains("1 requests up to byte 90"), "{note}");
        let note = difference(&logged, &told(true, true, &[5, 8, 3000])).unwrap();
        assert!(note.contains("the log counts"), "{note}");
    }
}
