//! The end of a run: the report's table, what the run itself has to say, and the files.

use std::fmt::Write;
use std::path::Path;

use bfgg_controller::api::types::Run;
use bfgg_report::Summary;

use super::text::printable;

/// The merged result as text. `files` is the folder where the user finds `summary.json`.
pub(crate) fn outcome(run: &Run, summary: &Summary, files: &Path, width: usize) -> String {
    let mut text = format!("\n{}\n", bfgg_report::table(summary, width).trim_end());
    let said = |note| summary.notes.contains(note);
    for note in run.notes.iter().filter(|note| !said(note)) {
        let _ = writeln!(text, "! {}", printable(note));
    }
    let _ = writeln!(text);
    if let Some(verdict) = &summary.verdict {
        let _ = writeln!(text, "verdict: {}", verdict.level.word());
    }
    let _ = writeln!(text, "report:  {}", files.join("report.html").display());
    let _ = writeln!(text, "summary: {}", files.join("summary.json").display());
    let _ = writeln!(text, "logs:    {}", files.join("agents").display());
    text
}

#[cfg(test)]
mod tests {
    use bfgg_report::{Columns, Verdict};

    use super::*;
    use crate::view::samples;

    #[test]
    fn what_follows_the_table() {
        let summary = Summary {
            run: samples::RUN.into(),
            simulation: "example.ShopSimulation".into(),
            started: "2023-11-14T22:13:20.000Z".into(),
            duration_ms: 1000,
            columns: Columns {
                lower_bound_ms: 800,
                higher_bound_ms: 1200,
                percentiles: [50.0, 75.0, 95.0, 99.0],
            },
            agents: Vec::new(),
            start_spread_ms: 12,
            start: None,
            clock_steps: Vec::new(),
            steady: None,
            users: Vec::new(),
            offered_load: Vec::new(),
            rows: Vec::new(),
            errors: Vec::new(),
            assertions: Vec::new(),
            notes: vec!["said by the report".into()],
            verdict: Some(Verdict::default()),
            proofs: Vec::new(),
        };
        let mut run = samples::run();
        run.notes = vec![
            "said by the report".into(),
            "total = 2 × yours\u{1b}[2J".into(),
        ];
        let text = outcome(&run, &summary, Path::new("/out"), 120).replace('\\', "/");
        assert_eq!(text.matches("said by the report").count(), 1, "{text}");
        let end = "! total = 2 × yours/u{1b}[2J\n\nverdict: VALID\nreport:  /out/report.html\n\
                   summary: /out/summary.json\nlogs:    /out/agents\n";
        assert!(text.ends_with(end), "{text}");
    }
}
