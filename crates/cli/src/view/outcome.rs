//! The end of a run: table, assertions, spread of the starts, files.

use std::fmt::Write;
use std::path::Path;

use bfgg_controller::api::types::Run;
use bfgg_report::Summary;

use super::text::printable;

/// The merged result as text. `files` is where the user finds them.
pub(crate) fn outcome(run: &Run, summary: &Summary, files: &Path, width: usize) -> String {
    let mut text = format!("\n{}\n", bfgg_report::table(summary, width).trim_end());
    assertions(&mut text, summary);
    starts(&mut text, summary);
    let more = summary
        .notes
        .iter()
        .filter(|note| !run.notes.contains(note));
    for note in run.notes.iter().chain(more) {
        let _ = writeln!(text, "note: {}", printable(note));
    }
    let _ = writeln!(text, "summary: {}", files.join("summary.json").display());
    text
}

fn assertions(text: &mut String, summary: &Summary) {
    if summary.assertions.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nAssertions on the merged figures");
    for row in &summary.assertions {
        let mark = if row.holds { "holds" } else { "FAILS" };
        let _ = writeln!(
            text,
            "  {mark}  {} (actual: {})",
            printable(&row.text),
            row.actual
        );
    }
}

fn starts(text: &mut String, summary: &Summary) {
    let offsets: Vec<_> = summary
        .agents
        .iter()
        .map(|agent| format!("{} +{} ms", printable(&agent.name), agent.start_offset_ms))
        .collect();
    let _ = writeln!(
        text,
        "\nStarts of the load: {} ms apart ({})",
        summary.start_spread_ms,
        offsets.join(", ")
    );
}

#[cfg(test)]
mod tests {
    use bfgg_report::{AgentShare, AssertionRow, Columns};

    use super::*;
    use crate::view::samples;

    #[test]
    fn what_follows_the_table() {
        let share = |name: &str, start_offset_ms| AgentShare {
            name: name.into(),
            peer: String::new(),
            total: 1,
            ok: 1,
            ko: 0,
            start_offset_ms,
        };
        let assertion = |text: &str, holds, actual| AssertionRow {
            text: text.into(),
            holds,
            actual,
        };
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
            agents: vec![share("lab-1", 0), share("lab-2", 12)],
            start_spread_ms: 12,
            rows: Vec::new(),
            errors: Vec::new(),
            assertions: vec![
                assertion(
                    "Global: percentage of failed events is less than 25.0",
                    true,
                    2.5,
                ),
                assertion(
                    "Global: max of response time is less than 10.0",
                    false,
                    349.0,
                ),
            ],
            notes: vec!["agent lab-2's log ends in the middle of a record".into()],
        };
        let text = outcome(&samples::run(), &summary, Path::new("/out"), 120);
        let (_, rest) = text.split_once("\nAssertions").unwrap();
        insta::assert_snapshot!(rest.replace('\\', "/"), @r"
         on the merged figures
          holds  Global: percentage of failed events is less than 25.0 (actual: 2.5)
          FAILS  Global: max of response time is less than 10.0 (actual: 349)

        Starts of the load: 12 ms apart (lab-1 +0 ms, lab-2 +12 ms)
        note: agent lab-2's log ends in the middle of a record
        summary: /out/summary.json
        ");
    }
}
