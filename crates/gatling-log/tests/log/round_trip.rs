//! What is encoded is decoded again.

use gatling_log::{Assertion, Cause, Encoder, Ending, Header, User, Version};
use proptest::prelude::*;

use crate::common::{decode, decode_pieces, pieces};
use crate::made::{LATEST, assertion, encoded, header, record};

fn simple_header() -> Header {
    Header {
        version: Version::parse("3.16.0").unwrap(),
        simulation: "demo.Browsing".to_owned(),
        start: 1_750_000_000_000,
        description: String::new(),
        scenarios: vec!["visitors".to_owned()],
        assertions: Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_log_is_decoded_to_what_was_encoded(
        header in header(),
        records in prop::collection::vec(record(1), 0..40),
        pieces in pieces(),
    ) {
        let log = encoded(&header, &records);
        let decoded = decode_pieces(&log, &pieces);
        prop_assert_eq!(&decoded.error, &None);
        prop_assert_eq!(decoded.ending, Ending::Complete);
        prop_assert_eq!(&decoded.lines[0], &format!("{header:?}"));
        let expected: Vec<String> = records.iter().filter_map(|record| record.line(0)).collect();
        prop_assert_eq!(&decoded.lines[1..], &expected[..]);
        prop_assert_eq!(decoded.records, records.len() as u64);
        let aside = (records.len() - expected.len()) as u64;
        prop_assert_eq!(decoded.set_aside.end_before_start, aside);
        prop_assert_eq!(decoded.set_aside.overflowed, 0);
    }

    #[test]
    fn any_assertion_is_read_as_it_was(assertion in assertion()) {
        prop_assert_eq!(Assertion::from_bytes(&assertion.to_bytes()), Ok(assertion));
    }

    #[test]
    fn assertion_bytes_that_are_read_are_written_to_the_same_meaning(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            prop::collection::vec(0_u8..8, 0..60),
        ],
    ) {
        match Assertion::from_bytes(&bytes) {
            Err(error) => prop_assert!(error.offset <= bytes.len()),
            Ok(assertion) => {
                let written = assertion.to_bytes();
                let again = Assertion::from_bytes(&written).map(|again| again.to_bytes());
                prop_assert_eq!(again, Ok(written));
            }
        }
    }
}

#[test]
fn what_no_log_can_hold_is_made_to_fit() {
    let mut encoder = Encoder::new(&simple_header());
    let (latin1, wide) = ("é".repeat(50_000), "日😀".repeat(50_000));
    encoder.error(&latin1, u32::MAX);
    encoder.error(&wide, 1);
    let user = |scenario| User {
        scenario,
        starts: true,
        time: 1,
    };
    encoder.user(user(1));
    encoder.user(user(0));
    encoder.group(&[], 1..2, 1, true);
    encoder.group(&["g"; 200], 1..2, 1, true);
    let decoded = decode(&encoder.take());
    assert_eq!(decoded.error, None);
    let expected = [
        format!("error {:?} {LATEST}", "é".repeat(30 << 10)),
        // Three units of two bytes each time.
        format!("error {:?} 1", "日😀".repeat((30 << 10) / 6)),
        format!("{:?}", user(0)),
        format!("group {:?} 1 2 1 true", ["g"; 128]),
    ];
    assert!(decoded.lines[1..] == expected);
}

/// 130 new names as long as they can be.
#[test]
fn the_largest_record_fits() {
    let names: Vec<String> = (0..130)
        .map(|n| format!("{n}{}", "日".repeat(15_400)))
        .collect();
    let groups: Vec<&str> = names[2..].iter().map(String::as_str).collect();
    let mut encoder = Encoder::new(&simple_header());
    encoder.request(&groups, &names[0], 1..2, true, &names[1]);
    let log = encoder.take();
    assert!(log.len() > 3 << 20);
    let decoded = decode(&log);
    assert_eq!((decoded.error, decoded.records), (None, 1));
}

/// A record of 4 MiB is read and a larger one is not, however it comes.
#[test]
fn too_large_records_are_the_same_in_all_pieces() {
    let header = encoded(&simple_header(), &[]);
    let record = |last: usize| {
        let mut log = header.clone();
        log.extend([&[3][..], &4_i32.to_be_bytes()].concat());
        for (index, length) in (1_i32..).zip([1 << 20, 1 << 20, 1 << 20, last]) {
            log.extend([index.to_be_bytes(), (length as i32).to_be_bytes()].concat());
            log.resize(log.len() + length, b'a');
            log.push(0);
        }
        log.extend([0; 12]);
        log.push(1);
        log
    };
    let fits = (1 << 20) - 5 - 4 * 9 - 13;
    for (last, cause) in [(fits, None), (fits + 1, Some(Cause::RecordLength))] {
        let log = record(last);
        let decoded = decode(&log);
        assert_eq!(decoded.error.clone().map(|error| error.cause), cause);
        let pieces = vec![(1_999_999, true); 3];
        assert!(decode_pieces(&log, &pieces) == decoded);
    }
}
