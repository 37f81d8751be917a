//! The loss of agents in a run, and what it means for the load.

use std::time::Duration;

use bfgg_protocol::{AgentState, RunEnd, RunExit};
use bfgg_report::OfferedLoad;

use super::machine::{Effect, Ending, Machine};
use super::part_end::{ended_after_ms, is_early, why};
use super::stop_rules::clock;
use crate::api::types::{
    AgentOut, OnLoss, RunAgent, RunAgentPhase as Phase, RunEvent, RunState as State, StopCause,
    StopKind,
};
use crate::clock::Now;

/// Events kept of one run.
const EVENTS: usize = 500;
/// A lost agent stops the others only if one of these was heard within this time: else it is the
/// controller that is cut off.
const HEARD: Duration = Duration::from_secs(3);

impl Machine {
    /// Keeps what has happened.
    pub(super) fn note(&mut self, message: String, now: Now) {
        let at_ms = now.wall_ms;
        if self.run.events.len() < EVENTS {
            self.run.events.push(RunEvent { at_ms, message });
        }
    }

    /// Seconds since the start instant.
    fn second(&self, wall_ms: u64) -> u32 {
        let started = self.run.started_ms.unwrap_or(wall_ms);
        u32::try_from(wall_ms.saturating_sub(started) / 1000).unwrap_or(u32::MAX)
    }

    /// An agent makes no load from then on, or may make none.
    pub(super) fn out(
        &mut self,
        index: usize,
        since_ms: u64,
        reason: String,
        unheard: bool,
        now: Now,
    ) {
        let known = self.run.agents[index].out.as_ref();
        if known.is_some_and(|known| !known.unheard) {
            return;
        }
        let from_s = self.second(since_ms);
        self.run.agents[index].out = Some(AgentOut {
            from_s,
            reason: reason.clone(),
            unheard,
        });
        self.run.offered_load = offered_load(self.run.agents.iter().map(|a| a.out.as_ref()));
        self.note(format!("{reason} from {} on.", clock(from_s.into())), now);
    }

    /// An agent that was not heard is, and was at work all the time.
    pub(super) fn back(&mut self, index: usize, now: Now) {
        let agent = &mut self.run.agents[index];
        let Some(out) = agent.out.take_if(|out| out.unheard) else {
            return;
        };
        let (name, from) = (agent.name.clone(), clock(out.from_s.into()));
        self.run.offered_load = offered_load(self.run.agents.iter().map(|a| a.out.as_ref()));
        let until = clock(self.second(now.wall_ms).into());
        let message = format!(
            "{name} is heard again: it was not from {from} to {until}, and went on meanwhile."
        );
        self.note(message, now);
    }

    /// An agent's Gatling has ended, by itself or not.
    pub(super) fn ended(&mut self, index: usize, end: &RunEnd, now: Now) {
        let name = self.run.agents[index].name.clone();
        if end.exit == RunExit::MaxDuration && self.run.stopped.is_none() {
            let limit = self.run.spec.max_duration_s;
            let message = format!("The maximum duration of {limit} s was reached.");
            self.run.stopped = Some(cause(StopKind::MaxDuration, message, now));
        }
        // What the controller has stopped itself is nobody's loss.
        let running = self.run.state == State::Running;
        if !running || !(is_early(end) || end.exit == RunExit::Stopped) {
            return self.back(index, now);
        }
        let started_ms = self.run.started_ms.unwrap_or(now.wall_ms);
        let after = |ms: u64| ms.saturating_sub(started_ms);
        let heard_ms = self.members[index].at_work_ms.map_or(0, after);
        let agent = &self.run.agents[index];
        let ended_ms = match end.exit {
            RunExit::NotStarted => 0,
            _ => ended_after_ms(&self.run, agent, end, heard_ms)
                .map_or(after(now.wall_ms), |ended| ended.min(after(now.wall_ms))),
        };
        let since_ms = started_ms.saturating_add(ended_ms);
        self.out(index, since_ms, why(&name, end), false, now);
    }

    /// Where the run is not to go on without an agent: the others are stopped.
    pub(super) fn stop_for_loss(&mut self, now: Now, effects: &mut Vec<Effect>) -> bool {
        if self.run.spec.on_loss != OnLoss::Stop {
            return false;
        }
        let is_heard = |index: usize| {
            let member = &self.members[index];
            let at_work = !matches!(self.run.agents[index].phase, Phase::Ended | Phase::Failed);
            let heard = member.heard_at.map(|at| now.mono.saturating_sub(at.mono));
            at_work && member.lost_since.is_none() && heard.is_some_and(|since| since < HEARD)
        };
        let none_out = self.run.agents.iter().all(|agent| agent.out.is_none());
        if none_out || !(0..self.members.len()).any(is_heard) {
            return false;
        }
        // Those that went with it are not heard for as long, though it is not said of them yet.
        let why = |(index, agent): (usize, &RunAgent)| match &agent.out {
            Some(out) => Some(format!(
                "{} from {} on",
                out.reason,
                clock(out.from_s.into())
            )),
            None if agent.end.is_some() || is_heard(index) => None,
            None => {
                let heard = self.members[index].heard_at?;
                let from = clock(self.second(heard.wall_ms).into());
                Some(format!("{} was not heard from {from} on", agent.name))
            }
        };
        let agents = self.run.agents.iter().enumerate();
        let reasons: Vec<String> = agents.filter_map(why).collect();
        let message = format!(
            "{}, and the run is not to go on without an agent.",
            reasons.join(", ")
        );
        self.stop_because(StopKind::Loss, message, now, effects);
        true
    }

    /// A stop rule is broken.
    pub(super) fn broken(&mut self, message: String, now: Now, effects: &mut Vec<Effect>) {
        if self.run.state == State::Running {
            self.stop_because(StopKind::Rule, message, now, effects);
        }
    }

    /// Stops the run gracefully, and says why.
    fn stop_because(
        &mut self,
        kind: StopKind,
        message: String,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        self.note(format!("The run is stopped. {message}"), now);
        self.run.stopped = Some(cause(kind, message, now));
        self.ending = Ending::Stopped;
        self.begin_stopping(false, now, effects);
    }

    /// The rules about the agents' machines.
    pub(super) fn watch_cpu(
        &mut self,
        index: usize,
        state: &AgentState,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        if self.run.state != State::Running || self.run.agents[index].phase != Phase::Running {
            return;
        }
        let (name, cpu) = (&self.run.agents[index].name, state.health.busy_percent());
        if let Some(message) = self.cpu.heard(index, name, cpu, now.mono) {
            self.broken(message, now, effects);
        }
    }
}

pub(super) fn cause(kind: StopKind, message: String, now: Now) -> StopCause {
    StopCause {
        kind,
        message,
        at_ms: now.wall_ms,
    }
}

/// The part of the load that is offered, by what is known of each agent. Shares are equal.
pub(crate) fn offered_load<'a>(
    agents: impl ExactSizeIterator<Item = Option<&'a AgentOut>>,
) -> Vec<OfferedLoad> {
    let all = agents.len();
    let mut outs: Vec<&AgentOut> = agents.flatten().collect();
    outs.sort_by_key(|out| out.from_s);
    let mut loads: Vec<OfferedLoad> = Vec::new();
    for (missing, out) in (1..).zip(outs) {
        let percent = 100.0 * all.saturating_sub(missing) as f64 / all.max(1) as f64;
        let percent = (percent * 100.0).round() / 100.0;
        match loads.last_mut() {
            Some(last) if last.from_s == out.from_s => {
                last.percent = percent;
                last.reason = format!("{}, {}", last.reason, out.reason);
            }
            _ => loads.push(OfferedLoad {
                from_s: out.from_s,
                percent,
                reason: out.reason.clone(),
            }),
        }
    }
    loads
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offered_load_falls_with_each_agent() {
        let out = |from_s, reason: &str| {
            Some(AgentOut {
                from_s,
                reason: reason.into(),
                unheard: true,
            })
        };
        // What is known of each agent, the sentences.
        let cases: [(Vec<Option<AgentOut>>, &[&str]); 4] = [
            (vec![None; 3], &[]),
            (
                [vec![None; 9], vec![out(2470, "lab-3 was not heard")]].concat(),
                &["offered load 90 % from 00:41:10: lab-3 was not heard"],
            ),
            (
                vec![out(60, "b ended early"), None, out(5, "a was not heard")],
                &[
                    "offered load 66.67 % from 00:00:05: a was not heard",
                    "offered load 33.33 % from 00:01:00: b ended early",
                ],
            ),
            (
                vec![out(5, "a"), out(5, "b")],
                &["offered load 0 % from 00:00:05: a, b"],
            ),
        ];
        for (agents, expected) in cases {
            let loads = offered_load(agents.iter().map(Option::as_ref));
            let told: Vec<String> = loads.iter().map(ToString::to_string).collect();
            assert_eq!(told, expected);
        }
    }
}
