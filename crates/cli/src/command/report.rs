//! `bfgg report`

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use bfgg_report::{
    Columns, Limits, LogInput, Report, ReportError, ReportInput, Trouble, TroubleKind,
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::{ReportArgs, ReportFormat};
use crate::error::{CliError, exit};
use crate::logs::{Logs, no_logs};
use crate::terminal;
use crate::view::{Screen, printable};

const LOG: &str = "simulation.log";

pub(crate) fn report(args: &ReportArgs, screen: &Screen) -> Result<u8, CliError> {
    let mut logs = Logs::find_some(&args.logs, &args.offsets)?;
    if args.format.contains(&ReportFormat::Log) {
        spare(&logs, &args.out.join(LOG))?;
    }
    let left_out = logs.leave_out(&args.logs, &args.out);
    let empty: Vec<String> = logs.empty_folders.iter().map(|own| no_logs(own)).collect();
    if logs.inputs.is_empty() {
        return Err(CliError::NoReport {
            message: left_out
                .into_iter()
                .chain(empty)
                .collect::<Vec<_>>()
                .join("; "),
            hint: "",
            code: exit::NO_LOGS,
        });
    }
    // Before the work, not after it.
    let out = Folder::open(&args.out)?;
    for message in left_out.iter().chain(&empty) {
        screen.line(format!("note: {}", printable(message)));
    }
    let report = build(args, &logs.inputs)?;
    refuse_mixed(args, &report.troubles)?;
    tell(&report, screen);
    let mut formats = args.format.clone();
    formats.sort_unstable();
    formats.dedup();
    let mut files = Vec::new();
    for format in formats {
        files.push(out.write(format, &report, &logs.inputs)?);
    }
    let width = usize::from(terminal::width());
    terminal::out(bfgg_report::table(&report.summary, width));
    for file in files {
        screen.line(file.display().to_string());
    }
    Ok(exit_code(
        &report.troubles,
        !empty.is_empty(),
        args.mixed,
        report.summary.assertions.iter().all(|row| row.holds),
    ))
}

/// The notes, and once for each kind of trouble what to do.
fn tell(report: &Report, screen: &Screen) {
    let mut told = Vec::new();
    for note in &report.summary.notes {
        screen.line(format!("note: {}", printable(note)));
        let trouble = report.troubles.iter().find(|found| found.text == *note);
        if let Some(kind) = trouble.map(|found| found.kind)
            && !told.contains(&kind)
        {
            told.push(kind);
            screen.line(format!("hint: {}", hint(kind)));
        }
    }
}

fn build(args: &ReportArgs, logs: &[LogInput]) -> Result<Report, CliError> {
    let [lower_bound_ms, higher_bound_ms] = args.bounds;
    let input = ReportInput {
        run: String::new(),
        columns: Columns {
            lower_bound_ms,
            higher_bound_ms,
            percentiles: args.percentiles,
        },
        limits: Limits {
            names: usize::try_from(args.names).unwrap_or(usize::MAX),
            ..Limits::default()
        },
        logs: logs.to_vec(),
    };
    let bar = bar(logs);
    let report = bfgg_report::build_with(input, &|bytes| bar.inc(bytes));
    bar.finish_and_clear();
    report.map_err(|cause| match cause {
        ReportError::NoUsableLog { ref kinds, .. } => {
            let worst = kinds.iter().copied().min();
            CliError::NoReport {
                code: worst.map_or(exit::COULD_NOT_RUN, code),
                message: printable(&cause.to_string()),
                hint: worst.map_or("", hint),
            }
        }
        other => other.into(),
    })
}

/// Refuses to write the merged log over one of those found.
fn spare(logs: &Logs, path: &Path) -> Result<(), CliError> {
    match logs.at(path) {
        Some(log) => Err(CliError::NoReport {
            message: format!("{} is one of the logs and would be overwritten", log.name),
            hint: "--out names another folder",
            code: exit::NOT_WRITABLE,
        }),
        None => Ok(()),
    }
}

/// Bytes read, where there is a terminal.
fn bar(logs: &[LogInput]) -> ProgressBar {
    let length = |log: &LogInput| std::fs::metadata(&log.path).map_or(0, |found| found.len());
    let bar = ProgressBar::new(logs.iter().map(length).sum());
    let style = "  {bar:24} {percent:>3} %  {bytes} of {total_bytes}  {bytes_per_sec}";
    // The template is a constant; a plain bar is better than none.
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}

/// Figures of different simulations mean something only to those who meant to mix them.
fn refuse_mixed(args: &ReportArgs, troubles: &[Trouble]) -> Result<(), CliError> {
    let other = troubles
        .iter()
        .find(|found| found.kind == TroubleKind::OtherSimulation);
    match other {
        Some(other) if !args.mixed => Err(CliError::NoReport {
            message: printable(&other.text),
            hint: hint(other.kind),
            code: exit::OTHER_SIMULATION,
        }),
        _ => Ok(()),
    }
}

/// The folder of the report.
struct Folder<'a>(&'a Path);

impl<'a> Folder<'a> {
    /// Makes the folder, and tries whether it can be written to.
    fn open(path: &'a Path) -> Result<Self, CliError> {
        let folder = Self(path);
        std::fs::create_dir_all(path).map_err(|cause| folder.failed(path, &cause))?;
        tempfile::tempfile_in(path).map_err(|cause| folder.failed(path, &cause))?;
        Ok(folder)
    }

    fn failed(&self, path: &Path, cause: &std::io::Error) -> CliError {
        CliError::NoReport {
            message: format!(
                "the report cannot be written to {}: {cause}",
                path.display()
            ),
            hint: "--out names another folder",
            code: exit::NOT_WRITABLE,
        }
    }

    fn write(
        &self,
        format: ReportFormat,
        report: &Report,
        logs: &[LogInput],
    ) -> Result<PathBuf, CliError> {
        let summary = &report.summary;
        let json = || serde_json::to_vec_pretty(summary).map_err(std::io::Error::from);
        let (name, bytes) = match format {
            ReportFormat::Html => ("report.html", Ok(bfgg_report::html(report).into_bytes())),
            ReportFormat::Json => ("summary.json", json()),
            ReportFormat::Csv => ("stats.csv", Ok(bfgg_report::csv(summary).into_bytes())),
            ReportFormat::Junit => ("junit.xml", Ok(bfgg_report::junit(summary).into_bytes())),
            ReportFormat::Log => return self.merge(logs),
        };
        let path = self.0.join(name);
        bytes
            .and_then(|bytes| write_beside(&path, |file| file.write_all(&bytes)))
            .map_err(|cause| self.failed(&path, &cause))?;
        Ok(path)
    }

    /// All logs as one.
    fn merge(&self, logs: &[LogInput]) -> Result<PathBuf, CliError> {
        let path = self.0.join(LOG);
        let written = write_beside(&path, |file| {
            let mut out = BufWriter::new(file);
            match bfgg_report::merge(logs, None, &mut out) {
                Ok(_) => out.flush(),
                Err(ReportError::Write { kind, cause }) => Err(std::io::Error::new(kind, cause)),
                Err(other) => Err(std::io::Error::other(other)),
            }
        });
        written.map_err(|cause| self.failed(&path, &cause))?;
        Ok(path)
    }
}

/// Written beside and renamed: what breaks off leaves no half of a report.
fn write_beside(
    path: &Path,
    write: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut beside = path.to_owned().into_os_string();
    beside.push(".part");
    let written = File::create(&beside).and_then(|mut file| write(&mut file));
    let renamed = written.and_then(|()| std::fs::rename(&beside, path));
    if renamed.is_err() {
        // It holds nothing of use.
        let _ = std::fs::remove_file(&beside);
    }
    renamed
}

/// The exit code of a report that was written: the worst thing that was found.
fn exit_code(
    troubles: &[Trouble],
    has_empty_folder: bool,
    mixed: bool,
    assertions_hold: bool,
) -> u8 {
    let is_minded = |kind: TroubleKind| {
        !(mixed
            && matches!(
                kind,
                TroubleKind::OtherSimulation | TroubleKind::OtherVersion
            ))
    };
    let mut kinds: Vec<TroubleKind> = troubles
        .iter()
        .map(|found| found.kind)
        .filter(|kind| is_minded(*kind))
        .collect();
    kinds.sort_unstable();
    // Of the kinds up to here data is missing, those behind speak of what is there.
    let missing = kinds.iter().find(|kind| **kind <= TroubleKind::Damaged);
    match (missing, kinds.first()) {
        (Some(kind), _) if *kind <= TroubleKind::Empty => code(*kind),
        _ if has_empty_folder => exit::NO_LOGS,
        (Some(kind), _) => code(*kind),
        _ if !assertions_hold => exit::ASSERTIONS_FAILED,
        (None, Some(kind)) => code(*kind),
        (None, None) => exit::OK,
    }
}

fn code(kind: TroubleKind) -> u8 {
    match kind {
        TroubleKind::Unreadable => exit::UNREADABLE,
        TroubleKind::NotALog => exit::NOT_A_LOG,
        TroubleKind::Empty => exit::EMPTY_LOG,
        TroubleKind::NoRecords => exit::NO_RECORDS,
        TroubleKind::OtherSimulation => exit::OTHER_SIMULATION,
        TroubleKind::Damaged => exit::INCOMPLETE,
        TroubleKind::NoRequests => exit::NO_REQUESTS,
        TroubleKind::OnlyKo => exit::ONLY_KO,
        TroubleKind::OtherVersion => exit::OTHER_VERSION,
    }
}

/// What to do.
fn hint(kind: TroubleKind) -> &'static str {
    match kind {
        TroubleKind::Unreadable => "check that the path is right and that the file may be read",
        TroubleKind::NotALog => {
            "name the simulation.log that Gatling 3.0 or later wrote into its results folder"
        }
        TroubleKind::Empty | TroubleKind::Damaged => {
            "Gatling writes its log in pieces: if the run had not ended, copy the log again once it has"
        }
        TroubleKind::NoRecords => "the output of that Gatling says why its load never began",
        TroubleKind::OtherSimulation | TroubleKind::OtherVersion => {
            "if that is meant, --mixed reports on them together"
        }
        TroubleKind::NoRequests => "look whether the simulation's scenarios send requests",
        TroubleKind::OnlyKo => "the errors in the report say why",
    }
}
