//! What is read in parts is what is read in turn.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use gatling_log::{Encoder, User, Version};
use tempfile::NamedTempFile;

use super::*;
use crate::log::read_in_turn;
use crate::{LogInput, Timing};

const RECORDS: u32 = 175_000;

/// A number that looks like chance, the same one for the same `n` and `what`.
fn chance(n: u32, what: u32, below: u32) -> u32 {
    let mixed = n
        .wrapping_mul(2_654_435_761)
        .wrapping_add(what.wrapping_mul(40_503));
    (((mixed ^ (mixed >> 13)).wrapping_mul(1_274_126_177) >> 7) & 0xffff) % below.max(1)
}

/// One record of a log in which names and messages come up at all times, and users stay for long.
enum Made {
    User(usize, bool, u32),
    Request(Vec<String>, String, u32, u32, bool, String),
    Group(Vec<String>, u32, u32, bool),
    Error(String, u32),
}

fn made(n: u32) -> Made {
    let time = n / 4;
    let groups = |n: u32| match chance(n, 1, 3) {
        0 => vec![],
        1 => vec![format!("g\t{}", chance(n, 2, 9))],
        _ => vec!["outer".to_owned(), format!("g {}", chance(n, 2, 9))],
    };
    match chance(n, 0, 20) {
        0 | 1 => Made::User(chance(n, 3, 3) as usize, chance(n, 4, 100) < 55, time),
        2 => Made::Group(
            vec!["outer".to_owned(), format!("g {}", n / 9_000)],
            time / 2,
            time,
            !n.is_multiple_of(9),
        ),
        3 => Made::Error(format!("error {}", n / 20_000), time),
        _ => {
            let (ms, ok) = (chance(n, 5, 3_000), chance(n, 6, 10) > 0);
            let message = match ok {
                true => String::new(),
                false => format!(" status {} ", 500 + n / 15_000),
            };
            let name = format!("request {}", chance(n, 7, 4 + n / 3_000));
            // Some end before they start.
            let end = if n.is_multiple_of(5_003) {
                time.saturating_sub(ms)
            } else {
                time
            };
            let start = if n.is_multiple_of(5_003) {
                time
            } else {
                time.saturating_sub(ms)
            };
            Made::Request(groups(n), name, start, end, ok, message)
        }
    }
}

const SCENARIOS: [&str; 3] = ["first", "second", "third"];

fn binary() -> Vec<u8> {
    let mut encoder = Encoder::new(&Header {
        version: Version::parse("3.16.0").unwrap(),
        simulation: "demo.Parts".to_owned(),
        start: 1_750_000_000_123,
        description: String::new(),
        scenarios: SCENARIOS.map(str::to_owned).to_vec(),
        assertions: Vec::new(),
    });
    for n in 0..RECORDS {
        match made(n) {
            Made::User(scenario, starts, time) => encoder.user(User {
                scenario,
                starts,
                time,
            }),
            Made::Request(groups, name, start, end, ok, message) => {
                let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
                encoder.request(&groups, &name, start..end, ok, &message);
            }
            Made::Group(groups, start, end, ok) => {
                let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
                encoder.group(&groups, start..end, (end - start) / 2, ok);
            }
            Made::Error(message, time) => encoder.error(&message, time),
        }
    }
    encoder.take()
}

fn text() -> Vec<u8> {
    let start = 1_750_000_000_123_u64;
    let mut log = format!("RUN\tdemo.Parts\tparts\t{start}\t \t3.12.0\n");
    let at = |time: u32| start + u64::from(time);
    let status = |ok| if ok { "OK" } else { "KO" };
    for n in 0..RECORDS {
        match made(n) {
            Made::User(scenario, starts, time) => {
                let event = if starts { "START" } else { "END" };
                // The third one comes late, and first in the second half.
                let scenario = SCENARIOS[if n < RECORDS / 3 {
                    scenario % 2
                } else {
                    2 - scenario
                }];
                writeln!(log, "USER\t{scenario}\t{event}\t{}", at(time))
            }
            Made::Request(groups, name, start, end, ok, message) => {
                let groups = groups.join(",").replace('\t', " ");
                let (start, end) = (at(start), at(end));
                writeln!(
                    log,
                    "REQUEST\t{groups}\t{name}\t{start}\t{end}\t{}\t{message}",
                    status(ok)
                )
            }
            Made::Group(groups, start, end, ok) => {
                let (ms, groups) = ((end - start) / 2, groups.join(","));
                let (start, end) = (at(start), at(end));
                writeln!(log, "GROUP\t{groups}\t{start}\t{end}\t{ms}\t{}", status(ok))
            }
            Made::Error(message, time) if n % 7 == 0 => {
                writeln!(log, "ERROR\t{message}\t\t{}", at(time))
            }
            Made::Error(message, time) => writeln!(log, "ERROR\t{message}\t{}", at(time)),
        }
        .unwrap();
    }
    log.into_bytes()
}

fn told(read: &Read) -> String {
    let decoder = &read.decoder;
    format!(
        "{:?}",
        (
            (decoder.header(), decoder.records(), decoder.set_aside()),
            (decoder.offset(), decoder.ending(), decoder.error()),
            (
                decoder.bad_lines(),
                decoder.first_bad_line(),
                &read.unreadable
            ),
        )
    )
}

/// Reads a log in turn and in parts. How many parts there were is the answer.
fn compare(log: &[u8], limits: Limits, what: &str) -> usize {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(log).unwrap();
    let input = LogInput {
        name: String::new(),
        peer: String::new(),
        path: file.path().to_owned(),
        offset_ms: -3_456,
        length: None,
        timing: Timing::default(),
    };
    let place = |start: i64| (start + input.offset_ms, Pace::default());
    let mut opened = LogFile::open(&input).ok().unwrap();
    let bytes = AtomicU64::new(0);
    let progress = |read| _ = bytes.fetch_add(read, Ordering::Relaxed);
    let Some(plan) = plan(&opened, 3) else {
        return 1;
    };
    let parts = plan.begins.len() + 1;
    let of_parts = plan.read(&opened, place, limits, &progress);
    let whole = read_in_turn(&mut opened, place, limits, false, &|_| ());
    assert_eq!(told(&of_parts), told(&whole), "{what}");
    assert!(of_parts.figures == whole.figures, "{what}");
    if whole.decoder.error().is_none() {
        assert_eq!(bytes.into_inner(), log.len() as u64, "{what}");
    }
    parts
}

#[test]
fn parts_give_the_same_figures() {
    for (what, log) in [("binary", binary()), ("text", text())] {
        assert!(log.len() > 3 << 20, "{what}: {}", log.len());
        assert_eq!(compare(&log, Limits::default(), what), 3, "{what}");
    }
}

#[test]
fn names_beyond_the_limit_are_the_same_ones() {
    let (few_names, few_messages) = (
        Limits {
            names: 20,
            ..Limits::default()
        },
        Limits {
            messages: 3,
            ..Limits::default()
        },
    );
    for (what, log) in [("binary", binary()), ("text", text())] {
        for limits in [few_names, few_messages] {
            assert_eq!(compare(&log, limits, what), 3, "{what}");
        }
    }
}

#[test]
fn a_damaged_log_counts_as_far() {
    for (what, log) in [("binary", binary()), ("text", text())] {
        for fifth in 1..5 {
            let mut damaged = log.clone();
            let at = log.len() / 5 * fifth;
            damaged[at..at + 40].fill(0xff);
            compare(&damaged, Limits::default(), &format!("{what}, {fifth}"));
            compare(
                &log[..at + 7],
                Limits::default(),
                &format!("{what}, {fifth}, cut"),
            );
        }
    }
}

#[test]
fn small_logs_are_not_cut_in_parts() {
    let log = binary();
    assert_eq!(compare(&log[..1 << 20], Limits::default(), "small"), 1);
}
