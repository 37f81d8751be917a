//! Cut anywhere, fed in any pieces, damaged anywhere.

use crate::common::{BINARY, TEXT, drain, line, lines, sample};
use gatling_log::{Decoder, Ending};
use proptest::prelude::*;

/// Enough of each kind.
const SMALL: [&str; 6] = [BINARY[0], BINARY[2], BINARY[3], TEXT[0], TEXT[1], TEXT[5]];

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

    #[test]
    fn any_pieces_give_the_same_records(
        name in prop::sample::select(SMALL.as_slice()),
        sizes in prop::collection::vec(0_usize..2000, 1..40),
        drained in prop::collection::vec(any::<bool>(), 7),
    ) {
        let log = sample(name);
        let (mut decoder, mut decoded) = (Decoder::new(), Vec::new());
        let mut rest = &log[..];
        for (size, drained) in sizes.iter().zip(drained.iter().cycle()) {
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            decoder.push(piece);
            rest = after;
            // Not every push is followed by taking the records out.
            if *drained {
                drain(&mut decoder, &mut decoded).unwrap();
            }
        }
        decoder.push(rest);
        drain(&mut decoder, &mut decoded).unwrap();
        prop_assert_eq!(decoded, lines(&log));
    }

    /// Damage gives an error with a place in the log, or other records, but never a panic; what
    /// lies before it is as it was.
    #[test]
    fn damage_never_panics(
        name in prop::sample::select(SMALL.as_slice()),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = sample(name);
        let mut log = whole.clone();
        for (place, byte) in &places {
            *place.get_mut(&mut log) = *byte;
        }
        log.truncate(cut.index(log.len()) + 1);
        let first = log.iter().zip(&whole).position(|(a, b)| a != b).unwrap_or(log.len()) as u64;

        let (mut decoder, mut decoded) = (Decoder::new(), Vec::new());
        decoder.push(&log);
        if let Err(error) = drain(&mut decoder, &mut decoded) {
            prop_assert!(error.offset <= log.len() as u64);
            prop_assert_eq!(decoder.next_record().err(), Some(error));
        }
        prop_assert!(decoder.offset() <= log.len() as u64);

        let (mut before, mut expected) = (Decoder::new(), Vec::new());
        before.push(&whole[..usize::try_from(first).unwrap()]);
        drain(&mut before, &mut expected).unwrap();
        prop_assert_eq!(&decoded[..expected.len()], &expected[..]);
    }

    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), zero in any::<bool>()) {
        let mut decoder = Decoder::new();
        // The first byte decides a lot: give the header a chance.
        decoder.push(if zero { &[0][..] } else { &[] });
        decoder.push(&bytes);
        let mut records = Vec::new();
        let _ = drain(&mut decoder, &mut records);
    }
}
