//! What the tests of this crate share.

use std::fmt::Write as _;

use gatling_log::{DecodeError, Decoder, Ending, Record, SetAside};
use proptest::prelude::*;

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

/// Small ones, enough of each kind.
pub(crate) const SMALL: [&str; 6] = [BINARY[0], BINARY[2], BINARY[3], TEXT[0], TEXT[1], TEXT[5]];

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

/// All that decoding tells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Decoded {
    pub(crate) lines: Vec<String>,
    pub(crate) error: Option<DecodeError>,
    pub(crate) offset: u64,
    pub(crate) ending: Ending,
    pub(crate) records: u64,
    pub(crate) set_aside: SetAside,
    pub(crate) bad_lines: u64,
    pub(crate) first_bad_line: Option<DecodeError>,
    pub(crate) scenarios: Vec<String>,
    pub(crate) names: usize,
}

impl Decoded {
    /// Of a decoder of which all records were taken out.
    pub(crate) fn of(decoder: &mut Decoder, lines: Vec<String>) -> Self {
        let error = decoder.next_record().err();
        assert_eq!(error.as_ref(), decoder.error());
        let header = decoder.header();
        Self {
            lines,
            error,
            offset: decoder.offset(),
            ending: decoder.ending(),
            records: decoder.records(),
            set_aside: decoder.set_aside(),
            bad_lines: decoder.bad_lines(),
            first_bad_line: decoder.first_bad_line().cloned(),
            scenarios: header.map_or_else(Vec::new, |header| header.scenarios.clone()),
            names: decoder.names().len(),
        }
    }
}

/// What a log decodes to if it is pushed in pieces of these sizes, and then what is left. Records are
/// taken out after each, or only after some.
pub(crate) fn decode_pieces(log: &[u8], pieces: &[(usize, bool)]) -> Decoded {
    let (mut decoder, mut lines) = (Decoder::new(), Vec::new());
    let mut rest = log;
    for (size, drained) in pieces {
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        decoder.push(piece);
        rest = after;
        if *drained {
            let _ = drain(&mut decoder, &mut lines);
        }
    }
    decoder.push(rest);
    let _ = drain(&mut decoder, &mut lines);
    Decoded::of(&mut decoder, lines)
}

/// What a log decodes to.
pub(crate) fn decode(log: &[u8]) -> Decoded {
    decode_pieces(log, &[])
}

/// Sizes of pieces, and whether records are taken out after each.
pub(crate) fn pieces() -> impl Strategy<Value = Vec<(usize, bool)>> {
    let size = prop_oneof![0_usize..4, 0_usize..40, 0_usize..2_000];
    prop::collection::vec((size, any::<bool>()), 0..60)
}
