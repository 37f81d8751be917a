//! Cut anywhere, fed in any pieces.

use crate::common::{BINARY, SMALL, TEXT, decode, decode_pieces, line, pieces, sample};
use gatling_log::{Decoder, Ending};
use proptest::prelude::*;

/// Byte by byte is cut at every byte: after each one exactly the records that are whole are there.
#[test]
fn a_cut_log_gives_its_whole_records() {
    for name in BINARY.iter().chain(&TEXT) {
        let log = sample(name);
        let mut whole = Decoder::new();
        whole.push(&log);
        let (mut ends, mut lines) = (Vec::new(), Vec::new());
        while let Some(line) = whole.next_record().unwrap().map(line) {
            ends.push(whole.offset());
            lines.push(line);
        }

        let (mut decoder, mut decoded) = (Decoder::new(), 0);
        assert_eq!(decoder.ending(), Ending::Empty);
        for (fed, byte) in (1..).zip(&log) {
            decoder.push(&[*byte]);
            while let Some(record) = decoder.next_record().unwrap() {
                assert_eq!(line(record), lines[decoded], "{name}");
                decoded += 1;
            }
            let whole = ends.partition_point(|end| *end <= fed);
            let offset = if BINARY.contains(name) {
                whole.checked_sub(1).map_or(0, |last| ends[last])
            } else {
                // A text log goes on from line to line, also over bad ones.
                let read = &log[..usize::try_from(fed).unwrap()];
                read.iter()
                    .rposition(|byte| *byte == b'\n')
                    .map_or(0, |end| end as u64 + 1)
            };
            assert_eq!(
                (decoded, decoder.offset()),
                (whole, offset),
                "{name}, {fed} bytes"
            );
            let ending = if offset == fed && whole > 0 {
                Ending::Complete
            } else {
                Ending::Incomplete { offset }
            };
            assert_eq!(decoder.ending(), ending, "{name}, {fed} bytes");
        }
        assert_eq!(decoded, lines.len(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Also where the log is cut: what it decodes to is the same for all pieces, and its records are
    /// the first of the whole log's.
    #[test]
    fn any_pieces_give_the_same(
        name in prop::sample::select(SMALL.as_slice()),
        cut in any::<prop::sample::Index>(),
        pieces in pieces(),
    ) {
        let log = sample(name);
        let cut = &log[..cut.index(log.len() + 1)];
        let (whole, decoded) = (decode(&log), decode(cut));
        prop_assert_eq!(&decode_pieces(cut, &pieces), &decoded);
        prop_assert!(whole.lines.starts_with(&decoded.lines));
        prop_assert_eq!(&decoded.error, &None);
        prop_assert!(decoded.bad_lines <= whole.bad_lines);
    }
}
