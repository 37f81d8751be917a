//! What the tests share.

use std::path::{Path, PathBuf};

use bfgg_report::{Columns, Limits, LogInput, Report, ReportInput, build};

/// A sample that Gatling itself wrote, beside its own figures of it.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../gatling-log/tests/samples")
        .join(name)
}

pub(crate) fn input(logs: &[(&str, PathBuf)]) -> ReportInput {
    let log = |(name, path): &(&str, PathBuf)| LogInput {
        name: (*name).to_owned(),
        peer: String::new(),
        path: path.clone(),
        offset_ms: 0,
    };
    ReportInput {
        run: "test".to_owned(),
        columns: Columns::default(),
        limits: Limits::default(),
        logs: logs.iter().map(log).collect(),
    }
}

/// The report of samples, each as the log of one agent.
pub(crate) fn report(samples: &[&str]) -> Report {
    let logs: Vec<_> = samples
        .iter()
        .map(|name| (*name, sample(name).join("simulation.log")))
        .collect();
    build(input(&logs)).unwrap()
}
