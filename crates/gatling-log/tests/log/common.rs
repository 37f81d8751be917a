//! What the tests of this crate share.

use std::fmt::Write as _;

use gatling_log::{DecodeError, Decoder, Record};

/// The samples of binary logs, written by Gatling itself.
pub(crate) const BINARY: [&str; 7] = [
    "3.13.5",
    "3.15.1",
    "3.16.0",
    "3.16.0-edge",
    "3.16.0-agent1",
    "3.16.0-agent2",
    "3.16.0-merged",
];

/// The samples of text logs.
pub(crate) const TEXT: [&str; 6] = ["3.3.1", "3.5.1", "3.9.5", "3.11.5", "3.12.0", "3.12.0-edge"];

pub(crate) fn sample(name: &str) -> Vec<u8> {
    sample_file(name, "simulation.log")
}

pub(crate) fn sample_file(name: &str, file: &str) -> Vec<u8> {
    let path = format!("{}/tests/samples/{name}/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// One line for a record, with all it says.
pub(crate) fn line(record: Record<'_>) -> String {
    let mut line = String::new();
    match record {
        Record::Run(header) => write!(line, "{header:?}"),
        Record::Request(request) => {
            let groups: Vec<&str> = request.groups().names().collect();
            let (name, message) = (request.name(), request.message());
            let (start, end, ok) = (request.start, request.end, request.ok);
            write!(
                line,
                "request {groups:?} {name:?} {start} {end} {ok} {message:?}"
            )
        }
        Record::User(user) => write!(line, "{user:?}"),
        Record::Group(group) => {
            let groups: Vec<&str> = group.groups().names().collect();
            let (start, end, cumulated, ok) = (group.start, group.end, group.cumulated, group.ok);
            write!(line, "group {groups:?} {start} {end} {cumulated} {ok}")
        }
        Record::Error(error) => write!(line, "error {:?} {}", error.message(), error.time),
        other => write!(line, "{other:?}"),
    }
    .unwrap();
    line
}

/// Takes out all records there are.
pub(crate) fn drain(decoder: &mut Decoder, lines: &mut Vec<String>) -> Result<(), DecodeError> {
    while let Some(record) = decoder.next_record()? {
        lines.push(line(record));
    }
    Ok(())
}

/// All records of a whole log.
pub(crate) fn lines(log: &[u8]) -> Vec<String> {
    let (mut decoder, mut lines) = (Decoder::new(), Vec::new());
    decoder.push(log);
    drain(&mut decoder, &mut lines).unwrap();
    lines
}
