//! What is written for programs and readers: CSV, JUnit, JSON, the page.

use bfgg_report::{
    Report, Summary, Verdict, VerdictFinding, VerdictLevel, build, csv, html, junit,
};
use gatling_log::{Encoder, Header, Version};
use serde_json::Value;

use crate::common::{Page, input, report};

/// Two agents' logs of one run.
fn both() -> Report {
    report(&["3.16.0-agent1", "3.16.0-agent2"])
}

#[test]
fn csv_has_each_row_and_reads_back() {
    let report = both();
    let text = csv(&report.summary);
    insta::assert_snapshot!(text.replace("\r\n", "\n"));

    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let titles = reader.headers().unwrap().clone();
    let column = |name: &str| titles.iter().position(|title| title == name).unwrap();
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), report.summary.rows.len());
    for (record, row) in records.iter().zip(&report.summary.rows) {
        for (title, value) in [
            ("total", row.total),
            ("ko", row.ko),
            ("p95_ms", row.times.p95),
            ("mean_ms", row.times.mean),
            ("failed", row.ranges[3]),
        ] {
            assert_eq!(record[column(title)], value.to_string(), "{title}");
        }
    }
}

#[test]
fn csv_names_the_settings_of_its_columns() {
    let mut summary = both().summary;
    summary.columns.percentiles = [50.0, 90.0, 99.0, 99.9];
    summary.columns.lower_bound_ms = 100;
    let text = csv(&summary);
    let titles = text.lines().next().unwrap();
    for title in [
        "p99.9_ms",
        "ko_p90_ms",
        "ok_below_100_ms",
        "ok_100_to_1200_ms",
    ] {
        assert!(titles.split(',').any(|own| own == title), "{title}");
    }
}

#[test]
fn junit_has_a_case_for_each_assertion() {
    insta::assert_snapshot!(junit(&both().summary));
}

#[test]
fn junit_without_assertions_has_the_verdict_alone() {
    let mut summary = both().summary;
    summary.assertions.clear();
    summary.notes = vec!["one".to_owned(), "two <three>".to_owned()];
    insta::assert_snapshot!(junit(&summary));
}

#[test]
fn json_is_the_summary_and_reads_back() {
    for sample in ["3.16.0", "3.16.0-edge", "3.12.0-edge", "3.3.1"] {
        let summary = report(&[sample]).summary;
        let json = serde_json::to_string_pretty(&summary).unwrap();
        let back: Summary = serde_json::from_str(&json).unwrap();
        assert_eq!(back, summary, "{sample}");
    }
    let value = serde_json::to_value(both().summary).unwrap();
    insta::assert_snapshot!(keys(&value).join("\n"));
}

#[test]
fn junit_fails_where_the_verdict_is_invalid() {
    let mut summary = both().summary;
    summary.assertions.clear();
    summary.notes.clear();
    let finding = |level, agent: &str, sentence: &str| VerdictFinding {
        level,
        code: "code".to_owned(),
        agent: agent.to_owned(),
        sentence: sentence.to_owned(),
        remedy: "Do it.".to_owned(),
        from_ms: None,
        to_ms: None,
    };
    summary.verdict = Some(Verdict {
        level: VerdictLevel::Invalid,
        findings: vec![
            finding(
                VerdictLevel::Invalid,
                "lab-<2>",
                "\"Too many open files\" & more",
            ),
            finding(VerdictLevel::Suspect, "", "a second\u{1b}[2J"),
        ],
        more: 0,
    });
    insta::assert_snapshot!(junit(&summary), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="demo.BasicSimulation" tests="1" failures="1" errors="0" time="9.888">
      <testsuite name="demo.BasicSimulation" tests="1" failures="1" errors="0" time="9.888" timestamp="2026-11-25T02:05:18.933">
        <testcase classname="demo.BasicSimulation" name="The figures can be believed" time="0">
          <failure message="INVALID: lab-&lt;2&gt;: &quot;Too many open files&quot; &amp; more" type="verdict">INVALID
    lab-&lt;2&gt;: &quot;Too many open files&quot; &amp; more
    a second\u{1b}[2J</failure>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
    summary.verdict = Some(Verdict::default());
    assert!(junit(&summary).contains(r#"name="The figures can be believed" time="0"/>"#));
    summary.verdict = None;
    assert!(!junit(&summary).contains("testcase"));
}

/// What an older version wrote has not all that is new.
#[test]
fn json_of_an_older_version_is_read() {
    let summary = both().summary;
    let mut value = serde_json::to_value(&summary).unwrap();
    let fields = value.as_object_mut().unwrap();
    fields.remove("steady");
    fields.remove("users");
    fields.remove("verdict");
    fields.remove("proofs");
    for row in fields["rows"].as_array_mut().unwrap() {
        row.as_object_mut().unwrap().remove("duration");
        row.as_object_mut().unwrap().remove("error_percent");
    }
    for agent in fields["agents"].as_array_mut().unwrap() {
        agent.as_object_mut().unwrap().remove("unfinished_users");
    }
    let back: Summary = serde_json::from_value(value).unwrap();
    assert_eq!((back.steady, back.users.len()), (None, 0));
    assert_eq!((back.verdict, back.proofs.len()), (None, 0));
    assert_eq!(back.rows[0], summary.rows[0]);
}

/// Names of fields, with those of the first element of lists.
fn keys(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| {
                let below = keys(value)
                    .into_iter()
                    .map(move |key| format!("{name}.{key}"));
                std::iter::once(name.clone()).chain(below)
            })
            .collect(),
        Value::Array(list) => list.first().map(keys).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Each row of each table, and what stands around them.
#[test]
fn the_page_shows_the_figures() {
    let page = Page::of(&html(&both()));
    insta::assert_snapshot!(page.text());
}

/// Of what there is none nothing is said, but where the reader would look for it.
#[test]
fn the_page_of_a_run_with_little() {
    let mut report = both();
    let summary = &mut report.summary;
    summary.assertions.clear();
    summary.errors.clear();
    summary.users.clear();
    summary.steady = None;
    summary.rows.truncate(1);
    summary.rows[0] = bfgg_report::Row {
        path: Vec::new(),
        total: 0,
        ok: 0,
        ko: 0,
        percent_ko: 0.0,
        per_second: 0.0,
        times: Default::default(),
        ok_only: Default::default(),
        ko_only: Default::default(),
        ranges: [0; 4],
        ..summary.rows[0].clone()
    };
    report.figures = Default::default();
    let page = Page::of(&html(&report));
    insta::assert_snapshot!(page.text());
}

#[test]
fn the_page_loads_nothing() {
    let html = html(&both());
    let page = Page::of(&html);
    for tag in &page.tags {
        for attribute in ["src=", "srcset=", "style=", " on", "action="] {
            assert!(!tag.contains(attribute), "{tag}");
        }
        assert!(!tag.contains("href=") || tag.contains("href=\"#"), "{tag}");
    }
    assert!(!html.contains("url("));
    let policy = page
        .tags
        .iter()
        .find(|tag| tag.contains("Content-Security-Policy"));
    let policy = policy.unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}

/// The charts' numbers are those of the figures.
#[test]
fn charts_add_up() {
    for sample in ["3.16.0", "3.16.0-edge", "3.12.0", "3.3.1"] {
        let report = report(&[sample]);
        let all = &report.summary.rows[0];
        let charts = &report.charts();
        let sum = |counts: &[u64]| counts.iter().sum::<u64>();
        for counts in [&charts.requests, &charts.responses] {
            assert_eq!(
                (sum(&counts[0]), sum(&counts[1])),
                (all.ok, all.ko),
                "{sample}"
            );
        }
        let bars = &charts.distribution;
        assert_eq!((sum(&bars.ok), sum(&bars.ko)), (all.ok, all.ko), "{sample}");
        let most = charts.users[0].most.iter().max().copied();
        assert_eq!(
            most,
            report.summary.users.first().map(|all| all.max_active),
            "{sample}"
        );
        for detail in &charts.details {
            let row = &report.summary.rows[detail.row];
            assert_eq!(
                (sum(&detail.responses[0]), sum(&detail.responses[1])),
                (row.ok, row.ko),
                "{sample} {:?}",
                row.path
            );
            let lengths: Vec<usize> = detail.times.values.iter().map(Vec::len).collect();
            assert_eq!(lengths, [lengths[0]; 6], "{sample} {:?}", row.path);
        }
    }
}

/// What the page holds depends on names and length, not on the number of requests.
#[test]
fn the_page_of_a_long_run_is_small() {
    let mut encoder = Encoder::new(&Header {
        version: Version::parse("3.16.0").unwrap(),
        simulation: "demo.Long".to_owned(),
        start: 1_750_000_000_000,
        description: String::new(),
        scenarios: vec!["visitors".to_owned()],
        assertions: Vec::new(),
    });
    let names: Vec<String> = (0..100)
        .map(|n| format!("request {n} of the shop"))
        .collect();
    for second in 0..3600_u32 {
        for n in 0..30_u32 {
            let name = &names[((second * 7 + n * 31) % 100) as usize];
            // Mixed as widely as real ones are.
            let ms = (second * 7919 + n * 104_729) % 997 + (second * n) % 13 * 400;
            let start = second * 1000 + n * 30;
            let message = if n == 0 { "status 500" } else { "" };
            encoder.request(&["group"], name, start..start + ms, n > 0, message);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("simulation.log");
    std::fs::write(&path, encoder.take()).unwrap();
    let report = build(input(&[("lab-1", path)])).unwrap();
    assert_eq!(report.charts().details.len(), 100);
    let length = html(&report).len();
    assert!(length < 2_000_000, "{length}");
}
