//! Logs decoded in parts.

use crate::common::{BINARY, TEXT, line, sample};
use gatling_log::{Decoder, Format, NameId, Record};
use proptest::prelude::*;

/// A record by the numbers of its names, which a part of a binary log knows.
fn numbered(record: Record<'_>) -> String {
    match record {
        Record::Request(request) => {
            let ids = (request.name_id(), request.message_id());
            let (start, end, ok) = (request.start, request.end, request.ok);
            format!("{:?} {ids:?} {start} {end} {ok}", request.groups().ids())
        }
        Record::Group(group) => {
            let (start, end, cumulated, ok) = (group.start, group.end, group.cumulated, group.ok);
            format!("{:?} {start} {end} {cumulated} {ok}", group.groups().ids())
        }
        Record::Error(error) => format!("{:?} {}", error.message_id(), error.time),
        other => line(other),
    }
}

/// Takes all that is there, to the end or to what does not fit.
fn drain(decoder: &mut Decoder, bytes: &[u8]) -> Vec<String> {
    let is_text = match decoder.format() {
        None => bytes.first().is_some_and(|first| *first != 0),
        format => format == Some(Format::Text),
    };
    decoder.push(bytes);
    let mut lines = Vec::new();
    loop {
        match decoder.next_record() {
            // Its list of scenarios is the part's own.
            Ok(Some(Record::Run(_))) => {}
            Ok(Some(record)) if is_text => {
                lines.push(match record {
                    Record::User(user) => format!("user {} {}", user.starts, user.time),
                    record => line(record),
                });
            }
            Ok(Some(record)) => lines.push(numbered(record)),
            Ok(None) | Err(_) => return lines,
        }
    }
}

/// All that a decoder tells.
fn told(decoder: &Decoder) -> String {
    let names = (0..decoder.names().len()).map(NameId::from_index);
    let names: Vec<&str> = names.map(|id| decoder.names().get(id)).collect();
    format!(
        "{:?}",
        (
            (decoder.header(), decoder.records(), decoder.set_aside()),
            (decoder.offset(), decoder.pushed(), decoder.ending()),
            (
                decoder.error(),
                decoder.bad_lines(),
                decoder.first_bad_line()
            ),
            names,
        )
    )
}

fn whole(log: &[u8]) -> (Vec<String>, Decoder) {
    let mut decoder = Decoder::new();
    let lines = drain(&mut decoder, log);
    (lines, decoder)
}

/// Decodes the log in two parts, the second from `at` on: what both gave, and whether they join.
fn in_parts(log: &[u8], at: usize) -> (Vec<String>, Decoder, bool) {
    let (mut lines, mut decoder) = whole(&log[..at]);
    let Some(mut part) = decoder.part(at as u64) else {
        return (lines, decoder, false);
    };
    let more = drain(&mut part, &log[at..]);
    let joins = decoder.join(part);
    if joins {
        lines.extend(more);
    }
    (lines, decoder, joins)
}

/// The offsets at which records end, the header's first.
fn ends(log: &[u8]) -> Vec<usize> {
    let mut decoder = Decoder::new();
    decoder.push(log);
    let mut ends = Vec::new();
    while let Ok(Some(_)) = decoder.next_record() {
        ends.push(usize::try_from(decoder.offset()).unwrap());
    }
    ends
}

#[test]
fn parts_from_any_record_on_are_the_whole() {
    for name in BINARY.iter().chain(&TEXT) {
        let log = sample(name);
        let (lines, decoder) = whole(&log);
        let ends = ends(&log);
        for at in ends.iter().step_by(ends.len() / 20 + 1) {
            let (joined, of_parts, joins) = in_parts(&log, *at);
            assert!(joins, "{name}, {at}");
            assert!(joined == lines, "{name}, {at}");
            assert_eq!(told(&of_parts), told(&decoder), "{name}, {at}");
        }
    }
}

#[test]
fn many_parts_are_the_whole() {
    for name in BINARY.iter().chain(&TEXT) {
        let log = sample(name);
        let (lines, decoder) = whole(&log);
        let ends = ends(&log);
        let begins: Vec<usize> = ends.iter().copied().step_by(ends.len() / 7 + 1).collect();
        let (mut joined, mut all) = whole(&log[..begins[0]]);
        let parts = begins.windows(2).map(|pair| (pair[0], pair[1]));
        for (from, to) in parts.chain([(begins[begins.len() - 1], log.len())]) {
            let mut part = all.part(from as u64).unwrap();
            joined.extend(drain(&mut part, &log[from..to]));
            assert!(all.join(part), "{name}, {from}");
        }
        assert!(joined == lines, "{name}");
        assert_eq!(told(&all), told(&decoder), "{name}");
    }
}

#[test]
fn a_record_is_found_from_anywhere() {
    for name in BINARY.iter().chain(&TEXT) {
        let log = sample(name);
        let ends = ends(&log);
        let (_, header) = whole(&log[..ends[0]]);
        for at in (ends[0]..log.len()).step_by(log.len() / 300 + 1) {
            match header.find_record(&log[at..]) {
                // Of a text log a line, also one that does not fit.
                Some(found) if TEXT.contains(name) => assert_eq!(log[at + found - 1], b'\n'),
                Some(found) => assert!(ends.contains(&(at + found)), "{name}, {at}"),
                // There are too few behind it to be sure.
                None => assert!(ends.iter().filter(|end| **end > at).count() < 66, "{name}"),
            }
        }
    }
}

#[test]
fn what_does_not_follow_does_not_join() {
    let log = sample(BINARY[0]);
    let ends = ends(&log);
    let at = ends[ends.len() / 2];
    for cut in [at - 1, at + 1] {
        let (_, mut decoder) = whole(&log[..cut]);
        let before = told(&decoder);
        let mut part = decoder.part(at as u64).unwrap();
        drain(&mut part, &log[at..]);
        assert!(!decoder.join(part));
        assert_eq!(told(&decoder), before);
    }
    // A part that refers to names that were never written.
    let (_, mut decoder) = whole(&log[..ends[0]]);
    let mut part = decoder.part(ends[0] as u64).unwrap();
    drain(&mut part, b"\x04\xff\xff\xff\xfe\0\0\0\x05");
    assert!(!decoder.join(part));
    assert!(Decoder::new().part(0).is_none());
    assert_eq!(Decoder::new().find_record(&log), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever the bytes are: parts that join are the whole.
    #[test]
    fn damaged_parts_that_join_are_the_whole(
        name in prop::sample::select([&BINARY[..], &TEXT[..]].concat()),
        cut in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        at_a_record in prop::bool::weighted(0.8),
    ) {
        let mut log = sample(name);
        let start = ends(&log)[0];
        for (at, bits) in flips {
            let at = start + at.index(log.len() - start);
            log[at] ^= bits;
        }
        let ends = ends(&log);
        prop_assume!(!ends.is_empty());
        let at = if at_a_record {
            ends[cut.index(ends.len())]
        } else {
            start + cut.index(log.len() - start)
        };
        let (lines, decoder) = whole(&log);
        let (joined, of_parts, joins) = in_parts(&log, at);
        if joins {
            prop_assert!(joined == lines);
            prop_assert_eq!(told(&of_parts), told(&decoder));
        }
    }
}
