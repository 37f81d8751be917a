//! What is seen of runs under way, and what it makes of their figures.

use std::path::PathBuf;

use bfgg_protocol::{AgentState, PeerId, RunId};
use bfgg_report::Verdict;
use bfgg_report::verdict::{Evidence, judge};

use super::runs::ActiveRun;
use super::{Core, Done};
use crate::api::types::{RunAgentPhase as Phase, RunFigures};
use crate::clock::Now;
use crate::run;

/// Findings that go to viewers; summary.json has all.
pub(super) const SHOWN: usize = 20;
/// What was seen is written down this often, s of the run.
const KEPT_EVERY_S: u32 = 10;

impl ActiveRun {
    /// What is known of the run so far, `now_ms` after its start.
    fn evidence(&self, now_ms: u64) -> Evidence {
        let mut seen = self.observed.evidence(&self.shown, Some(now_ms));
        for (agent, signs) in seen.agents.iter_mut().zip(self.live_figures().signs) {
            agent.signs = signs;
        }
        seen
    }
}

impl Core {
    /// Takes what a heartbeat tells of the machine of one of a run's agents.
    pub(super) fn observe(&mut self, id: RunId, peer: &PeerId, state: &AgentState, now: Now) {
        let Some(active) = self.runs.get_mut(&id) else {
            return;
        };
        let now = active.time(now, &self.clock);
        let run = &active.shown;
        let Some(index) = run.agents.iter().position(|agent| agent.id == *peer) else {
            return;
        };
        let since_start = run
            .started_ms
            .and_then(|start| now.wall_ms.checked_sub(start));
        let observed = &mut active.observed;
        observed.clock(index, &state.instance, state.clock_jump, since_start);
        // Only the load it makes for this run counts.
        let agent = &run.agents[index];
        let makes_load = match agent.phase {
            Phase::Running | Phase::Stopping | Phase::Lost => agent.end.is_none(),
            _ => false,
        };
        if let Some(at_ms) = since_start
            && makes_load
            && state.lease.as_ref().is_some_and(|lease| lease.run == id)
        {
            observed.heard(index, &run::sample(at_ms, &state.health));
        }
    }

    /// Judges a run by what is known so far; the time is that in the run.
    pub(super) fn judge(&mut self, id: RunId, now: Now) {
        let Some(active) = self.runs.get_mut(&id) else {
            return;
        };
        let since_start = |start| now.wall_ms.checked_sub(start);
        let Some(now_ms) = active.shown.started_ms.and_then(since_start) else {
            return;
        };
        active.observed.look(&active.shown, now_ms);
        let verdict = judge(&active.evidence(now_ms), &self.thresholds);
        active.shown.verdict = Some(verdict.with_at_most(SHOWN));
        if active.shown.live.elapsed_s.is_multiple_of(KEPT_EVERY_S) {
            let (observed, folder) = (active.observed.clone(), PathBuf::from(&active.shown.folder));
            self.tasks.spawn_blocking(move || {
                observed.keep(&folder);
                Done::Nothing
            });
        }
    }

    /// The verdict of a run's end, and its figures. Where there is no result only what was found stays.
    pub(super) fn judged(
        &mut self,
        id: RunId,
        verdict: Option<Verdict>,
        figures: Option<RunFigures>,
    ) {
        let Some(active) = self.runs.get_mut(&id) else {
            return;
        };
        active.shown.figures = figures;
        let found = active.shown.verdict.take();
        let found = found.filter(|found| found.reasons().next().is_some());
        active.shown.verdict = verdict.or(found).map(|verdict| verdict.with_at_most(SHOWN));
    }
}
