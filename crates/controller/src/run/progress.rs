//! When a run moves on: the conditions and deadlines of each state.

use std::time::Duration;

use bfgg_protocol::{Failure, FailureCode, Start, Task};

use super::differences::differences;
use super::loss::cause;
use super::machine::{Effect, Ending, Machine};
use super::member::Member;
use crate::api::types::{
    RunAgent, RunAgentPhase as Phase, RunFailure, RunState as State, StopKind,
};
use crate::clock::Now;

/// A build may fetch half of Maven Central.
const PREPARE: Duration = Duration::from_secs(3600);
/// From Start to Armed the agent gives its supervisor 30 s and Gatling 5 minutes to come up, because
/// feeders may be long; its own reason is to come before ours.
const ARM: Duration = Duration::from_secs(345);
/// From naming the start instant to the instant: time for the release to reach every agent.
const LEAD_MS: u64 = 2_000;
/// The same where an agent does not hold its Gatling: time for java to come up, too.
const TIMED_LEAD_MS: u64 = 6_000;
/// A graceful stop takes 60 s + 15 s at most, then KILL ends everything at once.
const STOP: Duration = Duration::from_secs(80);
/// After this long in Stopping an agent that has said nothing is given up.
const STOP_GIVE_UP: Duration = Duration::from_secs(110);
/// How long the others wait at the end for an agent that is lost.
const LOST_GRACE: Duration = Duration::from_secs(30);
/// The supervisor keeps the maximum duration; the controller steps in this much later.
const OVERDUE: Duration = Duration::from_secs(120);
/// How long an agent may be heard without a word of the run it should be at work on.
const DISOWNED: Duration = Duration::from_secs(15);

impl Machine {
    /// Moves on where the state's condition is met or its deadline has passed.
    pub(super) fn advance(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let waited = now.mono.saturating_sub(self.since);
        match self.run.state {
            State::Preparing => {
                if self.any(Phase::Failed) {
                    self.give_up(now, effects);
                } else if self.all(&[Phase::Ready]) {
                    self.arm(now, effects);
                } else if waited > PREPARE {
                    self.time_out("prepare", PREPARE, &[Phase::Ready]);
                    self.give_up(now, effects);
                }
            }
            State::Arming => {
                let measured = self.members.iter().all(|member| member.clock.measured);
                if self.any(Phase::Failed) {
                    self.give_up(now, effects);
                } else if self.any(Phase::Ended) {
                    self.ended_before_start();
                    self.give_up(now, effects);
                } else if measured && self.all(&[Phase::Armed]) {
                    self.release(now, effects);
                } else if waited > ARM {
                    self.time_out("start", ARM, &[Phase::Armed]);
                    self.give_up(now, effects);
                }
            }
            State::Running => {
                self.fail_the_disowned(now);
                if self.all_over(now) {
                    self.collect(now, effects);
                } else if self.stop_for_loss(now, effects) {
                    // Its end is waited for like any other.
                } else if self.overdue(now) {
                    let hint = "Its supervisor should have ended it; it is stopped now.";
                    let message = "The run is longer than its maximum duration.";
                    self.run.stopped = Some(cause(StopKind::MaxDuration, message.into(), now));
                    let failure = Failure::new(FailureCode::TimedOut, "run", message, hint);
                    self.run.failures.push(RunFailure {
                        agent: String::new(),
                        failure,
                    });
                    self.begin_stopping(true, now, effects);
                }
            }
            State::Stopping => {
                let released = |(member, agent): (&Member, &RunAgent)| {
                    agent.end.is_some()
                        || (!member.engaged && member.heard_since_stop)
                        || (!member.engaged && agent.phase == Phase::Failed)
                        || member.lost_since.is_some()
                };
                if self.members.iter().zip(&self.run.agents).all(released) || waited > STOP_GIVE_UP
                {
                    self.stopped(now, effects);
                } else if waited > STOP && !self.forced {
                    let since = self.since;
                    self.begin_stopping(true, now, effects);
                    self.since = since;
                }
            }
            State::Collecting => {
                let under_way = |a: &RunAgent| matches!(a.phase, Phase::Collecting);
                if !self.run.agents.iter().any(under_way) && !self.report_asked {
                    self.report_asked = true;
                    effects.push(Effect::Report);
                }
            }
            State::Finished | State::Stopped | State::Partial | State::Failed => {}
        }
    }

    fn any(&self, phase: Phase) -> bool {
        self.run.agents.iter().any(|agent| agent.phase == phase)
    }

    fn all(&self, phases: &[Phase]) -> bool {
        self.run
            .agents
            .iter()
            .all(|agent| phases.contains(&agent.phase))
    }

    fn time_out(&mut self, phase: &str, limit: Duration, done: &[Phase]) {
        for index in 0..self.members.len() {
            if done.contains(&self.run.agents[index].phase) {
                continue;
            }
            let name = &self.run.agents[index].name;
            let step = &self.run.agents[index].step;
            let doing = if step.is_empty() {
                String::new()
            } else {
                format!(" ({step})")
            };
            let failure = Failure::new(
                FailureCode::TimedOut,
                phase,
                format!("{name} was not done after {} s{doing}.", limit.as_secs()),
                "Look at its build output and at the machine's load, then start again.",
            );
            self.fail(index, failure);
        }
    }

    fn ended_before_start(&mut self) {
        for index in 0..self.members.len() {
            if self.run.agents[index].phase == Phase::Ended {
                let name = &self.run.agents[index].name;
                let failure = self.run.agents[index].failure.clone().unwrap_or_else(|| {
                    let message = format!("{name} ended before the start.");
                    Failure::new(FailureCode::GatlingFailed, "start", message, "")
                });
                self.run.agents[index].phase = Phase::Failed;
                self.run.agents[index].failure = Some(failure);
            }
        }
    }

    /// An agent failed before the start: the others are released, and the run fails.
    fn give_up(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.ending = Ending::Failed;
        self.begin_stopping(false, now, effects);
    }

    fn arm(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.enter(State::Arming, now);
        self.run.notes.extend(differences(&self.run.agents));
        let count = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
        for index in 0..self.members.len() {
            let spec = &self.run.spec;
            let agent = &self.run.agents[index];
            let secrets = &self.secrets;
            let value = |name: &String, value: &String| {
                let own = agent.parameters.get(name).or_else(|| secrets.get(name));
                own.unwrap_or(value).clone()
            };
            let host = &self.hosts[index];
            let on_host = self.hosts.iter().filter(|other| *other == host).count();
            let what = Task::Start(Start {
                run: self.run.id,
                parameters: spec
                    .parameters
                    .iter()
                    .map(|p| (p.name.clone(), value(&p.name, &p.value)))
                    .collect(),
                secret: secrets.names().cloned().collect(),
                java_options: spec.java_options.clone(),
                index: agent.index,
                count,
                max_duration_s: spec.max_duration_s,
                dead_man_s: spec.dead_man_s,
                jvms_on_host: u32::try_from(on_host).unwrap_or(u32::MAX),
            });
            effects.push(Effect::MeasureClock {
                agent: agent.id.clone(),
            });
            self.push(index, what, effects);
        }
    }

    /// Names the start instant, in each agent's own clock.
    fn release(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let held = |agent: &RunAgent| agent.probe.as_ref().is_some_and(|probe| probe.held);
        let lead = if self.run.agents.iter().all(held) {
            LEAD_MS
        } else {
            TIMED_LEAD_MS
        };
        let instant = now.wall_ms + lead;
        self.enter(State::Running, now);
        self.run.started_ms = Some(instant);
        self.started = Some(now.mono);
        for index in 0..self.members.len() {
            let at_ms = self.in_its_clock(index, instant);
            self.push(
                index,
                Task::Release {
                    run: self.run.id,
                    at_ms,
                },
                effects,
            );
        }
        self.note_clocks();
        let notes = self.run.agents.iter().filter_map(start_note);
        let notes: Vec<String> = notes.collect();
        self.run.notes.extend(notes);
    }

    /// Every agent has ended, failed, or is lost for longer than the others should wait.
    fn all_over(&self, now: Now) -> bool {
        let (mut over, mut lost, mut longest) = (0, 0, Duration::ZERO);
        for (member, agent) in self.members.iter().zip(&self.run.agents) {
            match (agent.phase, member.lost_since) {
                (Phase::Ended | Phase::Failed, _) => over += 1,
                (_, Some(since)) => {
                    lost += 1;
                    longest = longest.max(now.mono.saturating_sub(since));
                }
                _ => return false,
            }
        }
        // Where nobody is heard it is the controller that is cut off: the agents run on, and are
        // waited for.
        lost == 0 || (over > 0 && longest > LOST_GRACE)
    }

    fn overdue(&self, now: Now) -> bool {
        let limit = Duration::from_secs(u64::from(self.run.spec.max_duration_s)) + OVERDUE;
        self.started
            .is_some_and(|started| now.mono.saturating_sub(started) > limit)
    }

    /// Nothing runs any more: what was logged is collected, if anything was.
    fn stopped(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.run.started_ms.is_some() {
            self.collect(now, effects);
            return;
        }
        let state = if self.ending == Ending::Stopped {
            State::Stopped
        } else {
            State::Failed
        };
        self.enter(state, now);
    }

    fn collect(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.enter(State::Collecting, now);
        for index in 0..self.members.len() {
            if self.run.agents[index].end.is_some() {
                self.run.agents[index].phase = Phase::Collecting;
                let agent = self.run.agents[index].id.clone();
                effects.push(Effect::Collect { agent });
            } else if self.run.agents[index].phase != Phase::Failed {
                let name = &self.run.agents[index].name;
                let failure = Failure::new(
                    FailureCode::AgentLost,
                    "collect",
                    format!("{name} is not heard any more; its part of the load is missing here."),
                    "Its files stay on the machine; when the agent is back they can be collected.",
                );
                self.fail(index, failure);
                self.run.agents[index].phase = Phase::Lost;
            }
        }
    }

    fn fail_the_disowned(&mut self, now: Now) {
        for index in 0..self.members.len() {
            let since = self.members[index].disowned_since;
            if since.is_none_or(|since| now.mono.saturating_sub(since) <= DISOWNED) {
                continue;
            }
            self.members[index].disowned_since = None;
            let reason = format!(
                "{} does not have the run any more",
                self.run.agents[index].name
            );
            let since = self.members[index].heard_at.unwrap_or(now);
            self.out(index, since.wall_ms, reason, false, now);
            let name = &self.run.agents[index].name;
            let message = format!("{name} does not have this run any more.");
            let hint = "Its data folder was changed or replaced in the run.";
            self.fail(
                index,
                Failure::new(FailureCode::RunLost, "run", message, hint),
            );
        }
    }

    /// The agents' counters added up.
    pub(super) fn add_up(&mut self) {
        self.note_start();
        let live = &mut self.run.live;
        (live.ok, live.ko) = (0, 0);
        (live.users_active, live.users_done, live.users_waiting) = (0, 0, 0);
        live.agents = 0;
        for counters in self
            .run
            .agents
            .iter()
            .filter_map(|agent| agent.live.as_ref())
        {
            // What a heartbeat says may be anything.
            live.ok = live.ok.saturating_add(counters.ok);
            live.ko = live.ko.saturating_add(counters.ko);
            live.users_active = live.users_active.saturating_add(counters.users_active);
            live.users_done = live.users_done.saturating_add(counters.users_done);
            live.users_waiting = live.users_waiting.saturating_add(counters.users_waiting);
            live.agents += 1;
        }
    }
}

/// What an agent's start and figures lack for want of a probe.
pub(crate) fn start_note(agent: &RunAgent) -> Option<String> {
    let name = &agent.name;
    let Some(probe) = &agent.probe else {
        let lacks = "start not held, live figures lag (its probe has told nothing)";
        return Some(format!("{name}: {lacks}."));
    };
    let lacks = probe.lacks()?;
    Some(format!("{name}: {lacks} ({}).", probe.reason))
}
