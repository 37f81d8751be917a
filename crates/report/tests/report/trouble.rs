//! Logs that are missing, empty, cut, damaged or do not go together.

use std::path::PathBuf;

use bfgg_report::{ReportError, TroubleKind, build, merge};
use gatling_log::{Encoder, Header, User, Version};
use tempfile::TempDir;

use crate::common::{input, report, sample};

/// A folder for hand-made logs.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn log(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn header() -> Header {
    Header {
        version: Version::parse("3.16.0").unwrap(),
        simulation: "demo.Browsing".to_owned(),
        start: 1_750_000_000_000,
        description: String::new(),
        scenarios: vec!["visitors".to_owned()],
        assertions: Vec::new(),
    }
}

fn good() -> PathBuf {
    sample("3.16.0").join("simulation.log")
}

/// The notes of a good log beside one of these bytes.
fn notes_beside_a_good_log(bytes: &[u8]) -> Vec<String> {
    let folder = Folder::new();
    let report = build(input(&[
        ("lab-1", good()),
        ("lab-2", folder.log("log", bytes)),
    ]))
    .unwrap();
    assert_eq!(report.summary.agents.len(), 2);
    assert!(report.summary.rows[0].total >= 260);
    report.summary.notes
}

#[test]
fn a_cut_log_counts_up_to_the_cut() {
    let whole = std::fs::read(good()).unwrap();
    let notes = notes_beside_a_good_log(&whole[..whole.len() - 5]);
    assert_eq!(
        notes,
        [
            "agent lab-2: its log ends in the middle of a record at byte 9049; the 439 records before \
          it count, what Gatling had not yet written is missing"
        ]
    );
}

#[test]
fn a_damaged_log_counts_up_to_the_damage() {
    let mut log = std::fs::read(good()).unwrap();
    log.truncate(9049);
    log.extend([77; 300]);
    let notes = notes_beside_a_good_log(&log);
    assert_eq!(
        notes,
        [
            "agent lab-2: its log is damaged (byte 9049, record 440: there is no record type 77); the \
          439 records before byte 9049 count, what follows is missing"
        ]
    );
}

#[test]
fn bad_lines_of_a_text_log_are_left_out_and_counted() {
    let text = std::fs::read(sample("3.12.0").join("simulation.log")).unwrap();
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let (mut log, mut ends) = (Vec::new(), 0);
    for line in lines {
        log.extend(line);
        if line.starts_with(b"REQUEST") && ends == 0 {
            ends = log.len();
            log.extend(b"REQUEST\t\thome\tsoon\t6\tOK\t \nwhat\n");
        }
    }
    let notes = notes_beside_a_good_log(&log);
    let note = format!(
        "agent lab-2: 2 lines of its log do not fit and do not count (the first: byte {}, record 4: the \
         column is no time)",
        ends + 14
    );
    assert!(notes.contains(&note), "{note}\n{notes:?}");
}

#[test]
fn what_is_no_log_is_named_and_the_others_count() {
    let notes = notes_beside_a_good_log(b"");
    assert_eq!(
        notes,
        [
            "agent lab-2: its simulation.log is empty: Gatling had written nothing yet; its requests \
          are missing here"
        ]
    );
    let notes = notes_beside_a_good_log(&std::fs::read(good()).unwrap()[..20]);
    assert_eq!(
        notes,
        ["agent lab-2: its simulation.log ends within the header; its requests are missing here"]
    );
    let notes = notes_beside_a_good_log(b"RUN\tdemo.Old\told\t5\t \t2.3.1\n");
    assert_eq!(notes.len(), 1);
    assert!(
        notes[0].contains("this is a text log of Gatling 2.3.1"),
        "{notes:?}"
    );
    let mut broken = Encoder::new(&header()).take();
    broken[1] = 0xff;
    let notes = notes_beside_a_good_log(&broken);
    assert!(
        notes[0].contains("the header of its simulation.log is damaged (byte 1, "),
        "{notes:?}"
    );
    let notes = notes_beside_a_good_log(b"\x7fELF");
    assert!(notes[0].contains("this is not a Gatling log"), "{notes:?}");

    let folder = Folder::new();
    let missing = folder.0.path().join("gone");
    let summary = build(input(&[("lab-1", good()), ("lab-2", missing.clone())]))
        .unwrap()
        .summary;
    let note = format!(
        "agent lab-2: there is no simulation.log ({}); its requests are missing here",
        missing.display()
    );
    assert_eq!(summary.notes, [note]);
    assert_eq!(summary.agents[1].total, 0);
}

#[test]
fn without_any_usable_log_the_error_names_each() {
    assert_eq!(build(input(&[])), Err(ReportError::NoLogs));
    let folder = Folder::new();
    let header_only = Encoder::new(&header()).take();
    let logs = [
        ("lab-1", folder.log("empty", b"")),
        ("lab-2", folder.log("header", &header_only)),
        (
            "lab-3",
            folder.log("text", b"RUN\tdemo.Old\told\t5\t \t2.3.1\n"),
        ),
    ];
    let error = build(input(&logs)).unwrap_err().to_string();
    for part in [
        "none of the logs can be used: agent lab-1: its simulation.log is empty",
        "agent lab-2: its log has a header and no records: the load never began",
        "this is a text log of Gatling 2.3.1",
    ] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn different_simulations_and_versions_are_noted() {
    let mut encoder = Encoder::new(&header());
    encoder.request(&[], "home", 0..5, true, "");
    let notes = notes_beside_a_good_log(&encoder.take());
    assert!(
        notes[0].contains("agent lab-2 ran simulation demo.Browsing, agent lab-1 "),
        "{notes:?}"
    );
    assert!(
        notes[1].starts_with("the assertions differ: \"Global: "),
        "{notes:?}"
    );

    let notes = report(&["3.16.0", "3.15.1"]).summary.notes;
    assert_eq!(
        notes,
        ["agent 3.15.1 ran Gatling 3.15.1, agent 3.16.0 3.16.0: the figures mix them"]
    );
}

#[test]
fn offsets_bring_the_logs_on_one_axis() {
    let folder = Folder::new();
    let log = |name: &str, first_user: u32| {
        let mut encoder = Encoder::new(&header());
        encoder.user(User {
            scenario: 0,
            starts: true,
            time: first_user,
        });
        encoder.request(&[], "home", first_user..first_user + 500, true, "");
        folder.log(name, &encoder.take())
    };
    let mut input = input(&[("lab-1", log("one", 4000)), ("lab-2", log("two", 1000))]);
    input.logs[1].offset_ms = 3020;
    let report = build(input).unwrap();
    let offsets: Vec<u64> = report
        .summary
        .agents
        .iter()
        .map(|agent| agent.start_offset_ms)
        .collect();
    assert_eq!(offsets, [0, 20]);
    assert_eq!(report.summary.start_spread_ms, 20);
    assert_eq!(report.summary.started, "2025-06-15T15:06:44.000Z");
    assert_eq!(report.summary.duration_ms, 520);
    assert_eq!(report.summary.rows[0].per_second, 2.0);
    assert_eq!(report.series.start_ms, 1_750_000_004_000);
    assert_eq!(report.series.seconds.len(), 1);
    // Their logs end with them: they are not active any more, and were at once.
    assert_eq!(report.series.seconds[0].users, 0);
    let users = &report.summary.users;
    assert_eq!((users[0].unfinished, users[0].max_active), (2, 2));
    assert_eq!(
        (users[1].scenario.as_str(), users[1].started),
        ("visitors", 2)
    );
    assert_eq!(report.summary.agents[0].unfinished_users, 1);
}

#[test]
fn clocks_far_apart_make_no_endless_series() {
    let folder = Folder::new();
    let mut encoder = Encoder::new(&header());
    encoder.request(&[], "home", 0..5, true, "");
    let path = folder.log("log", &encoder.take());
    let mut input = input(&[("lab-1", path.clone()), ("lab-2", path)]);
    input.logs[1].offset_ms = 1_000_000_000_000;
    let report = build(input).unwrap();
    assert_eq!(report.series.seconds, []);
    let charts = report.charts();
    assert!(charts.requests.iter().all(Vec::is_empty));
    let shown: u64 = charts.distribution.ok.iter().sum();
    assert_eq!(shown, report.summary.rows[0].total);
    assert!(report.summary.notes[0].contains("more than 31 days apart"));
}

/// There are dates of four digits only; a log outside of them is not moved to 1970.
#[test]
fn times_without_a_date_are_refused() {
    const YEAR_10000: i64 = 253_402_300_800_000;
    let start = header().start;
    let folder = Folder::new();
    let log = |start: i64| {
        let mut encoder = Encoder::new(&Header { start, ..header() });
        encoder.request(&[], "home", 0..5, true, "");
        folder.log(&start.to_string(), &encoder.take())
    };
    for (offset, is_refused) in [
        (i64::MAX, true),
        (i64::MIN, true),
        (-start - 1, true),
        (-start, false),
        (YEAR_10000 - start - 6, false),
        (YEAR_10000 - start - 5, true),
    ] {
        let mut input = input(&[("lab-1", log(start)), ("lab-2", log(start))]);
        input.logs[1].offset_ms = offset;
        match build(input) {
            Ok(report) => {
                assert!(!is_refused, "{offset}");
                assert_eq!(report.summary.rows[0].total, 2);
                assert_eq!(report.summary.rows[1].total, 2);
                let began = if offset < 0 {
                    "1970-01-01T00:00:00.000Z"
                } else {
                    "2025-"
                };
                assert!(report.summary.started.starts_with(began));
            }
            Err(error) => {
                assert!(is_refused, "{offset}: {error}");
                assert!(error.to_string().contains(&format!(
                    "the offset of lab-2, {offset} ms, would move it out of the years 1970 to 9999"
                )));
            }
        }
    }
    // Without an offset it is the log that is wrong.
    let path = log(YEAR_10000 - 1);
    let report = build(input(&[("lab-1", good()), ("lab-2", path)])).unwrap();
    assert_eq!(
        report.summary.notes,
        [
            "agent lab-2: its log is damaged: its times are not within the years 1970 to 9999; its \
             requests are missing here"
        ]
    );
    assert_eq!(
        report.troubles[0].kind,
        bfgg_report::TroubleKind::ImpossibleTimes
    );
}

#[test]
fn groups_without_a_record_of_their_own_have_a_row() {
    let folder = Folder::new();
    let mut encoder = Encoder::new(&header());
    encoder.request(&["shop", "pay"], "card", 5..9, true, "");
    encoder.request(&[], "home", 0..5, true, "");
    encoder.group(&["idle"], 0..9, 0, true);
    let report = build(input(&[("lab-1", folder.log("log", &encoder.take()))])).unwrap();
    let paths: Vec<String> = report
        .summary
        .rows
        .iter()
        .map(|row| row.path.join("/"))
        .collect();
    assert_eq!(
        paths,
        ["", "shop", "shop/pay", "shop/pay/card", "idle", "home"]
    );
    let totals: Vec<u64> = report.summary.rows.iter().map(|row| row.total).collect();
    assert_eq!(totals, [2, 0, 0, 1, 1, 1]);
}

/// A log of the header above, with other bytes of the version and the start.
fn log_of(version: &str, start: i64) -> Vec<u8> {
    let mut encoder = Encoder::new(&Header {
        version: Version::parse(version).unwrap(),
        start,
        ..header()
    });
    encoder.request(&[], "home", 0..5, true, "");
    encoder.take()
}

/// What it is decides what can be done about it: a copy made again mends only what is cut.
#[test]
fn each_trouble_is_of_its_kind() {
    use TroubleKind::*;
    let good = log_of("3.16.0", 1_750_000_000_000);
    let newer = log_of("4.1.0", 1_750_000_000_000);
    let with = |log: &[u8], more: &[u8]| [log, more].concat();
    let text =
        |lines: &str| format!("RUN\tdemo.Old\told\t1750000000000\t \t3.12.0\n{lines}").into_bytes();
    let backwards = [
        &[1][..],
        &[0; 4],
        &(-1_i32).to_be_bytes(),
        &9_i32.to_be_bytes(),
        &5_i32.to_be_bytes(),
        &[1],
        &(-2_i32).to_be_bytes(),
    ]
    .concat();
    for (bytes, kinds) in [
        (good.clone(), &[][..]),
        (with(&good, &[77; 9]), &[Damaged]),
        (good[..good.len() - 1].to_vec(), &[Cut]),
        (newer.clone(), &[NewerVersion]),
        (with(&newer, &[77; 9]), &[UnknownLayout, NewerVersion]),
        (with(&good, &backwards), &[ImpossibleTimes]),
        (log_of("3.16.0", -5), &[ImpossibleTimes]),
        (
            b"RUN\tdemo.Old\told\t-5\t \t3.12.0\n".to_vec(),
            &[ImpossibleTimes],
        ),
        (
            b"RUN\tdemo.Old\told\t5\t \t2.3.1\n".to_vec(),
            &[Unsupported],
        ),
        (
            b"demo.Old\told\tRUN\t1500000000000\t \t2.0\n".to_vec(),
            &[Unsupported],
        ),
        (b"RUN\tdemo.Old\told\t5\t \tnone\n".to_vec(), &[NotALog]),
        (b"hello\n".to_vec(), &[NotALog]),
        (b"".to_vec(), &[Empty]),
        (good[..20].to_vec(), &[Empty]),
        (Encoder::new(&header()).take(), &[NoRecords]),
        (text("what\n"), &[BadLines]),
        (text("USER\ta\tSTART\t1749999999999\n"), &[ImpossibleTimes]),
    ] {
        let folder = Folder::new();
        let logs = [
            ("lab-1", folder.log("good", &good)),
            ("lab-2", folder.log("log", &bytes)),
        ];
        let report = build(input(&logs)).unwrap();
        let found: Vec<TroubleKind> = report
            .troubles
            .iter()
            .filter(|found| found.log == "lab-2")
            .map(|found| found.kind)
            .filter(|kind| !matches!(kind, OtherVersion | OtherSimulation))
            .collect();
        let shown = String::from_utf8_lossy(&bytes);
        assert_eq!(found, kinds, "{shown:?}: {:?}", report.summary.notes);
        // A merged log says the same of them.
        let merged = merge(&input(&logs).logs, None, &mut Vec::new()).unwrap();
        let found: Vec<TroubleKind> = merged.troubles.iter().map(|found| found.kind).collect();
        assert_eq!(found, kinds, "{shown:?}: {:?}", merged.notes);
        let missing = kinds.iter().any(|kind| kind.is_missing());
        assert_eq!(merged.is_incomplete(), missing, "{shown:?}");
    }
}

#[test]
fn records_without_a_place_in_a_merged_log_are_told() {
    let folder = Folder::new();
    let logs = [
        (
            "lab-1",
            folder.log("one", &log_of("3.16.0", 1_650_000_000_000)),
        ),
        (
            "lab-2",
            folder.log("two", &log_of("3.16.0", 1_750_000_000_000)),
        ),
    ];
    let merged = merge(&input(&logs).logs, None, &mut Vec::new()).unwrap();
    let kinds: Vec<_> = merged.troubles.iter().map(|found| found.kind).collect();
    assert_eq!(kinds, [TroubleKind::LeftOut]);
    assert!(
        merged.notes[0].starts_with("lab-2: all 1 records are left out: "),
        "{:?}",
        merged.notes
    );
    assert!(merged.is_incomplete());
}

/// Errors outside of requests are neither load nor damage.
#[test]
fn a_log_of_errors_alone_has_no_request() {
    let folder = Folder::new();
    let mut encoder = Encoder::new(&header());
    encoder.error("no feeder", 5);
    let only_errors = folder.log("errors", &encoder.take());
    let error = build(input(&[
        ("lab-1", only_errors.clone()),
        ("lab-2", folder.log("empty", b"")),
    ]));
    let Err(ReportError::NoUsableLog { reasons, kinds }) = error else {
        panic!("{error:?}")
    };
    assert_eq!(kinds, [TroubleKind::Empty, TroubleKind::NoRequests]);
    let says =
        "agent lab-1: its log has no request and no user, only errors (1), most often: no feeder";
    assert_eq!(reasons[1], says);
    // Beside others it counts.
    let report = build(input(&[("lab-1", good()), ("lab-2", only_errors)])).unwrap();
    assert!(
        report
            .summary
            .errors
            .iter()
            .any(|row| row.message == "no feeder")
    );
}

/// What is made of a log twice is of the same records.
#[test]
fn a_log_that_grows_counts_as_it_was_first_seen() {
    let folder = Folder::new();
    let text = std::fs::read(sample("3.12.0").join("simulation.log")).unwrap();
    let binary = std::fs::read(good()).unwrap();
    for (bytes, more) in [(&binary, &binary[9000..]), (&text, &text[400..])] {
        let path = folder.log("log", bytes);
        let mut grown = input(&[("lab-1", path.clone())]);
        let as_it_was = build(grown.clone()).unwrap();
        grown.logs[0].length = Some(bytes.len() as u64);
        folder.log("log", &[bytes, more].concat());
        let report = build(grown.clone()).unwrap();
        assert_eq!(report.summary.rows, as_it_was.summary.rows);
        let kinds: Vec<_> = report.troubles.iter().map(|found| found.kind).collect();
        assert_eq!(kinds, [TroubleKind::Growing]);
        assert!(report.summary.notes[0].contains("grew while it was read"));
        let (mut grown_bytes, mut whole_bytes) = (Vec::new(), Vec::new());
        let merged = merge(&grown.logs, None, &mut grown_bytes).unwrap();
        assert!(merged.is_incomplete());
        folder.log("log", bytes);
        merge(&grown.logs, None, &mut whole_bytes).unwrap();
        assert!(grown_bytes == whole_bytes);
    }
}
