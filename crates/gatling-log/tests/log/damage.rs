//! Damaged logs and noise: another log, or an error with its place, but never a panic.

use gatling_log::{Decoder, Ending};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::common::{Decoded, SMALL, decode, decode_pieces, drain, pieces, sample};

/// A change at some place.
#[derive(Debug, Clone)]
enum Damage {
    Flip(u8),
    Set(u8),
    Insert(Vec<u8>),
    Remove(usize),
    /// Four bytes, as lengths, counts, indexes and times have.
    Number(i32),
}

/// The ends of what lengths, counts and indexes can be.
const NUMBERS: [i32; 9] = [
    i32::MAX,
    i32::MIN,
    -1,
    0,
    1,
    1 << 20,
    (1 << 20) + 1,
    100_000,
    129,
];

/// How logs start, or could seem to.
const STARTS: [&[u8]; 7] = [
    b"",
    b"\0",
    b"\0\0\0\0\x063.16.0\0",
    b"RUN\t",
    b"a.B\t",
    b"RUN\ta.B\tb\t5\t \t3.12.0\n",
    b"RUN\ta.B\tb\t5\t \t3.3.0\nUSER\t",
];

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (0_u32..8).prop_map(|bit| Damage::Flip(1 << bit)),
        any::<u8>().prop_map(Damage::Set),
        prop::sample::select(b"\t\n\r, \0\x01\xff".as_slice()).prop_map(Damage::Set),
        prop::collection::vec(any::<u8>(), 1..12).prop_map(Damage::Insert),
        (1_usize..40).prop_map(Damage::Remove),
        prop::sample::select(NUMBERS.as_slice()).prop_map(Damage::Number),
    ]
}

/// Damages a log, and tells up to where it is as it was.
fn damaged(log: &mut Vec<u8>, damages: &[(Index, Damage)]) -> usize {
    let mut good = log.len();
    for (place, damage) in damages {
        let at = place
            .index(log.len().max(1))
            .min(log.len().saturating_sub(1));
        let end = |length: usize| log.len().min(at + length);
        let (range, bytes) = match damage {
            Damage::Flip(bits) => {
                let flipped = log.get(at).map(|byte| byte ^ bits);
                (at..end(1), flipped.into_iter().collect())
            }
            Damage::Set(byte) => (at..end(1), vec![*byte]),
            Damage::Insert(bytes) => (at..at, bytes.clone()),
            Damage::Remove(length) => (at..end(*length), Vec::new()),
            Damage::Number(number) => (at..end(4), number.to_be_bytes().to_vec()),
        };
        log.splice(range, bytes);
        good = good.min(at);
    }
    good
}

/// What holds for whatever bytes.
fn makes_sense(decoded: &Decoded, length: usize) -> Result<(), TestCaseError> {
    let length = length as u64;
    prop_assert!(decoded.offset <= length);
    let errors = [&decoded.error, &decoded.first_bad_line];
    for error in errors.into_iter().flatten() {
        prop_assert!(error.offset <= length);
        prop_assert!(!error.to_string().is_empty());
    }
    match decoded.ending {
        Ending::Empty => prop_assert_eq!(length, 0),
        Ending::Complete => {
            prop_assert_eq!(decoded.offset, length);
            prop_assert_eq!(&decoded.error, &None);
        }
        Ending::Incomplete { offset } => prop_assert!(offset <= length),
    }
    let shown = decoded.lines.len() as u64;
    let all = decoded.records + u64::from(shown > 0);
    prop_assert_eq!(shown + decoded.set_aside.total(), all);
    prop_assert_eq!(decoded.bad_lines > 0, decoded.first_bad_line.is_some());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// What lies before the damage is as it was, and all pieces give the same.
    #[test]
    fn damage_spoils_only_what_follows(
        name in prop::sample::select(SMALL.as_slice()),
        damages in prop::collection::vec((any::<Index>(), damage()), 1..8),
        pieces in pieces(),
    ) {
        let whole = sample(name);
        let mut log = whole.clone();
        let good = damaged(&mut log, &damages);
        let (decoded, before) = (decode(&log), decode(&whole[..good]));
        makes_sense(&decoded, log.len())?;
        prop_assert!(decoded.lines.starts_with(&before.lines));
        prop_assert!(decoded.records >= before.records);
        prop_assert!(decoded.offset >= before.offset);
        prop_assert_eq!(decode_pieces(&log, &pieces), decoded);
    }

    /// After an error nothing changes any more.
    #[test]
    fn an_error_stays(
        name in prop::sample::select(&SMALL[..3]),
        damages in prop::collection::vec((any::<Index>(), damage()), 1..4),
        more in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut log = sample(name);
        damaged(&mut log, &damages);
        let (mut decoder, mut lines) = (Decoder::new(), Vec::new());
        decoder.push(&log);
        if drain(&mut decoder, &mut lines).is_err() {
            let before = Decoded::of(&mut decoder, lines);
            decoder.push(&more);
            let room = decoder.room(more.len()).len();
            decoder.filled(room);
            prop_assert_eq!(Decoded::of(&mut decoder, before.lines.clone()), before);
        }
    }

    #[test]
    fn noise_never_panics(
        start in prop::sample::select(STARTS.as_slice()),
        noise in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            prop::collection::vec(0_u8..4, 0..300),
            "[RUNSEQTGOPKDA0-9,\t\n ]{0,300}".prop_map(String::into_bytes),
        ],
        pieces in pieces(),
    ) {
        let log = [start, &noise[..]].concat();
        let decoded = decode(&log);
        makes_sense(&decoded, log.len())?;
        prop_assert_eq!(decode_pieces(&log, &pieces), decoded);
    }
}
