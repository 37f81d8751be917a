//! Each thing that cannot be, by hand-made logs.

use crate::common::line;
use gatling_log::{Cause, DecodeError, Decoder, Ending, SetAside};

fn string(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as i32).to_be_bytes().to_vec();
    if !text.is_empty() {
        bytes.extend(text.as_bytes());
        bytes.push(0);
    }
    bytes
}

fn header(version: &str) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(string(version));
    bytes.extend(string("demo.Browsing"));
    bytes.extend(1_750_000_000_000_i64.to_be_bytes());
    bytes.extend(string(""));
    bytes.extend(1_i32.to_be_bytes());
    bytes.extend(string("visitors"));
    bytes.extend(0_i32.to_be_bytes());
    bytes
}

fn new_name(index: i32, text: &str) -> Vec<u8> {
    [&index.to_be_bytes()[..], &string(text)].concat()
}

/// A request "home" with an empty message: the log's first names.
fn first_request(start: i32, end: i32) -> Vec<u8> {
    let mut bytes = vec![1];
    bytes.extend(0_i32.to_be_bytes());
    bytes.extend(new_name(1, "home"));
    bytes.extend(start.to_be_bytes());
    bytes.extend(end.to_be_bytes());
    bytes.push(1);
    bytes.extend(new_name(2, ""));
    bytes
}

fn error(message: &[u8], time: i32) -> Vec<u8> {
    [&[4], message, &time.to_be_bytes()].concat()
}

/// The lines decoded, and how it ended.
fn decode(log: &[u8]) -> (Vec<String>, Option<DecodeError>, Decoder) {
    let (mut decoder, mut lines) = (Decoder::new(), Vec::new());
    decoder.push(log);
    loop {
        match decoder.next_record().map(|record| record.map(line)) {
            Ok(Some(line)) => lines.push(line),
            Ok(None) => return (lines, None, decoder),
            Err(error) => return (lines, Some(error), decoder),
        }
    }
}

/// What stops a log that starts well.
fn cause_after_header(record: &[u8]) -> Cause {
    let header = header("3.16.0");
    let (lines, error, decoder) = decode(&[&header[..], record].concat());
    let error = error.unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(error.record, 1);
    assert!(error.offset >= header.len() as u64);
    assert_eq!(
        decoder.ending(),
        Ending::Incomplete {
            offset: header.len() as u64
        }
    );
    error.cause
}

#[test]
fn a_wrong_record_is_named() {
    assert_eq!(cause_after_header(&[9]), Cause::RecordType(9));
    assert_eq!(cause_after_header(&header("3.16.0")), Cause::RecordType(0));
    let user = [2, 0, 0, 0, 1, 1, 0, 0, 0, 0];
    assert_eq!(
        cause_after_header(&user),
        Cause::Scenario { found: 1, known: 1 }
    );
    let user = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0];
    assert_eq!(cause_after_header(&user), Cause::Flag(2));
    let groups = [3, 0xff, 0xff, 0xff, 0xff];
    let cause = Cause::Count {
        what: "groups",
        found: -1,
        limit: 128,
    };
    assert_eq!(cause_after_header(&groups), cause);
    assert_eq!(cause_after_header(&[3, 0, 0, 0, 0]), Cause::NoGroup);
    assert_eq!(
        cause_after_header(&error(&(-1_i32).to_be_bytes(), 0)),
        Cause::UnknownIndex(1)
    );
    let skipped = error(&new_name(2, "boom"), 0);
    assert_eq!(
        cause_after_header(&skipped),
        Cause::NewIndex {
            found: 2,
            expected: 1
        }
    );
    let long = [4, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff];
    assert_eq!(cause_after_header(&long), Cause::StringLength(i32::MAX));
    let negative = [4, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(cause_after_header(&negative), Cause::StringLength(-1));
    let coder = [4, 0, 0, 0, 1, 0, 0, 0, 1, b'a', 2];
    assert_eq!(cause_after_header(&coder), Cause::Coder(2));
    let odd = [4, 0, 0, 0, 1, 0, 0, 0, 1, b'a', 1];
    assert_eq!(cause_after_header(&odd), Cause::OddUtf16(1));
}

#[test]
fn a_record_that_never_ends_is_not_waited_for() {
    let mut decoder = Decoder::new();
    decoder.push(&header("3.16.0"));
    decoder.next_record().unwrap();
    decoder.push(&[&[3][..], &128_i32.to_be_bytes()].concat());
    let group = [&1_i32.to_be_bytes()[..], &(1_i32 << 20).to_be_bytes()].concat();
    decoder.push(&group);
    decoder.push(&vec![b'a'; 1 << 20]);
    decoder.push(&[0]);
    for index in 2_i32.. {
        if let Err(error) = decoder.next_record() {
            assert_eq!(error.cause, Cause::RecordLength);
            break;
        }
        decoder.push(&[&index.to_be_bytes()[..], &(1_i32 << 20).to_be_bytes()].concat());
        decoder.push(&vec![b'a'; 1 << 20]);
        decoder.push(&[0]);
        assert!(index < 10, "it should have stopped");
    }
}

#[test]
fn a_wrong_header_is_named() {
    let cause = |log: &[u8]| decode(log).1.unwrap().cause;
    assert_eq!(cause(b"\x7fELF"), Cause::NotALog(0x7f));
    assert_eq!(cause(b"RUNNING late"), Cause::NotALog(b'R'));
    assert_eq!(
        cause(&header("3.12.0")),
        Cause::Version("3.12.0".to_owned())
    );
    assert_eq!(cause(&header("")), Cause::Version(String::new()));
    let mut late = header("3.16.0");
    let start = 1 + string("3.16.0").len() + string("demo.Browsing").len();
    late[start] = 0x7f;
    let error = decode(&late).1.unwrap();
    assert!(matches!(error.cause, Cause::Start(_)));
    assert_eq!((error.offset, error.record), (start as u64, 0));
}

#[test]
fn absurd_times_are_set_aside() {
    let log = [
        header("3.16.0"),
        first_request(10, 9),
        error(&(-1_i32).to_be_bytes(), -1),
        error(&(-1_i32).to_be_bytes(), 7),
    ]
    .concat();
    let (lines, error, decoder) = decode(&log);
    assert_eq!(error, None);
    // The names of a record that was set aside stay known.
    assert_eq!(lines[1..], [r#"error "home" 7"#]);
    assert_eq!(decoder.records(), 3);
    assert_eq!(
        decoder.set_aside(),
        SetAside {
            end_before_start: 1,
            overflowed: 1
        }
    );
    assert_eq!(decoder.set_aside().total(), 2);
}

#[test]
fn a_newer_version_is_read_while_it_fits_and_named_where_not() {
    let mut log = [header("3.99.1"), first_request(1, 3)].concat();
    let (lines, error, _) = decode(&log);
    assert_eq!((lines.len(), error), (2, None));
    let offset = log.len();
    log.push(200);
    let (lines, error, _) = decode(&log);
    assert_eq!(lines.len(), 2);
    assert_eq!(
        error.unwrap().to_string(),
        format!(
            "byte {offset}, record 2: there is no record type 200 (the log is of Gatling 3.99.1; \
             the layout is known for 3.13 to 3.16 and may have changed since)"
        )
    );
    // Also where the header itself has changed.
    let mut log = header("4.0.0");
    let start = 1 + string("4.0.0").len() + string("demo.Browsing").len();
    log[start] = 0xff;
    assert_eq!(
        decode(&log).1.unwrap().newer_version.as_deref(),
        Some("4.0.0")
    );
}

#[test]
fn strings_of_both_encodings() {
    let mut utf16 = vec![4, 0, 0, 0, 1, 0, 0, 0, 6];
    // 日, a lone surrogate, é.
    utf16.extend([0xe5, 0x65, 0x3d, 0xd8, 0xe9, 0x00, 1, 0, 0, 0, 5]);
    let latin1 = [4, 0, 0, 0, 2, 0, 0, 0, 2, 0xe9, b'a', 0, 0, 0, 0, 6];
    let (lines, error, _) = decode(&[&header("3.16.0")[..], &utf16, &latin1].concat());
    assert_eq!(error, None);
    assert_eq!(lines[1..], ["error \"日\u{fffd}é\" 5", "error \"éa\" 6"]);
}
