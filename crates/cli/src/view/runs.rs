//! Runs that are over or in progress.

use std::fmt::Write;

use bfgg_controller::api::types::{Run, RunState};
use jiff::tz::TimeZone;

use super::agents::{finish, table};
use super::changes::{changes, failure_lines};
use super::text::{date_time, printable, span_ms};

/// The table of all runs.
pub(crate) fn runs(runs: &[Run], zone: &TimeZone, width: u16) -> String {
    if runs.is_empty() {
        return "no runs yet; `bfgg run --repo URL` or `--source DIR` starts one\n".into();
    }
    let mut table = table(width);
    table.set_header([
        "ID",
        "ASKED FOR",
        "STATE",
        "VERDICT",
        "SIMULATION",
        "AGENTS",
        "OK",
        "KO",
        "TOOK",
    ]);
    for run in runs {
        let simulation = run.simulation.as_ref().or(run.spec.simulation.as_ref());
        let took = match (run.started_ms, run.ended_ms) {
            (Some(from), Some(to)) => span_ms(to.saturating_sub(from)),
            _ => String::new(),
        };
        table.add_row([
            run.id.to_string(),
            date_time(run.created_ms, zone),
            state(run.state).to_owned(),
            run.verdict
                .as_ref()
                .map(|verdict| verdict.level.word().to_owned())
                .unwrap_or_default(),
            simulation.map(|name| printable(name)).unwrap_or_default(),
            run.agents.len().to_string(),
            run.live.ok.to_string(),
            run.live.ko.to_string(),
            took,
        ]);
    }
    finish(&table)
}

pub(super) fn state(state: RunState) -> &'static str {
    match state {
        RunState::Preparing => "preparing",
        RunState::Arming => "arming",
        RunState::Running => "running",
        RunState::Stopping => "stopping",
        RunState::Collecting => "collecting",
        RunState::Finished => "finished",
        RunState::Stopped => "stopped",
        RunState::Partial => "partial",
        RunState::Failed => "failed",
    }
}

/// One run, without its table.
pub(crate) fn run(run: &Run, zone: &TimeZone) -> String {
    let mut text = String::new();
    for line in changes(None, run, zone) {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(
        text,
        "project: {}{}",
        printable(&run.spec.source.shown()),
        run.commit
            .as_ref()
            .map(|c| format!(" ({})", printable(c)))
            .unwrap_or_default()
    );
    for parameter in &run.spec.parameters {
        let _ = writeln!(
            text,
            "parameter: {}={}",
            printable(&parameter.name),
            printable(&parameter.value)
        );
    }
    let general = run.failures.iter().filter(|cause| cause.agent.is_empty());
    for line in general.flat_map(|cause| failure_lines(&cause.failure)) {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "files: {}", printable(&run.folder));
    text
}

#[cfg(test)]
mod tests {
    use bfgg_controller::api::types::{Parameter, RunFailure};
    use bfgg_protocol::{Failure, FailureCode};
    use bfgg_report::Verdict;

    use super::*;
    use crate::view::samples;

    #[test]
    fn the_list() {
        let mut done = samples::run();
        done.state = RunState::Finished;
        done.started_ms = Some(1_700_000_010_000);
        done.ended_ms = Some(1_700_000_030_500);
        (done.live.ok, done.live.ko) = (1234, 5);
        done.verdict = Some(Verdict::default());
        let text = runs(&[samples::run(), done], &TimeZone::UTC, 160);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn one_run() {
        let mut failed = samples::run();
        failed.state = RunState::Failed;
        failed.spec.parameters = vec![Parameter {
            name: "users".into(),
            value: "10".into(),
            secret: false,
        }];
        failed.failures = vec![RunFailure {
            agent: String::new(),
            failure: Failure::new(
                FailureCode::BadInput,
                "start",
                "users is no number",
                "Write one.",
            ),
        }];
        insta::assert_snapshot!(run(&failed, &TimeZone::UTC), @r"
        run 01890a5d-ac96-774b-bcce-b302099a8057: example.ShopSimulation on 2 agents (lab-1, lab-2), for at most 4 h
        failed: there is no result
        project: https://git.example/shop.git at main
        parameter: users=10
            start: users is no number
            hint: Write one.
        files: /data/runs/1
        ");
    }
}
