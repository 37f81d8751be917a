//! From simulation logs to a [`Report`].

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use bfgg_stats::{Figures, Level, Limits, Outcomes, Scenario, Span, load_of, steady_window};
use gatling_log::Header;
use jiff::Timestamp;

use crate::log::{self, AgentLog, Finding, Unusable};
use crate::rows::{percent, rows, two_decimals};
use crate::verdict::LogFacts;
use crate::{
    AgentShare, Charts, Columns, ErrorRow, ReportError, RunClocks, Series, Steady, Summary,
    Thresholds, Timing, Trouble, TroubleKind, UsersRow, assertions, charts, series,
};

/// What a report is made of.
#[derive(Debug, Clone)]
pub struct ReportInput {
    /// The run's id; empty for logs that no run of ours made.
    pub run: String,
    /// Bounds and percentiles of the columns.
    pub columns: Columns,
    /// What keeps memory bounded.
    pub limits: Limits,
    /// One log for each agent, the order of [`Summary::agents`].
    pub logs: Vec<LogInput>,
    /// What is known of its agents' clocks and their start.
    pub clocks: RunClocks,
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
    /// Bytes of it that count, for a log that may grow; `None`: what it has when it is opened.
    pub length: Option<u64>,
    /// What is known of its agent's clock beside that, and of its start.
    pub timing: Timing,
}

/// The figures of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The contents of `summary.json`; what limits the trust in it stands in its notes.
    pub summary: Summary,
    /// Requests and users by second.
    pub series: Series,
    /// The figures themselves, of all logs together.
    pub figures: Figures,
    /// The description given for the run; often empty.
    pub description: String,
    /// The response times of each log, in the order in which they were given; `None` of those that
    /// could not be used.
    pub times: Vec<Option<Outcomes>>,
    /// What each log turned out to be, likewise.
    pub logs: Vec<LogFacts>,
    /// What was wrong with the logs, for programs; each has a note as well.
    pub troubles: Vec<Trouble>,
}

impl Report {
    /// What the page's charts show. It takes as long as the figures of some million requests.
    #[must_use]
    pub fn charts(&self) -> Charts {
        charts::charts(&self.figures, &self.summary.rows, &self.summary.columns)
    }
}

/// As [`build_with`], without anyone to tell of the progress.
///
/// # Errors
/// As [`build_with`].
pub fn build(input: ReportInput) -> Result<Report, ReportError> {
    build_with(input, &|_| ())
}

/// Reads the logs and merges their figures. Blocking: it reads every log to its end, several at a
/// time where there are more cores. `progress` gets the number of bytes of each piece read, from
/// any thread.
///
/// Memory depends on the number of names and on the run's length, not on the number of requests.
///
/// # Errors
/// If not one log can be used, or if an offset moves one out of the years 1970 to 9999. A damaged,
/// cut or missing log beside a usable one becomes a note in [`Summary::notes`] and a [`Trouble`].
pub fn build_with(
    input: ReportInput,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Report, ReportError> {
    if input.logs.is_empty() {
        return Err(ReportError::NoLogs);
    }
    let limits = input.limits;
    let mut merged = Figures::new(limits);
    let mut headers: Vec<(String, Header)> = Vec::new();
    let mut findings = Findings::default();
    let mut reasons = Vec::new();
    let mut shares = Vec::new();
    let mut windows = Vec::new();
    let mut refused = None;
    let mut times = Vec::new();
    let mut facts = Vec::new();
    let mut without_load = Vec::new();
    let who = |log: &LogInput| match input.run.as_str() {
        "" => log.name.clone(),
        _ => format!("agent {}", log.name),
    };
    read_all(&input.logs, limits, progress, |log, read| {
        let mut share = AgentShare {
            name: log.name.clone(),
            peer: log.peer.clone(),
            total: 0,
            ok: 0,
            ko: 0,
            start_offset_ms: 0,
            unfinished_users: 0,
            clock: log.timing.clock,
            released_after_ms: log.timing.released_after_ms,
        };
        let mut first_user = None;
        let read = read.and_then(|read| {
            if has_dates(log, &read) {
                return Ok(read);
            }
            if log.offset_ms != 0 {
                refused.get_or_insert_with(|| ReportError::Offset {
                    log: log.name.clone(),
                    offset_ms: log.offset_ms,
                });
            }
            Err(Unusable {
                kind: TroubleKind::ImpossibleTimes,
                reason: "its log is damaged: its times are not within the years 1970 to 9999"
                    .to_owned(),
            })
        });
        times.push(None);
        match read {
            Ok(AgentLog {
                header,
                figures,
                troubles,
                bytes,
                decoded_bytes,
                records,
            }) => {
                facts.push(LogFacts {
                    bytes,
                    decoded_bytes,
                    records,
                    ..LogFacts::of(&figures, &troubles)
                });
                let all = figures.all();
                if let Some(own) = times.last_mut() {
                    *own = Some(all.clone());
                }
                (share.ok, share.ko) = (all.ok.count(), all.ko.count());
                share.total = share.ok + share.ko;
                let scenarios = figures.users().scenarios().values();
                share.unfinished_users = scenarios.map(|users| users.unfinished).sum();
                first_user = figures.first_user();
                windows.extend(load_of(&figures));
                if troubles.is_empty()
                    && let Some(text) = only_errors(&figures)
                {
                    without_load.push((log.name.clone(), format!("{}: {text}", who(log))));
                }
                merged.merge(figures);
                for Finding { kind, text } in troubles {
                    findings.add(kind, &log.name, format!("{}: {text}", who(log)));
                }
                headers.push((log.name.clone(), header));
            }
            Err(Unusable { kind, reason }) => {
                facts.push(LogFacts::unusable(&log.path, &reason));
                let reason = format!("{}: {reason}", who(log));
                findings.add(
                    kind,
                    &log.name,
                    format!("{reason}; its requests are missing here"),
                );
                reasons.push(reason);
            }
        }
        shares.push((share, first_user));
    });
    if let Some(refused) = refused {
        return Err(refused);
    }
    let (Some((_, header)), Some(span)) = (headers.first(), merged.span()) else {
        // Those without records are no better than those without header.
        for (name, text) in without_load {
            findings.add(TroubleKind::NoRequests, &name, text);
        }
        let all_unusable = reasons.len() == input.logs.len();
        return Err(ReportError::NoUsableLog {
            kinds: findings.troubles.iter().map(|found| found.kind).collect(),
            reasons: if all_unusable {
                reasons
            } else {
                findings.notes
            },
        });
    };
    note_differences(&headers, !input.run.is_empty(), &mut findings);
    let simulation = header.simulation.clone();
    let description = header.description.clone();
    let agent = if input.run.is_empty() { "" } else { "agent " };
    let assertion_rows = assertions::evaluate_all(&headers, agent, &merged, &mut findings.notes);
    note_limits(&merged, limits, &mut findings);
    let series = series::series(&merged, &input.columns).unwrap_or_else(|| {
        findings.notes.push(
            "first and last record are more than 31 days apart, so the clocks of the agents \
             disagree: rates and the chart by seconds mean nothing"
                .to_owned(),
        );
        Series::default()
    });

    // An agent without users has no start to compare.
    let earliest = shares.iter().filter_map(|(_, first)| *first).min();
    let agents: Vec<AgentShare> = shares
        .into_iter()
        .map(|(share, first)| {
            let offset = first
                .zip(earliest)
                .map_or(0, |(first, earliest)| first.saturating_sub(earliest));
            AgentShare {
                start_offset_ms: u64::try_from(offset).unwrap_or(0),
                ..share
            }
        })
        .collect();
    let rows = rows(&merged, &input.columns);
    let summary = Summary {
        run: input.run,
        simulation,
        started: date(span.start),
        duration_ms: span.ms(),
        start_spread_ms: agents
            .iter()
            .map(|agent| agent.start_offset_ms)
            .max()
            .unwrap_or(0),
        agents,
        start: input.clocks.start,
        clock_steps: input.clocks.steps,
        steady: steady(&merged, windows, span),
        users: users(&merged),
        offered_load: Vec::new(),
        rows,
        columns: input.columns,
        errors: errors(&merged),
        assertions: assertion_rows,
        notes: findings.notes,
        verdict: None,
        proofs: Vec::new(),
    };
    let mut report = Report {
        summary,
        series,
        figures: merged,
        description,
        times,
        logs: facts,
        troubles: findings.troubles,
    };
    report.judge_logs(&Thresholds::default());
    Ok(report)
}

/// Reads the logs, as many at a time as there are cores, and gives each result to `take`, in the
/// order of the logs. Where there are more cores than logs, a log is read on several of them.
fn read_all(
    logs: &[LogInput],
    limits: Limits,
    progress: &(dyn Fn(u64) + Sync),
    mut take: impl FnMut(&LogInput, Result<AgentLog, Unusable>),
) {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let workers = cores.min(logs.len());
    if workers < 2 {
        for one in logs {
            take(one, log::read(one, limits, cores, progress));
        }
        return;
    }
    let next = AtomicUsize::new(0);
    let (send, received) = sync_channel(1);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (send, next) = (send.clone(), &next);
            scope.spawn(move || {
                while let index = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(one) = logs.get(index)
                {
                    let read = log::read(one, limits, cores / workers, progress);
                    // Nobody waits any more if the other side has gone.
                    let _ = send.send((index, read));
                }
            });
        }
        drop(send);
        // Those that came before their turn.
        let mut early = BTreeMap::new();
        let mut turn = 0;
        for (index, read) in received {
            early.insert(index, read);
            while let Some(read) = early.remove(&turn) {
                take(&logs[turn], read);
                turn += 1;
            }
        }
    });
}

/// Of a log that has neither requests nor users.
fn only_errors(figures: &Figures) -> Option<String> {
    if figures.span().is_some() {
        return None;
    }
    let messages = figures.messages();
    let (first, _) = messages.sorted().into_iter().next()?;
    Some(format!(
        "its log has no request and no user, only errors ({}), most often: {first}",
        messages.total()
    ))
}

/// What has been found wrong.
#[derive(Default)]
struct Findings {
    notes: Vec<String>,
    troubles: Vec<Trouble>,
}

impl Findings {
    fn add(&mut self, kind: TroubleKind, log: &str, text: String) {
        self.troubles.push(Trouble {
            kind,
            log: log.to_owned(),
            text: text.clone(),
        });
        self.notes.push(text);
    }
}

fn steady(merged: &Figures, windows: Vec<Span>, all: Span) -> Option<Steady> {
    let window = steady_window(windows)?;
    let seconds = window.ms() / 1000;
    let from = u64::try_from(window.start.saturating_sub(all.start)).unwrap_or(0);
    Some(Steady {
        per_second: two_decimals(merged.sent_within(window) as f64 / seconds as f64),
        from_ms: from,
        duration_ms: window.ms(),
    })
}

fn users(merged: &Figures) -> Vec<UsersRow> {
    let users = merged.users();
    let most = |levels: &[Level]| levels.iter().map(|level| level.most).max().unwrap_or(0);
    let scenarios = users.scenarios();
    let rows = scenarios.iter().map(|(name, scenario)| UsersRow {
        scenario: name.clone(),
        started: scenario.started,
        ended: scenario.ended,
        unfinished: scenario.unfinished,
        max_active: most(&users.levels(name)),
    });
    let sum = |of: fn(&Scenario) -> u64| scenarios.values().map(of).sum();
    let all = UsersRow {
        scenario: String::new(),
        started: sum(|own| own.started),
        ended: sum(|own| own.ended),
        unfinished: sum(|own| own.unfinished),
        max_active: most(&users.all_levels()),
    };
    std::iter::once(all).chain(rows).collect()
}

/// Unix time, ms, of the years in which a date has four digits: what lies outside is no time of a
/// load test, and has no place in RFC 3339 and JUnit.
const DATES: RangeInclusive<i64> = 0..=253_402_300_799_999;

/// `unix_ms` is one of [`DATES`].
fn date(unix_ms: i64) -> String {
    // jiff has all of them.
    let time = Timestamp::from_millisecond(unix_ms).map(|time| {
        let text = time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ");
        text.to_string()
    });
    time.unwrap_or_default()
}

/// Whether all times of a log have a date.
fn has_dates(log: &LogInput, read: &AgentLog) -> bool {
    let corrected = read.header.start.checked_add(log.offset_ms);
    let times = read.figures.span().map(|span| [span.start, span.end]);
    let mut times = times.into_iter().flatten().chain(corrected);
    corrected.is_some() && times.all(|time| DATES.contains(&time))
}

/// Logs are compared with the first one.
fn note_differences(headers: &[(String, Header)], are_agents: bool, findings: &mut Findings) {
    let agent = if are_agents { "agent " } else { "" };
    let Some(((first, header), others)) = headers.split_first() else {
        return;
    };
    for (name, other) in others {
        let mut differs = |kind: TroubleKind, what: &str, own: &str, of_first: &str| {
            if own != of_first {
                let text = format!(
                    "{agent}{name} ran {what} {own}, {agent}{first} {of_first}: the figures mix them"
                );
                findings.add(kind, name, text);
            }
        };
        differs(
            TroubleKind::OtherSimulation,
            "simulation",
            &other.simulation,
            &header.simulation,
        );
        differs(
            TroubleKind::OtherVersion,
            "Gatling",
            other.version.as_str(),
            header.version.as_str(),
        );
    }
}

fn note_limits(merged: &Figures, limits: Limits, findings: &mut Findings) {
    if merged.other_requests().is_some() || merged.other_groups().is_some() {
        findings.notes.push(format!(
            "there are more than {} names of requests and groups: those with the shortest have rows of \
             their own, which are whole, and the last rows count the others together; the totals are \
             exact",
            limits.names
        ));
    }
    if merged.all().count() == 0 {
        let text = "no request was recorded".to_owned();
        findings.add(TroubleKind::NoRequests, "", text);
    } else if merged.all().ok.is_empty() {
        let text = "not one request succeeded: percentiles over time have nothing to show";
        findings.add(TroubleKind::OnlyKo, "", text.to_owned());
    }
}

pub(crate) fn errors(merged: &Figures) -> Vec<ErrorRow> {
    let messages = merged.messages();
    let total = messages.total();
    let row = |message: &str, count| ErrorRow {
        message: message.to_owned(),
        count,
        percent: two_decimals(percent(count, total)),
    };
    let mut rows: Vec<ErrorRow> = messages
        .sorted()
        .into_iter()
        .map(|(message, count)| row(message, count))
        .collect();
    if messages.other() > 0 {
        rows.push(row("(other messages)", messages.other()));
    }
    rows
}
