//! Each rule of the verdict: just under its limit, at it, just over it, and with gaps in the samples.

mod load;
mod signs;

use bfgg_report::verdict::{
    Absence, AgentEvidence, ClockJump, EndedEarly, Evidence, Rates, Sample, Signs, Watch, judge,
};
use bfgg_report::{Proof, ProofState, Thresholds, Verdict, VerdictFinding, VerdictLevel as Level};

/// A sample each second, from `from` on; `of` gets the number of each.
fn seconds(from: u64, count: u64, of: impl Fn(u64) -> Sample) -> Vec<Sample> {
    let sample = |n| Sample {
        at_ms: (from + n + 1) * 1000,
        ..of(n)
    };
    (0..count).map(sample).collect()
}

fn cpu(percent: f64) -> Sample {
    Sample {
        cpu_percent: Some(percent),
        ..Sample::default()
    }
}

fn one(agent: AgentEvidence) -> Evidence {
    Evidence {
        agents: vec![AgentEvidence {
            name: "lab-2".to_owned(),
            // Somebody has watched it.
            watch: agent.watch.clone().or_else(|| Some(Watch::default())),
            ..agent
        }],
        ..Evidence::default()
    }
}

/// Of a run that has ended.
fn load(samples: &[Sample]) -> Verdict {
    let thresholds = Thresholds::default();
    let watch = Some(Watch::of(samples, &thresholds));
    judge(
        &one(AgentEvidence {
            watch,
            ..AgentEvidence::default()
        }),
        &thresholds,
    )
}

/// Level, code and times of each finding.
fn short(verdict: &Verdict) -> Vec<(Level, &str, Option<u64>, Option<u64>)> {
    let findings = verdict.findings.iter();
    findings
        .map(|own| (own.level, own.code.as_str(), own.from_ms, own.to_ms))
        .collect()
}

fn codes(verdict: &Verdict) -> Vec<&str> {
    verdict
        .findings
        .iter()
        .map(|own| own.code.as_str())
        .collect()
}

#[test]
fn a_run_without_a_request_has_measured_nothing() {
    for (requests, expected) in [
        (None, None),
        (Some(1), None),
        (Some(0), Some("no request was logged")),
    ] {
        let evidence = Evidence {
            requests,
            ..one(AgentEvidence::default())
        };
        let verdict = judge(&evidence, &Thresholds::default());
        let reason = verdict.reasons().next();
        assert_eq!(reason.map(|own| own.sentence.as_str()), expected);
        if let Some(own) = reason {
            assert_eq!(
                (own.level, own.code.as_str()),
                (Level::Suspect, "no-requests")
            );
            assert!(!own.remedy.is_empty());
        }
    }
}

#[test]
fn agents_that_are_lost_or_end_early() {
    let thresholds = Thresholds::default();
    let absence = |to_ms| Absence {
        from_ms: 61_000,
        to_ms,
    };
    let lost = |to_ms, now_ms| {
        let agent = AgentEvidence {
            absences: vec![absence(to_ms)],
            ..AgentEvidence::default()
        };
        judge(
            &Evidence {
                now_ms,
                ..one(agent)
            },
            &thresholds,
        )
    };
    let texts = |verdict: &Verdict| (verdict.level, verdict.findings[0].text());
    assert_eq!(
        texts(&lost(None, Some(80_500))),
        (
            Level::Suspect,
            "lab-2: it is not heard since 00:01:01, for 19 s so far".to_owned()
        )
    );
    assert_eq!(
        texts(&lost(None, None)),
        (
            Level::Suspect,
            "lab-2: it was not heard any more from 00:01:01 on".to_owned()
        )
    );
    let back = "lab-2: it was not heard from 00:01:01 to 00:01:31, for 30 s".to_owned();
    // One that is back is a remark in the run, and at its end if its log is proved to be whole.
    assert_eq!(
        texts(&lost(Some(91_000), Some(95_000))),
        (Level::Valid, back.clone())
    );
    assert_eq!(texts(&lost(Some(91_000), None)), (Level::Suspect, back));
    // Its log came late, and is whole.
    let late = AgentEvidence {
        absences: vec![absence(None)],
        proof: Some(Proof {
            state: ProofState::Complete,
            ..Proof::default()
        }),
        ..AgentEvidence::default()
    };
    assert_eq!(
        texts(&judge(&one(late), &thresholds)),
        (
            Level::Valid,
            "lab-2: it was not heard any more from 00:01:01 on".to_owned()
        )
    );

    let early = AgentEvidence {
        ended_early: Some(EndedEarly {
            at_ms: Some(42_000),
            how: "Gatling was killed by signal 9".to_owned(),
            remedy: "See the kernel's log.".to_owned(),
        }),
        ..AgentEvidence::default()
    };
    assert_eq!(
        texts(&judge(&one(early), &thresholds)),
        (
            Level::Suspect,
            "lab-2: Gatling was killed by signal 9 at 00:00:42: from then on its part of the load is \
             missing"
                .to_owned()
        )
    );
}

#[test]
fn clocks_that_are_set() {
    let of = |jumps: &[i64]| {
        let jumps = jumps.iter().zip(1..);
        let clock_jumps = jumps.map(|(by_ms, n)| ClockJump {
            at_ms: n * 10_000,
            by_ms: *by_ms,
        });
        let agent = AgentEvidence {
            clock_jumps: clock_jumps.collect(),
            ..AgentEvidence::default()
        };
        judge(&one(agent), &Thresholds::default())
    };
    assert_eq!(codes(&of(&[])), [""; 0]);
    assert_eq!(codes(&of(&[99, -100, 100])), [""; 0]);
    assert_eq!(
        of(&[50, 101]).findings[0].text(),
        "lab-2: its clock was set forward by 101 ms at 00:00:20 (limit 100 ms)"
    );
    assert_eq!(
        of(&[200, -3_600_000, i64::MIN + 1]).findings[0]
            .text()
            .split(" back by ")
            .next(),
        Some("lab-2: its clock was set 3 times, the farthest")
    );
}

#[test]
fn starts_and_rates_that_are_apart() {
    let thresholds = Thresholds::default();
    let spread = |ms| {
        judge(
            &Evidence {
                spread_ms: Some(ms),
                ..Evidence::default()
            },
            &thresholds,
        )
    };
    assert_eq!(codes(&spread(999)), [""; 0]);
    assert_eq!(codes(&spread(1000)), [""; 0]);
    assert_eq!(
        short(&spread(1001)),
        [(Level::Suspect, "start-spread", Some(0), Some(1001))]
    );

    // 100 requests/s over the whole run.
    let rates = |whole_s: u64, steady| {
        let rates = Rates {
            requests: whole_s * 100,
            whole_ms: whole_s * 1000,
            steady,
        };
        judge(
            &Evidence {
                rates: Some(rates),
                ..Evidence::default()
            },
            &thresholds,
        )
    };
    for (whole_s, steady, found) in [
        (60, Some((105.0, 50_000)), false),
        (60, Some((105.01, 50_000)), true),
        (60, Some((95.0, 50_000)), false),
        (60, Some((94.99, 50_000)), true),
        // Its whole seconds alone do not count, nor do runs that are too short to say.
        (60, Some((150.0, 58_000)), false),
        (60, Some((150.0, 57_999)), true),
        (29, Some((150.0, 10_000)), false),
        (30, Some((150.0, 10_000)), true),
        (30, None, true),
        (29, None, false),
        (0, None, false),
    ] {
        let verdict = rates(whole_s, steady);
        let expected: &[&str] = if found { &["rates-apart"] } else { &[] };
        assert_eq!(codes(&verdict), expected, "{whole_s} s, {steady:?}");
    }
    assert_eq!(
        rates(60, Some((111.5, 50_000))).findings[0].text(),
        "100 requests/s over the whole run, 111.50 in the 50 s in which all agents made load: 11.5 % \
         apart (limit 5 %)"
    );
}

#[test]
fn limits_are_settings() {
    let strict = Thresholds {
        cpu_percent: 10.0,
        window_ms: 3_000,
        ..Thresholds::default()
    };
    let off = Thresholds {
        cpu_percent: f64::INFINITY,
        spread_ms: u64::MAX,
        rates_percent: f64::INFINITY,
        ..Thresholds::default()
    };
    let samples = seconds(0, 3, |_| cpu(11.0));
    let of = |thresholds: &Thresholds, samples: &[Sample]| {
        let agent = AgentEvidence {
            watch: Some(Watch::of(samples, thresholds)),
            ..AgentEvidence::default()
        };
        let evidence = Evidence {
            spread_ms: Some(1 << 40),
            rates: Some(Rates {
                requests: 1 << 20,
                whole_ms: 100_000,
                steady: None,
            }),
            ..one(agent)
        };
        let verdict = judge(&evidence, thresholds);
        verdict
            .findings
            .iter()
            .map(|own| own.code.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of(&strict, &samples),
        ["cpu", "start-spread", "rates-apart"]
    );
    assert_eq!(of(&off, &seconds(0, 60, |_| cpu(100.0))), [""; 0]);
}

#[test]
fn the_worst_comes_first_and_the_rest_is_counted() {
    let mut signs = Signs::default();
    signs.output("java.lang.OutOfMemoryError: Java heap space");
    let mut agents: Vec<AgentEvidence> = (0..50)
        .map(|n| AgentEvidence {
            name: format!("lab-{n}"),
            watch: Some(Watch::of(
                &seconds(0, 10, |_| cpu(99.0)),
                &Thresholds::default(),
            )),
            ..AgentEvidence::default()
        })
        .collect();
    agents[49].signs = signs.seen();
    let evidence = Evidence {
        agents,
        ..Evidence::default()
    };
    let verdict = judge(&evidence, &Thresholds::default()).with_at_most(20);
    assert_eq!(verdict.level, Level::Invalid);
    assert_eq!((verdict.findings.len(), verdict.more), (20, 31));
    assert_eq!(verdict.findings[0].agent, "lab-49");
    assert_eq!(verdict.findings[1].agent, "lab-0");
    // What was kept of a run goes on where it ended.
    let thresholds = Thresholds::default();
    let half = Watch::of(&seconds(0, 5, |_| cpu(99.0)), &thresholds);
    let json = serde_json::to_string(&half).unwrap();
    let mut watch = serde_json::from_str::<Watch>(&json)
        .unwrap()
        .resumed(&thresholds);
    for sample in seconds(5, 5, |_| cpu(99.0)) {
        watch.take(&sample);
    }
    assert_eq!(
        watch,
        Watch::of(&seconds(0, 10, |_| cpu(99.0)), &thresholds)
    );
}
