//! One log of several: what a report of it says is what a report of them says.

use bfgg_report::{LogInput, ReportError, build, dump, merge};
use gatling_log::Version;

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
        let notes = dump(&logs(&[name])[0], &mut out).unwrap();
        assert_eq!(notes, [""; 0], "{name}");
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
