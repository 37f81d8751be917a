//! Logs that ask for more memory than they are worth.

use gatling_log::{Cause, Decoder, Limits, Merge, Step};

/// Binary logs up to their first record.
fn header(scenarios: i32, assertions: &[&[u8]]) -> Vec<u8> {
    let mut log = b"\0\0\0\0\x063.16.0\0\0\0\0\x03a.B\0".to_vec();
    log.extend(1_750_000_000_000_i64.to_be_bytes());
    log.extend(0_i32.to_be_bytes());
    log.extend(scenarios.to_be_bytes());
    log.extend((0..scenarios).flat_map(|_| 0_i32.to_be_bytes()));
    log.extend((assertions.len() as i32).to_be_bytes());
    for assertion in assertions {
        log.extend((assertion.len() as i32).to_be_bytes());
        log.extend(*assertion);
    }
    log
}

/// Details of a name of half a MB, and a quarter of a million references to it.
fn repeating_assertion() -> Vec<u8> {
    let (name, count) = (500_000_u32, 250_000_u32);
    let number = |number: u32| {
        [
            0xc0,
            (number >> 16) as u8,
            (number >> 8) as u8,
            number as u8,
        ]
    };
    let mut bytes = vec![0, 3, 0];
    bytes.extend(number(count + 1));
    bytes.extend(number(name));
    bytes.resize(bytes.len() + name as usize, b'a');
    bytes.extend((0..count).flat_map(|_| [0x90, 2]));
    bytes.extend([4, 5, 0]);
    bytes.extend(1.0_f64.to_le_bytes());
    bytes
}

fn decode(pieces: impl IntoIterator<Item = Vec<u8>>) -> Decoder {
    let mut decoder = Decoder::new();
    for piece in pieces {
        decoder.push(&piece);
        while let Ok(Some(_)) = decoder.next_record() {}
    }
    decoder
}

#[test]
#[cfg(target_os = "linux")]
fn little_memory_is_enough() {
    // 500 MB of addresses for all of the process, the test's own data included.
    let outcome = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 500000 && exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--test-threads=1", "--exact", "memory::hostile_logs"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&outcome.stdout);
    assert!(
        outcome.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&outcome.stderr)
    );
}

/// By itself it shows the answers; `little_memory_is_enough` runs it with little memory.
#[test]
fn hostile_logs() {
    // Lengths and counts of 2 GB.
    let max = i32::MAX.to_be_bytes();
    let (start, whole) = (header(0, &[]), header(1, &[]));
    for place in [1, 5 + 7, start.len() - 12, start.len() - 8, start.len() - 4] {
        let log = [&start[..place], &max].concat();
        let cause = decode([log]).error().map(|error| error.cause.clone());
        assert!(
            matches!(cause, Some(Cause::StringLength(_) | Cause::Count { .. })),
            "{cause:?}"
        );
    }
    for record in [&b"\x01"[..], b"\x03", b"\x04\0\0\0\x01"] {
        let log = [&whole[..], record, &max].concat();
        assert!(decode([log]).error().is_some());
    }

    let assertion = repeating_assertion();
    let decoder = decode([header(0, &[&assertion])]);
    assert!(decoder.header().unwrap().assertions[0].decoded.is_err());

    // Assertions without end.
    let piece = b"ASSERTION\tAAEEAQAAAAAAAAAAAA==\n".repeat(1_000);
    let decoder = decode((0..1_000).map(|_| piece.clone()));
    let error = decoder.error().unwrap();
    assert!(matches!(
        error.cause,
        Cause::Count { .. } | Cause::RecordLength
    ));
    let line = [&b"ASSERTION\t"[..], &b"A".repeat(1_000_000), b"\n"].concat();
    let decoder = decode((0..600).map(|_| line.clone()));
    assert_eq!(decoder.error().unwrap().cause, Cause::RecordLength);

    // A line, and names, without end.
    let run = b"RUN\ta.B\tb\t1700000000000\t \t3.12.0\n".to_vec();
    let endless = (0..600).map(|_| vec![b'a'; 1_000_000]);
    let decoder = decode([run.clone()].into_iter().chain(endless));
    assert_eq!(decoder.bad_lines(), 1);
    let names = (0..100).map(|n| format!("ERROR\t{n}{}\t1700000000001\n", "a".repeat(1_000_000)));
    let decoder = decode([run].into_iter().chain(names.map(String::into_bytes)));
    assert_eq!(decoder.records(), 100);
    assert!(decoder.names().is_full());
    let names = (1_i32..100).map(|index| {
        let mut record = [&[4][..], &index.to_be_bytes(), &1_000_000_i32.to_be_bytes()].concat();
        record.resize(record.len() + 1_000_000, 0xe9);
        record.extend([0; 5]);
        record
    });
    assert_eq!(decode([whole].into_iter().chain(names)).records(), 99);
}

/// More scenarios than a header holds: of a text log, and of two binary ones.
#[test]
fn a_merged_header_has_room_for_so_many_scenarios() {
    let mut text = b"RUN\ta.B\tb\t1700000000000\t \t3.12.0\n".to_vec();
    for scenario in 0..100_010 {
        text.extend(format!("USER\t{scenario}\tSTART\t1700000000001\n").bytes());
    }
    let mut wide = b"RUN\ta.B\tb\t1700000000000\t \t3.12.0\n".to_vec();
    let long = "日".repeat(30_000);
    for scenario in 0..150 {
        wide.extend(format!("USER\t{scenario}{long}\tSTART\t1700000000001\n").bytes());
    }
    for (log, kept, left_out) in [(text, 100_000, 10), (wide, 136, 14)] {
        let mut merge = Merge::with_limits([0], Limits::default());
        let mut out = Vec::new();
        let mut rest = &log[..];
        loop {
            match merge.step(&mut out).unwrap() {
                Step::Push(0) if rest.is_empty() => merge.end(0),
                Step::Push(_) => {
                    merge.push(0, rest);
                    rest = &[];
                }
                Step::Again(_) => rest = &log,
                Step::Write => {}
                Step::Done => break,
            }
        }
        assert_eq!((merge.records(), merge.left_out(0)), (kept, left_out));
        assert_eq!(
            merge.differences(),
            [(0, gatling_log::Difference::Scenarios)]
        );
        let decoder = decode([out]);
        assert_eq!((decoder.error(), decoder.records()), (None, kept));
    }
}
