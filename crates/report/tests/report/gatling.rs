//! Our figures are Gatling's to the digit. Its percentiles are estimates: those are checked against
//! the sorted times.

use std::collections::HashMap;

use bfgg_report::{Row, RowKind, Summary, Times};
use gatling_log::{Decoder, Record};
use serde_json::Value;

use crate::common::{report, sample};

fn expected(name: &str) -> Value {
    let text = std::fs::read_to_string(sample(name).join("expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Where Gatling has no figure (null) ours is 0.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(0.0)
}

fn assert_times(ours: &Times, gatling: &Value, what: &str) {
    let ours = [ours.min, ours.max, ours.mean, ours.std_dev].map(|ms| ms as f64);
    let gatling = ["min", "max", "mean", "std_dev"].map(|field| number(&gatling[field]));
    assert_eq!(ours, gatling, "{what}: min, max, mean, std_dev");
}

fn assert_row(ours: &Row, gatling: &Value, what: &str) {
    let kind = match ours.kind {
        RowKind::All => "all",
        RowKind::Group => "group",
        RowKind::Request => "request",
    };
    assert_eq!(gatling["kind"], kind, "{what}");
    assert_eq!(gatling["path"], Value::from(ours.path.clone()), "{what}");
    let counts = [ours.total, ours.ok, ours.ko].map(|count| count as f64);
    assert_eq!(
        counts,
        ["total", "ok", "ko"].map(|field| number(&gatling[field])),
        "{what}"
    );
    // Old versions do not round it.
    let per_second = (number(&gatling["per_second"]) * 100.0).round() / 100.0;
    assert_eq!(ours.per_second, per_second, "{what}");
    if let Some(percent) = gatling.get("percent_ko") {
        assert_eq!(ours.percent_ko, number(percent), "{what}");
    }
    assert_times(&ours.times, gatling, what);
    if let Some(times) = gatling.get("ok_only") {
        assert_times(&ours.ok_only, times, what);
        assert_times(&ours.ko_only, &gatling["ko_only"], what);
        assert_eq!(
            Value::from(ours.ranges.to_vec()),
            gatling["ranges"],
            "{what}"
        );
    }
}

fn assert_rows(summary: &Summary, gatling: &Value, what: &str) {
    let rows = gatling["rows"].as_array().unwrap();
    for (ours, gatling) in summary.rows.iter().zip(rows) {
        assert_row(ours, gatling, &format!("{what}, {:?}", ours.path));
    }
    assert_eq!(summary.rows.len(), rows.len(), "{what}");
}

fn assert_assertions(summary: &Summary, gatling: &Value, what: &str) {
    let rows = gatling["assertions"].as_array().unwrap();
    // Gatling's list leaves out those on paths the run does not have.
    let is_missing = |row: &&bfgg_report::AssertionRow| {
        row.note.as_deref() == Some("no request and no group has this path")
    };
    let ours = summary.assertions.iter().filter(|row| !is_missing(row));
    for (ours, gatling) in ours.clone().zip(rows) {
        assert_eq!(gatling["text"], ours.text.as_str(), "{what}");
        // Where Gatling's estimate falls on the other side of the bound, it is said.
        let other_side = ours.note.as_ref().map(|note| {
            let verdict = if ours.holds { "fail" } else { "hold" };
            let estimate = gatling["actual"].as_str().unwrap();
            let estimate = estimate.strip_suffix(".0").unwrap();
            let expected = format!(
                "by Gatling's own rule for percentiles, an estimate ({estimate} ms), it would {verdict}"
            );
            assert_eq!(*note, expected, "{what}: {}", ours.text);
        });
        assert_eq!(
            gatling["holds"],
            ours.holds != other_side.is_some(),
            "{what}: {}",
            ours.text
        );
        if !ours.text.contains("percentile") {
            let actual: f64 = gatling["actual"].as_str().unwrap().parse().unwrap();
            assert_eq!(ours.actual, actual, "{what}: {}", ours.text);
        }
    }
    assert_eq!(ours.count(), rows.len(), "{what}");
}

const WITH_ROWS: [&str; 11] = [
    "3.3.1",
    "3.5.1",
    "3.9.5",
    "3.11.5",
    "3.12.0",
    "3.12.0-edge",
    "3.13.5",
    "3.15.1",
    "3.16.0",
    "3.16.0-edge",
    "3.16.0-merged",
];

#[test]
fn one_log_gives_gatlings_figures() {
    for name in WITH_ROWS {
        let (summary, gatling) = (report(&[name]).summary, expected(name));
        assert_rows(&summary, &gatling, name);
        // Before 3.11 Gatling kept no list of all it had evaluated.
        if !["3.3.1", "3.5.1", "3.9.5"].contains(&name) {
            assert_assertions(&summary, &gatling, name);
        }
    }
}

/// Its 75th percentile of 5.75 ms is 6 ms, and not less than 6; ours is a time of the log, 5 ms.
#[test]
fn an_estimate_beyond_the_bound_is_noted() {
    let summary = report(&["3.12.0-edge"]).summary;
    let noted: Vec<_> = summary
        .assertions
        .iter()
        .filter(|row| row.holds)
        .filter_map(|row| Some((row.text.as_str(), row.actual, row.note.as_deref()?)))
        .collect();
    assert_eq!(
        noted,
        [(
            "Global: 75th percentile of response time is less than 6.0",
            5.0,
            "by Gatling's own rule for percentiles, an estimate (6 ms), it would fail"
        )]
    );
}

#[test]
fn each_agents_assertions_are_gatlings() {
    for name in ["3.16.0-agent1", "3.16.0-agent2"] {
        assert_assertions(&report(&[name]).summary, &expected(name), name);
    }
}

/// Gatling's figures are of one log made of the two.
#[test]
fn two_logs_give_gatlings_figures_of_the_merged_one() {
    for order in [
        ["3.16.0-agent1", "3.16.0-agent2"],
        ["3.16.0-agent2", "3.16.0-agent1"],
    ] {
        let (summary, gatling) = (report(&order).summary, expected("3.16.0-merged"));
        assert_rows(&summary, &gatling, "merged");
        assert_assertions(&summary, &gatling, "merged");
        assert_eq!(summary.notes, [""; 0]);
        let totals: Vec<u64> = summary.agents.iter().map(|agent| agent.total).collect();
        assert_eq!(totals.iter().sum::<u64>(), 1170);
        assert_eq!(
            summary
                .agents
                .iter()
                .map(|agent| agent.start_offset_ms)
                .min(),
            Some(0)
        );
    }
}

/// The same figures from the merged log and from its parts, percentiles too.
#[test]
fn the_parts_give_what_the_whole_gives() {
    let parts = report(&["3.16.0-agent1", "3.16.0-agent2"]);
    let whole = report(&["3.16.0-merged"]);
    assert_eq!(parts.summary.rows, whole.summary.rows);
    assert_eq!(parts.summary.errors, whole.summary.errors);
    assert_eq!(parts.summary.assertions, whole.summary.assertions);
    assert_eq!(parts.series, whole.series);
}

type TimesByPath = HashMap<(RowKind, Vec<String>), Vec<(u64, bool)>>;

/// All times of a log by path, with the outcome; a group's are the cumulated ones.
fn times_by_path(name: &str) -> TimesByPath {
    let mut times = TimesByPath::new();
    let mut decoder = Decoder::new();
    decoder.push(&std::fs::read(sample(name).join("simulation.log")).unwrap());
    while let Some(record) = decoder.next_record().unwrap() {
        let (kind, mut path, time, ok) = match record {
            Record::Request(request) => {
                let time = u64::from(request.end - request.start);
                times
                    .entry((RowKind::All, Vec::new()))
                    .or_default()
                    .push((time, request.ok));
                let groups = request.groups().names();
                let path: Vec<String> = groups.chain([request.name()]).map(str::to_owned).collect();
                (RowKind::Request, path, time, request.ok)
            }
            Record::Group(group) => {
                let path = group.groups().names().map(str::to_owned).collect();
                (RowKind::Group, path, u64::from(group.cumulated), group.ok)
            }
            _ => continue,
        };
        for name in &mut path {
            *name = name.replace(['\t', '\n', '\r'], " ");
        }
        times.entry((kind, path)).or_default().push((time, ok));
    }
    times
}

#[test]
fn percentiles_are_those_of_the_sorted_times() {
    for name in WITH_ROWS {
        let (summary, times) = (report(&[name]).summary, times_by_path(name));
        for row in &summary.rows {
            let times = &times[&(row.kind, row.path.clone())];
            let nearest_rank = |wanted: Option<bool>| {
                let mut sorted: Vec<u64> = times
                    .iter()
                    .filter(|(_, ok)| wanted.is_none_or(|wanted| wanted == *ok))
                    .map(|(time, _)| *time)
                    .collect();
                sorted.sort_unstable();
                [50, 75, 95, 99].map(|percent| {
                    let rank = (sorted.len() * percent).div_ceil(100);
                    rank.checked_sub(1).map_or(0, |index| sorted[index])
                })
            };
            for (ours, wanted) in [
                (&row.times, None),
                (&row.ok_only, Some(true)),
                (&row.ko_only, Some(false)),
            ] {
                let ours = [ours.p50, ours.p75, ours.p95, ours.p99];
                assert_eq!(
                    ours,
                    nearest_rank(wanted),
                    "{name}, {:?}, {wanted:?}",
                    row.path
                );
            }
        }
    }
}

#[test]
fn the_series_adds_up() {
    for name in WITH_ROWS {
        let report = report(&[name]);
        let (points, all) = (&report.series.seconds, &report.summary.rows[0]);
        assert_eq!(
            points.iter().map(|point| point.ok).sum::<u64>(),
            all.ok,
            "{name}"
        );
        assert_eq!(
            points.iter().map(|point| point.ko).sum::<u64>(),
            all.ko,
            "{name}"
        );
        // The users of some live for less than a second.
        assert!(
            ["3.3.1", "3.5.1", "3.12.0-edge", "3.16.0-edge"].contains(&name)
                || points.iter().any(|point| point.users > 0),
            "{name}"
        );
        assert_eq!(points.last().unwrap().users, 0, "{name}: every user ended");
        for (second, point) in (0..).zip(points) {
            assert_eq!(point.second, second, "{name}");
        }
    }
}
