//! The clocks of agents, and the start of a run, as the result shows them.

use bfgg_report::{
    AgentClock, ClockDrift, ClockStep, Report, ReportInput, RunClocks, RunStart, Timing, build,
    html, merge, table,
};

use crate::common::{Page, input, sample};

fn both() -> ReportInput {
    let log = |name: &str| sample(name).join("simulation.log");
    input(&[
        ("lab-1", log("3.16.0-agent1")),
        ("lab-2", log("3.16.0-agent2")),
    ])
}

fn clock(offset_ms: f64, drift: Option<ClockDrift>) -> AgentClock {
    AgentClock {
        offset_ms,
        uncertainty_ms: 0.3,
        measured_ms: 1_764_000_000_000,
        drift,
    }
}

fn with_clocks(held: bool) -> Report {
    let mut input = both();
    let drift = ClockDrift {
        ppm: 12.0,
        uncertainty_ppm: 1.5,
    };
    input.logs[0].timing = Timing {
        clock: Some(clock(0.2, None)),
        drift_from_ms: 0,
        released_after_ms: Some(0.6),
    };
    input.logs[1].timing = Timing {
        clock: Some(clock(300_000.0, Some(drift))),
        drift_from_ms: 0,
        released_after_ms: held.then_some(4.0),
    };
    input.clocks = RunClocks {
        start: Some(RunStart {
            held,
            spread_ms: held.then_some(3.4),
            uncertainty_ms: 1.6,
        }),
        steps: vec![ClockStep {
            agent: "lab-2".into(),
            index: 1,
            after_ms: 61_000,
            by_ms: -3_600_000,
            noticed_by_agent: true,
        }],
    };
    build(input).unwrap()
}

#[test]
fn offset_drift_and_spread_are_in_all_outputs() {
    let report = with_clocks(true);
    let summary = serde_json::to_value(&report.summary).unwrap();
    assert_eq!(summary["start"]["spread_ms"], 3.4);
    assert_eq!(summary["agents"][1]["clock"]["offset_ms"], 300_000.0);
    assert_eq!(summary["agents"][1]["clock"]["drift"]["ppm"], 12.0);
    assert_eq!(summary["agents"][1]["released_after_ms"], 4.0);
    assert_eq!(summary["clock_steps"][0]["by_ms"], -3_600_000);
    let page = html(&report);
    let text = Page::of(&page).text();
    for expected in [
        "started within 3.4 ms",
        "Their load was released within 3.4 ms ± 1.6 ms, by the controller's clock.",
        "5:00 ahead ± 0.3 ms",
        "+12.0 ± 1.5 ppm",
        "+4.0 ms",
        "The clock of lab-2 was set back by 1:00:00 at 00:01:01 of the run",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    let text = table(&report.summary, 120);
    assert!(text.contains("Clock of lab-2: 5:00 ahead ± 0.3 ms, drift +12.0 ± 1.5 ppm."));
    assert!(!text.contains("Clock of lab-1"), "it is nearly right");
    assert!(text.contains("! The clock of lab-2 was set back"));
}

#[test]
fn a_start_that_was_not_held_says_so() {
    let report = with_clocks(false);
    let text = Page::of(&html(&report)).text();
    assert!(text.contains("start not held") && text.contains("Start not held: not every agent"));
    assert!(!text.contains("Their load was released"));
    assert!(table(&report.summary, 200).contains("Start not held"));
    // Logs that no run of ours made have neither.
    let summary = serde_json::to_value(build(both()).unwrap().summary).unwrap();
    assert!(summary.get("start").is_none() && summary["agents"][0].get("clock").is_none());
}

#[test]
fn drift_moves_records_and_leaves_their_length() {
    let plain = build(both()).unwrap();
    let mut input = both();
    // A clock that is far too slow, from long before the log began.
    let drift = ClockDrift {
        ppm: -5000.0,
        uncertainty_ppm: 1.0,
    };
    let first = plain.figures.span().unwrap().start;
    for log in &mut input.logs {
        log.timing.clock = Some(clock(0.0, Some(drift)));
        log.timing.drift_from_ms = first - 1_000_000;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("simulation.log");
    let mut file = std::fs::File::create(&path).unwrap();
    merge(&input.logs, None, &mut file).unwrap();
    let moved = build(input).unwrap();
    // The merged log has it taken off.
    let merged = build(crate::common::input(&[("merged", path)])).unwrap();
    assert_eq!(merged.figures.span(), moved.figures.span());
    assert_eq!(merged.summary.rows, moved.summary.rows);
    let start = moved.figures.span().unwrap().start;
    assert!((start - first - 5000).abs() <= 1, "{} ms", start - first);
    assert_eq!(moved.times, plain.times);
    assert_eq!(moved.summary.rows[0].total, plain.summary.rows[0].total);
}
