//! The figures of each sample, by simple arithmetic, are those of Gatling's own report.

use std::collections::BTreeMap;

use gatling_log::{AssertionPath, Decoder, Ending, Format, Record, SetAside};
use serde_json::Value;

use crate::common::{BINARY, TEXT, sample, sample_file};

#[derive(Debug, Default)]
struct Times(Vec<f64>);

impl Times {
    fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    /// As the report has it: 0 where there is none.
    fn figures(&self) -> [f64; 4] {
        if self.0.is_empty() {
            return [0.0; 4];
        }
        let mean = self.mean();
        let squares: f64 = self.0.iter().map(|time| (time - mean).powi(2)).sum();
        let deviation = (squares / self.0.len() as f64).sqrt();
        let min = self.0.iter().copied().fold(f64::INFINITY, f64::min);
        let max = self.0.iter().copied().fold(0.0, f64::max);
        [min, max, mean.round(), deviation.round()]
    }
}

#[derive(Debug, Default)]
struct Row {
    ok: Times,
    ko: Times,
}

impl Row {
    fn add(&mut self, ok: bool, time: u32) {
        let times = if ok { &mut self.ok } else { &mut self.ko };
        times.0.push(f64::from(time));
    }

    fn all(&self) -> Times {
        Times(self.ok.0.iter().chain(&self.ko.0).copied().collect())
    }
}

type Rows = BTreeMap<(String, Vec<String>), Row>;

/// The rows of a log, and from when to when it is, ms.
fn rows(log: &[u8]) -> (Rows, u32, u32, Decoder) {
    let (mut rows, mut first, mut last) = (Rows::new(), u32::MAX, 0);
    let mut decoder = Decoder::new();
    decoder.push(log);
    let shown = |names: Vec<&str>| -> Vec<String> {
        let show = |name: &str| name.replace(['\t', '\n'], " ");
        names.into_iter().map(show).collect()
    };
    let mut active = 0_i64;
    while let Some(record) = decoder.next_record().unwrap() {
        let mut add = |kind: &str, path, ok, time| {
            let row = rows
                .entry((kind.to_owned(), path))
                .or_insert_with(Row::default);
            row.add(ok, time);
        };
        let (start, end) = match record {
            Record::Request(request) => {
                let (ok, time) = (request.ok, request.response_time());
                let path = request.groups().names().chain([request.name()]).collect();
                add("request", shown(path), ok, time);
                add("all", Vec::new(), ok, time);
                (request.start, request.end)
            }
            Record::Group(group) => {
                let path = group.groups().names().collect();
                add("group", shown(path), group.ok, group.cumulated);
                (group.start, group.end)
            }
            Record::User(user) => {
                active += if user.starts { 1 } else { -1 };
                assert!(active >= 0);
                (user.time, user.time)
            }
            _ => continue,
        };
        first = first.min(start);
        last = last.max(end);
    }
    assert_eq!(active, 0);
    (rows, first, last, decoder)
}

#[test]
fn they_are_gatlings_own() {
    let mut compared = 0;
    for name in BINARY.iter().chain(&TEXT) {
        let expected: Value = serde_json::from_slice(&sample_file(name, "expected.json")).unwrap();
        let (rows, first, last, decoder) = rows(&sample(name));
        let seconds = f64::from(last - first) / 1000.0;
        let expected_rows = expected["rows"].as_array().unwrap();
        if !expected_rows.is_empty() {
            assert_eq!(rows.len(), expected_rows.len(), "{name}");
        }
        for expected in expected_rows {
            let path: Vec<String> = serde_json::from_value(expected["path"].clone()).unwrap();
            let key = (expected["kind"].as_str().unwrap().to_owned(), path);
            let row = rows
                .get(&key)
                .unwrap_or_else(|| panic!("{name}: no {key:?}"));
            let figures = |value: &Value| {
                ["min", "max", "mean", "std_dev"]
                    .map(|figure| value[figure].as_f64().unwrap_or(0.0))
            };
            let count = |figure: &str| expected[figure].count();
            assert_eq!(count("total"), row.all().0.len(), "{name}: {key:?}");
            assert_eq!(count("ok"), row.ok.0.len(), "{name}: {key:?}");
            assert_eq!(count("ko"), row.ko.0.len(), "{name}: {key:?}");
            assert_eq!(figures(expected), row.all().figures(), "{name}: {key:?}");
            if expected["ok_only"].is_object() {
                assert_eq!(
                    figures(&expected["ok_only"]),
                    row.ok.figures(),
                    "{name}: {key:?}"
                );
                assert_eq!(
                    figures(&expected["ko_only"]),
                    row.ko.figures(),
                    "{name}: {key:?}"
                );
            }
            let per_second = row.all().0.len() as f64 / seconds.ceil();
            let difference = (expected["per_second"].as_f64().unwrap() - per_second).abs();
            assert!(difference < 0.01, "{name}: {key:?}: {per_second}/s");
            compared += 1;
        }
        assert_eq!(decoder.ending(), Ending::Complete, "{name}");
        assert_eq!(decoder.set_aside(), SetAside::default(), "{name}");
    }
    assert!(compared > 100, "{compared} rows");
}

/// Counts are written as 24.0.
trait Count {
    fn count(&self) -> usize;
}

impl Count for Value {
    fn count(&self) -> usize {
        let count = self.as_f64().unwrap();
        assert_eq!(count.fract(), 0.0);
        count as usize
    }
}

#[test]
fn assertions_read_as_gatling_prints_them() {
    for name in BINARY.iter().chain(&TEXT) {
        let expected: Value = serde_json::from_slice(&sample_file(name, "expected.json")).unwrap();
        let mut decoder = Decoder::new();
        decoder.push(&sample(name));
        decoder.next_record().unwrap();
        let mut sentences = Vec::new();
        for stored in &decoder.header().unwrap().assertions {
            let assertion = stored.decoded.as_ref().unwrap();
            assert_eq!(assertion.to_bytes(), stored.bytes, "{name}: {assertion:?}");
            let path = match &assertion.path {
                AssertionPath::Details(path) => path.as_slice(),
                _ => &[],
            };
            let sentence = assertion.sentence(path);
            if assertion.path == AssertionPath::ForAll {
                // Printed for each request.
                sentences.push(sentence.trim_start_matches("Global").to_owned());
            } else {
                sentences.push(sentence);
            }
        }
        for assertion in expected["assertions"].as_array().unwrap() {
            let text = assertion["text"].as_str().unwrap();
            assert!(
                sentences.iter().any(|end| text.ends_with(end)),
                "{name}: {text}"
            );
        }
        // The reports of 3.3.1 and 3.5.1 do not print them; the simulation asks for this one.
        let first = sentences.first().unwrap();
        if !name.ends_with("-edge") {
            assert_eq!(
                first, "Global: max of response time is less than 5000.0",
                "{name}"
            );
        }
    }
}

#[test]
fn text_logs_say_the_rest_too() {
    for name in TEXT {
        let (_, _, _, decoder) = rows(&sample(name));
        assert_eq!(decoder.format(), Some(Format::Text));
        let header = decoder.header().unwrap();
        assert!(name.starts_with(header.version.as_str()), "{name}");
        assert!(header.version.is_known(), "{name}");
        let lines = sample(name).iter().filter(|byte| **byte == b'\n').count();
        let before = 1 + header.assertions.len();
        let decoded = usize::try_from(decoder.records() + decoder.bad_lines()).unwrap();
        assert_eq!(decoded + before, lines, "{name}");
        let scenarios: &[&str] = match name {
            "3.3.1" | "3.5.1" => &["Sc é, x"],
            "3.12.0-edge" => &["edge scn"],
            _ => &["Shop – 買い物", "Api"],
        };
        assert_eq!(header.scenarios, scenarios, "{name}");
    }
}
