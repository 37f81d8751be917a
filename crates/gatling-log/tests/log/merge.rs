//! Several logs as one.

use gatling_log::{
    Decoder, Difference, Encoder, Header, Limits, Merge, NoHeader, Record, Step, User, Version,
};
use proptest::prelude::*;

use crate::common::{BINARY, TEXT, drain, lines, sample};

/// Merges logs, a piece of this size at a time.
fn merged(merge: &mut Merge, logs: &[&[u8]], size: usize) -> Result<Vec<u8>, NoHeader> {
    let mut rests = logs.to_vec();
    let (mut all, mut out) = (Vec::new(), Vec::new());
    loop {
        match merge.step(&mut out)? {
            Step::Push(log) if rests[log].is_empty() => merge.end(log),
            Step::Push(log) => {
                let (piece, rest) = rests[log].split_at(size.min(rests[log].len()));
                merge.push(log, piece);
                rests[log] = rest;
            }
            Step::Again(log) => rests[log] = logs[log],
            Step::Write => {
                // 64 KiB, and users that were held back: those of all samples have 10 KB.
                assert!(out.len() < (64 << 10) + 20_000, "{}", out.len());
                all.append(&mut out);
            }
            Step::Done => {
                all.append(&mut out);
                return Ok(all);
            }
        }
    }
}

fn merged_all(logs: &[(&[u8], i64)]) -> (Vec<u8>, Merge) {
    let mut merge = Merge::new(logs.iter().map(|(_, offset)| *offset));
    let bytes: Vec<&[u8]> = logs.iter().map(|(log, _)| *log).collect();
    let merged = merged(&mut merge, &bytes, 1000).unwrap();
    (merged, merge)
}

fn header(start: i64, scenarios: &[&str]) -> Header {
    Header {
        version: Version::parse("3.15.1").unwrap(),
        simulation: "demo.Browsing".to_owned(),
        start,
        description: "about".to_owned(),
        scenarios: scenarios.iter().map(|name| (*name).to_owned()).collect(),
        assertions: Vec::new(),
    }
}

fn user(scenario: usize, starts: bool, time: u32) -> User {
    User {
        scenario,
        starts,
        time,
    }
}

#[test]
fn times_names_and_scenarios_become_one() {
    let mut a = Encoder::new(&header(1_000, &["visitors", "api"]));
    a.user(user(1, true, 10));
    a.request(&["G"], "home", 20..40, true, "");
    a.group(&["G"], 15..50, 20, true);
    a.error("boom", 60);
    a.user(user(1, false, 5_000));
    let mut b = Encoder::new(&header(400, &["api", "guests"]));
    b.user(user(1, true, 0));
    b.request(&[], "home", 20..45, false, "boom");
    b.user(user(0, true, 4_000));
    let (log, merge) = merged_all(&[(&a.take(), -500), (&b.take(), 200)]);
    let lines = lines(&log);
    let expected = header(500, &["visitors", "api", "guests"]);
    assert_eq!(lines[0], format!("{expected:?}"));
    assert_eq!(merge.header(), Some(&expected));
    assert_eq!(
        lines[1..],
        [
            r#"request ["G"] "home" 20 40 true """#,
            r#"group ["G"] 15 50 20 true"#,
            r#"error "boom" 60"#,
            r#"request [] "home" 120 145 false "boom""#,
            "User { scenario: 1, starts: true, time: 10 }",
            "User { scenario: 2, starts: true, time: 100 }",
            "User { scenario: 1, starts: true, time: 4100 }",
            "User { scenario: 1, starts: false, time: 5000 }",
        ]
    );
    assert_eq!(merge.records(), 8);
    assert_eq!(merge.differences(), []);
}

#[test]
fn one_log_stays_as_it_is() {
    for name in BINARY {
        let log = sample(name);
        assert!(merged_all(&[(&log, 0)]).0 == log, "{name}");
    }
}

#[test]
fn a_text_log_becomes_a_binary_one_with_the_same_records() {
    for name in TEXT {
        let log = sample(name);
        let (merged, merge) = merged_all(&[(&log, 0)]);
        let mut decoder = Decoder::new();
        let mut expected = Vec::new();
        decoder.push(&log);
        drain(&mut decoder, &mut expected).unwrap();
        let binary = lines(&merged);
        assert_eq!(binary[1..], expected[1..], "{name}");
        let (of_text, of_binary) = (decoder.header().unwrap(), merge.header().unwrap());
        assert_eq!(of_binary.version.as_str(), "3.16.0");
        assert_eq!(of_binary.scenarios, of_text.scenarios);
        assert_eq!(of_binary.assertions, of_text.assertions);
        assert_eq!(
            (of_binary.start, &of_binary.simulation),
            (of_text.start, &of_text.simulation)
        );
    }
}

/// Users in order of time, all others in the order of their log.
#[test]
fn the_samples_merge_to_their_sum() {
    let names = [
        "3.16.0-agent1",
        "3.12.0",
        "3.16.0-agent2",
        "3.3.1",
        "3.16.0-edge",
    ];
    let logs = names.map(sample);
    // As if they had started within some seconds.
    let starts = logs.clone().map(|log| {
        let mut decoder = Decoder::new();
        decoder.push(&log);
        decoder.next_record().unwrap();
        decoder.header().unwrap().start
    });
    let with_offsets: Vec<(&[u8], i64)> = logs
        .iter()
        .zip(starts)
        .zip([0, 1_200, 350, 2_000, 7])
        .map(|((log, start), later)| (log.as_slice(), starts[0] - start + later))
        .collect();
    let (log, merge) = merged_all(&with_offsets);
    let merged = lines(&log);
    let separate: Vec<Vec<String>> = logs.iter().map(|log| lines(log)).collect();
    let records: usize = separate.iter().map(|lines| lines.len() - 1).sum();
    assert_eq!(merged.len() - 1, records);
    assert_eq!(merge.header().unwrap().start, starts[0]);

    let mut decoder = Decoder::new();
    decoder.push(&log);
    let (mut last_user, mut active, mut names) = (0, 0_i64, Vec::new());
    while let Some(record) = decoder.next_record().unwrap() {
        match record {
            Record::User(user) => {
                assert!(user.time >= last_user);
                last_user = user.time;
                active += if user.starts { 1 } else { -1 };
                assert!(active >= 0);
            }
            Record::Request(request) => names.push(request.name().to_owned()),
            _ => {}
        }
    }
    assert_eq!(active, 0);
    let mut expected: Vec<String> = Vec::new();
    for log in &logs {
        let mut decoder = Decoder::new();
        decoder.push(log);
        while let Some(record) = decoder.next_record().unwrap() {
            if let Record::Request(request) = record {
                expected.push(request.name().to_owned());
            }
        }
    }
    names.sort();
    expected.sort();
    assert_eq!(names, expected);
    assert_eq!(
        merge.differences(),
        [
            (1, Difference::Version),
            (3, Difference::Simulation),
            (3, Difference::Version),
            (3, Difference::Assertions),
            (4, Difference::Simulation),
            (4, Difference::Assertions),
        ]
    );
}

#[test]
fn a_damaged_log_counts_until_there_and_a_useless_one_not_at_all() {
    let log = sample("3.16.0-agent1");
    let cut = &log[..5_000];
    let mut merge = Merge::new([0; 5]);
    let logs: [&[u8]; 5] = [b"", b"\x7fELF", cut, b"RUN\tdemo", &log];
    let merged = merged(&mut merge, &logs, 300).unwrap();
    let expected = lines(cut).len() + lines(&log).len() - 1;
    assert_eq!(lines(&merged).len(), expected);
    let errors: Vec<bool> = merge.logs().map(|log| log.error().is_some()).collect();
    assert_eq!(errors, [false, true, false, false, false]);
    let headers: Vec<bool> = merge.logs().map(|log| log.header().is_some()).collect();
    assert_eq!(headers, [false, false, true, false, true]);
}

/// Also of small pieces, each of which brings little to write.
#[test]
fn what_is_written_does_not_pile_up() {
    let logs = ["a", "b"].map(|name| {
        let mut encoder = Encoder::new(&header(1_000, &[]));
        for time in 0..20_000 {
            encoder.error(name, time);
        }
        encoder.take()
    });
    let mut merge = Merge::new([0, 0]);
    let (mut rests, mut out, mut longest, mut sum) = ([&logs[0][..], &logs[1]], Vec::new(), 0, 0);
    loop {
        let step = merge.step(&mut out).unwrap();
        longest = longest.max(out.len());
        match step {
            Step::Push(log) if rests[log].is_empty() => merge.end(log),
            Step::Push(log) => {
                let (piece, rest) = rests[log].split_at(500.min(rests[log].len()));
                merge.push(log, piece);
                rests[log] = rest;
            }
            Step::Write => {
                sum += out.len();
                out.clear();
            }
            Step::Again(_) => panic!("no text log is among them"),
            Step::Done => break,
        }
    }
    assert_eq!(merge.records(), 40_000);
    assert!(sum + out.len() > 300_000);
    assert!(longest < 70_000, "{longest}");
}

#[test]
fn without_any_header_there_is_nothing_to_merge() {
    assert_eq!(Merge::new([]).step(&mut Vec::new()), Err(NoHeader));
    let mut merge = Merge::new([0, 0]);
    assert_eq!(merged(&mut merge, &[b"", b"{}"], 10), Err(NoHeader));
}

#[test]
fn what_has_no_place_is_left_out() {
    let mut a = Encoder::new(&header(1_000, &["visitors"]));
    a.error("boom", 60);
    let mut b = Encoder::new(&header(2_000, &["visitors"]));
    b.error("boom", i32::MAX as u32 - 1_000);
    b.error("boom", i32::MAX as u32 - 999);
    let (log, merge) = merged_all(&[(&a.take(), 0), (&b.take(), 0)]);
    assert_eq!(lines(&log).len(), 3);
    assert_eq!([0, 1].map(|log| merge.left_out(log)), [0, 1]);
    // Clocks that cannot be.
    let logs = [
        Encoder::new(&header(1_000, &[])),
        Encoder::new(&header(0, &[])),
    ]
    .map(|mut log| {
        log.error("boom", 60);
        log.take()
    });
    let (log, merge) = merged_all(&[(&logs[0], i64::MAX), (&logs[1], i64::MIN)]);
    assert_eq!(lines(&log).len(), 1);
    assert_eq!([0, 1].map(|log| merge.left_out(log)), [1, 1]);
    let (log, merge) = merged_all(&[(&logs[0], i64::MAX), (&logs[1], 0)]);
    assert_eq!(lines(&log)[1..], [r#"error "boom" 60"#]);
    assert_eq!([0, 1].map(|log| merge.left_out(log)), [1, 0]);
}

#[test]
fn the_version_can_be_given() {
    let log = sample("3.16.0");
    let version = Version::parse("3.13.5").unwrap();
    let mut merge = Merge::new([0, 0]).with_version(version.clone());
    let merged = merged(&mut merge, &[&log, &sample("3.12.0")], 1000).unwrap();
    let mut decoder = Decoder::new();
    decoder.push(&merged);
    decoder.next_record().unwrap();
    assert_eq!(decoder.header().unwrap().version, version);
}

#[test]
fn names_of_all_logs_together_have_limits() {
    let logs = ["a", "b"].map(|log| {
        let mut encoder = Encoder::new(&header(1_000, &[]));
        for name in 0..5 {
            encoder.error(&format!("{log}{name}"), 5);
        }
        encoder.take()
    });
    let limits = Limits {
        names: 7,
        name_bytes: 1000,
    };
    let mut merge = Merge::with_limits([0, 0], limits);
    let merged = merged(&mut merge, &[&logs[0], &logs[1]], 1000).unwrap();
    let lines = lines(&merged);
    assert_eq!(lines[7], r#"error "b1" 5"#);
    assert_eq!(lines[8..], [r#"error "(other names)" 5"#; 3]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_pieces_give_the_same_log(
        names in prop::collection::vec(prop::sample::select([&BINARY[..], &TEXT[..]].concat()), 1..4),
        offsets in prop::collection::vec(-2_000_i64..2_000, 4),
        size in 1_usize..3_000,
    ) {
        let logs: Vec<Vec<u8>> = names.iter().map(|name| sample(name)).collect();
        let logs: Vec<&[u8]> = logs.iter().map(Vec::as_slice).collect();
        let merge = || Merge::new(offsets.iter().copied().take(logs.len()));
        let whole = merged(&mut merge(), &logs, usize::MAX).unwrap();
        prop_assert!(merged(&mut merge(), &logs, size).unwrap() == whole);
    }

    /// What comes out is always a log.
    #[test]
    fn damage_never_spoils_the_merged_log(
        names in prop::collection::vec(prop::sample::select([&BINARY[..4], &TEXT[..]].concat()), 1..4),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..16),
        offsets in prop::collection::vec(any::<i64>(), 4),
    ) {
        let mut logs: Vec<Vec<u8>> = names.iter().map(|name| sample(name)).collect();
        for (number, (place, byte)) in places.iter().enumerate() {
            let count = logs.len();
            *place.get_mut(&mut logs[number % count]) = *byte;
        }
        let logs: Vec<&[u8]> = logs.iter().map(Vec::as_slice).collect();
        let mut merge = Merge::new(offsets.iter().copied().take(logs.len()));
        if let Ok(merged) = merged(&mut merge, &logs, 700) {
            let mut decoder = Decoder::new();
            decoder.push(&merged);
            let mut records = 0;
            while let Some(record) = decoder.next_record().unwrap() {
                records += u64::from(!matches!(record, Record::Run(_)));
            }
            prop_assert_eq!(records, merge.records());
            prop_assert_eq!(decoder.set_aside().total(), 0);
            prop_assert_eq!(decoder.ending(), gatling_log::Ending::Complete);
        }
    }
}
