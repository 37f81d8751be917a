//! The seconds of runs under way: closed for viewers once their cells are there, and looked at by stop
//! rules.

use std::time::Duration;

use bfgg_protocol::RunId;
use tracing::info;

use super::Core;
use super::runs::ActiveRun;
use crate::api::types::{Liveness, Run, RunAgent, RunAgentPhase, RunState, Tick};
use crate::clock::Now;
use crate::run::{Input, Summary, Watermark, complete_until};

/// The second of a run, since its start instant.
pub(super) fn second(run: &Run, now: Now) -> i64 {
    let started = run.started_ms.unwrap_or(now.wall_ms);
    i64::try_from(now.wall_ms.saturating_sub(started) / 1000).unwrap_or(i64::MAX)
}

impl Core {
    /// How long it is until a run has another second to close; a second if there is none.
    pub(super) fn until_second(&mut self) -> Duration {
        let now = self.clock.now();
        let loaded = self.runs.values().filter(|active| active.is_loaded());
        let left = loaded.filter_map(|active| {
            let time = active.time(now, &self.clock);
            active.live.left(&active.shown, time.wall_ms)
        });
        left.min().unwrap_or(Duration::from_secs(1))
    }

    pub(super) fn close_seconds(&mut self, now: Now) {
        let ids: Vec<RunId> = self.runs.keys().copied().collect();
        for id in ids {
            self.close_second(id, now);
        }
    }

    fn close_second(&mut self, id: RunId, now: Now) {
        let Some(active) = self.runs.get_mut(&id).filter(|active| active.is_loaded()) else {
            return;
        };
        let now = active.time(now, &self.clock);
        if let Some(tick) = active.live.close(&mut active.shown, now.wall_ms) {
            active.show(active.live_figures().times);
            self.judge(id, now);
            let Some(run) = self.runs.get(&id).map(ActiveRun::view) else {
                return;
            };
            self.publish_tick(id, tick);
            self.publish_run(run);
        }
    }

    /// Applies the stop rules about figures to the seconds that are complete.
    pub(super) fn apply_stop_rules(&mut self, id: RunId, now: Now) {
        let agents = &self.agents;
        let Some(active) = self.runs.get_mut(&id) else {
            return;
        };
        let run = &active.shown;
        if run.spec.stop_if.is_empty() || run.state != RunState::Running {
            return;
        }
        let Summary {
            telling,
            newest,
            broken,
            ..
        } = active.live_figures();
        if let Some(message) = broken {
            return self.run_input(id, Input::Broken { message }, now);
        }
        let elapsed = second(run, active.time(now, &self.clock));
        let at_work = run.agents.iter().filter(|agent| {
            let told_all = telling.get(agent.index as usize) == Some(&false)
                && agent.phase == RunAgentPhase::Ended;
            !told_all && !matches!(agent.phase, RunAgentPhase::Lost | RunAgentPhase::Failed)
        });
        let watermark = |agent: &RunAgent| Watermark {
            heard: agents
                .get(&agent.id)
                .is_some_and(|record| record.view.liveness == Liveness::Alive),
            told: newest.get(agent.index as usize).copied().flatten(),
            flushed: agent.probe.as_ref().is_some_and(|probe| probe.flushed),
        };
        let at_work: Vec<Watermark> = at_work.map(watermark).collect();
        match complete_until(elapsed, &at_work) {
            Some(until) => active.recorder.complete(until),
            // Nobody was heard: rules apply to new seconds only.
            None => active.recorder.skip_to(elapsed),
        }
    }

    /// Where this computer slept stop rules apply to new seconds only. To be called before anything
    /// else learns how late it is.
    pub(super) fn notice_sleep(&mut self, now: Now) {
        let Some(slept) = self.clock.take_slept() else {
            return;
        };
        info!(
            seconds = slept.as_secs(),
            "this machine slept, or its clock was set"
        );
        for active in self.runs.values_mut() {
            active.machine.forget_cpu();
            let elapsed = second(&active.shown, active.time(now, &self.clock));
            active.recorder.skip_to(elapsed);
        }
    }

    pub(super) fn ticks(&self, id: RunId) -> Vec<Tick> {
        self.runs
            .get(&id)
            .map(|active| active.live.ticks().to_vec())
            .unwrap_or_default()
    }
}
