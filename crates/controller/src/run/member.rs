//! An agent of a run: what its heartbeats say, and that it is not heard.

use std::time::Duration;

use bfgg_protocol::{AgentPhase, AgentState, Failure, FailureCode, TaskId};

use super::clocks::MemberClock;
use super::machine::Machine;
use crate::api::types::{RunAgentPhase as Phase, RunFailure, RunState as State};
use crate::clock::Now;

/// An agent's part, beside what the API shows.
#[derive(Debug)]
pub(super) struct Member {
    /// The task whose end is awaited.
    pub(super) task: Option<TaskId>,
    pub(super) clock: MemberClock,
    /// It holds this run's lease, or has told how the run ended.
    pub(super) engaged: bool,
    pub(super) lost_since: Option<Duration>,
    /// Since when its beats say nothing of this run although it should be at work on it.
    pub(super) disowned_since: Option<Duration>,
    /// A heartbeat came since Stopping began.
    pub(super) heard_since_stop: bool,
    /// When the newest heartbeat came.
    pub(super) heard_at: Option<Now>,
    /// When it was heard at work on this run last, wall time in ms.
    pub(super) at_work_ms: Option<u64>,
}

impl Member {
    pub(super) fn new() -> Self {
        Self {
            task: None,
            clock: MemberClock::default(),
            engaged: false,
            lost_since: None,
            disowned_since: None,
            heard_since_stop: false,
            heard_at: None,
            at_work_ms: None,
        }
    }
}

impl Machine {
    pub(super) fn heard(&mut self, index: usize, state: AgentState, now: Now) {
        let id = self.run.id;
        let ours = state.lease.as_ref().is_some_and(|lease| lease.run == id);
        let member = &mut self.members[index];
        member.lost_since = None;
        member.heard_at = Some(now);
        member.heard_since_stop = self.run.state == State::Stopping;
        let agent = &mut self.run.agents[index];
        if let Some(live) = state.live.filter(|live| live.run == id) {
            agent.live = Some(live);
        }
        let probe = state.probe.or_else(|| state.ended.as_ref()?.probe.clone());
        if let Some(probe) = probe.filter(|probe| probe.run == id) {
            agent.probe = Some(probe);
        }
        if let Some(end) = state.ended.filter(|end| end.run == id) {
            member.engaged = false;
            if agent.end.is_none() {
                let failure = end.failure.clone();
                if let Some(console) = &end.console {
                    agent.live = Some(console.clone());
                }
                agent.end = Some(end);
                agent.step = String::new();
                agent.phase = Phase::Ended;
                let ended = self.run.agents[index].end.clone();
                if let Some(end) = ended {
                    self.ended(index, &end, now);
                }
                if let Some(failure) = failure {
                    let agent = &mut self.run.agents[index];
                    let name = agent.name.clone();
                    agent.failure = Some(failure.clone());
                    self.run.failures.push(RunFailure {
                        agent: name,
                        failure,
                    });
                }
            }
            return;
        }
        if matches!(
            agent.phase,
            Phase::Failed | Phase::Ended | Phase::Collecting
        ) {
            if !ours {
                member.engaged = false;
            }
            return;
        }
        if !ours {
            match self.run.state {
                State::Stopping => member.engaged = false,
                State::Running => {
                    member.disowned_since.get_or_insert(now.mono);
                }
                _ => {}
            }
            return;
        }
        member.engaged = true;
        member.at_work_ms = Some(now.wall_ms);
        member.disowned_since = None;
        agent.step = state.step;
        self.back(index, now);
        let agent = &mut self.run.agents[index];
        agent.phase = match state.phase {
            AgentPhase::Fetching => Phase::Fetching,
            AgentPhase::Building => Phase::Building,
            AgentPhase::Starting => Phase::Starting,
            AgentPhase::Armed => Phase::Armed,
            AgentPhase::Running => Phase::Running,
            AgentPhase::Stopping => Phase::Stopping,
            // Ready counts when the task's result is here; the rest says nothing of this run.
            AgentPhase::Ready | AgentPhase::Available | AgentPhase::Error => agent.phase,
        };
    }

    pub(super) fn lost(&mut self, index: usize, now: Now) {
        let member = &mut self.members[index];
        if member.lost_since.is_some() {
            return;
        }
        member.lost_since = Some(now.mono);
        if matches!(self.run.state, State::Preparing | State::Arming)
            && self.run.agents[index].phase != Phase::Failed
        {
            let name = &self.run.agents[index].name;
            let failure = Failure::new(
                FailureCode::AgentLost,
                "prepare",
                format!("{name} was lost before the start: it has not been heard for 12 s."),
                "See whether the machine is up and reaches the controller, then start again.",
            );
            self.fail(index, failure);
        } else if !matches!(
            self.run.agents[index].phase,
            Phase::Failed | Phase::Collected
        ) {
            if self.run.state == State::Running && self.run.agents[index].end.is_none() {
                let name = &self.run.agents[index].name;
                let since = self.members[index].heard_at.unwrap_or(now);
                let reason = format!("{name} was not heard");
                self.out(index, since.wall_ms, reason, true, now);
            }
            self.run.agents[index].phase = Phase::Lost;
        }
    }
}
