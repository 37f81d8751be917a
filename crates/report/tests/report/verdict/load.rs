//! The load of the machines.

use super::*;

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
fn the_longest_pause_is_shown_where_it_was() {
    let pauses = |at: &[u64]| {
        let at = at.to_vec();
        let sample = move |n| Sample {
            gc_pause_ms: Some(if at.contains(&n) { 700 + n } else { 501 }),
            ..Sample::default()
        };
        load(&seconds(0, 12, sample)).findings[0].sentence.clone()
    };
    assert_eq!(
        pauses(&[2, 4]),
        "a pause for garbage collection took 704 ms at 00:00:05 (limit 500 ms)"
    );
    let apart = |n| Sample {
        gc_pause_ms: Some(if n == 3 || n == 9 { 900 - n } else { 0 }),
        ..Sample::default()
    };
    assert_eq!(
        load(&seconds(0, 12, apart)).findings[0].sentence,
        "a pause for garbage collection took 897 ms at 00:00:04, the longest of 2 times between \
         00:00:03 and 00:00:10 (limit 500 ms)"
    );
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
