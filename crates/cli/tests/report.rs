//! `bfgg report`, on logs that Gatling wrote and on all that can be wrong with them.
#![allow(
    clippy::unwrap_used,
    reason = "a test cannot go on without what it unwraps"
)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bfgg_report::Summary;
use gatling_log::{Assertion, Encoder, Header, StoredAssertion, User, Version};

const ALL: [&str; 4] = ["report.html", "summary.json", "stats.csv", "junit.xml"];

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../gatling-log/tests/samples")
        .join(name)
        .join("simulation.log")
}

fn encoder(simulation: &str, version: &str) -> Encoder {
    Encoder::new(&Header {
        version: Version::parse(version).unwrap(),
        simulation: simulation.to_owned(),
        start: 1_750_000_000_000,
        description: String::new(),
        scenarios: vec!["visitors".to_owned()],
        assertions: Vec::new(),
    })
}

/// A log of one user and requests that all go well, or all fail.
fn log(simulation: &str, version: &str, requests: u32, ok: bool) -> Vec<u8> {
    let mut encoder = encoder(simulation, version);
    let mut user = |starts, time| {
        let user = User {
            scenario: 0,
            starts,
            time,
        };
        encoder.user(user);
    };
    user(true, 0);
    for n in 0..requests {
        let message = if ok { "" } else { "status 500" };
        encoder.request(&[], "home", n * 1000..n * 1000 + 40, ok, message);
    }
    let user = User {
        scenario: 0,
        starts: false,
        time: requests * 1000 + 1000,
    };
    encoder.user(user);
    encoder.take()
}

/// A good log but for its assertion, which nobody can read.
fn unreadable_assertion() -> Vec<u8> {
    let bytes = vec![0, 9];
    let mut encoder = Encoder::new(&Header {
        version: Version::parse("3.13.0").unwrap(),
        simulation: "demo.Shop".to_owned(),
        start: 1_750_000_000_000,
        description: String::new(),
        scenarios: Vec::new(),
        assertions: vec![StoredAssertion {
            decoded: Assertion::from_bytes(&bytes),
            bytes,
        }],
    });
    encoder.request(&[], "home", 0..40, true, "");
    encoder.take()
}

struct Scene(tempfile::TempDir);

struct Outcome {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Scene {
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        for (agent, name) in [("lab-1", "3.16.0-agent1"), ("lab-2", "3.16.0-agent2")] {
            let bytes = std::fs::read(sample(name)).unwrap();
            scene.write(&format!("logs/{agent}/simulation.log"), &bytes);
        }
        scene.write("unread.log", &unreadable_assertion());
        let good = log("demo.Shop", "3.16.0", 3, true);
        scene.write("good.log", &good);
        scene.write("cut.log", &good[..good.len() - 3]);
        scene.write("cut-header.log", &good[..20]);
        let mut damaged = good;
        damaged.extend([77; 9]);
        scene.write("damaged.log", &damaged);
        scene.write("empty.log", b"");
        scene.write("header.log", &encoder("demo.Shop", "3.16.0").take());
        scene.write("notes.txt", b"hello\n");
        scene.write("no-requests.log", &log("demo.Shop", "3.16.0", 0, true));
        scene.write("only-ko.log", &log("demo.Shop", "3.16.0", 3, false));
        scene.write("other.log", &log("demo.Other", "3.16.0", 3, true));
        scene.write("older.log", &log("demo.Shop", "3.15.1", 3, true));
        std::fs::create_dir_all(scene.path("none/below")).unwrap();
        std::fs::create_dir_all(scene.path("folder/simulation.log")).unwrap();
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn bfgg(&self, arguments: &[&str], stdin: Stdio) -> Outcome {
        let settings = self.path("bfgg.toml");
        std::fs::write(&settings, "").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_bfgg"))
            .arg("--config")
            .arg(settings)
            .arg("report")
            .args(arguments)
            .current_dir(self.0.path())
            .env("BFGG_DATA_DIR", self.path("data"))
            .stdin(stdin)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Outcome {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    fn report(&self, arguments: &[&str]) -> Outcome {
        self.bfgg(arguments, Stdio::null())
    }

    fn summary(&self, folder: &str) -> Summary {
        let bytes = std::fs::read(self.path(folder).join("summary.json")).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    fn files(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder));
        let names = entries.into_iter().flatten();
        let mut names: Vec<String> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

#[test]
fn logs_of_a_folder_become_one_report() {
    let scene = Scene::new();
    let Outcome { code, out, err } = scene.report(&["logs"]);
    // The sample's assertions fail; see `exit_codes` for a report without.
    assert_eq!(code, Some(2), "{err}");
    assert_eq!(
        err.lines().collect::<Vec<_>>(),
        ALL.map(|name| format!("bfgg-report/{name}"))
    );
    assert!(
        out.contains("All requests") && out.contains("Assertions: 2 of 13 fail"),
        "{out}"
    );
    assert_eq!(scene.files("bfgg-report").len(), 4);
    let summary = scene.summary("bfgg-report");
    assert_eq!(summary.rows[0].total, 1170);
    let agents: Vec<_> = summary
        .agents
        .iter()
        .map(|agent| agent.name.as_str())
        .collect();
    assert_eq!(
        agents,
        ["logs/lab-1/simulation.log", "logs/lab-2/simulation.log"]
    );

    // What is written is the type that a run's summary.json has, with no field more or less.
    let bytes = std::fs::read(scene.path("bfgg-report/summary.json")).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(serde_json::to_value(&summary).unwrap(), value);
}

#[test]
fn settings_show_in_the_report() {
    let scene = Scene::new();
    let line = "logs -o out --bounds 5,50 --percentiles 10,50,90,99.9 --offset lab-2=-1851";
    let Outcome { err, .. } = scene.report(&line.split(' ').collect::<Vec<_>>());
    let summary = scene.summary("out");
    assert_eq!(summary.columns.lower_bound_ms, 5, "{err}");
    assert_eq!(summary.columns.higher_bound_ms, 50);
    assert_eq!(summary.columns.percentiles, [10.0, 50.0, 90.0, 99.9]);
    assert_eq!(summary.start_spread_ms, 0);
    let ranges = summary.rows[0].ranges;
    assert!(ranges[..3].iter().all(|count| *count > 0), "{ranges:?}");
    let text = |name: &str| std::fs::read_to_string(scene.path("out").join(name)).unwrap();
    assert!(text("report.html").contains("99.9th"));
    assert!(text("stats.csv").contains(",p99.9_ms,"));
    assert!(text("stats.csv").contains(",ok_5_to_50_ms,"));

    let Outcome { code, .. } = scene.report(&["logs", "-o", "few", "--names", "3"]);
    assert_eq!(code, Some(2));
    let rows = scene.summary("few").rows;
    let last = rows.last().unwrap();
    assert_eq!(last.path, ["(other requests)"]);
    assert_eq!(rows[0].total, 1170);
}

#[test]
fn formats_are_those_asked_for() {
    let scene = Scene::new();
    let Outcome { err, .. } = scene.report(&["good.log", "-o", "one", "--format", "csv"]);
    assert_eq!(scene.files("one"), ["stats.csv"], "{err}");
    let Outcome { err, .. } = scene.report(&["logs", "-o", "two", "--format", "log,json,json"]);
    assert_eq!(
        scene.files("two"),
        ["simulation.log", "summary.json"],
        "{err}"
    );
    assert_eq!(err, "two/summary.json\ntwo/simulation.log\n");

    // The merged log says the same; and the report's own folder is no input.
    let both = scene.summary("two").rows;
    scene.report(&["two/simulation.log", "-o", "three", "--format", "json"]);
    assert_eq!(scene.summary("three").rows, both);
    scene.report(&["logs", "-o", "logs/all", "--format", "log"]);
    let Outcome { err, .. } = scene.report(&["logs", "-o", "logs/all", "--format", "json"]);
    let says = "note: logs/all/simulation.log lies in the report's own folder and does not count\n";
    assert!(err.starts_with(says), "{err}");
    assert_eq!(scene.summary("logs/all").rows, both);
}

#[test]
fn standard_input_is_a_log() {
    let scene = Scene::new();
    for name in ["3.16.0", "3.12.0"] {
        let stdin = File::open(sample(name)).unwrap();
        let line = ["-", "-o", name, "--format", "json"];
        let Outcome { err, .. } = scene.bfgg(&line, stdin.into());
        let summary = scene.summary(name);
        assert_eq!(summary.agents[0].name, "standard input", "{err}");
        assert!(summary.rows[0].total > 0);
    }
}

#[test]
fn no_log_is_overwritten_or_counted_twice() {
    let scene = Scene::new();
    let log = "logs/lab-1/simulation.log";
    let before = std::fs::read(scene.path(log)).unwrap();
    let Outcome { code, err, .. } = scene.report(&["logs", "-o", "logs/lab-1", "--format", "log"]);
    assert_eq!(code, Some(19), "{err}");
    assert!(
        err.contains("would be overwritten\nhint: --out names"),
        "{err}"
    );
    let Outcome { code, err, .. } = scene.report(&[log, "-o", "logs/lab-1", "--format", "log"]);
    assert_eq!(code, Some(19), "{err}");
    assert_eq!(std::fs::read(scene.path(log)).unwrap(), before);

    let Outcome { err, .. } = scene.report(&["logs", log, "./logs/lab-1", "-o", "out"]);
    assert_eq!(scene.summary("out").rows[0].total, 1170, "{err}");
    assert!(
        err.contains("note: logs/lab-1/simulation.log was named twice and counts once"),
        "{err}"
    );
}

/// Arguments, exit code, parts of what it says, whether a report was written.
type Case = (&'static [&'static str], i32, &'static [&'static str], bool);

const ALONE: &[Case] = &[
    (&["good.log"], 0, &[], true),
    (
        &["notes.txt"],
        10,
        &[
            "error: none of the logs can be used: notes.txt: ",
            "this is not a Gatling log: it starts with byte 0x68",
            "\nhint: name the simulation.log that Gatling 3.0 or later wrote",
        ],
        false,
    ),
    (
        &["empty.log"],
        11,
        &[
            "empty.log: its simulation.log is empty",
            "\nhint: Gatling writes its log in pieces",
        ],
        false,
    ),
    (
        &["cut-header.log"],
        11,
        &[
            "cut-header.log: its simulation.log ends within the header",
            "\nhint: ",
        ],
        false,
    ),
    (
        &["header.log"],
        12,
        &[
            "header.log: its log has a header and no records: the load never began",
            "\nhint: the output of that Gatling",
        ],
        false,
    ),
    (
        &["no-requests.log"],
        13,
        &["note: no request was recorded", "\nhint: look whether"],
        true,
    ),
    (
        &["only-ko.log"],
        14,
        &["note: not one request succeeded", "\nhint: the errors"],
        true,
    ),
    (
        &["none"],
        15,
        &["error: there is no simulation.log in none or below it; name the logs"],
        false,
    ),
    (
        &["folder"],
        15,
        &["there is no simulation.log in folder or below it"],
        false,
    ),
    (
        &["none", "folder"],
        15,
        &["in none or below", "in folder or below"],
        false,
    ),
    (
        &["good.log", "other.log"],
        16,
        &[
            "error: other.log ran simulation demo.Other, good.log demo.Shop",
            "\nhint: if that is meant, --mixed",
        ],
        false,
    ),
    (
        &["good.log", "other.log", "--mixed"],
        0,
        &["note: other.log ran simulation demo.Other"],
        true,
    ),
    (
        &["good.log", "older.log"],
        17,
        &[
            "note: older.log ran Gatling 3.15.1, good.log 3.16.0: the figures mix them",
            "\nhint: if that is meant",
        ],
        true,
    ),
    (
        &["good.log", "older.log", "--mixed"],
        0,
        &["note: older.log ran Gatling 3.15.1"],
        true,
    ),
    (
        &["gone.log"],
        18,
        &[
            "gone.log: there is no such file",
            "\nhint: check that the path",
        ],
        false,
    ),
    (
        &["good.log/simulation.log"],
        18,
        &["good.log/simulation.log: it cannot be opened: "],
        false,
    ),
    (
        &["good.log", "-o", "notes.txt"],
        19,
        &[
            "error: the report cannot be written to notes.txt: ",
            "\nhint: --out names",
        ],
        false,
    ),
    (
        &["good.log", "-o", "notes.txt/x"],
        19,
        &["the report cannot be written to notes.txt/x: "],
        false,
    ),
    (
        &["cut.log"],
        3,
        &[
            "note: cut.log: its log ends in the middle of a record at byte ",
            "the 4 records before it count",
            "\nhint: Gatling writes",
        ],
        true,
    ),
    (
        &["damaged.log"],
        3,
        &[
            "note: damaged.log: its log is damaged (byte ",
            "there is no record type 77",
            "what follows is missing\nhint: ",
        ],
        true,
    ),
    (&[], 64, &["LOG"], false),
    (
        &["good.log", "--format", "pdf"],
        64,
        &["'pdf'", "html, json, csv, junit, log"],
        false,
    ),
    (
        &["good.log", "--offset", "lab-9=5"],
        1,
        &["--offset lab-9: no log has this name; the logs are good.log"],
        false,
    ),
    (&["logs", "--offset", "lab-1=x"], 64, &["NAME=MS"], false),
    (
        &["good.log", "--bounds", "1200,800"],
        64,
        &["the lower first"],
        false,
    ),
    (
        &["good.log", "--bounds", "800"],
        64,
        &["two whole numbers of ms"],
        false,
    ),
    (
        &["good.log", "--percentiles", "50,75,95"],
        64,
        &["four different percents"],
        false,
    ),
    (
        &["good.log", "--percentiles", "50,75,95,101"],
        64,
        &["up to 100"],
        false,
    ),
    (
        &["good.log", "--percentiles", "NaN,75,95,99"],
        64,
        &["four different percents"],
        false,
    ),
    (
        &["good.log", "--percentiles", "50,75,95,50.0"],
        64,
        &["four different percents"],
        false,
    ),
    (
        &["good.log", "--percentiles", "50,75,95,99.9999"],
        64,
        &["at most three decimals"],
        false,
    ),
    (
        &["good.log", "--percentiles", "1e-9,75,95,99"],
        64,
        &["at most three decimals"],
        false,
    ),
    (
        &["good.log", "--offset", "good.log=9223372036854775807"],
        1,
        &[
            "the offset of good.log, 9223372036854775807 ms, would move it out of the years 1970 to 9999",
        ],
        false,
    ),
    (&["unread.log"], 2, &[], true),
    (&["good.log", "--names", "0"], 64, &["1..=100000"], false),
];

#[test]
fn exit_codes() {
    let scene = Scene::new();
    for (arguments, code, says, written) in ALONE {
        let Outcome {
            code: found, err, ..
        } = scene.report(arguments);
        assert_eq!(found, Some(*code), "{arguments:?}: {err}");
        for part in *says {
            assert!(
                err.contains(part),
                "{arguments:?}: {part:?} is not in {err}"
            );
        }
        let files = if *written { 4 } else { 0 };
        assert_eq!(scene.files("bfgg-report").len(), files, "{arguments:?}");
        assert_eq!(
            scene.path("bfgg-report").exists(),
            *written,
            "{arguments:?}"
        );
        let _ = std::fs::remove_dir_all(scene.path("bfgg-report"));
    }
}

/// Whatever is wrong with one, the others are reported, and the code says what is missing.
#[test]
fn usable_logs_are_reported_beside_bad_ones() {
    let scene = Scene::new();
    for (bad, code) in [
        ("notes.txt", 10),
        ("empty.log", 11),
        ("cut-header.log", 11),
        ("header.log", 12),
        ("none", 15),
        ("gone.log", 18),
        ("cut.log", 3),
        ("damaged.log", 3),
        ("no-requests.log", 0),
        ("only-ko.log", 0),
    ] {
        let Outcome {
            code: found, err, ..
        } = scene.report(&[bad, "good.log"]);
        assert_eq!(found, Some(code), "{bad}: {err}");
        let summary = scene.summary("bfgg-report");
        assert!(summary.rows[0].ok >= 3, "{bad}");
        assert_eq!(code != 0, err.contains(bad), "{bad}: {err}");
        assert_eq!(scene.files("bfgg-report").len(), 4, "{bad}");
        std::fs::remove_dir_all(scene.path("bfgg-report")).unwrap();
    }
    // Of several the worst.
    let bad = [
        "good.log",
        "cut.log",
        "older.log",
        "header.log",
        "empty.log",
        "notes.txt",
    ];
    for (count, code) in [(2, 3), (3, 3), (4, 12), (5, 11), (6, 10)] {
        let Outcome {
            code: found, err, ..
        } = scene.report(&bad[..count]);
        assert_eq!(found, Some(code), "{count}: {err}");
    }
}

/// Each code stands in the help and in docs/errors.md.
#[test]
fn codes_are_documented() {
    let scene = Scene::new();
    let Outcome { code, out, .. } = scene.report(&["--help"]);
    assert_eq!(code, Some(0));
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let (_, docs) = docs.split_once("## Exit codes").unwrap();
    let mut codes: Vec<i32> = ALONE.iter().map(|(_, code, ..)| *code).collect();
    codes.extend([2]);
    for code in codes {
        assert!(out.contains(&format!(" {code} ")), "{code} is not in {out}");
        assert!(
            docs.contains(&format!("| {code} |")),
            "{code} is not in docs/errors.md"
        );
    }
}
