use bfgg_protocol::{Failure, FailureCode, LiveCounters, PeerId, RunEnd};
use bfgg_report::verdict::{Claim, LogTotals, Sign};

use super::*;
use crate::clock::Now;
use crate::run::judging::{LINE, claim, output_signs};
use crate::run::timeline;
use crate::run::{Chosen, Machine};

/// A run of two agents that started at 1 000 000.
fn run() -> Run {
    let spec = serde_json::from_value(serde_json::json!({"source": {"url": "x"}})).unwrap();
    let agents = ["a", "b"].map(|id| Chosen {
        id: PeerId::new(id),
        name: format!("lab-{id}"),
        host: id.into(),
    });
    let now = Now {
        mono: std::time::Duration::ZERO,
        wall_ms: 0,
    };
    let agents = agents.to_vec();
    let machine = Machine::new(spec, None, agents, "here".into(), |_| String::new(), now).unwrap();
    let mut run = machine.run().clone();
    run.started_ms = Some(1_000_000);
    for agent in &mut run.agents {
        agent.phase = Phase::Running;
    }
    run
}

fn end(run: &Run, exit: RunExit) -> RunEnd {
    let failure = matches!(exit, RunExit::Killed { .. } | RunExit::Failed { .. });
    RunEnd {
        run: run.id,
        exit,
        started_ms: 990_000,
        ended_ms: 1_042_500,
        console: Some(LiveCounters {
            run: run.id,
            elapsed_s: 40,
            ok: 7,
            ko: 3,
            users_active: 0,
            users_done: 1,
            users_waiting: 0,
        }),
        dead_man: false,
        log_bytes: Some(90),
        failure: failure.then(|| {
            Failure::new(
                FailureCode::GatlingFailed,
                "run",
                "Gatling was killed.",
                "See its log.",
            )
        }),
        probe: None,
    }
}

fn open(folder: &Path) -> Observed {
    Observed::open(folder, 2, &Thresholds::default())
}

fn at(at_ms: u64, cpu_percent: f32) -> Sample {
    let health = Health {
        cpu_percent,
        ..Health::default()
    };
    sample(at_ms, &health)
}

#[test]
fn processors_are_those_that_gatling_may_use() {
    for (cpu_percent, quota_percent, expected) in
        [(20.0, 0.0, 20.0), (20.0, 97.0, 97.0), (90.0, 30.0, 90.0)]
    {
        let health = Health {
            cpu_percent,
            quota_percent,
            ..Health::default()
        };
        assert_eq!(sample(1, &health).cpu_percent, Some(expected));
    }
}

#[test]
fn zero_is_what_an_agent_does_not_know() {
    let health = Health {
        cpu_percent: f32::NAN,
        open_files: 12,
        ports_used: 9,
        link_bits_s: 1_000,
        tx_bytes_s: 5,
        gc_ms: 3,
        ..Health::default()
    };
    assert_eq!(
        sample(7_000, &health),
        Sample {
            at_ms: 7_000,
            cpu_percent: Some(0.0),
            steal_percent: Some(0.0),
            gc_ms: Some(3),
            gc_pause_ms: Some(0),
            open_files: Some(12),
            open_files_limit: None,
            ports_used: Some(9),
            ports_range: None,
            rx_bytes_s: Some(0),
            tx_bytes_s: Some(5),
            link_bits_s: Some(1_000),
        }
    );
}

#[test]
fn a_measurement_that_is_told_again_counts_once() {
    let mut observed = open(Path::new("/nowhere"));
    let told = |at_ms, rx_bytes_s| {
        let health = Health {
            gc_ms: 30,
            rx_bytes_s,
            ..Health::default()
        };
        sample(at_ms, &health)
    };
    // 3 % of each second, told twice: at once as news, or late.
    for second in 1..=30 {
        for after_ms in [0, if second % 2 == 0 { 250 } else { 900 }] {
            observed.heard(0, &told(second * 1000 + after_ms, second));
        }
    }
    let evidence = observed.evidence(&run(), Some(31_000));
    let verdict = bfgg_report::verdict::judge(&evidence, &Thresholds::default());
    let codes = verdict.findings.iter().map(|own| own.code.as_str());
    assert!(!codes.clone().any(|code| code == "gc"), "{verdict:?}");
    // A machine that is the same for long is seen all the time.
    for at in 0..100 {
        observed.heard(1, &at_cpu(at * 250 + 250));
    }
    let evidence = observed.evidence(&run(), Some(26_000));
    let verdict = bfgg_report::verdict::judge(&evidence, &Thresholds::default());
    let first = verdict.findings.iter().find(|own| own.agent == "lab-b");
    assert_eq!(first.map(|own| own.code.as_str()), Some("cpu"));
}

fn at_cpu(at_ms: u64) -> Sample {
    at(at_ms, 99.0)
}

#[test]
fn what_gatling_does_after_its_load_does_not_count() {
    use bfgg_protocol::HealthSample;

    use crate::run::health::HealthFile;
    use crate::run::judging::recorded;

    let folder = tempfile::tempdir().unwrap();
    let mut run = run();
    run.folder = folder.path().display().to_string();
    let sample = |second: u64| HealthSample {
        at_ms: 1_000_000 + second * 1000,
        health: Health {
            cpu_percent: if second > 20 { 100.0 } else { 50.0 },
            ..Health::default()
        },
    };
    let samples: Vec<_> = (1..=60).map(sample).collect();
    HealthFile::of(folder.path(), 0).add(0, &samples);
    let thresholds = Thresholds::default();
    let found = |until_ms| {
        let watch = recorded(&run, &run.agents[0], until_ms, &thresholds);
        let evidence = Evidence {
            agents: vec![AgentEvidence {
                watch,
                until_ms,
                ..AgentEvidence::default()
            }],
            ..Evidence::default()
        };
        let verdict = bfgg_report::verdict::judge(&evidence, &thresholds);
        let codes = verdict.findings.into_iter().map(|found| found.code);
        codes.collect::<Vec<_>>()
    };
    assert_eq!(found(None), ["cpu"]);
    assert_eq!(found(Some(35_000)), ["cpu"]);
    // Its log ends here: then it makes a report of its own.
    assert_eq!(found(Some(20_400)), [] as [&str; 0]);
}

#[test]
fn an_absence_begins_with_the_last_word_and_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut observed = open(folder.path());
    let mut run = run();
    for second in 1..=20 {
        observed.heard(1, &at(second * 1000, 99.0));
        observed.look(&run, second * 1000 + 100);
    }
    run.agents[1].phase = Phase::Lost;
    observed.look(&run, 32_100);
    observed.look(&run, 33_100);
    observed.keep(folder.path());

    let mut observed = open(folder.path());
    let of = |observed: &Observed, run: &Run| {
        let evidence = observed.evidence(run, Some(33_100));
        evidence.agents[1].absences.clone()
    };
    let absence = |to_ms| Absence {
        from_ms: 20_000,
        to_ms,
    };
    assert_eq!(of(&observed, &run), [absence(None)]);
    let thresholds = Thresholds::default();
    let verdict = bfgg_report::verdict::judge(&observed.evidence(&run, None), &thresholds);
    let codes: Vec<_> = verdict
        .findings
        .iter()
        .map(|own| own.code.as_str())
        .collect();
    assert_eq!(codes, ["agent-lost", "cpu"]);
    run.agents[1].phase = Phase::Running;
    observed.look(&run, 40_000);
    assert_eq!(of(&observed, &run), [absence(Some(40_000))]);
    // What somebody has damaged is not read, and nobody else's agents are.
    std::fs::write(folder.path().join(FILE), b"{\"agents\": 3}").unwrap();
    assert_eq!(of(&open(folder.path()), &run), []);
    observed.heard(7, &at(1, 0.0));
}

#[test]
fn loads_that_end_before_they_should() {
    let mut run = run();
    let ended = |run: &Run, offset_ms: i32| {
        let mut run = run.clone();
        run.agents[0].clock = Some(bfgg_report::AgentClock {
            offset_ms: f64::from(offset_ms),
            uncertainty_ms: 0.0,
            measured_ms: 0,
            drift: None,
        });
        let evidence =
            Observed::open(Path::new("/nowhere"), 2, &Thresholds::default()).evidence(&run, None);
        let first = evidence.agents.into_iter().next().unwrap();
        (
            first.ended_early.map(|early| (early.at_ms, early.how)),
            first.until_ms,
        )
    };
    assert_eq!(ended(&run, 0), (None, None));
    for (exit, early) in [
        (RunExit::Success, None),
        (RunExit::AssertionsFailed, None),
        (RunExit::Stopped, None),
        (RunExit::MaxDuration, None),
        (RunExit::Killed { signal: 9 }, Some("Gatling was killed")),
        (RunExit::Failed { status: 1 }, Some("Gatling was killed")),
        (RunExit::NotStarted, Some("its load ended")),
    ] {
        run.agents[0].end = Some(end(&run, exit.clone()));
        let expected = early.map(|how| (Some(42_500), how.to_owned()));
        assert_eq!(ended(&run, 0), (expected, Some(42_500)), "{exit:?}");
    }
    // Nobody has asked for the end of a load that heard its controller no more.
    run.agents[0].end = Some(RunEnd {
        dead_man: true,
        ..end(&run, RunExit::Stopped)
    });
    let early = (Some(42_500), "its load ended".to_owned());
    assert_eq!(ended(&run, 0).0, Some(early));
    // Its clock is 2 s ahead.
    assert_eq!(ended(&run, 2_000).1, Some(40_500));
    run.agents[0].end = None;
    run.agents[0].phase = Phase::Lost;
    assert_eq!(ended(&run, 0).0, None, "it may well go on");
    run.agents[0].phase = Phase::Failed;
    run.agents[0].failure = Some(Failure::new(FailureCode::RunLost, "run", "It is gone.", ""));
    assert_eq!(ended(&run, 0).0, Some((None, "It is gone".to_owned())));
}

#[test]
fn what_an_agent_says_of_its_log() {
    let mut run = run();
    let told = timeline::Told {
        tells: true,
        to: 80,
        ended: false,
        cells: 4,
        times: Default::default(),
    };
    assert_eq!(
        claim(&run.agents[0], None),
        Claim {
            agent: "lab-a".into(),
            peer: "a".into(),
            was_cut: true,
            ..Claim::default()
        }
    );
    for (exit, is_last, was_cut) in [
        (RunExit::Success, true, false),
        (RunExit::AssertionsFailed, true, false),
        (RunExit::Stopped, false, false),
        (RunExit::MaxDuration, false, false),
        (RunExit::Killed { signal: 9 }, false, true),
        (RunExit::Failed { status: 1 }, false, true),
    ] {
        run.agents[0].end = Some(end(&run, exit.clone()));
        let claim = claim(&run.agents[0], Some(&told));
        assert_eq!(
            (claim.console_is_last, claim.was_cut),
            (is_last, was_cut),
            "{exit:?}"
        );
        assert_eq!(claim.written_bytes, Some(90));
        assert_eq!(claim.console, Some(LogTotals { ok: 7, ko: 3 }));
        let told = claim.told.unwrap();
        assert_eq!((told.cells, told.to_byte, told.all), (4, 80, false));
    }
    let silent = timeline::Told::default();
    assert_eq!(claim(&run.agents[0], Some(&silent)).told, None);
}

#[test]
fn clocks_that_jump_within_the_run_alone_count() {
    let mut observed = open(Path::new("/nowhere"));
    let (first, second) = (InstanceId::new(), InstanceId::new());
    let jump = |number, by_ms| {
        Some(protocol::ClockJump {
            number,
            at_ms: 0,
            by_ms,
        })
    };
    for (instance, jump, at_ms) in [
        // It jumped before this run, and before the start.
        (&first, jump(3, 1), None),
        (&first, jump(4, 2), None),
        (&first, jump(4, 2), Some(100)),
        (&first, jump(5, 3), Some(200)),
        (&first, jump(5, 3), Some(300)),
        // Started again, without a jump, and with one.
        (&second, None, Some(400)),
        (&second, jump(1, -4), Some(500)),
    ] {
        observed.clock(0, instance, jump, at_ms);
    }
    let jumps = observed.evidence(&run(), None).agents[0]
        .clock_jumps
        .clone();
    let jumps: Vec<_> = jumps.iter().map(|jump| (jump.at_ms, jump.by_ms)).collect();
    assert_eq!(jumps, [(200, 3), (500, -4)]);
}

#[test]
fn output_is_looked_through_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("output.log");
    assert_eq!(output_signs(&file), []);
    let mut output = vec![b'x'; 3 * LINE as usize];
    output.extend(
        b"\n\xff\xfe Exception in thread \"main\" java.lang.OutOfMemoryError: Java heap space\n",
    );
    output.extend(b"> j.n.SocketException: Too many open files      12 (1.5%)\nthe end");
    std::fs::write(&file, output).unwrap();
    let signs: Vec<_> = output_signs(&file)
        .iter()
        .map(|seen| (seen.sign, seen.count))
        .collect();
    assert_eq!(signs, [(Sign::Files, 1), (Sign::Memory, 1)]);
}
