//! One log of several: what a report of it says is what a report of them says.

use bfgg_report::{LogInput, ReportError, build, dump, merge, printable};
use gatling_log::{Encoder, Header, Version};

use crate::common::{input, report, sample};

fn logs(names: &[&str]) -> Vec<LogInput> {
    let logs: Vec<_> = names
        .iter()
        .map(|name| (*name, sample(name).join("simulation.log")))
        .collect();
    input(&logs).logs
}

#[test]
fn the_merged_log_gives_the_figures_of_its_parts() {
    for names in [
        &["3.16.0-agent1", "3.16.0-agent2"][..],
        &["3.16.0-agent2", "3.16.0-agent1"],
        &["3.12.0", "3.9.5"],
        &["3.15.1", "3.3.1", "3.13.5"],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("simulation.log");
        let mut file = std::fs::File::create(&path).unwrap();
        let merged = merge(&logs(names), None, &mut file).unwrap();
        assert_eq!(merged.missing, 0);
        let whole = build(input(&[("merged", path)])).unwrap();
        let parts = report(names);
        assert_eq!(whole.summary.rows, parts.summary.rows, "{names:?}");
        assert_eq!(whole.summary.errors, parts.summary.errors, "{names:?}");
        assert_eq!(whole.series, parts.series, "{names:?}");
    }
}

#[test]
fn the_version_is_the_one_asked_for() {
    let mut out = Vec::new();
    let wanted = Version::parse("3.13.5");
    let merged = merge(&logs(&["3.16.0", "3.12.0"]), wanted, &mut out).unwrap();
    assert_eq!(merged.version, "3.13.5");
    let of = |what: &str| merged.notes.iter().any(|note| note.contains(what));
    assert!(of("3.12.0 is of another Gatling"), "{:?}", merged.notes);
}

#[test]
fn a_missing_log_is_named_and_the_others_are_merged() {
    let folder = tempfile::tempdir().unwrap();
    let mut logs = logs(&["3.16.0"]);
    let other = |name: &str| LogInput {
        name: name.to_owned(),
        path: folder.path().join(name),
        ..logs[0].clone()
    };
    let (gone, text) = (other("gone"), other("notes.txt"));
    std::fs::write(&text.path, "hello\n").unwrap();
    let alone = merge(&[gone.clone(), text.clone()], None, &mut Vec::new());
    let Err(ReportError::NoUsableLog { reasons, .. }) = alone else {
        panic!("{alone:?}")
    };
    assert!(reasons[0].starts_with("gone: there is no simulation.log"));
    assert!(reasons[1].starts_with("notes.txt: its simulation.log cannot be used"));
    logs.extend([gone, text]);
    let merged = merge(&logs, None, &mut Vec::new()).unwrap();
    assert_eq!((merged.missing, merged.notes.len()), (2, 2));
    assert_eq!(merge(&[], None, &mut Vec::new()), Err(ReportError::NoLogs));
}

#[test]
fn a_log_is_shown_as_lines_of_json() {
    for (name, records) in [
        ("3.16.0-agent1", None),
        ("3.12.0", None),
        ("3.3.1", Some(82)),
    ] {
        let mut out = Vec::new();
        let found = dump(&logs(&[name])[0], &mut out).unwrap();
        assert_eq!(found, [], "{name}");
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines[0]["record"], "run", "{name}");
        assert!(lines[0]["start"].as_u64().unwrap() > 1_000_000_000_000);
        let of = |kind: &str| lines.iter().filter(|line| line["record"] == kind).count();
        for kind in ["request", "user", "group"] {
            assert!(of(kind) > 0, "{name}: {kind}");
        }
        for user in lines.iter().filter(|line| line["record"] == "user") {
            assert_ne!(user["scenario"], "", "{name}");
        }
        let total = report(&[name]).summary.rows[0].total;
        assert_eq!(of("request") as u64, total, "{name}");
        // Each line of a text log but its assertions.
        assert!(
            records.is_none_or(|lines_in_log| lines.len() < lines_in_log),
            "{name}"
        );
    }
}

/// Standard output may be a terminal: the lines are the same JSON, without anything it would obey.
#[test]
fn lines_of_json_have_nothing_that_steers_a_terminal() {
    let name = "a\u{1b}[2J\u{9b}31m\u{2028}\u{2029}\u{202e}\u{2066}\u{7f}\u{e0041}\u{feff}\"é😀";
    let mut encoder = Encoder::new(&Header {
        version: Version::parse("3.16.0").unwrap(),
        simulation: name.to_owned(),
        start: 5,
        description: String::new(),
        scenarios: Vec::new(),
        assertions: Vec::new(),
    });
    encoder.request(&[name], name, 0..5, true, name);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    std::fs::write(&path, encoder.take()).unwrap();
    let mut out = Vec::new();
    dump(&input(&[("log", path)]).logs[0], &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    for line in text.lines() {
        assert_eq!(printable(line), line);
    }
    assert!(
        text.contains("\\u009b31m\\u2028\\u2029\\u202e\\u2066\\u007f\\udb40\\udc41\\ufeff\\\"é😀"),
        "{text}"
    );
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["simulation"], name);
    assert_eq!(lines[1]["message"], name);
}
