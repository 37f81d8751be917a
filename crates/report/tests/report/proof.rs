//! What proves that a log is whole: the log itself, and what the agent says of it.

use bfgg_report::verdict::{AgentEvidence, Claim, Evidence, LogTold, LogTotals};
use bfgg_report::{Proof, ProofState, Report, Thresholds, VerdictLevel, build};

use crate::common::{input, report, sample};

/// What the console of the sample 3.16.0-agent1 has counted, and its log has.
const COUNTED: LogTotals = LogTotals { ok: 294, ko: 96 };
const BYTES: u64 = 13_290;

fn claim() -> Claim {
    Claim {
        agent: "lab-1".to_owned(),
        written_bytes: Some(BYTES),
        console: Some(COUNTED),
        console_is_last: true,
        ..Claim::default()
    }
}

/// As a run of ours judges them.
fn judged(mut report: Report, claims: &[Claim]) -> Report {
    let agents = claims.iter().map(|claim| AgentEvidence {
        name: claim.agent.clone(),
        ..AgentEvidence::default()
    });
    let evidence = Evidence {
        agents: agents.collect(),
        ..Evidence::default()
    };
    report.judge(claims, evidence, &Thresholds::default());
    report
}

fn one(claim: Claim) -> (Proof, VerdictLevel, String) {
    let report = judged(report(&["3.16.0-agent1"]), &[claim]);
    let verdict = report.summary.verdict.unwrap();
    let codes = verdict
        .findings
        .iter()
        .filter(|own| own.code != "load-unknown");
    let code = codes.map(|own| own.code.clone()).next().unwrap_or_default();
    (report.summary.proofs[0].clone(), verdict.level, code)
}

#[test]
fn the_log_the_bytes_and_the_console_agree_or_something_is_missing() {
    let less = LogTotals { ok: 293, ko: 96 };
    let more = LogTotals { ok: 294, ko: 97 };
    let by_itself = claim();
    let stopped = |console| Claim {
        console,
        console_is_last: false,
        ..claim()
    };
    let killed = |console| Claim {
        was_cut: true,
        ..stopped(console)
    };
    use ProofState::{Complete, Differs, Incomplete, NotProved};
    use VerdictLevel::{Invalid, Valid};
    for (claim, state, level, code, says) in [
        (by_itself.clone(), Complete, Valid, "", ""),
        (
            Claim {
                console: Some(less),
                ..by_itself.clone()
            },
            Differs,
            Invalid,
            "console-differs",
            "has counted 293 OK and 96 KO, its log has 294 OK and 96 KO",
        ),
        (
            Claim {
                console: Some(more),
                ..by_itself.clone()
            },
            Differs,
            Invalid,
            "console-differs",
            "294 OK and 97 KO, its log",
        ),
        (
            Claim {
                written_bytes: Some(BYTES + 1),
                ..by_itself.clone()
            },
            Incomplete,
            Invalid,
            "log-incomplete",
            "13_291 bytes of its log were written, 13_290 are here",
        ),
        (
            Claim {
                console: None,
                ..by_itself
            },
            NotProved,
            Valid,
            "not-proved",
            "has told no totals",
        ),
        (stopped(Some(COUNTED)), Complete, Valid, "", ""),
        (
            stopped(Some(less)),
            NotProved,
            Valid,
            "not-proved",
            "stopped before its console had told its last totals",
        ),
        (
            stopped(Some(more)),
            Incomplete,
            Invalid,
            "log-incomplete",
            "96 KO before it was ended",
        ),
        // What it did after its console told these is not known.
        (
            killed(Some(COUNTED)),
            NotProved,
            Valid,
            "not-proved",
            "did not end by itself",
        ),
        (
            killed(Some(less)),
            NotProved,
            Valid,
            "not-proved",
            "did not end by itself",
        ),
        (
            killed(Some(more)),
            Incomplete,
            Invalid,
            "log-incomplete",
            "before it was ended",
        ),
        (killed(None), NotProved, Valid, "not-proved", "no totals"),
    ] {
        let says = says.replace("96 KO before", "97 KO before");
        let (proof, found, finding) = one(claim.clone());
        assert_eq!(
            (proof.state, found, finding.as_str()),
            (state, level, code),
            "{claim:?}"
        );
        let reason = proof.reason.replace('\u{202f}', "_");
        assert!(reason.contains(&says), "{says:?} is not in {reason:?}");
        assert_eq!(reason.is_empty(), state == Complete);
    }
}

#[test]
fn what_an_agent_says_stands_beside_what_its_log_has() {
    let told = LogTold {
        cells: 12,
        to_byte: 13_000,
        all: false,
    };
    let (proof, ..) = one(Claim {
        told: Some(told),
        ..claim()
    });
    assert_eq!(
        proof,
        Proof {
            agent: "lab-1".to_owned(),
            peer: String::new(),
            // Live figures that lack something are no flaw of the log.
            state: ProofState::Complete,
            reason: String::new(),
            records: Some(660),
            written_bytes: Some(BYTES),
            fetched_bytes: Some(BYTES),
            decoded_bytes: Some(BYTES),
            requests: Some(COUNTED),
            console: Some(COUNTED),
            told: Some(told),
        }
    );
}

#[test]
fn agents_without_a_log_are_named() {
    let without = |peer: &str, written_bytes, missing: &str| Claim {
        agent: peer.to_owned(),
        peer: peer.to_owned(),
        written_bytes,
        missing: missing.to_owned(),
        ..Claim::default()
    };
    let claims = [
        claim(),
        without("gone", None, "it is not heard any more"),
        without("idle", Some(0), ""),
        without("kept", Some(4096), "its disk fails"),
        Claim {
            console: Some(LogTotals { ok: 1200, ko: 3 }),
            ..without("wrote", Some(0), "")
        },
    ];
    let summary = judged(report(&["3.16.0-agent1"]), &claims).summary;
    let states: Vec<_> = summary
        .proofs
        .iter()
        .map(|own| (own.state, own.reason.as_str()))
        .collect();
    assert_eq!(
        states,
        [
            (ProofState::Complete, ""),
            (
                ProofState::NotProved,
                "there is no log of it: it is not heard any more"
            ),
            (ProofState::NotProved, "Gatling has logged nothing"),
            (
                ProofState::Incomplete,
                "its log of 4\u{202f}096 bytes is not here: its disk fails"
            ),
            (
                ProofState::Incomplete,
                "Gatling's console has counted 1\u{202f}200 OK and 3 KO, but there is no log"
            ),
        ]
    );
    assert_eq!(summary.verdict.unwrap().level, VerdictLevel::Invalid);
}

#[test]
fn a_log_copied_by_hand_is_cut_or_not() {
    let whole = std::fs::read(sample("3.16.0-agent1").join("simulation.log")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("simulation.log");
    for (length, state, decoded) in [
        (whole.len(), ProofState::NotProved, BYTES),
        // In the middle of the last record.
        (whole.len() - 3, ProofState::Incomplete, 0),
    ] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let mut input = input(&[("lab-1", path.clone())]);
        input.run = String::new();
        let summary = build(input).unwrap().summary;
        let proof = &summary.proofs[0];
        assert_eq!(proof.state, state, "{length}");
        assert_eq!(proof.fetched_bytes, Some(length as u64));
        assert_eq!((proof.console, proof.written_bytes), (None, None));
        let verdict = summary.verdict.unwrap();
        let level = match state {
            ProofState::Incomplete => {
                let decoded = proof.decoded_bytes.unwrap();
                assert!(
                    decoded < length as u64 && decoded > length as u64 - 100,
                    "{decoded}"
                );
                VerdictLevel::Invalid
            }
            _ => {
                assert_eq!(proof.decoded_bytes, Some(decoded));
                VerdictLevel::Valid
            }
        };
        assert_eq!(verdict.level, level);
        let unknown = verdict
            .findings
            .iter()
            .any(|own| own.code == "load-unknown");
        assert!(unknown, "nobody has watched the machines");
    }
}

#[test]
fn a_log_that_its_stop_has_cut_is_suspect() {
    let whole = std::fs::read(sample("3.16.0-agent1").join("simulation.log")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("simulation.log");
    let cut = whole[..whole.len() - 3].to_vec();
    let damaged = [&whole[..], &[77; 9]].concat();
    let counted = |ok| LogTotals { ok, ..COUNTED };
    let stopped = |bytes: &[u8], console| Claim {
        written_bytes: Some(bytes.len() as u64),
        console,
        console_is_last: false,
        ..claim()
    };
    use VerdictLevel::{Invalid, Suspect};
    for (bytes, claim, level) in [
        (&cut, stopped(&cut, Some(counted(290))), Suspect),
        (&cut, stopped(&cut, None), Suspect),
        // What was in the buffer.
        (&cut, stopped(&cut, Some(counted(600))), Suspect),
        // It has not written for longer.
        (&cut, stopped(&cut, Some(counted(900))), Invalid),
        (&cut, stopped(&whole, Some(COUNTED)), Invalid),
        (&damaged, stopped(&damaged, Some(COUNTED)), Invalid),
        (
            &cut,
            Claim {
                was_cut: true,
                ..stopped(&cut, Some(COUNTED))
            },
            Invalid,
        ),
        (
            &cut,
            Claim {
                console_is_last: true,
                ..stopped(&cut, Some(COUNTED))
            },
            Invalid,
        ),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let report = build(input(&[("lab-1", path.clone())])).unwrap();
        let summary = judged(report, std::slice::from_ref(&claim)).summary;
        assert_eq!(summary.proofs[0].state, ProofState::Incomplete, "{claim:?}");
        let verdict = summary.verdict.unwrap();
        assert_eq!(verdict.level, level, "{claim:?}");
        assert_eq!(verdict.findings[0].code, "log-incomplete");
    }
}

#[test]
fn signs_in_the_log_are_those_of_its_agent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("simulation.log");
    let log = "RUN\ta.B\tb\t1000000\t \t3.12.0\n\
               REQUEST\t\tr\t1000010\t1000020\tOK\t \n\
               REQUEST\t\tr\t1000020\t1000030\tKO\tj.n.SocketException: Too many open files\n";
    std::fs::write(&path, log).unwrap();
    let logs = [
        ("lab-1", sample("3.12.0-agent1").join("simulation.log")),
        ("lab-2", path),
    ];
    let logs: Vec<_> = logs.into_iter().filter(|(_, path)| path.exists()).collect();
    let verdict = build(input(&logs)).unwrap().summary.verdict.unwrap();
    assert_eq!(verdict.level, VerdictLevel::Invalid);
    assert_eq!(
        verdict.findings[0].text(),
        "lab-2: no more files and connections could be opened: 1 × \"j.n.SocketException: Too many open \
         files\""
    );
}
