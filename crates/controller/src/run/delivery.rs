//! What is to be done with an agent's part of a run that is over: pure decisions.

use bfgg_protocol::{FailureCode, RunEnd};

use super::loss::offered_load;
use crate::api::types::{Run, RunAgent, RunAgentPhase as Phase, RunEvent, RunState as State};
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
    // It was at work all the time, or has ended for a reason of its own.
    if end.failure.is_none() {
        agent.out = agent.out.take().filter(|out| !out.unheard);
    }
    agent.end = Some(end);
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
