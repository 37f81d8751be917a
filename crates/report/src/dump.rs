//! A log's records as lines of JSON.

use std::io::{ErrorKind, Read as _, Write};

use gatling_log::{AssertionPath, Decoder, Header, Record, User};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::log::{LogFile, PIECE, troubles, unusable};
use crate::printable::is_unsafe;
use crate::{LogInput, ReportError, Trouble, TroubleKind};

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

/// Writes each record of a log as a line of JSON. Blocking. Returns what limits the trust in it. What a
/// terminal would obey, or what reorders or hides text, is escaped in the lines.
///
/// # Errors
/// If the log has no header that can be read, or `out` cannot be written.
pub fn dump(log: &LogInput, out: &mut impl Write) -> Result<Vec<Trouble>, ReportError> {
    let no_use = |kind: TroubleKind, reason| ReportError::NoUsableLog {
        reasons: vec![format!("{}: {reason}", log.name)],
        kinds: vec![kind],
    };
    let write_failed = |cause: std::io::Error| ReportError::Write {
        kind: cause.kind(),
        cause: cause.to_string(),
    };
    let mut file = LogFile::open(log).map_err(|reason| no_use(TroubleKind::Unreadable, reason))?;
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
    let cause = unreadable.as_ref();
    if decoder.header().is_none() {
        let kind = TroubleKind::of_unusable(&decoder, cause.is_some());
        return Err(no_use(kind, unusable(&decoder, cause)));
    }
    let found = troubles(&decoder, cause, &file).into_iter();
    let named = found.map(|finding| Trouble {
        kind: finding.kind,
        log: log.name.clone(),
        text: format!("{}: {}", log.name, finding.text),
    });
    Ok(named.collect())
}

fn write_line(line: &Line<'_>, out: &mut impl Write) -> std::io::Result<()> {
    line.serialize(&mut Serializer::with_formatter(&mut *out, Escaped))?;
    out.write_all(b"\n")
}

/// JSON in one line whose strings have no unsafe character as it is.
struct Escaped;

impl Formatter for Escaped {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        mut text: &str,
    ) -> std::io::Result<()> {
        while let Some(at) = text.find(is_unsafe) {
            let (safe, rest) = text.split_at(at);
            out.write_all(safe.as_bytes())?;
            let mut rest = rest.chars();
            for c in rest.by_ref().take(1) {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            text = rest.as_str();
        }
        out.write_all(text.as_bytes())
    }
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
