//! A log in any pieces: it decodes to the same as in one, and what was decoded can be encoded.
//!
//! The last byte of the input tells the pieces' sizes, all others are the log: so a sample is a seed.

#![no_main]

use gatling_log::{Decoder, Encoder, Record};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((seed, log)) = input.split_last() else {
        return;
    };
    let whole = decode(&[log]);
    assert_eq!(decode(&pieces(log, *seed)), whole);

    let offset = whole.1;
    assert!(offset <= log.len() as u64);
    encode(log);
});

/// The records, where decoding ended, and all else that it tells.
fn decode(pieces: &[&[u8]]) -> (Vec<String>, u64, String) {
    let (mut decoder, mut records) = (Decoder::new(), Vec::new());
    for piece in pieces {
        decoder.push(piece);
        while let Ok(Some(record)) = decoder.next_record() {
            records.push(line(record));
        }
    }
    let rest = (
        decoder.next_record().err(),
        decoder.ending(),
        decoder.header().cloned(),
        decoder.records(),
        decoder.set_aside(),
        decoder.bad_lines(),
        decoder.first_bad_line().cloned(),
        decoder.names().len(),
    );
    (records, decoder.offset(), format!("{rest:?}"))
}

fn line(record: Record<'_>) -> String {
    match record {
        Record::Request(request) => {
            assert!(request.start <= request.end);
            let groups: Vec<&str> = request.groups().names().collect();
            let (name, message) = (request.name(), request.message());
            let (start, end, ok) = (request.start, request.end, request.ok);
            format!("{groups:?} {name:?} {start} {end} {ok} {message:?}")
        }
        Record::Group(group) => {
            assert!(group.start <= group.end);
            let groups: Vec<&str> = group.groups().names().collect();
            let (start, end, cumulated, ok) = (group.start, group.end, group.cumulated, group.ok);
            format!("{groups:?} {start} {end} {cumulated} {ok}")
        }
        Record::Error(error) => format!("{:?} {}", error.message(), error.time),
        other => format!("{other:?}"),
    }
}

/// Pieces of sizes that the seed makes up, some of them empty.
fn pieces(log: &[u8], seed: u8) -> Vec<&[u8]> {
    let (mut rest, mut pieces) = (log, Vec::new());
    let mut state = u32::from(seed);
    while !rest.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let most = if seed < 128 { 8 } else { 200 };
        let (piece, after) = rest.split_at(((state >> 16) as usize % most).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// The records of a binary log, encoded, are the same again.
fn encode(log: &[u8]) {
    let mut decoder = Decoder::new();
    decoder.push(log);
    let Ok(Some(Record::Run(header))) = decoder.next_record() else {
        return;
    };
    if !header.version.writes_binary() {
        return;
    }
    let mut encoder = Encoder::new(header);
    let mut expected = Vec::new();
    while let Ok(Some(record)) = decoder.next_record() {
        encoder.record(&record);
        expected.push(line(record));
    }
    let encoded = encoder.take();
    let (records, offset, _) = decode(&[&encoded]);
    assert_eq!(records[1..], expected);
    assert_eq!(offset, encoded.len() as u64);
}
