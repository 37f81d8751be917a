//! Text logs, line by line.

use gatling_log::{Cause, Decoder, Ending, Limits, Record, SetAside};

use crate::common::{decode_pieces, drain, sample};

const RUN: &str = "RUN\tdemo.Old\told\t1700000000000\t \t3.12.0\n";

/// The records after the header, and the decoder.
fn decode(log: &[u8]) -> (Vec<String>, Decoder) {
    let (mut decoder, mut lines) = (Decoder::new(), Vec::new());
    decoder.push(log);
    drain(&mut decoder, &mut lines).unwrap();
    lines.remove(0);
    (lines, decoder)
}

fn decode_lines(lines: &[&str]) -> (Vec<String>, Decoder) {
    decode(format!("{RUN}{}\n", lines.join("\n")).as_bytes())
}

fn fatal(log: &str) -> (u64, u64, Cause) {
    let mut decoder = Decoder::new();
    decoder.push(log.as_bytes());
    let error = decoder.next_record().unwrap_err();
    assert_eq!(decoder.next_record().unwrap_err(), error, "it stays so");
    (error.offset, error.record, error.cause)
}

#[test]
fn each_column_is_read() {
    let (lines, decoder) = decode_lines(&[
        "USER\tvisitors\tSTART\t1700000000010",
        "REQUEST\t\thome\t1700000000020\t1700000000025\tOK\t ",
        "REQUEST\tA,B\tpay, now\t1700000000030\t1700000000031\tKO\tstatus 500",
        "GROUP\tA,B\t1700000000029\t1700000000040\t1\tKO",
        "ERROR\tboom\t1700000000041",
        "USER\tothers\tSTART\t1700000000050",
        "USER\tvisitors\tEND\t1700000000060",
    ]);
    assert_eq!(
        lines,
        [
            "User { scenario: 0, starts: true, time: 10 }",
            r#"request [] "home" 20 25 true """#,
            r#"request ["A", "B"] "pay, now" 30 31 false "status 500""#,
            r#"group ["A", "B"] 29 40 1 false"#,
            r#"error "boom" 41"#,
            "User { scenario: 1, starts: true, time: 50 }",
            "User { scenario: 0, starts: false, time: 60 }",
        ]
    );
    assert_eq!(decoder.header().unwrap().scenarios, ["visitors", "others"]);
    assert_eq!((decoder.records(), decoder.bad_lines()), (7, 0));
    assert_eq!(decoder.ending(), Ending::Complete);
}

/// What is read of a line without its break could be cut: "OK" without its message is whole.
#[test]
fn an_unfinished_line_does_not_count() {
    let line = "REQUEST\t\thome\t1700000000020\t1700000000025\tKO\tstatus 500";
    for length in 0..=line.len() {
        let (lines, decoder) = decode(format!("{RUN}{}", &line[..length]).as_bytes());
        assert_eq!(lines.len(), 0);
        let offset = RUN.len() as u64;
        let expected = match length {
            0 => Ending::Complete,
            _ => Ending::Incomplete { offset },
        };
        assert_eq!(decoder.ending(), expected);
    }
}

#[test]
fn bad_lines_are_left_out_and_counted() {
    let good = "ERROR\tboom\t1700000000041";
    let columns = |found, expected| Cause::Columns { found, expected };
    let request = |line: &str| format!("REQUEST\t\t{line}");
    let long = format!("ERROR\t{}\t1700000000041", "a".repeat(1 << 20));
    let groups = format!("GROUP\t{}a\t1\t2\t1\tOK", "a,".repeat(128));
    let too_many = Cause::Count {
        what: "groups",
        found: 129,
        limit: 128,
    };
    for (line, cause, place) in [
        ("", Cause::LineStart, 0),
        ("newline, comma\t1\t2\tOK\t ", Cause::LineStart, 0),
        ("ASSERTION\tAAE=", Cause::LineStart, 0),
        (RUN.trim_end(), Cause::LineStart, 0),
        (&request("with\ttab\t1\t2\tOK\t "), columns(8, 7), 0),
        (&request("with\ttab and"), columns(4, 7), 0),
        (&request("a\t1\t2\tOK"), columns(6, 7), 0),
        (&request("a\t1x\t2\tOK\t "), Cause::Time, 11),
        (&request("a\t1\t\tOK\t "), Cause::Time, 13),
        (
            &request("a\t1\t1234567890123456789\tOK\t "),
            Cause::Time,
            13,
        ),
        (&request("a\t1\t2\tok\t "), Cause::Status, 15),
        ("USER\ta\tBEGIN\t1", Cause::UserEvent, 7),
        ("USER\ta\tSTART\t1\t1", columns(5, 4), 0),
        ("USER\ta\tSTART\t-", Cause::Time, 13),
        ("GROUP\t\t1\t2\t1\tOK", Cause::NoGroup, 6),
        ("GROUP\ta\t1\t2\tx\tOK", Cause::Time, 12),
        ("GROUP\ta\t1\t2\t1\t", Cause::Status, 14),
        (&groups, too_many, 6),
        (&long, Cause::LineLength, 0),
    ] {
        let (lines, decoder) = decode_lines(&[good, line, good]);
        assert_eq!(
            lines,
            [r#"error "boom" 41"#, r#"error "boom" 41"#],
            "{line}"
        );
        assert_eq!(decoder.bad_lines(), 1, "{line}");
        let bad = decoder.first_bad_line().unwrap();
        assert_eq!((&bad.cause, bad.record), (&cause, 2), "{line}");
        let offset = RUN.len() + good.len() + 1 + place;
        assert_eq!(bad.offset, offset as u64, "{line}");
        assert_eq!(decoder.ending(), Ending::Complete, "{line}");
    }
}

#[test]
fn a_name_with_a_tab_and_a_line_break_is_left_out_as_gatling_does() {
    let (_, decoder) = decode(&sample("3.12.0-edge"));
    assert_eq!(decoder.bad_lines(), 4);
    let error = decoder.first_bad_line().unwrap().to_string();
    let reason = "record 4: the line has 4 columns where 7 are expected";
    assert!(error.ends_with(reason), "{error}");
}

#[test]
fn a_line_without_end_is_not_kept() {
    let mut decoder = Decoder::new();
    decoder.push(RUN.as_bytes());
    decoder.next_record().unwrap();
    let offset = decoder.offset();
    decoder.push(b"ERROR\t");
    for _ in 0..100 {
        decoder.push(&[b'a'; 100_000]);
        assert!(decoder.next_record().unwrap().is_none());
        assert_eq!(decoder.ending(), Ending::Incomplete { offset });
    }
    assert_eq!(decoder.bad_lines(), 1);
    assert!(decoder.offset() > 9_000_000, "it was dropped");
    decoder.push(b"\t1700000000041\nERROR\tboom\t1700000000042\n");
    assert!(decoder.next_record().unwrap().is_some());
    assert_eq!(
        (decoder.bad_lines(), decoder.ending()),
        (1, Ending::Complete)
    );
}

#[test]
fn absurd_times_are_set_aside() {
    let (lines, decoder) = decode_lines(&[
        "REQUEST\t\ta\t1700000000001\t1700000000000\tOK\t ",
        "REQUEST\t\ta\t1699999999999\t1700000000000\tOK\t ",
        "REQUEST\t\ta\t1700000000000\t-9223372036854775\tOK\t ",
        "GROUP\ta\t1700000000000\t1700000000001\t5000000000\tOK",
        "ERROR\ta\t999999999999999999",
        "USER\ta\tSTART\t0",
        // 49.7 days.
        "USER\ta\tSTART\t1704294967295",
        "USER\ta\tSTART\t1704294967296",
    ]);
    assert_eq!(
        lines,
        ["User { scenario: 0, starts: true, time: 4294967295 }"]
    );
    let expected = SetAside {
        end_before_start: 1,
        overflowed: 6,
    };
    assert_eq!(decoder.set_aside(), expected);
    assert_eq!((decoder.records(), decoder.bad_lines()), (8, 0));
}

#[test]
fn the_run_comes_first() {
    let cause = Cause::NoRun;
    assert_eq!(
        fatal("ASSERTION\tAAE=\nUSER\ta\tSTART\t1\n"),
        (15, 0, cause.clone())
    );
    assert_eq!(fatal("ASSERTION\tAAE=\nrun\n"), (15, 0, cause));
    let columns = |found| Cause::Columns { found, expected: 6 };
    assert_eq!(fatal("RUN\tdemo.Old\told\n"), (0, 0, columns(3)));
    assert_eq!(fatal("RUN\tdemo.Old\told\t1\t3.12.0\n"), (0, 0, columns(5)));
    assert_eq!(
        fatal("RUN\tdemo.Old\told\t1x\t \t3.12.0\n"),
        (17, 0, Cause::Time)
    );
    assert_eq!(
        fatal("RUN\tdemo.Old\told\t-1\t \t3.12.0\n"),
        (17, 0, Cause::Start(-1))
    );
    let version = |text: &str| Cause::TextVersion(text.to_owned());
    assert_eq!(
        fatal("RUN\tdemo.Old\told\t1\t \t3.13.0\n"),
        (21, 0, version("3.13.0"))
    );
    assert_eq!(
        fatal("RUN\tdemo.Old\told\t1\t \tnone\n"),
        (21, 0, version("none"))
    );
    let endless = format!("RUN\t{}", "a".repeat(1 << 20));
    assert_eq!(fatal(&endless), (0, 0, Cause::LineLength));
}

#[test]
fn older_ones_are_named() {
    let old = |version: &str| Cause::OldTextLog(version.to_owned());
    let log_2_3 = "RUN\tdemo.Old\t\told\t1500000000000\t \t2.0\n";
    assert_eq!(fatal(log_2_3), (34, 0, old("2.0")));
    let log_2_1 = "demo.Old\told\tRUN\t1500000000000\t \t2.0\n";
    assert_eq!(fatal(log_2_1), (0, 0, old("2.0")));
    assert_eq!(fatal("RUN\t20130101120000\told\t \n"), (0, 0, old("1")));
    assert_eq!(
        old("2.0").to_string(),
        "this is a text log of Gatling 2.0, which is not supported; text logs are read from 3.0 on"
    );
}

#[test]
fn a_description_can_have_anything_but_a_line_break() {
    let mut decoder = Decoder::new();
    decoder.push(b"RUN\tdemo.Old\told\t1700000000000\twith\ttabs \xff\t3.12.0\r\n");
    decoder.push(b"ERROR\tboom\t1700000000041\r\n");
    let Some(Record::Run(header)) = decoder.next_record().unwrap() else {
        panic!()
    };
    assert_eq!(header.description, "with\ttabs \u{fffd}");
    assert!(decoder.next_record().unwrap().is_some(), "lines of Windows");
}

/// An editor puts a byte order mark before a text; binary logs have none.
#[test]
fn a_byte_order_mark_is_skipped() {
    let log = format!("\u{feff}{RUN}ERROR\tboom\t1700000000041\n");
    let decoded = decode_pieces(log.as_bytes(), &[]);
    assert_eq!((decoded.error.clone(), decoded.lines.len()), (None, 2));
    for size in 1..9 {
        assert!(
            decode_pieces(log.as_bytes(), &[(size, true); 50]) == decoded,
            "{size}"
        );
    }
    for log in [&b"\xef\xbb\xbf\0\0\0\0\x06"[..], b"\xef\xbb\xbfhello\n"] {
        let decoded = decode_pieces(log, &[]);
        let cause = decoded.error.map(|error| error.cause);
        assert_eq!(cause, Some(Cause::NotALog(0xef)));
    }
}

#[test]
fn names_beyond_the_limits_are_other_names() {
    let mut decoder = Decoder::with_limits(Limits {
        names: 3,
        name_bytes: 1000,
    });
    let (mut log, mut lines) = (RUN.to_owned(), Vec::new());
    for name in ["a", "b", "c", "a"] {
        log += &format!("REQUEST\t\t{name}\t1700000000020\t1700000000025\tOK\t \n");
        log += &format!("USER\t{name}\tEND\t1700000000020\n");
    }
    decoder.push(log.as_bytes());
    drain(&mut decoder, &mut lines).unwrap();
    let names: Vec<&str> = lines[1..]
        .iter()
        .filter_map(|line| line.strip_prefix("request [] "))
        .filter_map(|line| line.strip_suffix(" 20 25 true \"\""))
        .collect();
    assert_eq!(names, [r#""a""#, r#""b""#, r#""(other names)""#, r#""a""#]);
    assert!(decoder.names().is_full());
    assert_eq!(decoder.header().unwrap().scenarios, ["a", "b", "c"]);
}

/// What is wrong with a start that is too long must not depend on how much of it came at once.
#[test]
fn a_long_start_is_the_same_in_all_pieces() {
    let assertion = |length| [&b"ASSERTION\t"[..], &b"A".repeat(length), b"\n"].concat();
    let long =
        |before: usize, line| [assertion(1_000_000).repeat(before), assertion(line)].concat();
    let class = |length| [&b"a".repeat(length)[..], b"\tid\tRUN\t1\t \t2.0\n"].concat();
    let old = Cause::OldTextLog("2.0".to_owned());
    for (log, cause) in [
        (long(0, 1 << 20), Cause::LineLength),
        (long(3, 1 << 20), Cause::LineLength),
        (long(4, 1_000_000), Cause::RecordLength),
        (long(4, 1 << 20), Cause::RecordLength),
        (class(1_000), old),
        (class(1_024), Cause::NotALog(b'a')),
    ] {
        let decoded = decode_pieces(&log, &[]);
        assert_eq!(decoded.error.clone().map(|error| error.cause), Some(cause));
        for size in [1_023, 99_999] {
            let pieces = vec![(size, true); 50];
            assert!(decode_pieces(&log, &pieces) == decoded);
        }
    }
}
