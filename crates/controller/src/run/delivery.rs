//! What is to be done with an agent's part of a run that is over: pure decisions.

use bfgg_protocol::{FailureCode, RunEnd, RunExit};

use super::loss::offered_load;
use super::part_end::{ended_after_ms, is_early, why};
use crate::api::types::{
    AgentOut, Run, RunAgent, RunAgentPhase as Phase, RunEvent, RunState as State,
};
use crate::clock::{Now, wall_text};

/// What an agent is to do for a run that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// Its files are wanted.
    Deliver,
    /// Its files are here, or nobody wants them: it need not keep them.
    Confirm,
}

/// What an agent that has ended its part of a run that is over is to do.
pub(crate) fn errand_of(run: &Run, agent: &RunAgent, end: &RunEnd) -> Errand {
    let logged = end.log_bytes.is_some_and(|bytes| bytes > 0);
    if run.started_ms.is_some() && agent.phase != Phase::Collected && logged {
        Errand::Deliver
    } else {
        Errand::Confirm
    }
}

/// An agent's files have come after the run was over: what that changes before the result is made
/// anew.
pub(crate) fn delivered(run: &mut Run, index: usize, end: RunEnd) {
    let Some(agent) = run.agents.get_mut(index) else {
        return;
    };
    let name = agent.name.clone();
    agent.phase = Phase::Collected;
    agent.collected_bytes = end.log_bytes.unwrap_or_default();
    agent.probe = end.probe.clone().or_else(|| agent.probe.take());
    agent.failure = end.failure.clone();
    // It went on although it was not heard: up to its end, or until it ended for a reason of its own.
    let unheard = agent
        .out
        .take_if(|out| out.unheard)
        .filter(|_| is_early(&end));
    agent.end = Some(end.clone());
    if let Some(out) = unheard {
        let known = &run.agents[index];
        let heard_ms = u64::from(out.from_s) * 1000;
        let ended_ms = ended_after_ms(run, known, &end, heard_ms);
        let from_s = match end.exit {
            RunExit::NotStarted => 0,
            _ => ended_ms.map_or(out.from_s, |ms| {
                u32::try_from(ms / 1000).unwrap_or(u32::MAX)
            }),
        };
        run.agents[index].out = Some(AgentOut {
            from_s,
            reason: why(&name, &end),
            unheard: false,
        });
    }
    let is_cured = |code| matches!(code, FailureCode::AgentLost | FailureCode::CollectFailed);
    run.failures
        .retain(|known| known.agent != name || !is_cured(known.failure.code));
    run.offered_load = offered_load(run.agents.iter().map(|agent| agent.out.as_ref()));
}

/// The result was made anew with an agent's late delivery.
pub(crate) fn revised(run: &mut Run, index: usize, notes: Vec<String>, now: Now) {
    run.has_summary = true;
    run.revision = run
        .revision
        .max(1)
        .saturating_add(u32::from(run.revision > 0));
    let name = run.agents.get(index).map_or("", |agent| &agent.name);
    let message = format!(
        "Revision {}: {name} delivered at {}.",
        run.revision,
        wall_text(now.wall_ms)
    );
    run.events.push(RunEvent {
        at_ms: now.wall_ms,
        message,
    });
    // What was said of the earlier result may not hold any more, but was said.
    for note in notes {
        if !run.notes.contains(&note) {
            run.notes.push(note);
        }
    }
    let whole = run.agents.iter().all(|agent| {
        agent.phase == Phase::Collected && agent.has_logged() && agent.failure.is_none()
    });
    run.state = match run.state {
        State::Partial | State::Failed if whole => State::Finished,
        State::Failed => State::Partial,
        other => other,
    };
}
