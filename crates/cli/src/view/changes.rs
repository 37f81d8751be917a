//! What has changed between two states of a run, as lines.

use bfgg_controller::api::types::{Run, RunAgent, RunAgentPhase, RunState};
use bfgg_protocol::{Failure, RunExit};
use bfgg_report::{Verdict, VerdictFinding};
use jiff::tz::TimeZone;

use super::text::{bytes, printable, printable_lines, span_ms, span_s, time_ms};

/// The lines to show for a run that was in state `before` and is `now`.
pub(crate) fn changes(before: Option<&Run>, now: &Run, zone: &TimeZone) -> Vec<String> {
    let mut lines = Vec::new();
    if before.is_none() {
        lines.push(opening(now));
    }
    let width = now
        .agents
        .iter()
        .map(|a| a.name.chars().count())
        .max()
        .unwrap_or(0)
        .min(24);
    for agent in &now.agents {
        let was = before.and_then(|run| run.agents.iter().find(|a| a.index == agent.index));
        let started_waiting = was.is_none() && agent.phase == RunAgentPhase::Waiting;
        // How a stop goes on is worth a line: it may take a minute.
        let stops = agent.phase == RunAgentPhase::Stopping && !agent.step.is_empty();
        let differs =
            |was: &RunAgent| was.phase != agent.phase || (stops && was.step != agent.step);
        if !started_waiting && was.is_none_or(differs) {
            lines.push(format!(
                "  {:width$}  {}",
                printable(&agent.name),
                phase(agent)
            ));
            if let Some(failure) = &agent.failure {
                lines.extend(failure_lines(failure));
            }
        }
    }
    if before.map(|run| run.state) != Some(now.state) {
        lines.extend(state(now, zone));
    }
    let seen = before.map_or(0, |run| run.events.len());
    let events = now.events.iter().skip(seen);
    lines.extend(events.map(|event| {
        let at = time_ms(event.at_ms, zone);
        format!("{at}  {}", printable(&event.message))
    }));
    if before.is_none_or(|run| run.offered_load != now.offered_load) {
        let loads = now.offered_load.iter();
        lines.extend(loads.map(|load| printable(&load.to_string())));
    }
    lines.extend(verdict(before, now));
    let known = |note| before.is_some_and(|run| run.notes.contains(note));
    let new = now.notes.iter().filter(|note| !known(note));
    lines.extend(new.map(|note| format!("note: {}", printable(note))));
    lines
}

fn opening(run: &Run) -> String {
    let names: Vec<_> = run
        .agents
        .iter()
        .map(|agent| printable(&agent.name))
        .collect();
    let simulation = run.simulation.as_ref().or(run.spec.simulation.as_ref());
    format!(
        "run {}: {} on {} ({}), for at most {}",
        run.id,
        simulation.map_or("the project's simulation".to_owned(), |name| printable(
            name
        )),
        match names.len() {
            1 => "1 agent".to_owned(),
            n => format!("{n} agents"),
        },
        names.join(", "),
        span_s(run.spec.max_duration_s.into()),
    )
}

fn state(run: &Run, zone: &TimeZone) -> Option<String> {
    Some(match run.state {
        RunState::Preparing => return None,
        RunState::Arming => "all agents are ready: coming up".to_owned(),
        RunState::Running => match run.started_ms {
            Some(at) => format!("all agents start at {}", time_ms(at, zone)),
            None => "running".to_owned(),
        },
        RunState::Stopping => "stopping".to_owned(),
        RunState::Collecting => "collecting and merging the logs".to_owned(),
        RunState::Finished => "finished: every agent's log is complete".to_owned(),
        RunState::Stopped if !run.has_summary => {
            format!("stopped: there is no result.{}", why_stopped(run))
        }
        RunState::Stopped => {
            format!(
                "stopped: what was logged until then is in the result.{}",
                why_stopped(run)
            )
        }
        RunState::Partial => "incomplete: an agent's data is missing or cut".to_owned(),
        RunState::Failed => "failed: there is no result".to_owned(),
    })
}

fn why_stopped(run: &Run) -> String {
    let cause = run.stopped.as_ref();
    cause.map_or_else(String::new, |cause| {
        format!(" {}", printable(&cause.message))
    })
}

/// What has been found since that speaks against the figures. The table has it at the end.
fn verdict(before: Option<&Run>, now: &Run) -> Vec<String> {
    let findings = |run: &Run| -> Vec<VerdictFinding> {
        let verdict = run.verdict.as_ref();
        let reasons = verdict.into_iter().flat_map(Verdict::reasons);
        reasons.cloned().collect()
    };
    let known = before.map(findings).unwrap_or_default();
    if before.is_some() && now.state.is_final() && now.has_summary {
        return Vec::new();
    }
    let is_known = |new: &VerdictFinding| {
        let mut known = known.iter();
        known.any(|old| (&old.code, &old.agent) == (&new.code, &new.agent))
    };
    let new = findings(now).into_iter().filter(|new| !is_known(new));
    new.map(|new| format!("{}: {}", new.level.word(), printable(&new.text())))
        .collect()
}

fn phase(agent: &RunAgent) -> String {
    let text = match agent.phase {
        RunAgentPhase::Waiting => "waiting".to_owned(),
        RunAgentPhase::Fetching => "fetching the project".to_owned(),
        RunAgentPhase::Building => "building".to_owned(),
        RunAgentPhase::Ready => return ready(agent),
        RunAgentPhase::Starting => "starting Gatling".to_owned(),
        RunAgentPhase::Armed => "armed, waiting for the start".to_owned(),
        RunAgentPhase::Running => "running".to_owned(),
        RunAgentPhase::Stopping => "stopping".to_owned(),
        RunAgentPhase::Ended => return format!("ended: {}", exit(agent)),
        RunAgentPhase::Collecting => "sending its log".to_owned(),
        RunAgentPhase::Collected => return format!("log here: {}", bytes(agent.collected_bytes)),
        RunAgentPhase::Failed => return "failed".to_owned(),
        RunAgentPhase::Lost => {
            return "lost: not heard for 12 s; its data may come later".to_owned();
        }
    };
    match agent.step.as_str() {
        "" => text,
        step => format!("{text}: {}", printable(step)),
    }
}

fn ready(agent: &RunAgent) -> String {
    let Some(prepared) = &agent.prepared else {
        return "ready".to_owned();
    };
    // A folder's snapshot has an id of another length.
    let what = if prepared.commit.len() > 40 {
        "snapshot"
    } else {
        "commit"
    };
    printable(&format!(
        "ready: {what} {}, Gatling {}, Java {}, fetched in {}, built in {}",
        prepared.commit.get(..7).unwrap_or(&prepared.commit),
        prepared.gatling,
        prepared.jdk.version,
        span_ms(prepared.fetch_ms),
        span_ms(prepared.build_ms),
    ))
}

fn exit(agent: &RunAgent) -> String {
    let Some(end) = &agent.end else {
        return "Gatling has ended".to_owned();
    };
    match &end.exit {
        RunExit::Success => "Gatling is done".to_owned(),
        RunExit::AssertionsFailed => {
            "Gatling is done; assertions fail on this agent's part".to_owned()
        }
        RunExit::Failed { status } => format!("Gatling ended with status {status}"),
        RunExit::Killed { signal } => format!("Gatling was killed by signal {signal}"),
        RunExit::Stopped if end.dead_man => {
            "stopped by itself: it did not hear the controller".to_owned()
        }
        RunExit::Stopped => "stopped".to_owned(),
        RunExit::MaxDuration => "the maximum duration was reached".to_owned(),
        RunExit::NotStarted => "Gatling was not started".to_owned(),
    }
}

/// A failure with its remedy and the lines of output that matter.
pub(super) fn failure_lines(failure: &Failure) -> Vec<String> {
    let mut lines = vec![format!(
        "    {}: {}",
        printable(&failure.phase),
        printable(&failure.message)
    )];
    lines.extend(printable_lines(&failure.detail).map(|line| format!("    | {line}")));
    if !failure.hint.is_empty() {
        lines.push(format!("    hint: {}", printable(&failure.hint)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use bfgg_protocol::{FailureCode, RunEnd};
    use bfgg_report::VerdictLevel;

    use super::*;
    use crate::view::samples;

    fn next(lines: &mut Vec<String>, run: &mut Run, change: impl FnOnce(&mut Run)) {
        let before = run.clone();
        change(run);
        lines.extend(changes(Some(&before), run, &TimeZone::UTC));
    }

    #[test]
    fn a_run_from_its_start_to_its_end() {
        let mut run = samples::run();
        let mut lines = changes(None, &run, &TimeZone::UTC);
        next(&mut lines, &mut run, |run| {
            run.agents[0].phase = RunAgentPhase::Fetching;
            run.agents[1].phase = RunAgentPhase::Building;
            run.agents[1].step = "mvn test-compile".into();
        });
        next(&mut lines, &mut run, |run| {
            run.agents[1].step = "another step".into();
        });
        next(&mut lines, &mut run, |run| {
            for agent in &mut run.agents {
                agent.phase = RunAgentPhase::Ready;
                agent.prepared = Some(samples::prepared());
            }
            run.state = RunState::Arming;
            run.notes = vec!["each agent runs the whole profile: total = 2 × yours".into()];
        });
        next(&mut lines, &mut run, |run| {
            run.state = RunState::Running;
            run.started_ms = Some(1_700_000_010_250);
        });
        next(&mut lines, &mut run, |run| {
            run.agents[0].phase = RunAgentPhase::Ended;
            run.agents[0].end = Some(RunEnd {
                run: run.id,
                exit: RunExit::Success,
                started_ms: 0,
                ended_ms: 0,
                console: None,
                log_bytes: Some(4096),
                failure: None,
                probe: None,
                dead_man: false,
            });
            run.agents[1].phase = RunAgentPhase::Lost;
            run.state = RunState::Collecting;
        });
        next(&mut lines, &mut run, |run| {
            run.agents[0].phase = RunAgentPhase::Collected;
            run.agents[0].collected_bytes = 4096;
            run.state = RunState::Partial;
        });
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn what_speaks_against_the_figures_is_told_once() {
        let finding = |agent: &str, sentence: &str| VerdictFinding {
            level: VerdictLevel::Suspect,
            code: "cpu".into(),
            agent: agent.into(),
            sentence: sentence.into(),
            remedy: "Spread the load.".into(),
            from_ms: Some(190_000),
            to_ms: None,
        };
        let verdict = |findings| {
            Some(Verdict {
                level: VerdictLevel::Suspect,
                findings,
                more: 0,
            })
        };
        let mut run = samples::run();
        let mut lines = Vec::new();
        next(&mut lines, &mut run, |run| {
            run.verdict = verdict(vec![finding(
                "lab-2",
                "CPU 91 % since 00:03:10, for 10 s so far",
            )]);
        });
        next(&mut lines, &mut run, |run| {
            run.verdict = verdict(vec![
                finding("lab-2", "CPU 91 % since 00:03:10, for 11 s so far"),
                finding("lab-1", "CPU 97 % since 00:03:11\u{1b}[2J"),
            ]);
        });
        next(&mut lines, &mut run, |run| run.has_summary = true);
        assert_eq!(
            lines,
            [
                "SUSPECT: lab-2: CPU 91 % since 00:03:10, for 10 s so far",
                "SUSPECT: lab-1: CPU 97 % since 00:03:11\\u{1b}[2J",
            ]
        );
    }

    #[test]
    fn a_failure_names_phase_cause_and_remedy() {
        let mut run = samples::run();
        let mut lines = Vec::new();
        next(&mut lines, &mut run, |run| {
            run.agents[0].phase = RunAgentPhase::Failed;
            run.agents[0].failure = Some(
                Failure::new(
                    FailureCode::BuildFailed,
                    "build",
                    "the project does not compile",
                    "Fix it.",
                )
                .with_detail("ShopSimulation.java:[12,3] ';' expected\n\u{1b}[1mERROR"),
            );
            run.state = RunState::Failed;
        });
        insta::assert_snapshot!(lines.join("\n"), @r"
          lab-1  failed
            build: the project does not compile
            | ShopSimulation.java:[12,3] ';' expected
            | \u{1b}[1mERROR
            hint: Fix it.
        failed: there is no result
        ");
    }
}
