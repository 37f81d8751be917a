//! `bfgg report`

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use bfgg_config::ControllerConfig;
use bfgg_controller::thresholds;
use bfgg_report::{
    Columns, Limits, LogInput, Output, Report, ReportError, ReportInput, RunClocks, Trouble,
    TroubleKind, Verdict, VerdictLevel,
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::{ReportArgs, ReportFormat};
use crate::error::{CliError, exit};
use crate::logs::{Logs, no_logs};
use crate::terminal;
use crate::view::Screen;

const OTHER_FOLDER: &str = "--out names another folder";

pub(crate) fn report(
    config: &ControllerConfig,
    args: &ReportArgs,
    screen: &Screen,
) -> Result<u8, CliError> {
    let mut formats = args.format.clone();
    formats.sort_unstable();
    formats.dedup();
    let logs = Logs::find(&args.logs, &args.offsets, Some(&args.out))?;
    for format in &formats {
        logs.spare(&args.out.join(file_name(*format)), OTHER_FOLDER)?;
    }
    let empty: Vec<String> = logs.empty_folders.iter().map(|own| no_logs(own)).collect();
    if logs.inputs.is_empty() {
        return Err(CliError::NoReport {
            message: [logs.left_out, empty].concat().join("; "),
            hint: "",
            code: exit::NO_LOGS,
        });
    }
    // Before the work, not after it.
    let mut files = Files::new(&args.out, &formats)?;
    logs.tell_left_out(screen);
    for message in &empty {
        screen.line(format!("note: {message}"));
    }
    let mut report = build(args, &logs.inputs)?;
    report.judge_logs(&thresholds(&config.verdict));
    refuse_mixed(args, &report.troubles)?;
    tell(&report, args.mixed, screen);
    let lacks = files.write(&report, &logs.inputs)?;
    for lack in &lacks {
        let (file, hint) = (file_name(ReportFormat::Log), hint(lack.kind));
        screen.line(format!("note: {file}: {}", lack.text));
        screen.line(format!("hint: {hint}"));
    }
    let written = files.finish()?;
    let width = usize::from(terminal::width());
    terminal::out(bfgg_report::table(&report.summary, width)).map_err(|cause| {
        CliError::NoReport {
            message: cause.to_string(),
            hint: "",
            code: exit::NOT_WRITABLE,
        }
    })?;
    for file in written {
        screen.line(file.display().to_string());
    }
    Ok(exit_code(
        &[report.troubles, lacks].concat(),
        !empty.is_empty(),
        args.mixed,
        report.summary.verdict.as_ref(),
        report.summary.assertions.iter().all(|row| row.holds),
    ))
}

/// The notes, and once for each kind of trouble what to do.
fn tell(report: &Report, mixed: bool, screen: &Screen) {
    let mut told = Vec::new();
    for note in &report.summary.notes {
        screen.line(format!("note: {note}"));
        let trouble = report.troubles.iter().find(|found| found.text == *note);
        if let Some(kind) = trouble.map(|found| found.kind)
            && is_minded(kind, mixed)
            && !told.contains(&hint(kind))
        {
            told.push(hint(kind));
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
        clocks: RunClocks::default(),
    };
    let bar = bar(logs);
    let report = bfgg_report::build_with(input, &|bytes| bar.inc(bytes));
    bar.finish_and_clear();
    report.map_err(|cause| match cause {
        ReportError::NoUsableLog { ref kinds, .. } => {
            let worst = worst(kinds.iter().map(|kind| code(*kind)));
            let kind = kinds.iter().find(|kind| code(**kind) == worst);
            CliError::NoReport {
                code: worst,
                message: cause.to_string(),
                hint: kind.map_or("", |kind| hint(*kind)),
            }
        }
        other => other.into(),
    })
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
            message: other.text.clone(),
            hint: hint(other.kind),
            code: exit::OTHER_SIMULATION,
        }),
        _ => Ok(()),
    }
}

/// What a format is written to.
fn file_name(format: ReportFormat) -> &'static str {
    match format {
        ReportFormat::Html => "report.html",
        ReportFormat::Json => "summary.json",
        ReportFormat::Csv => "stats.csv",
        ReportFormat::Junit => "junit.xml",
        ReportFormat::Log => "simulation.log",
    }
}

/// The report's files. They take their places when all are written.
struct Files<'a> {
    folder: &'a Path,
    outputs: Vec<(ReportFormat, PathBuf, Output)>,
}

impl<'a> Files<'a> {
    /// Tries whether they can be written; makes no file and no folder.
    fn new(folder: &'a Path, formats: &[ReportFormat]) -> Result<Self, CliError> {
        let mut outputs = Vec::new();
        for format in formats {
            let path = folder.join(file_name(*format));
            // The folder is what the user named.
            let output = Output::to(&path).map_err(|cause| match cause.kind() {
                ErrorKind::NotADirectory => failed(folder, &cause),
                _ => failed(&path, &cause),
            })?;
            output.probe().map_err(|cause| failed(folder, &cause))?;
            outputs.push((*format, path, output));
        }
        Ok(Self { folder, outputs })
    }

    /// What the files lack beside what the report tells.
    fn write(&mut self, report: &Report, logs: &[LogInput]) -> Result<Vec<Trouble>, CliError> {
        let mut lacks = Vec::new();
        std::fs::create_dir_all(self.folder).map_err(|cause| failed(self.folder, &cause))?;
        for (format, path, output) in &mut self.outputs {
            let found = write(*format, output, report, logs).and_then(|found| {
                output.flush()?;
                Ok(found)
            });
            lacks.extend(found.map_err(|cause| failed(path, &cause))?);
        }
        Ok(lacks)
    }

    fn finish(self) -> Result<Vec<PathBuf>, CliError> {
        let mut written = Vec::new();
        for (_, path, output) in self.outputs {
            output.finish().map_err(|cause| failed(&path, &cause))?;
            written.push(path);
        }
        Ok(written)
    }
}

fn failed(path: &Path, cause: &std::io::Error) -> CliError {
    CliError::NoReport {
        message: format!(
            "the report cannot be written to {}: {cause}",
            path.display()
        ),
        hint: OTHER_FOLDER,
        code: exit::NOT_WRITABLE,
    }
}

fn write(
    format: ReportFormat,
    out: &mut Output,
    report: &Report,
    logs: &[LogInput],
) -> std::io::Result<Vec<Trouble>> {
    let summary = &report.summary;
    match format {
        ReportFormat::Html => out.write_all(bfgg_report::html(report).as_bytes())?,
        ReportFormat::Json => out.write_all(&serde_json::to_vec_pretty(summary)?)?,
        ReportFormat::Csv => out.write_all(bfgg_report::csv(summary).as_bytes())?,
        ReportFormat::Junit => out.write_all(bfgg_report::junit(summary).as_bytes())?,
        ReportFormat::Log => match bfgg_report::merge(logs, None, out) {
            Ok(merged) => {
                let mut lacks = merged.troubles;
                // The others are those of the report.
                lacks.retain(|found| found.kind == TroubleKind::LeftOut);
                return Ok(lacks);
            }
            Err(ReportError::Write { kind, cause }) => {
                return Err(std::io::Error::new(kind, cause));
            }
            Err(other) => return Err(std::io::Error::other(other)),
        },
    }
    Ok(Vec::new())
}

/// Whether it makes a difference to the user.
fn is_minded(kind: TroubleKind, mixed: bool) -> bool {
    let is_mix = matches!(
        kind,
        TroubleKind::OtherSimulation | TroubleKind::OtherVersion
    );
    !(mixed && is_mix)
}

/// The exit code of a report that was written: the worst thing that was found.
fn exit_code(
    troubles: &[Trouble],
    has_empty_folder: bool,
    mixed: bool,
    verdict: Option<&Verdict>,
    assertions_hold: bool,
) -> u8 {
    let kinds = troubles.iter().map(|found| found.kind);
    let minded = kinds.filter(|kind| is_minded(*kind, mixed)).map(code);
    worst(
        minded
            .chain(has_empty_folder.then_some(exit::NO_LOGS))
            .chain(
                verdict
                    .filter(|verdict| is_invalid(verdict))
                    .map(|_| exit::INVALID),
            )
            .chain((!assertions_hold).then_some(exit::ASSERTIONS_FAILED)),
    )
}

/// Whether it says what no trouble with a log has said: a load generator ran out of something.
fn is_invalid(verdict: &Verdict) -> bool {
    let mut findings = verdict.findings.iter();
    findings.any(|own| own.level == VerdictLevel::Invalid && own.code != "log-incomplete")
}

/// Of several codes the one that says most: first that data is missing, then what is there.
fn worst(codes: impl Iterator<Item = u8>) -> u8 {
    const ORDER: [u8; 11] = [
        exit::UNREADABLE,
        exit::NOT_A_LOG,
        exit::EMPTY_LOG,
        exit::NO_LOGS,
        exit::NO_RECORDS,
        exit::INCOMPLETE,
        exit::INVALID,
        exit::ASSERTIONS_FAILED,
        exit::NO_REQUESTS,
        exit::ONLY_KO,
        exit::OTHER_VERSION,
    ];
    let codes: Vec<u8> = codes.collect();
    let mut order = ORDER.into_iter();
    order.find(|code| codes.contains(code)).unwrap_or(exit::OK)
}

fn code(kind: TroubleKind) -> u8 {
    match kind {
        TroubleKind::Unreadable => exit::UNREADABLE,
        TroubleKind::NotALog | TroubleKind::Unsupported => exit::NOT_A_LOG,
        TroubleKind::Empty => exit::EMPTY_LOG,
        TroubleKind::NoRecords => exit::NO_RECORDS,
        TroubleKind::OtherSimulation => exit::OTHER_SIMULATION,
        TroubleKind::Damaged
        | TroubleKind::Cut
        | TroubleKind::UnknownLayout
        | TroubleKind::BadLines
        | TroubleKind::ImpossibleTimes
        | TroubleKind::Growing
        | TroubleKind::LeftOut => exit::INCOMPLETE,
        TroubleKind::NoRequests => exit::NO_REQUESTS,
        TroubleKind::OnlyKo => exit::ONLY_KO,
        TroubleKind::OtherVersion => exit::OTHER_VERSION,
        TroubleKind::NewerVersion => exit::OK,
    }
}

/// What to do.
fn hint(kind: TroubleKind) -> &'static str {
    match kind {
        TroubleKind::Unreadable => "check that the path is right and that the file may be read",
        TroubleKind::NotALog => {
            "name the simulation.log that Gatling 3.0 or later wrote into its results folder"
        }
        TroubleKind::Unsupported => {
            "the reports of that Gatling itself read it; here it takes one of 3.0 or later"
        }
        TroubleKind::Empty | TroubleKind::Damaged | TroubleKind::Cut => {
            "Gatling writes its log in pieces: if the run had not ended, copy the log again once it has"
        }
        TroubleKind::Growing => "copy the log once the run has ended",
        TroubleKind::UnknownLayout | TroubleKind::NewerVersion => {
            "a newer bfgg may know that version's layout"
        }
        TroubleKind::BadLines => {
            "a name or message with a tab or a line break breaks its line; Gatling's report leaves it out too"
        }
        TroubleKind::ImpossibleTimes => {
            "the clock of that machine was wrong or was set during the run, or the run took more than 24 days"
        }
        TroubleKind::LeftOut => "merge logs of one run, with the offsets of their clocks",
        TroubleKind::NoRecords => "the output of that Gatling says why its load never began",
        TroubleKind::OtherSimulation | TroubleKind::OtherVersion => {
            "if that is meant, --mixed reports on them together"
        }
        TroubleKind::NoRequests => "look whether the simulation's scenarios send requests",
        TroubleKind::OnlyKo => "the errors in the report say why",
    }
}
