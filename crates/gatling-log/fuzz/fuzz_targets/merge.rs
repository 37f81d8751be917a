//! Any two logs: each of their records is in the merged log, which is one, or is counted.

#![no_main]

use arbitrary::Arbitrary;
use gatling_log::{Decoder, Ending, Merge, Step};
use libfuzzer_sys::fuzz_target;

/// The logs are what is left of the input, so that two samples after another make a seed.
#[derive(Debug, Arbitrary)]
struct Input<'a> {
    offsets: [i16; 2],
    piece: u8,
    middle: u16,
    logs: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let middle = usize::from(input.middle).min(input.logs.len());
    let (first, second) = input.logs.split_at(middle);
    let logs = [first, second];
    let size = 1 + 8 * usize::from(input.piece);
    let mut merge = Merge::new(input.offsets.map(i64::from));
    let Some(merged) = merged(&mut merge, logs, size) else {
        return;
    };

    let mut decoder = Decoder::new();
    decoder.push(&merged);
    while decoder.next_record().expect("it is a log").is_some() {}
    assert_eq!(decoder.ending(), Ending::Complete);
    assert_eq!(decoder.records(), merge.records());
    assert_eq!(decoder.set_aside().total(), 0);
    let shown = logs.map(shown);
    let left_out = merge.left_out(0) + merge.left_out(1);
    assert_eq!(merge.records() + left_out, shown[0] + shown[1]);
});

/// `None` if there is nothing to merge.
fn merged(merge: &mut Merge, logs: [&[u8]; 2], size: usize) -> Option<Vec<u8>> {
    let (mut rests, mut out) = (logs, Vec::new());
    loop {
        match merge.step(&mut out).ok()? {
            Step::Push(log) if rests[log].is_empty() => merge.end(log),
            Step::Push(log) => {
                let (piece, rest) = rests[log].split_at(size.min(rests[log].len()));
                merge.push(log, piece);
                rests[log] = rest;
            }
            Step::Again(log) => rests[log] = logs[log],
            Step::Write => {}
            Step::Done => return Some(out),
        }
    }
}

/// How many records a log shows after its header.
fn shown(log: &[u8]) -> u64 {
    let mut decoder = Decoder::new();
    decoder.push(log);
    while let Ok(Some(_)) = decoder.next_record() {}
    decoder.records() - decoder.set_aside().total()
}
