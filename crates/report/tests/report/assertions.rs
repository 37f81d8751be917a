//! Assertions where not all is known, and of several logs.

use std::path::{Path, PathBuf};

use bfgg_report::{Limits, Report, build, junit, table};
use gatling_log::{
    Assertion, AssertionPath, Condition, Encoder, Header, Metric, Stat, StoredAssertion, Target,
    Version,
};
use tempfile::TempDir;

use crate::common::input;

fn varint(bytes: &mut Vec<u8>, text: &str) {
    assert!(text.len() < 128);
    bytes.push(text.len() as u8);
    bytes.extend(text.as_bytes());
}

/// As Gatling writes it.
fn stored(assertion: &Assertion) -> StoredAssertion {
    let metric = |metric: Metric| {
        [Metric::All, Metric::Ok, Metric::Ko]
            .iter()
            .position(|own| *own == metric)
    };
    let metric = |own: Metric| metric(own).unwrap() as u8 + 1;
    let mut bytes = vec![0];
    match &assertion.path {
        AssertionPath::Global => bytes.push(1),
        AssertionPath::ForAll => bytes.push(2),
        AssertionPath::Details(names) => {
            bytes.extend([3, 0, names.len() as u8]);
            names.iter().for_each(|name| varint(&mut bytes, name));
        }
    }
    match assertion.target {
        Target::Count(own) => bytes.extend([1, 0, metric(own)]),
        Target::Percent(own) => bytes.extend([2, 0, metric(own)]),
        Target::MeanRequestsPerSecond => bytes.push(4),
        Target::ResponseTime(stat) => {
            bytes.extend([3, 0, 1]);
            match stat {
                Stat::Min => bytes.push(1),
                Stat::Max => bytes.push(2),
                Stat::Mean => bytes.push(3),
                Stat::StandardDeviation => bytes.push(4),
                Stat::Percentile(percent) => {
                    bytes.extend([5, 0]);
                    bytes.extend(percent.to_le_bytes());
                }
            }
        }
    }
    let (number, bound) = match &assertion.condition {
        Condition::Lte(bound) => (1, bound),
        Condition::Gte(bound) => (2, bound),
        Condition::Lt(bound) => (3, bound),
        Condition::Gt(bound) => (4, bound),
        Condition::Is(bound) => (5, bound),
        other => panic!("{other:?}"),
    };
    bytes.extend([number, 0]);
    bytes.extend(bound.to_le_bytes());
    let decoded = Assertion::from_bytes(&bytes);
    assert_eq!(decoded.as_ref(), Ok(assertion));
    StoredAssertion { bytes, decoded }
}

fn unreadable(bytes: &[u8]) -> StoredAssertion {
    let decoded = Assertion::from_bytes(bytes);
    assert!(decoded.is_err());
    StoredAssertion {
        bytes: bytes.to_vec(),
        decoded,
    }
}

fn for_all(target: Target, condition: Condition) -> Assertion {
    Assertion {
        path: AssertionPath::ForAll,
        target,
        condition,
    }
}

fn global(target: Target, condition: Condition) -> Assertion {
    Assertion {
        path: AssertionPath::Global,
        target,
        condition,
    }
}

fn on(names: &[&str], condition: Condition) -> Assertion {
    Assertion {
        path: AssertionPath::Details(names.iter().map(|name| (*name).to_owned()).collect()),
        target: Target::Count(Metric::Ko),
        condition,
    }
}

/// A request: its name, its time in ms, whether it succeeded.
type Sent<'a> = (&'a str, u32, bool);

fn log<'a>(
    folder: &Path,
    name: &str,
    assertions: Vec<StoredAssertion>,
    requests: impl IntoIterator<Item = Sent<'a>>,
) -> PathBuf {
    let mut encoder = Encoder::new(&Header {
        version: Version::parse("3.16.0").unwrap(),
        simulation: "demo.Shop".to_owned(),
        start: 1_750_000_000_000,
        description: String::new(),
        scenarios: vec!["visitors".to_owned()],
        assertions,
    });
    for (index, (name, ms, ok)) in (0..).zip(requests) {
        encoder.request(&[], name, index..index + ms, ok, "");
    }
    let path = folder.join(name);
    std::fs::write(&path, encoder.take()).unwrap();
    path
}

/// The verdict of each row: its text, whether it holds and is undecided, its note.
fn verdicts(report: &Report) -> Vec<(&str, bool, bool, &str)> {
    let rows = report.summary.assertions.iter();
    rows.map(|row| {
        let note = row.note.as_deref().unwrap_or_default();
        (row.text.as_str(), row.holds, row.undecided, note)
    })
    .collect()
}

/// A report on one log under a cap on names.
fn capped(names: usize, assertion: &Assertion, requests: &[Sent<'_>]) -> Report {
    let folder = TempDir::new().unwrap();
    let path = log(
        folder.path(),
        "log",
        vec![stored(assertion)],
        requests.iter().copied(),
    );
    let mut input = input(&[("lab-1", path)]);
    input.limits = Limits {
        names,
        ..Limits::default()
    };
    build(input).unwrap()
}

/// Five that succeed have rows, one that failed and one that did not have none.
const SHOP: [Sent<'_>; 8] = [
    ("a", 10, true),
    ("b", 20, true),
    ("c", 20, true),
    ("d", 20, true),
    ("e", 20, true),
    ("fail 1", 30, false),
    ("fail 1", 30, false),
    ("good 1", 40, true),
];

/// What can be said of requests that have no row of their own, and nothing beyond that.
#[test]
fn requests_beyond_the_cap_are_never_left_out() {
    let (ko, ok, all) = (Metric::Ko, Metric::Ok, Metric::All);
    let (holds, fails, open) = ((true, false), (false, false), (false, true));
    let cases = [
        (Target::Count(ko), Condition::Lte(0.0), fails),
        (Target::Count(ko), Condition::Lte(1.0), open),
        (Target::Count(ko), Condition::Lte(2.0), holds),
        (Target::Count(ok), Condition::Lte(1.0), holds),
        (Target::Count(ok), Condition::Gte(1.0), open),
        (Target::Count(ok), Condition::Gte(2.0), fails),
        (Target::Count(all), Condition::Gte(1.0), holds),
        (Target::Percent(ko), Condition::Lt(50.0), open),
        (Target::Percent(ko), Condition::Gte(0.0), holds),
        (Target::Percent(all), Condition::Is(100.0), holds),
        (Target::ResponseTime(Stat::Max), Condition::Lt(40.0), fails),
        (Target::ResponseTime(Stat::Max), Condition::Lte(40.0), holds),
        (Target::ResponseTime(Stat::Min), Condition::Gte(30.0), holds),
        (Target::ResponseTime(Stat::Min), Condition::Gt(30.0), fails),
        (Target::ResponseTime(Stat::Mean), Condition::Lte(35.0), open),
        (
            Target::ResponseTime(Stat::Mean),
            Condition::Lte(40.0),
            holds,
        ),
        (
            Target::ResponseTime(Stat::Percentile(95.0)),
            Condition::Lt(35.0),
            open,
        ),
        (
            Target::ResponseTime(Stat::Percentile(95.0)),
            Condition::Lt(30.0),
            fails,
        ),
        (
            Target::ResponseTime(Stat::StandardDeviation),
            Condition::Lt(5.0),
            open,
        ),
        (
            Target::ResponseTime(Stat::StandardDeviation),
            Condition::Lte(5.0),
            holds,
        ),
        (Target::MeanRequestsPerSecond, Condition::Gte(1.0), holds),
        (Target::MeanRequestsPerSecond, Condition::Gte(2.0), open),
        (Target::MeanRequestsPerSecond, Condition::Gt(3.0), fails),
    ];
    for (target, condition, expected) in cases {
        let assertion = for_all(target, condition);
        let report = capped(5, &assertion, &SHOP);
        let rows = verdicts(&report);
        assert_eq!(rows.len(), 6);
        let (text, holds, undecided, note) = rows[5];
        assert!(text.starts_with("(other requests): "), "{text}");
        assert_eq!((holds, undecided), expected, "{assertion:?}: {note}");
        assert!(note.contains("beyond the cap on names (5)"), "{note}");
        assert_eq!(undecided, note.contains("--names"), "{note}");
        // What is said of all is what is true of each.
        let of_each = capped(100, &assertion, &SHOP);
        let truth = of_each.summary.assertions[5..].iter().all(|row| row.holds);
        assert!(undecided || truth == holds);
    }
}

/// The same in whichever log the names came first.
#[test]
fn rows_under_the_cap_are_whole() {
    let folder = TempDir::new().unwrap();
    let names: Vec<String> = (0..30).map(|n| format!("n{}", n % 15)).collect();
    let requests = |from: usize| {
        names[from..from + 15]
            .iter()
            .map(|name| (name.as_str(), 5, true))
    };
    let one = log(folder.path(), "one", vec![], requests(0));
    let two = log(folder.path(), "two", vec![], requests(7).chain(requests(3)));
    let rows = |logs: &[(&str, PathBuf)]| {
        let mut input = input(logs);
        input.limits.names = 5;
        let rows = build(input).unwrap().summary.rows;
        let mut rows: Vec<_> = rows
            .into_iter()
            .map(|row| (row.path.concat(), row.total))
            .collect();
        rows.sort();
        rows
    };
    let there = rows(&[("one", one.clone()), ("two", two.clone())]);
    assert_eq!(there, rows(&[("two", two), ("one", one)]));
    let kept = ["n0", "n1", "n2", "n3", "n4"].map(|name| (name.to_owned(), 3));
    let mut expected = vec![(String::new(), 45), ("(other requests)".to_owned(), 30)];
    expected.extend(kept);
    assert_eq!(there, expected);
}

#[test]
fn a_path_beyond_the_cap_is_not_said_to_be_absent() {
    let absent = "no request and no group has this path";
    let beyond =
        "it may be among those beyond the cap on names (5): a higher cap (bfgg report --names)";
    for (name, names, undecided, note) in [
        ("fail 1", 5, true, beyond),
        ("zzzzzzzz", 5, true, beyond),
        // It would have a row.
        ("A", 5, false, absent),
        ("zzzzzzzz", 10, false, absent),
    ] {
        let report = capped(names, &on(&[name], Condition::Lte(9.0)), &SHOP);
        let rows = verdicts(&report);
        assert_eq!((rows[0].1, rows[0].2), (false, undecided), "{name}");
        assert!(rows[0].3.contains(note), "{name}: {}", rows[0].3);
    }
}

#[test]
fn an_unreadable_assertion_is_an_error() {
    let folder = TempDir::new().unwrap();
    let good = stored(&global(Target::Count(Metric::Ko), Condition::Lte(0.0)));
    let path = log(
        folder.path(),
        "log",
        vec![good, unreadable(&[0, 9])],
        SHOP[..1].to_vec(),
    );
    let report = build(input(&[("lab-1", path)])).unwrap();
    let rows = verdicts(&report);
    assert_eq!((rows[0].1, rows[0].2), (true, false));
    assert_eq!(
        rows[1],
        (
            "assertion 2 of the simulation",
            false,
            true,
            "an assertion in the log's header cannot be read: byte 2 of it does not fit: whether it holds \
             is not known"
        )
    );
    let xml = junit(&report.summary);
    assert!(
        xml.contains(r#"tests="3" failures="0" errors="1""#),
        "{xml}"
    );
    assert!(
        xml.contains("<error message=\"an assertion in the log&apos;s header"),
        "{xml}"
    );
    let text = table(&report.summary, 120);
    assert!(
        text.contains("Assertions: 1 of 2 could not be decided\n"),
        "{text}"
    );
    assert!(
        text.contains("? OPEN   assertion 2 of the simulation (an assertion"),
        "{text}"
    );
}

/// Only steps are kept of 60,000 different times: a bound within one is not decided by its middle.
#[test]
fn percentiles_in_steps_decide_what_they_can() {
    let folder = TempDir::new().unwrap();
    let requests = (0..60_000).map(|n| ("home", 5_000 + n * 17, true));
    let exact = 5_000 + 59_399 * 17;
    let percentile =
        |bound: Condition| stored(&global(Target::ResponseTime(Stat::Percentile(99.0)), bound));
    let bounds = [-600, -1, 0, 1, 600].map(|off| f64::from(exact + off));
    let assertions = bounds
        .map(|bound| percentile(Condition::Lt(bound)))
        .to_vec();
    let path = log(folder.path(), "log", assertions, requests);
    let report = build(input(&[("lab-1", path)])).unwrap();
    let rows = verdicts(&report);
    let found: Vec<_> = rows.iter().map(|row| (row.1, row.2)).collect();
    let open = (false, true);
    // It is the last of its step of 512 ms.
    let (fails, holds) = ((false, false), (true, false));
    assert_eq!(found, [fails, open, open, holds, holds]);
    assert!(
        rows[1]
            .3
            .contains("too many different times to keep each: it lies between 1"),
        "{}",
        rows[1].3
    );
    assert_eq!(report.summary.rows[0].error_percent, 0.05);
    let text = table(&report.summary, 120);
    assert!(
        text.contains("± percentiles and ranges from 2048 ms on are at most 0.05 % off"),
        "{text}"
    );
}

/// Which log comes first decides nothing.
#[test]
fn logs_with_other_assertions_have_all_evaluated() {
    let folder = TempDir::new().unwrap();
    let shared = stored(&global(Target::Count(Metric::All), Condition::Gte(1.0)));
    let strict = stored(&global(Target::Count(Metric::Ko), Condition::Lte(0.0)));
    let more: Vec<_> = (0..5)
        .map(|n| {
            stored(&global(
                Target::Count(Metric::Ok),
                Condition::Gte(f64::from(n)),
            ))
        })
        .collect();
    let one = log(folder.path(), "a", vec![shared.clone()], SHOP[..1].to_vec());
    let two = log(
        folder.path(),
        "b",
        vec![strict, shared.clone()],
        SHOP.to_vec(),
    );
    let mut three = vec![shared.clone(), shared];
    three.extend(more);
    let three = log(folder.path(), "c", three, SHOP[..1].to_vec());
    let logs = [("a", one), ("b", two), ("c", three)];
    let verdict = |order: [usize; 3]| {
        let report = build(input(&order.map(|index| logs[index].clone()))).unwrap();
        let mut rows: Vec<_> = verdicts(&report)
            .iter()
            .map(|row| (row.0.to_owned(), row.1))
            .collect();
        rows.sort();
        (rows, report.summary.notes)
    };
    let (rows, notes) = verdict([0, 1, 2]);
    assert_eq!(rows.len(), 1 + 1 + 1 + 5);
    assert_eq!(rows.iter().filter(|(_, holds)| !holds).count(), 1);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(verdict(order).0, rows, "{order:?}");
    }
    assert_eq!(
        notes,
        [
            "the assertions differ: \"Global: count of failed events is less than or equal to 0.0\" is of \
             agent b, not of agent a, agent c; all are evaluated on all logs together",
            "the assertions differ: \"Global: count of all events is greater than or equal to 1.0\", \
             \"Global: count of successful events is greater than or equal to 0.0\", \"Global: count of \
             successful events is greater than or equal to 1.0\" and 3 more are of agent c, not of agent a, \
             agent b; all are evaluated on all logs together",
        ]
    );
}
