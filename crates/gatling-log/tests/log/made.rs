//! Logs made up at random, and what they have to decode to.

use std::ops::Range;

use gatling_log::{
    Assertion, AssertionPath, Condition, Encoder, Header, Metric, Stat, StoredAssertion, Target,
    User, Version,
};
use proptest::prelude::*;

/// The latest time a binary log can hold, ms.
pub(crate) const LATEST: u32 = i32::MAX as u32;

#[derive(Debug, Clone)]
pub(crate) enum Made {
    Request {
        groups: Vec<String>,
        name: String,
        times: Range<u32>,
        ok: bool,
        message: String,
    },
    User(User),
    Group {
        groups: Vec<String>,
        times: Range<u32>,
        cumulated: u32,
        ok: bool,
    },
    Error {
        message: String,
        time: u32,
    },
}

fn borrowed(groups: &[String]) -> Vec<&str> {
    groups.iter().map(String::as_str).collect()
}

impl Made {
    pub(crate) fn write(&self, encoder: &mut Encoder) {
        match self {
            Self::Request {
                groups,
                name,
                times,
                ok,
                message,
            } => encoder.request(&borrowed(groups), name, times.clone(), *ok, message),
            Self::User(user) => encoder.user(*user),
            Self::Group {
                groups,
                times,
                cumulated,
                ok,
            } => encoder.group(&borrowed(groups), times.clone(), *cumulated, *ok),
            Self::Error { message, time } => encoder.error(message, *time),
        }
    }

    /// As [`crate::common::line`] shows it, its times later by `shift`; `None` if it ends before it
    /// starts.
    pub(crate) fn line(&self, shift: u32) -> Option<String> {
        let late = |time: u32| time.min(LATEST) + shift;
        let (start, end) = match self {
            Self::Request { times, .. } | Self::Group { times, .. } => {
                (late(times.start), late(times.end))
            }
            Self::User(_) | Self::Error { .. } => (0, 0),
        };
        if start > end {
            return None;
        }
        Some(match self {
            Self::Request {
                groups,
                name,
                ok,
                message,
                ..
            } => format!("request {groups:?} {name:?} {start} {end} {ok} {message:?}"),
            Self::User(user) => {
                let time = late(user.time);
                format!("{:?}", User { time, ..*user })
            }
            Self::Group {
                groups,
                cumulated,
                ok,
                ..
            } => {
                let cumulated = cumulated.min(&LATEST);
                format!("group {groups:?} {start} {end} {cumulated} {ok}")
            }
            Self::Error { message, time } => format!("error {message:?} {}", late(*time)),
        })
    }
}

pub(crate) fn encoded(header: &Header, records: &[Made]) -> Vec<u8> {
    let mut encoder = Encoder::new(header);
    for record in records {
        record.write(&mut encoder);
    }
    encoder.take()
}

const KNOWN: [&str; 10] = [
    "",
    "a",
    "home",
    "tab\tline\nend\r",
    "a,b",
    "é\u{ff}",
    "日本",
    "😀",
    "\0",
    "\u{fffd}",
];

/// Names of all kinds; some of them come again and again.
pub(crate) fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        40 => prop::sample::select(KNOWN.as_slice()).prop_map(str::to_owned),
        20 => any::<String>(),
        1 => (0..30_721_usize).prop_map(|length| "é".repeat(length)),
        1 => (0..7_681_usize).prop_map(|length| "😀".repeat(length)),
    ]
}

fn groups(least: usize) -> impl Strategy<Value = Vec<String>> {
    let short = prop::sample::select(["", "g", "h,h", "日"].as_slice()).prop_map(str::to_owned);
    prop_oneof![
        8 => prop::collection::vec(name(), least..4),
        1 => prop::collection::vec(short, 128),
    ]
}

pub(crate) fn time() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..5_000, LATEST - 3..LATEST + 3, any::<u32>()]
}

/// A record of a log with so many scenarios.
pub(crate) fn record(scenarios: usize) -> impl Strategy<Value = Made> {
    let request = (groups(0), name(), time(), time(), any::<bool>(), name());
    let group = (groups(1), time(), time(), time(), any::<bool>());
    prop_oneof![
        4 => request.prop_map(|(groups, name, start, end, ok, message)| Made::Request {
            groups,
            name,
            times: start..end,
            ok,
            message,
        }),
        2 => (0..scenarios, any::<bool>(), time()).prop_map(|(scenario, starts, time)| {
            Made::User(User { scenario, starts, time })
        }),
        2 => group.prop_map(|(groups, start, end, cumulated, ok)| Made::Group {
            groups,
            times: start..end,
            cumulated,
            ok,
        }),
        1 => (name(), time()).prop_map(|(message, time)| Made::Error { message, time }),
    ]
}

pub(crate) fn assertion() -> impl Strategy<Value = Assertion> {
    let path = prop_oneof![
        Just(AssertionPath::Global),
        Just(AssertionPath::ForAll),
        prop::collection::vec(name(), 0..5).prop_map(AssertionPath::Details),
    ];
    let metric = prop::sample::select([Metric::All, Metric::Ok, Metric::Ko].as_slice());
    let stat = prop_oneof![
        prop::sample::select(
            [Stat::Min, Stat::Max, Stat::Mean, Stat::StandardDeviation].as_slice()
        ),
        value().prop_map(Stat::Percentile),
    ];
    let target = prop_oneof![
        metric.clone().prop_map(Target::Count),
        metric.prop_map(Target::Percent),
        stat.prop_map(Target::ResponseTime),
        Just(Target::MeanRequestsPerSecond),
    ];
    let condition = prop_oneof![
        value().prop_map(Condition::Lte),
        value().prop_map(Condition::Gte),
        value().prop_map(Condition::Lt),
        value().prop_map(Condition::Gt),
        value().prop_map(Condition::Is),
        (value(), value(), any::<bool>()).prop_map(|(lower, upper, inclusive)| {
            Condition::Between {
                lower,
                upper,
                inclusive,
            }
        }),
        prop::collection::vec(value(), 0..200).prop_map(Condition::In),
    ];
    (path, target, condition).prop_map(|(path, target, condition)| Assertion {
        path,
        target,
        condition,
    })
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(f64::INFINITY), -1e6..1e6]
}

/// A header with at least one scenario.
pub(crate) fn header() -> impl Strategy<Value = Header> {
    let version = prop::sample::select(["3.13.5", "3.16.0", "3.16.0-M1", "4.0"].as_slice());
    let assertions = prop::collection::vec(assertion(), 0..3);
    let scenarios = prop::collection::vec(name(), 1..4);
    (
        version,
        name(),
        0..253_402_300_800_000_i64,
        name(),
        scenarios,
        assertions,
    )
        .prop_map(
            |(version, simulation, start, description, scenarios, assertions)| Header {
                version: Version::parse(version).unwrap(),
                simulation,
                start,
                description,
                scenarios,
                assertions: assertions
                    .into_iter()
                    .map(|assertion| StoredAssertion {
                        bytes: assertion.to_bytes(),
                        decoded: Ok(assertion),
                    })
                    .collect(),
            },
        )
}
