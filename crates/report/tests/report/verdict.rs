//! Each rule of the verdict: just under its limit, at it, just over it, and with gaps in the samples.

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
fn processors_are_at_their_limit_for_ten_seconds() {
    let all = |percent, count| seconds(0, count, move |_| cpu(percent));
    for (percent, count, found) in [
        (84.9, 60, false),
        (85.0, 9, false),
        (85.0, 10, true),
        (85.1, 10, true),
        (100.0, 9, false),
    ] {
        let verdict = load(&all(percent, count));
        let expected: &[_] = match found {
            true => &[(Level::Suspect, "cpu", Some(0), Some(10_000))],
            false => &[],
        };
        assert_eq!(short(&verdict), expected, "{percent} % for {count} s");
    }
    // A second below the limit ends the stretch.
    let dip = seconds(0, 19, |n| cpu(if n == 9 { 84.0 } else { 99.0 }));
    assert_eq!(codes(&load(&dip)), [""; 0]);
    let dip = seconds(0, 20, |n| cpu(if n == 9 { 84.0 } else { 99.0 }));
    assert_eq!(
        short(&load(&dip)),
        [(Level::Suspect, "cpu", Some(10_000), Some(20_000))]
    );
}

#[test]
fn a_stretch_bridges_short_gaps_and_no_long_ones() {
    // Missing: seconds 4 and 5, that is 3 s from sample to sample.
    let mut samples = seconds(0, 10, |_| cpu(90.0));
    samples.retain(|sample| ![4_000, 5_000].contains(&sample.at_ms));
    assert_eq!(codes(&load(&samples)), ["cpu"]);
    // One more: of 4 s nothing is known.
    let mut samples = seconds(0, 10, |_| cpu(90.0));
    samples.retain(|sample| ![4_000, 5_000, 6_000].contains(&sample.at_ms));
    assert_eq!(codes(&load(&samples)), [""; 0]);
    // Samples that lack the figure are gaps too, and repeated ones count once.
    let mut samples = seconds(0, 10, |n| {
        if n % 3 == 1 {
            Sample::default()
        } else {
            cpu(90.0)
        }
    });
    samples.extend(samples.clone());
    assert_eq!(codes(&load(&samples)), ["cpu"]);
}

#[test]
fn stretches_of_one_agent_are_one_finding() {
    let mut samples = seconds(190, 25, |_| cpu(91.0));
    samples.extend(seconds(300, 10, |_| cpu(97.0)));
    let verdict = load(&samples);
    let finding = &verdict.findings[0];
    assert_eq!(
        finding.text(),
        "lab-2: CPU 92.7 % 2 times between 00:03:10 and 00:05:10, for 35 s in all (limit 85 % for 10 s)"
    );
    assert!(finding.remedy.contains("more agents"));
    assert_eq!(
        (finding.from_ms, finding.to_ms),
        (Some(190_000), Some(310_000))
    );
}

#[test]
fn what_goes_on_has_no_end() {
    let thresholds = Thresholds::default();
    let samples = seconds(190, 25, |_| Sample {
        steal_percent: Some(20.0),
        ..cpu(91.0)
    });
    let at = |now_ms| {
        let watch = Some(Watch::of(&samples, &thresholds));
        let agent = AgentEvidence {
            watch,
            until_ms: now_ms,
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
    let live = at(Some(216_000));
    assert_eq!(
        live.findings[0].text(),
        "lab-2: CPU 91 %, of it 20 % taken by its host since 00:03:10, for 25 s so far \
         (limit 85 % for 10 s)"
    );
    assert_eq!(live.findings[0].to_ms, None);
    // Nothing came for more than 3 s, or the run has ended.
    assert_eq!(at(Some(218_001)).findings[0].to_ms, Some(215_000));
    assert_eq!(at(None).findings[0].to_ms, Some(215_000));
}

/// `gc` collects that many ms in each second.
fn collecting(count: u64, gc: impl Fn(u64) -> u64) -> Vec<Sample> {
    seconds(0, count, |n| Sample {
        gc_ms: Some(gc(n)),
        ..Sample::default()
    })
}

#[test]
fn garbage_collection_takes_more_than_its_share_of_a_window() {
    for (count, ms, found) in [
        (60, 50, false),
        (9, 55, false),
        (10, 51, true),
        (60, 51, true),
        (1, 500, false),
        (1, 501, true),
    ] {
        let verdict = load(&collecting(count, |_| ms));
        let expected: &[&str] = if found { &["gc"] } else { &[] };
        assert_eq!(codes(&verdict), expected, "{ms} ms in each of {count} s");
    }
    // A pause longer than the window takes all of it, no more.
    let stood = load(&collecting(40, |n| if n == 20 { 12_000 } else { 0 }));
    let text = stood.findings[0].text();
    assert!(text.contains("100 %"), "{text}");
    // The window slides: 504 ms within some ten seconds, in two of the full tens.
    let burst = |n| if (8..12).contains(&n) { 126 } else { 0 };
    assert_eq!(
        short(&load(&collecting(40, burst))),
        [(Level::Suspect, "gc", Some(11_000), Some(18_000))]
    );
    // What lies further apart is not one window.
    for (apart, found) in [(9, true), (10, false)] {
        let twice = |n| if n == 5 || n == 5 + apart { 260 } else { 0 };
        assert_eq!(
            !codes(&load(&collecting(40, twice))).is_empty(),
            found,
            "{apart} s"
        );
    }
    // Of a gap nothing is known: it adds nothing, and the window moves on over it.
    let mut samples = collecting(40, |n| if n == 5 || n == 18 { 300 } else { 0 });
    samples.retain(|sample| !(7_000..19_000).contains(&sample.at_ms));
    assert!(!codes(&load(&samples)).contains(&"gc"));
    let mut samples = collecting(40, |_| 80);
    samples.retain(|sample| !(12_000..20_000).contains(&sample.at_ms));
    assert!(codes(&load(&samples)).contains(&"gc"));
}

#[test]
fn figures_that_count_by_the_second() {
    let files = |open, limit| Sample {
        open_files: Some(open),
        open_files_limit: limit,
        ..Sample::default()
    };
    let ports = |used| Sample {
        ports_used: Some(used),
        ports_range: Some(28_232),
        ..Sample::default()
    };
    // A link of 1 Gbit/s carries 125 MB/s.
    let network = |rx, tx, link| Sample {
        rx_bytes_s: rx,
        tx_bytes_s: tx,
        link_bits_s: link,
        ..Sample::default()
    };
    let pause = |ms| Sample {
        gc_pause_ms: Some(ms),
        ..Sample::default()
    };
    let gbit = Some(1_000_000_000);
    for (sample, found) in [
        (pause(499), None),
        (pause(500), None),
        (pause(501), Some("gc-pause")),
        (files(819, Some(1024)), None),
        (files(800, Some(1000)), Some("open-files")),
        (files(801, Some(1000)), Some("open-files")),
        (files(799, Some(1000)), None),
        (files(10, Some(0)), None),
        (files(10_000, None), None),
        (ports(22_585), None),
        (ports(22_586), Some("local-ports")),
        (ports(28_232), Some("local-ports")),
        (network(Some(112_499_999), Some(1), gbit), None),
        (network(Some(112_500_000), None, gbit), Some("network")),
        (network(Some(1), Some(112_500_001), gbit), Some("network")),
        // Both directions have the whole link.
        (network(Some(100_000_000), Some(100_000_000), gbit), None),
        (network(Some(u64::MAX), None, None), None),
    ] {
        let verdict = load(&seconds(4, 1, |_| sample));
        let expected: Vec<_> = found
            .map(|code| (Level::Suspect, code, Some(4_000), Some(5_000)))
            .into_iter()
            .collect();
        assert_eq!(short(&verdict), expected, "{sample:?}");
    }
}

#[test]
fn the_sentences_of_the_load() {
    let all = |n: u64| Sample {
        gc_ms: Some(60 + n % 2),
        gc_pause_ms: Some(600 + n),
        open_files: Some(1640),
        open_files_limit: Some(2048),
        ports_used: Some(9_000),
        ports_range: Some(10_000),
        tx_bytes_s: Some(12_000_000),
        link_bits_s: Some(100_000_000),
        ..cpu(85.04)
    };
    let verdict = load(&seconds(0, 12, all));
    let texts: Vec<_> = verdict.findings.iter().map(VerdictFinding::text).collect();
    insta::assert_snapshot!(texts.join("\n"), @r"
    lab-2: CPU 85 % from 00:00:00 to 00:00:12, for 12 s (limit 85 % for 10 s)
    lab-2: garbage collection took 6 % of 10 s at most, from 00:00:08 to 00:00:12, for 4 s (limit 5 %)
    lab-2: a pause for garbage collection took 611 ms at 00:00:12 (limit 500 ms)
    lab-2: 80.1 % of the files it may open are open at most, from 00:00:00 to 00:00:12, for 12 s (limit 80 %)
    lab-2: 90 % of its local ports are in use at most, from 00:00:00 to 00:00:12, for 12 s (limit 80 %)
    lab-2: 96 % of what its network link carries are used at most, from 00:00:00 to 00:00:12, for 12 s (limit 90 %)
    ");
}

#[test]
fn a_machine_of_which_nothing_is_known_is_no_proof_of_anything() {
    let thresholds = Thresholds::default();
    let of = |samples: &[Sample], until| {
        let agent = AgentEvidence {
            watch: Some(Watch::of(samples, &thresholds)),
            until_ms: until,
            ..AgentEvidence::default()
        };
        judge(&one(agent), &thresholds)
    };
    let calm = |from, count| seconds(from, count, |_| cpu(20.0));
    for (samples, until, found) in [
        (vec![], Some(9_999), None),
        (vec![], Some(10_000), Some((0, 10_000))),
        (vec![], None, None),
        (calm(0, 20), Some(20_000), None),
        (calm(0, 20), Some(29_999), None),
        (calm(0, 20), Some(30_000), Some((20_000, 30_000))),
        (calm(9, 20), Some(29_000), None),
        (calm(10, 20), Some(30_000), Some((0, 10_000))),
        (
            [calm(0, 5), calm(14, 5), calm(24, 5)].concat(),
            Some(29_000),
            Some((5_000, 24_000)),
        ),
    ] {
        let verdict = of(&samples, until);
        let expected: Vec<_> = found
            .map(|(from, to)| (Level::Valid, "load-unknown", Some(from), Some(to)))
            .into_iter()
            .collect();
        assert_eq!(short(&verdict), expected, "{} to {until:?}", samples.len());
        assert_eq!(verdict.level, Level::Valid);
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
fn signs_of_exhausted_resources() {
    for (message, code) in [
        ("j.n.ConnectException: Connection refused", None),
        (
            "j.n.BindException: Cannot assign requested address",
            Some("ports-exhausted"),
        ),
        (
            "i.n.c.AbstractChannel$AnnotatedSocketException: Cannot assign requested address: /192.0.2.1:80",
            Some("ports-exhausted"),
        ),
        (
            "j.n.BindException: Can't assign requested address",
            Some("ports-exhausted"),
        ),
        (
            "j.n.BindException: Address already in use: connect",
            Some("ports-exhausted"),
        ),
        (
            "j.n.SocketException: Too many open files",
            Some("files-exhausted"),
        ),
        (
            "i.n.c.ChannelException: io.netty.channel.unix.Errors$NativeIoException: newSocketStream(..) \
             failed: Too many open files",
            Some("files-exhausted"),
        ),
        (
            "i.n.c.ChannelException: Failed to open a socket.",
            Some("files-exhausted"),
        ),
        (
            "j.l.OutOfMemoryError: Java heap space",
            Some("out-of-memory"),
        ),
        (
            "java.lang.OutOfMemoryError: GC overhead limit exceeded",
            Some("out-of-memory"),
        ),
        (
            "i.n.u.i.OutOfDirectMemoryError: failed to allocate 16 byte(s)",
            Some("out-of-memory"),
        ),
        (
            "java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory",
            Some("threads-exhausted"),
        ),
        // What the system under test says of itself.
        ("status.find.is(200), but actually found 500", None),
        (
            "bodyString.find.is(ok), but actually found java.lang.OutOfMemoryError",
            None,
        ),
        ("regex(error).find.not, found Too many open files", None),
        ("substring(OutOfMemoryError).find.not, found 1", None),
        (
            "substring(BindException).count.is(0), but actually found 2",
            None,
        ),
        // Options that name it.
        (
            "Picked up JAVA_TOOL_OPTIONS: -XX:+HeapDumpOnOutOfMemoryError",
            None,
        ),
    ] {
        let mut signs = Signs::default();
        signs.error(message, 3);
        let agent = AgentEvidence {
            signs: signs.seen(),
            ..AgentEvidence::default()
        };
        let verdict = judge(&one(agent), &Thresholds::default());
        let found = verdict.findings.first().map(|own| own.code.as_str());
        assert_eq!(found, code, "{message}");
        let level = if code.is_some() {
            Level::Invalid
        } else {
            Level::Valid
        };
        assert_eq!(verdict.level, level, "{message}");
    }
    let mut signs = Signs::default();
    signs.error("j.n.SocketException: Too many open files", 1200);
    signs.error("j.n.SocketException: Too many open files (2)", 1);
    for line in [
        "java.net.BindException: Address already in use",
        "Uncaught error: java.lang.OutOfMemoryError: Java heap space",
        "java.lang.OutOfMemoryError: Java heap space",
    ] {
        signs.output(line);
    }
    let evidence = Evidence {
        signs: signs.seen(),
        ..Evidence::default()
    };
    let verdict = judge(&evidence, &Thresholds::default());
    let texts: Vec<_> = verdict
        .findings
        .iter()
        .map(|own| own.text().replace('\u{202f}', "_"))
        .collect();
    assert_eq!(
        texts,
        [
            "no more files and connections could be opened: 1_201 × \"j.n.SocketException: Too many open \
             files\"",
            "the memory was used up: its output says \"Uncaught error: java.lang.OutOfMemoryError: Java \
             heap space\"",
        ]
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
