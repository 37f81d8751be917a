//! A log's records as lines of JSON.

use std::io::{ErrorKind, Read as _, Write};

use gatling_log::{AssertionPath, Decoder, Header, Record, User};
use serde::Serialize;

use crate::log::{PIECE, open, troubles, unusable};
use crate::{LogInput, ReportError};

/// A line. Times are ms after the start in the first line.
#[derive(Serialize)]
#[serde(tag = "record", rename_all = "lowercase")]
enum Line<'a> {
    Run {
        gatling: &'a str,
        simulation: &'a str,
        /// Unix time, ms.
        start: i64,
        description: &'a str,
        scenarios: &'a [String],
        assertions: Vec<String>,
    },
    Request {
        groups: Vec<&'a str>,
        name: &'a str,
        start: u32,
        end: u32,
        ok: bool,
        message: &'a str,
    },
    User {
        scenario: &'a str,
        event: &'static str,
        time: u32,
    },
    Group {
        groups: Vec<&'a str>,
        start: u32,
        end: u32,
        cumulated: u32,
        ok: bool,
    },
    Error {
        message: &'a str,
        time: u32,
    },
}

/// Writes each record of a log as a line of JSON. Blocking. Returns what limits the trust in it.
///
/// # Errors
/// If the log has no header that can be read, or `out` cannot be written.
pub fn dump(log: &LogInput, out: &mut impl Write) -> Result<Vec<String>, ReportError> {
    let no_use = |reason| ReportError::NoUsableLog {
        reasons: vec![format!("{}: {reason}", log.name)],
        kinds: Vec::new(),
    };
    let write_failed = |cause: std::io::Error| ReportError::Write {
        kind: cause.kind(),
        cause: cause.to_string(),
    };
    let mut file = open(log).map_err(no_use)?;
    let mut decoder = Decoder::new();
    let unreadable = loop {
        let length = match file.read(decoder.room(PIECE)) {
            Ok(0) => break None,
            Ok(length) => length,
            Err(cause) if cause.kind() == ErrorKind::Interrupted => continue,
            Err(cause) => break Some(cause),
        };
        decoder.filled(length);
        // The decoder keeps what does not fit.
        while let Ok(Some(record)) = decoder.next_record() {
            let line = match record {
                // A text log's header grows by the scenarios that were seen.
                Record::User(user) => Some(line_of_user(user, decoder.header())),
                ref record => line_of(record),
            };
            if let Some(line) = line {
                write_line(&line, out).map_err(write_failed)?;
            }
        }
        if decoder.error().is_some() {
            break None;
        }
    };
    out.flush().map_err(write_failed)?;
    match decoder.header() {
        Some(_) => Ok(troubles(&decoder, unreadable.as_ref())),
        None => Err(no_use(unusable(&decoder, unreadable.as_ref()))),
    }
}

fn write_line(line: &Line<'_>, out: &mut impl Write) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

fn line_of_user(user: User, header: Option<&Header>) -> Line<'_> {
    let scenario = header.and_then(|header| header.scenarios.get(user.scenario));
    Line::User {
        scenario: scenario.map_or("", String::as_str),
        event: if user.starts { "start" } else { "end" },
        time: user.time,
    }
}

fn line_of<'a>(record: &Record<'a>) -> Option<Line<'a>> {
    Some(match record {
        Record::Run(header) => run(header),
        Record::Request(request) => Line::Request {
            groups: request.groups().names().collect(),
            name: request.name(),
            start: request.start,
            end: request.end,
            ok: request.ok,
            message: request.message(),
        },
        Record::Group(group) => Line::Group {
            groups: group.groups().names().collect(),
            start: group.start,
            end: group.end,
            cumulated: group.cumulated,
            ok: group.ok,
        },
        Record::Error(error) => Line::Error {
            message: error.message(),
            time: error.time,
        },
        // Users are told with their scenario.
        _ => return None,
    })
}

fn run(header: &Header) -> Line<'_> {
    let assertions = header
        .assertions
        .iter()
        .map(|stored| match &stored.decoded {
            Ok(assertion) => {
                let path: &[String] = match &assertion.path {
                    AssertionPath::Details(path) => path,
                    _ => &[],
                };
                assertion.sentence(path)
            }
            Err(cause) => cause.to_string(),
        });
    Line::Run {
        gatling: header.version.as_str(),
        simulation: &header.simulation,
        start: header.start,
        description: &header.description,
        scenarios: &header.scenarios,
        assertions: assertions.collect(),
    }
}
