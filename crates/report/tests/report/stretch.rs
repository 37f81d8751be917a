//! The figures of a stretch of a run are those of the result, as far as they ended in it.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use bfgg_report::{
    AgentClock, ClockDrift, Columns, Limits, ReportInput, Row, StretchFigures, Timing, build,
    stretch, stretch_of_logs,
};
use bfgg_stats::Figures;

use crate::common::{input, sample};

fn of(input: &ReportInput, from_ms: i64, until_ms: i64) -> (Figures, Vec<String>) {
    let never = AtomicBool::new(false);
    stretch_of_logs(&input.logs, Limits::default(), &(from_ms..until_ms), &never).unwrap()
}

fn add(sum: &mut BTreeMap<String, [u64; 3]>, rows: &[Row]) {
    for row in rows {
        let own = sum
            .entry(format!("{:?} {:?}", row.kind, row.path))
            .or_default();
        for (count, more) in own.iter_mut().zip([row.total, row.ok, row.ko]) {
            *count += more;
        }
    }
}

/// Samples of text and binary logs, alone and two together, with clocks that are off and drift.
fn inputs() -> Vec<ReportInput> {
    let log = |name: &str| sample(name).join("simulation.log");
    let mut apart = input(&[
        ("lab-1", log("3.16.0-agent1")),
        ("lab-2", log("3.16.0-agent2")),
    ]);
    apart.logs[0].offset_ms = 1_717;
    apart.logs[1].timing = Timing {
        clock: Some(AgentClock {
            offset_ms: 0.0,
            uncertainty_ms: 0.1,
            measured_ms: 0,
            drift: Some(ClockDrift {
                ppm: 150.0,
                uncertainty_ppm: 1.0,
            }),
        }),
        drift_from_ms: 0,
        released_after_ms: None,
    };
    let alone = ["3.13.5", "3.16.0"].map(|name| input(&[("lab-1", log(name))]));
    alone.into_iter().chain([apart]).collect()
}

#[test]
fn its_seconds_are_those_of_the_chart_and_add_up_to_the_result() {
    for input in inputs() {
        let report = build(input.clone()).unwrap();
        let start = i64::try_from(report.series.start_ms).unwrap();
        let (mut rows, mut errors) = (BTreeMap::new(), BTreeMap::new());
        for (at, point) in (0..).zip(&report.series.seconds) {
            let (figures, notes) = of(&input, start + at * 1000, start + at * 1000 + 1000);
            assert_eq!(notes, Vec::<String>::new());
            let StretchFigures {
                rows: own,
                errors: failed,
            } = stretch(&figures, &Columns::default(), 1);
            assert_eq!((own[0].ok, own[0].ko), (point.ok, point.ko), "second {at}");
            assert_eq!(own[0].per_second, (point.ok + point.ko) as f64);
            add(&mut rows, &own);
            for row in failed {
                *errors.entry(row.message).or_insert(0) += row.count;
            }
        }
        let mut all = BTreeMap::new();
        add(&mut all, &report.summary.rows);
        assert_eq!(rows, all);
        let messages = report.summary.errors.iter();
        let messages: BTreeMap<_, _> = messages
            .map(|row| (row.message.clone(), row.count))
            .collect();
        assert_eq!(errors, messages);

        // All of it has the result's percentiles and deviations as well.
        let (whole, _) = of(&input, i64::MIN, i64::MAX);
        assert_eq!(whole.all(), report.figures.all());
        assert_eq!(whole.requests().len(), report.figures.requests().len());
        let (none, _) = of(&input, start - 9_000, start);
        assert_eq!(none.all().count(), 0);
    }
}

#[test]
fn damaged_and_missing_logs_are_named_or_count_as_in_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(sample("3.16.0").join("simulation.log")).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let mut damaged = whole.clone();
    let middle = whole.len() / 2;
    damaged[middle..].fill(0xee);
    for path in [write("cut", &whole[..middle]), write("damaged", &damaged)] {
        let input = input(&[("lab-1", path)]);
        let report = build(input.clone()).unwrap();
        let (figures, notes) = of(&input, i64::MIN, i64::MAX);
        assert_eq!(figures.all(), report.figures.all());
        assert!(notes.is_empty(), "the result says it");
    }
    let good = write("good", &whole);
    for bad in [
        write("empty", b""),
        write("other", b"<html>"),
        folder.path().join("gone"),
    ] {
        let input = input(&[("lab-1", bad), ("lab-2", good.clone())]);
        let (figures, notes) = of(&input, i64::MIN, i64::MAX);
        assert!(figures.all().count() > 0);
        let [note] = &notes[..] else {
            panic!("{notes:?}")
        };
        assert!(
            note.starts_with("lab-1: ") && note.ends_with("missing here."),
            "{note}"
        );
    }
    let cancelled = AtomicBool::new(true);
    let none = stretch_of_logs(
        &input(&[("lab-1", good)]).logs,
        Limits::default(),
        &(0..i64::MAX),
        &cancelled,
    );
    assert!(none.is_none());
}
