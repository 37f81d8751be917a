//! From simulation logs to a [`Report`].

use std::path::PathBuf;

use bfgg_stats::{Figures, Limits};
use gatling_log::Header;
use jiff::Timestamp;

use crate::log::{AgentLog, read};
use crate::rows::{percent, rows, two_decimals};
use crate::{
    AgentShare, AssertionRow, Columns, ErrorRow, ReportError, Series, Summary, assertions, series,
};

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
    let limits = Limits::default();
    let mut merged = Figures::new(limits);
    let mut headers: Vec<(String, Header)> = Vec::new();
    let (mut notes, mut reasons) = (Vec::new(), Vec::new());
    let mut shares = Vec::new();
    for log in &input.logs {
        let mut share = AgentShare {
            name: log.name.clone(),
            peer: log.peer.clone(),
            total: 0,
            ok: 0,
            ko: 0,
            start_offset_ms: 0,
        };
        let mut first_user = None;
        match read(log, limits) {
            Ok(AgentLog {
                header,
                figures,
                troubles,
            }) => {
                let all = figures.all();
                (share.total, share.ok, share.ko) = (all.count(), all.ok.count(), all.ko.count());
                first_user = figures.first_user();
                merged.merge(&figures);
                let named = troubles
                    .into_iter()
                    .map(|text| format!("agent {}: {text}", log.name));
                notes.extend(named);
                headers.push((log.name.clone(), header));
            }
            Err(reason) => {
                notes.push(format!(
                    "agent {}: {reason}; its requests are missing here",
                    log.name
                ));
                reasons.push(format!("agent {}: {reason}", log.name));
            }
        }
        shares.push((share, first_user));
    }
    let (Some((_, header)), Some(span)) = (headers.first(), merged.span()) else {
        // Those without records are no better than those without header.
        return Err(ReportError::NoUsableLog {
            reasons: if reasons.len() == input.logs.len() {
                reasons
            } else {
                notes
            },
        });
    };
    note_differences(&headers, &mut notes);
    let simulation = header.simulation.clone();
    let assertion_rows = evaluate(header, &merged, &mut notes);
    note_limits(&merged, limits, &mut notes);
    let series = series::series(&merged).unwrap_or_else(|| {
        notes.push(
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
        rows: rows(&merged, &input.columns),
        columns: input.columns,
        errors: errors(&merged),
        assertions: assertion_rows,
        notes,
    };
    Ok(Report { summary, series })
}

fn date(unix_ms: i64) -> String {
    let time = Timestamp::from_millisecond(unix_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Agents are compared with the first one.
fn note_differences(headers: &[(String, Header)], notes: &mut Vec<String>) {
    let Some(((first, header), others)) = headers.split_first() else {
        return;
    };
    for (name, other) in others {
        let mut differs = |what: &str, own: &str, of_first: &str| {
            if own != of_first {
                notes.push(format!(
                    "agent {name} ran {what} {own}, agent {first} {of_first}: the figures mix them"
                ));
            }
        };
        differs("simulation", &other.simulation, &header.simulation);
        differs("Gatling", other.version.as_str(), header.version.as_str());
        let bytes = |header: &Header| {
            header
                .assertions
                .iter()
                .map(|a| a.bytes.clone())
                .collect::<Vec<_>>()
        };
        if bytes(other) != bytes(header) {
            notes.push(format!(
                "agent {name} has other assertions than agent {first}; those of {first} are shown"
            ));
        }
    }
}

fn note_limits(merged: &Figures, limits: Limits, notes: &mut Vec<String>) {
    if merged.other_requests().is_some() || merged.other_groups().is_some() {
        notes.push(format!(
            "there are more than {} names of requests and groups: the last rows count the others \
             together, and rows of agents that kept different names may be incomplete; the totals \
             are exact",
            limits.names
        ));
    }
    if merged.all().count() == 0 {
        notes.push("no request was recorded".to_owned());
    }
}

fn evaluate(header: &Header, merged: &Figures, notes: &mut Vec<String>) -> Vec<AssertionRow> {
    let mut rows = Vec::new();
    for stored in &header.assertions {
        match &stored.decoded {
            Ok(assertion) => match assertions::evaluate(assertion, merged) {
                Ok(evaluated) => rows.extend(evaluated),
                Err(row) => {
                    notes.push(format!(
                        "no request and no group has the path of the assertion \"{}\": it counts \
                         as failed",
                        row.text
                    ));
                    rows.push(row);
                }
            },
            Err(error) => notes.push(format!("{error}: it is not evaluated")),
        }
    }
    rows
}

fn errors(merged: &Figures) -> Vec<ErrorRow> {
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
