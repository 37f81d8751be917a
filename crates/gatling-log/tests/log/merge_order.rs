//! Logs made up at random, merged: what comes out is what went in, in order of time.

use gatling_log::{Header, Limits, Merge, Step, User, Version};
use proptest::prelude::*;

use crate::common::decode;
use crate::made::{LATEST, Made, encoded};

const START: i64 = 1_750_000_000_000;

/// A log whose records are written in order of time. Its names start with its number.
#[derive(Debug, Clone)]
struct Log {
    start: i64,
    offset: i64,
    records: Vec<Made>,
}

impl Log {
    fn bytes(&self, number: usize) -> Vec<u8> {
        let header = Header {
            version: Version::parse("3.16.0").unwrap(),
            simulation: "demo.Browsing".to_owned(),
            start: self.start,
            description: String::new(),
            scenarios: vec![format!("scenario {number}"), "shared".to_owned()],
            assertions: Vec::new(),
        };
        encoded(&header, &self.records)
    }

    fn corrected_start(&self) -> i64 {
        self.start + self.offset
    }
}

fn logs() -> impl Strategy<Value = Vec<Log>> {
    prop::collection::vec((0_i64..4_000, -4_000_i64..4_000, records()), 1..5).prop_map(|logs| {
        let logs = logs.into_iter().enumerate();
        logs.map(|(number, (late, offset, mut records))| {
            for record in &mut records {
                number_names(record, number);
            }
            Log {
                start: START + late,
                offset,
                records,
            }
        })
        .collect()
    })
}

/// In the order of the time at which they are written.
fn records() -> impl Strategy<Value = Vec<Made>> {
    let step = prop_oneof![Just(0_u32), 0_u32..50, 0_u32..5_000];
    let name = "[ab日]{0,2}";
    let record = (0..4_u8, step, 0_u32..300, any::<bool>(), name, 0..2_usize);
    prop::collection::vec(record, 0..80).prop_map(|records| {
        let mut time = 0;
        let records = records.into_iter();
        records
            .map(|(kind, step, duration, ok, name, scenario)| {
                time += step;
                let times = time.saturating_sub(duration)..time;
                match kind {
                    0 => Made::Request {
                        groups: vec![name.clone(); scenario],
                        name: name.clone(),
                        times,
                        ok,
                        message: name,
                    },
                    1 => Made::User(User {
                        scenario,
                        starts: ok,
                        time,
                    }),
                    2 => Made::Group {
                        groups: vec![name],
                        times,
                        cumulated: duration,
                        ok,
                    },
                    _ => Made::Error {
                        message: name,
                        time,
                    },
                }
            })
            .collect()
    })
}

fn number_names(record: &mut Made, number: usize) {
    let numbered = |name: &mut String| *name = format!("{number}{name}");
    match record {
        Made::Request { name, groups, .. } => {
            numbered(name);
            groups.iter_mut().for_each(numbered);
        }
        Made::Group { groups, .. } => groups.iter_mut().for_each(numbered),
        Made::Error { message, .. } => numbered(message),
        Made::User(_) => {}
    }
}

/// When a record is written.
fn written(record: &Made) -> u32 {
    match record {
        Made::Request { times, .. } | Made::Group { times, .. } => times.end,
        Made::User(user) => user.time,
        Made::Error { time, .. } => *time,
    }
}

/// Merges in pieces, and checks that nothing piles up: each log is asked for more only when all that
/// was pushed has been read, and what is written is to be taken away in time.
fn merged(merge: &mut Merge, logs: &[Vec<u8>], size: usize) -> Vec<u8> {
    let mut pushed = vec![0; logs.len()];
    let (mut all, mut out) = (Vec::new(), Vec::new());
    loop {
        match merge.step(&mut out).unwrap() {
            Step::Push(log) => {
                let read = merge.logs().nth(log).unwrap().offset();
                assert!(pushed[log] as u64 - read < 1_000);
                let end = logs[log].len().min(pushed[log] + size);
                if end == pushed[log] {
                    merge.end(log);
                }
                merge.push(log, &logs[log][pushed[log]..end]);
                pushed[log] = end;
            }
            Step::Again(_) => panic!("no text log is among them"),
            Step::Write => {
                assert!(out.len() < 70_000);
                all.append(&mut out);
            }
            Step::Done => {
                all.append(&mut out);
                return all;
            }
        }
    }
}

/// The lines that the merged log should have, but for its order: of the users, and of each log's
/// others.
fn expected(logs: &[Log], start: i64) -> (Vec<(u32, String)>, Vec<Vec<String>>) {
    let mut users = Vec::new();
    let mut others = vec![Vec::new(); logs.len()];
    // Scenarios are numbered as they come first: 0's own, the shared one, the others' own.
    for (number, log) in logs.iter().enumerate() {
        let shift = u32::try_from(log.corrected_start() - start).unwrap();
        for record in &log.records {
            if let Made::User(user) = record {
                let scenario = match user.scenario {
                    1 => 1,
                    _ if number == 0 => 0,
                    _ => number + 1,
                };
                let record = Made::User(User { scenario, ..*user });
                users.push((user.time + shift, record.line(shift).unwrap()));
            } else {
                others[number].push(record.line(shift).unwrap());
            }
        }
    }
    (users, others)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn all_records_come_in_order_of_time(logs in logs(), size in 1_usize..500) {
        let bytes: Vec<Vec<u8>> = logs.iter().enumerate().map(|(n, log)| log.bytes(n)).collect();
        let mut merge = Merge::new(logs.iter().map(|log| log.offset));
        let merged = merged(&mut merge, &bytes, size);
        let decoded = decode(&merged);
        prop_assert_eq!(&decoded.error, &None);
        let sum: usize = logs.iter().map(|log| log.records.len()).sum();
        prop_assert_eq!(decoded.records, sum as u64);
        prop_assert_eq!(merge.records(), sum as u64);
        let start = logs.iter().map(Log::corrected_start).min().unwrap();
        prop_assert_eq!(merge.header().unwrap().start, start);

        let (users, others): (Vec<&String>, Vec<&String>) =
            decoded.lines[1..].iter().partition(|line| line.starts_with("User"));
        let (mut expected_users, mut expected_others) = expected(&logs, start);
        // A user's order in its log counts where the times are the same; all logs' are in order.
        if logs.len() > 1 {
            expected_users.sort_by_key(|(time, _)| *time);
        }
        let mut expected_users: Vec<String> =
            expected_users.into_iter().map(|(_, line)| line).collect();
        let times = |lines: &[&String]| -> Vec<String> {
            lines.iter().map(|line| line.rsplit(' ').nth(1).unwrap().to_owned()).collect()
        };
        let of_expected: Vec<&String> = expected_users.iter().collect();
        prop_assert_eq!(times(&users), times(&of_expected));
        let mut users: Vec<String> = users.into_iter().cloned().collect();
        users.sort();
        expected_users.sort();
        prop_assert_eq!(users, expected_users);

        // Each log's others in their own order, and together in order of time.
        let mut last = 0;
        for line in others {
            let (log, time) = (0..logs.len())
                .find_map(|log| {
                    (expected_others[log].first() == Some(line)).then(|| {
                        expected_others[log].remove(0);
                        (log, next_time(&logs[log], expected_others[log].len(), start))
                    })
                })
                .ok_or_else(|| TestCaseError::fail(format!("not the next of any log: {line}")))?;
            prop_assert!(time >= last, "log {log}: {line}");
            last = time;
        }
        prop_assert!(expected_others.iter().all(Vec::is_empty));
    }

    /// Also with offsets that move records off the merged log's axis: each is written or counted.
    #[test]
    fn every_record_is_written_or_left_out(
        logs in logs(),
        offsets in prop::collection::vec(
            prop_oneof![-10_000_i64..10_000, i64::from(LATEST) - 9_000..i64::from(LATEST), any::<i64>()],
            5,
        ),
        names in 0_usize..6,
    ) {
        let bytes: Vec<Vec<u8>> = logs.iter().enumerate().map(|(n, log)| log.bytes(n)).collect();
        let limits = Limits { names, name_bytes: 1_000 };
        let mut merge = Merge::with_limits(offsets.iter().copied().take(logs.len()), limits);
        let merged = merged(&mut merge, &bytes, 300);
        let decoded = decode(&merged);
        prop_assert_eq!(&decoded.error, &None);
        prop_assert_eq!(decoded.records, merge.records());
        prop_assert_eq!(decoded.set_aside.total(), 0);
        let left_out: u64 = (0..logs.len()).map(|log| merge.left_out(log)).sum();
        let sum: usize = logs.iter().map(|log| log.records.len()).sum();
        prop_assert_eq!(merge.records() + left_out, sum as u64);
    }
}

/// When the record of a log was written after which so many others than users follow.
fn next_time(log: &Log, following: usize, start: i64) -> i64 {
    let others = log.records.iter().rev();
    let mut others = others.filter(|record| !matches!(record, Made::User(_)));
    let time = others.nth(following).map_or(0, written);
    log.corrected_start() - start + i64::from(time)
}
