//! When an agent's part of a run ended, by a clock that may say anything.

use bfgg_protocol::{RunEnd, RunExit};
use bfgg_report::ClockStep;

use super::offset_ms;
use crate::api::types::{Run, RunAgent};

/// Beyond its maximum duration a run has so long to stop, ms.
const STOPS_MS: u64 = 120_000;

/// How long the load of a run can last at most, ms: what is told of later is told by a wrong clock.
pub(crate) fn longest_ms(run: &Run) -> u64 {
    u64::from(run.spec.max_duration_s) * 1000 + STOPS_MS
}

/// When an agent's Gatling ended, ms after the start instant; `None` if it does not say. Steps of its clock
/// are taken off. It was not before the agent was `heard_ms` at work last, nor after the longest run.
pub(crate) fn ended_after_ms(
    run: &Run,
    agent: &RunAgent,
    end: &RunEnd,
    heard_ms: u64,
) -> Option<u64> {
    let started = signed(run.started_ms?);
    if end.ended_ms == 0 {
        return None;
    }
    let longest = longest_ms(run);
    let mut after = signed(end.ended_ms)
        .saturating_sub(offset_ms(agent.clock))
        .saturating_sub(started);
    // With those steps that came before it.
    let mut not_before = signed(heard_ms);
    // One that the agent has not noticed may be ours.
    let own = |step: &&ClockStep| step.index == agent.index && step.noticed_by_agent;
    let mut steps = run.clock_steps.iter().filter(own);
    while let Some(step) = steps.next()
        && !(not_before..step.after_ms).contains(&after)
    {
        after = after.saturating_sub(step.by_ms);
        not_before = not_before.max(step.after_ms);
    }
    let after = u64::try_from(after).unwrap_or(0);
    Some(after.clamp(heard_ms.min(longest), longest))
}

/// Whether a load ended before it should, where nobody has asked for its end.
pub(super) fn is_early(end: &RunEnd) -> bool {
    let failed = matches!(
        end.exit,
        RunExit::Failed { .. } | RunExit::Killed { .. } | RunExit::NotStarted
    );
    failed || end.dead_man
}

/// Of an agent that makes no load any more, why.
pub(super) fn why(name: &str, end: &RunEnd) -> String {
    match end.dead_man {
        true => format!("{name} stopped by itself, not hearing the controller"),
        false => format!("{name} ended early"),
    }
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::{run_end, started_run};

    #[test]
    fn an_end_is_where_it_can_be() {
        const HOUR: i64 = 3_600_000;
        let base = started_run(1_000_000, 10_000_000, 600);
        // Steps of its clock (when, by), when it was heard last, when its Gatling ended by it, and by us.
        type Case<'a> = (&'a [(i64, i64)], u64, u64, Option<u64>);
        let cases: [Case<'_>; 11] = [
            (&[], 0, 0, None),
            (&[], 40_000, 10_042_500, Some(42_500)),
            // Set forward in the run, back, and both.
            (&[(9_000, HOUR)], 40_000, 13_642_500, Some(42_500)),
            (&[(9_000, -HOUR)], 40_000, 6_442_500, Some(42_500)),
            (
                &[(9_000, HOUR), (20_000, -HOUR)],
                40_000,
                10_042_500,
                Some(42_500),
            ),
            // Set after its end.
            (&[(60_000, HOUR)], 40_000, 10_042_500, Some(42_500)),
            (&[(60_000, -HOUR)], 40_000, 10_042_500, Some(42_500)),
            // Nobody knows of the step.
            (&[], 40_000, 13_642_500, Some(720_000)),
            (&[], 40_000, 1, Some(40_000)),
            (&[], 40_000, u64::MAX, Some(720_000)),
            (&[], u64::MAX, 10_042_500, Some(720_000)),
        ];
        for (steps, heard_ms, ended_ms, expected) in cases {
            let mut run = base.clone();
            let step = |(after_ms, by_ms): &(i64, i64)| ClockStep {
                agent: "lab-a".into(),
                index: 0,
                after_ms: *after_ms,
                by_ms: *by_ms,
                noticed_by_agent: true,
            };
            run.clock_steps = steps.iter().map(step).collect();
            let end = RunEnd {
                ended_ms,
                ..run_end(&run, RunExit::Success)
            };
            let found = |run: &Run| ended_after_ms(run, &base.agents[0], &end, heard_ms);
            assert_eq!(found(&run), expected, "{steps:?} {heard_ms} {ended_ms}");
            // It was ours that was set.
            run.clock_steps
                .iter_mut()
                .for_each(|step| step.noticed_by_agent = false);
            assert_eq!(found(&run), found(&base), "{steps:?}");
        }
    }
}
