//! Real logs are decoded to their last byte.

use crate::common::{BINARY, lines, sample};
use gatling_log::{Decoder, Encoder, Ending, Record, SetAside};

#[derive(Debug, Default, PartialEq)]
struct Counts {
    ok: u64,
    ko: u64,
    users: u64,
    groups: u64,
    errors: u64,
}

#[test]
fn each_is_decoded_to_its_end() {
    // Requests as Gatling's own report counts them; users start and end.
    let expected = [
        ("3.13.5", 194, 66),
        ("3.15.1", 195, 65),
        ("3.16.0", 195, 65),
        ("3.16.0-edge", 16, 10),
        ("3.16.0-agent1", 294, 96),
        ("3.16.0-agent2", 586, 194),
        ("3.16.0-merged", 880, 290),
    ];
    assert_eq!(expected.map(|(name, ..)| name), BINARY);
    for (name, ok, ko) in expected {
        let log = sample(name);
        let mut decoder = Decoder::new();
        decoder.push(&log);
        let mut counts = Counts::default();
        let mut active = 0_i64;
        while let Some(record) = decoder.next_record().unwrap() {
            match record {
                Record::Run(header) => {
                    assert!(name.starts_with(header.version.as_str()));
                    assert!(header.version.is_known());
                    assert!(!header.assertions.is_empty());
                    for assertion in &header.assertions {
                        assert!(assertion.decoded.is_ok(), "{name}: {assertion:?}");
                    }
                }
                Record::Request(request) if request.ok => counts.ok += 1,
                Record::Request(_) => counts.ko += 1,
                Record::User(user) => {
                    counts.users += u64::from(user.starts);
                    active += if user.starts { 1 } else { -1 };
                }
                Record::Group(_) => counts.groups += 1,
                Record::Error(_) => counts.errors += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((counts.ok, counts.ko), (ok, ko), "{name}");
        assert!(counts.users > 0, "{name}");
        assert_eq!(active, 0, "{name}");
        assert_eq!(decoder.ending(), Ending::Complete, "{name}");
        assert_eq!(decoder.offset(), log.len() as u64, "{name}");
        assert_eq!(decoder.set_aside(), SetAside::default(), "{name}");
    }
}

#[test]
fn each_is_encoded_again_byte_for_byte() {
    for name in BINARY {
        let log = sample(name);
        let mut decoder = Decoder::new();
        decoder.push(&log);
        let Some(Record::Run(header)) = decoder.next_record().unwrap() else {
            panic!()
        };
        let mut encoder = Encoder::new(header);
        while let Some(record) = decoder.next_record().unwrap() {
            encoder.record(&record);
        }
        assert!(encoder.take() == log, "{name}");
    }
}

#[test]
fn odd_names_and_messages_are_whole() {
    let lines = lines(&sample("3.16.0-edge"));
    let has = |part: &str| lines.iter().any(|line| line.contains(part));
    assert!(has(r#"request [] "" "#), "an empty name");
    assert!(has(r#""with\ttab and\nnewline, comma""#));
    assert!(has("emoji 😀"));
    assert!(has("latin éÿ"));
    assert!(has(r#"["g,comma"] "in g""#));
    assert!(has("日本"), "a UTF-16 message");
}
