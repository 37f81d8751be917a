//! The clocks of a run's agents, and how its load was started.
//!
//! An agent's offset is settled when the start instant is named: Gatling's own clock, which makes
//! the times of its log, does not follow when the machine's clock is set later.

use bfgg_protocol::{AgentState, InstanceId};
use bfgg_report::{
    AgentClock, ClockStep, RunClocks, RunStart, Timing, clock_difference, step_text,
};

use super::machine::{Effect, Machine};
use crate::api::types::{Run, RunAgent};
use crate::clock::{ClockHistory, Now, Offset, is_jump};

/// A clock that is off by more, ms, is worth a note.
const FAR_MS: f64 = 1000.0;
/// What the agent and the offset tell within this time, ms, by nearly the same, is one step.
const SAME_WITHIN_MS: i64 = 150_000;
const SAME_BY_MS: u64 = 1000;
/// Steps that are kept of a run.
const STEPS: usize = 100;
/// The release is told in whole ms.
const RELEASE_STEP_MS: f64 = 1.0;

/// What is known of one agent's clock, beside what the API shows.
#[derive(Debug, Default)]
pub(super) struct MemberClock {
    /// It was measured, or could not be.
    pub(super) measured: bool,
    history: ClockHistory,
    /// The newest jump that the agent has told, and the start of the agent it counts from.
    told: Option<(InstanceId, u32)>,
}

impl MemberClock {
    /// That of a run which an earlier start of the controller left.
    pub(super) fn resumed(measured: bool) -> Self {
        Self {
            measured,
            ..Self::default()
        }
    }
}

impl Machine {
    /// An agent's clock was measured, or could not be.
    pub(super) fn clock_measured(&mut self, index: usize, offset: Option<Offset>, now: Now) {
        let started = self.run.started_ms.is_some();
        let clock = &mut self.members[index].clock;
        clock.measured = true;
        let Some(offset) = offset else { return };
        let shown = &mut self.run.agents[index].clock;
        // What an earlier start of the controller has measured.
        let earlier = shown.filter(|_| clock.history.is_empty() && started);
        let jump = clock.history.add(offset);
        let jump = jump.or_else(|| is_jump(&stored(&earlier?, now), &offset));
        match shown {
            Some(shown) if started => {
                let better = |new: f64| shown.drift.is_none_or(|old| new <= old.uncertainty_ppm);
                let drift = clock.history.drift();
                if let Some(drift) = drift.filter(|drift| better(drift.uncertainty_ppm)) {
                    shown.drift = Some(drift);
                }
            }
            _ => *shown = clock.history.clock(),
        }
        if let Some(by_us) = jump {
            self.clock_step(index, by_us / 1000, false, now);
        }
    }

    /// A heartbeat tells whether the agent's clock was set.
    pub(super) fn clock_told(
        &mut self,
        index: usize,
        state: &AgentState,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let number = state.clock_jump.map_or(0, |jump| jump.number);
        let clock = &mut self.members[index].clock;
        let Some((instance, seen)) = clock.told.replace((state.instance, number)) else {
            // What was before is no part of the run.
            return;
        };
        let seen = if instance == state.instance { seen } else { 0 };
        let Some(jump) = state.clock_jump.filter(|_| number > seen) else {
            return;
        };
        // The start waits for the clock as it is now.
        clock.measured = false;
        effects.push(Effect::MeasureClock {
            agent: self.run.agents[index].id.clone(),
        });
        self.clock_step(index, jump.by_ms, true, now);
    }

    fn clock_step(&mut self, index: usize, by_ms: i64, noticed_by_agent: bool, now: Now) {
        let Some(started_ms) = self.run.started_ms else {
            return;
        };
        let after_ms = signed(now.wall_ms) - signed(started_ms);
        let agent = &self.run.agents[index];
        let same = |step: &&mut ClockStep| {
            step.index == agent.index
                && step.noticed_by_agent != noticed_by_agent
                && after_ms - step.after_ms <= SAME_WITHIN_MS
                && step.by_ms.abs_diff(by_ms) <= SAME_BY_MS
        };
        if let Some(step) = self.run.clock_steps.iter_mut().rev().find(same) {
            let before = step_text(step);
            step.noticed_by_agent = true;
            let text = step_text(step);
            self.run
                .notes
                .iter_mut()
                .filter(|note| **note == before)
                .for_each(|note| note.clone_from(&text));
            return;
        }
        if self.run.clock_steps.len() < STEPS {
            let step = ClockStep {
                agent: agent.name.clone(),
                index: agent.index,
                after_ms,
                by_ms,
                noticed_by_agent,
            };
            self.run.notes.push(step_text(&step));
            self.run.clock_steps.push(step);
        }
    }

    /// The start instant in an agent's clock, ms since 1970.
    pub(super) fn in_its_clock(&self, index: usize, instant: u64) -> u64 {
        instant.saturating_add_signed(offset_ms(self.run.agents[index].clock))
    }

    /// What the reader of the figures should know of the clocks.
    pub(super) fn note_clocks(&mut self) {
        for agent in &self.run.agents {
            let name = &agent.name;
            let note = match agent.clock {
                None => {
                    format!("The clock of {name} could not be measured; it is taken as ours.")
                }
                Some(clock) if clock.offset_ms.abs() >= FAR_MS => format!(
                    "The clock of {name} is {}; the times of its log are corrected.",
                    clock_difference(clock.offset_ms)
                ),
                Some(_) => continue,
            };
            self.run.notes.push(note);
        }
    }

    /// How the load was started, as far as it is known.
    pub(super) fn note_start(&mut self) {
        let Some(started_ms) = self.run.started_ms else {
            return;
        };
        for agent in &mut self.run.agents {
            let released = agent.probe.as_ref().filter(|probe| probe.held);
            let released = released.and_then(|probe| probe.released_ms);
            if let (Some(released), Some(clock)) = (released, &agent.clock) {
                let after = signed(released) - signed(started_ms);
                agent.released_after_ms = Some(float(after) - clock.offset_ms);
            }
        }
        self.run.start = Some(start(&self.run.agents));
    }
}

fn start(agents: &[RunAgent]) -> RunStart {
    let held = |agent: &RunAgent| agent.probe.as_ref().is_some_and(|probe| probe.held);
    let releases = agents.iter().map(|agent| {
        let uncertainty = agent.clock.map_or(0.0, |clock| clock.uncertainty_ms);
        agent.released_after_ms.map(|after| (after, uncertainty))
    });
    let releases: Option<Vec<(f64, f64)>> = releases.collect();
    let releases = releases.unwrap_or_default();
    let by_time = |a: &&(f64, f64), b: &&(f64, f64)| a.0.total_cmp(&b.0);
    let ends = releases
        .iter()
        .min_by(by_time)
        .zip(releases.iter().max_by(by_time));
    RunStart {
        held: agents.iter().all(held),
        spread_ms: ends.map(|(first, last)| last.0 - first.0),
        uncertainty_ms: match ends {
            Some((first, last)) if releases.len() > 1 => first.1 + last.1 + RELEASE_STEP_MS,
            _ => 0.0,
        },
    }
}

/// What the report needs of the clocks of a run.
pub(crate) fn run_clocks(run: &Run) -> RunClocks {
    RunClocks {
        start: run.start,
        steps: run.clock_steps.clone(),
    }
}

/// What is added to the times of an agent's log, ms, and what is known of them beside.
pub(crate) fn timing(agent: &RunAgent, started_ms: Option<u64>) -> (i64, Timing) {
    let offset = offset_ms(agent.clock);
    let gatling = agent.probe.as_ref().and_then(|probe| probe.gatling_ms);
    let released = match gatling {
        Some(ms) => signed(ms),
        None => signed(started_ms.unwrap_or_default()).saturating_add(offset),
    };
    let timing = Timing {
        clock: agent.clock,
        drift_from_ms: released,
        released_after_ms: agent.released_after_ms,
    };
    (agent.log_lag_ms().saturating_sub(offset), timing)
}

/// An agent's clock minus ours in whole ms; 0 where it is not known.
pub(crate) fn offset_ms(clock: Option<AgentClock>) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "it saturates")]
    clock.map_or(0, |clock| clock.offset_ms.round() as i64)
}

fn stored(clock: &AgentClock, now: Now) -> Offset {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it saturates"
    )]
    Offset {
        at: Now {
            mono: now.mono,
            wall_ms: clock.measured_ms,
        },
        offset_us: (clock.offset_ms * 1000.0) as i64,
        uncertainty_us: (clock.uncertainty_ms * 1000.0) as u64,
    }
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "ms of a run are exact")]
fn float(ms: i64) -> f64 {
    ms as f64
}
