//! The run in progress, as the tray and the close question show it.

use bfgg_controller::api::types::{Event, Run, RunState};
use bfgg_protocol::RunId;

/// What the controller is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum RunStatus {
    /// Nothing.
    #[default]
    Idle,
    /// It does not answer.
    Unknown,
    /// It has a run.
    Active(ActiveRun),
}

/// The run in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActiveRun {
    pub(crate) id: RunId,
    simulation: String,
    state: RunState,
    /// Since the start instant, s.
    elapsed_s: u32,
    ok: u64,
    ko: u64,
}

impl RunStatus {
    /// One line for the tray.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Idle => "No run in progress".to_owned(),
            Self::Unknown => "The controller does not answer".to_owned(),
            Self::Active(run) => run.text(),
        }
    }

    /// The run in progress.
    pub(crate) fn active(&self) -> Option<RunId> {
        match self {
            Self::Active(run) => Some(run.id),
            _ => None,
        }
    }

    /// Whether this run is not in progress, as far as the controller says.
    pub(crate) fn is_over(&self, run: Option<RunId>) -> bool {
        !matches!(self, Self::Unknown) && self.active() != run
    }

    /// The run that can be stopped.
    pub(crate) fn stoppable(&self) -> Option<&ActiveRun> {
        match self {
            Self::Active(run) if run.can_stop() => Some(run),
            _ => None,
        }
    }
}

/// A run that has just ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EndedRun {
    pub(crate) id: RunId,
    /// Its simulation, a name from outside.
    pub(crate) simulation: String,
    /// A final one.
    pub(crate) state: RunState,
    /// `VALID`, …; none where there is no result.
    pub(crate) verdict: Option<&'static str>,
    /// Requests that succeeded, as far as was told live.
    pub(crate) ok: u64,
    /// Requests that failed, likewise.
    pub(crate) ko: u64,
    /// Whether there are exact figures.
    pub(crate) has_summary: bool,
}

impl EndedRun {
    fn of(run: &Run) -> Option<Self> {
        run.state.is_final().then(|| Self {
            id: run.id,
            simulation: name(run),
            state: run.state,
            verdict: run.verdict.as_ref().map(|verdict| verdict.level.word()),
            ok: run.live.ok,
            ko: run.live.ko,
            has_summary: run.has_summary,
        })
    }
}

fn name(run: &Run) -> String {
    let simulation = run.simulation.as_deref().or(run.spec.simulation.as_deref());
    simulation.map_or_else(|| run.spec.source.shown(), str::to_owned)
}

impl ActiveRun {
    fn of(run: &Run) -> Option<Self> {
        if run.state.is_final() {
            return None;
        }
        Some(Self {
            id: run.id,
            simulation: name(run),
            state: run.state,
            elapsed_s: run.live.elapsed_s,
            ok: run.live.ok,
            ko: run.live.ko,
        })
    }

    fn can_stop(&self) -> bool {
        matches!(
            self.state,
            RunState::Preparing | RunState::Arming | RunState::Running
        )
    }

    fn text(&self) -> String {
        let name = &self.simulation;
        match self.state {
            RunState::Preparing => format!("{name}: agents prepare"),
            RunState::Arming => format!("{name}: about to start"),
            RunState::Running => {
                let (minutes, seconds) = (self.elapsed_s / 60, self.elapsed_s % 60);
                format!(
                    "{name}: {minutes}:{seconds:02}, {} OK, {} KO",
                    self.ok, self.ko
                )
            }
            RunState::Stopping => format!("{name}: stopping"),
            _ => format!("{name}: collecting the logs"),
        }
    }
}

/// The runs heard of in the controller's events.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    active: Vec<ActiveRun>,
}

impl Runs {
    /// Takes in an event; the answer is the runs that ended with it.
    pub(crate) fn apply(&mut self, event: &Event) -> Vec<EndedRun> {
        match event {
            Event::Snapshot { runs, .. } => return self.replace(runs),
            Event::Run { run } => {
                let known = self.active.iter().position(|active| active.id == run.id);
                match (known, ActiveRun::of(run)) {
                    (Some(index), Some(active)) => self.active[index] = active,
                    (Some(index), None) => {
                        self.active.remove(index);
                        return EndedRun::of(run).into_iter().collect();
                    }
                    (None, Some(active)) => self.active.push(active),
                    (None, None) => {}
                }
            }
            Event::Agent { .. }
            | Event::AgentRemoved { .. }
            | Event::LocalAgent { .. }
            | Event::Test { .. }
            | Event::TestRemoved { .. }
            | Event::Tick { .. } => {}
        }
        Vec::new()
    }

    /// Takes in all there is, the newest first. The controller may have been out of reach while one
    /// ended.
    fn replace(&mut self, runs: &[Run]) -> Vec<EndedRun> {
        let known = |run: &&Run| self.active.iter().any(|active| active.id == run.id);
        let ended = runs.iter().rev().filter(known).filter_map(EndedRun::of);
        let ended = ended.collect();
        self.active = runs.iter().rev().filter_map(ActiveRun::of).collect();
        ended
    }

    /// The newest run in progress.
    pub(crate) fn status(&self) -> RunStatus {
        self.active
            .last()
            .cloned()
            .map_or(RunStatus::Idle, RunStatus::Active)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(number: u8, state: &str) -> Run {
        serde_json::from_value(json!({
            "id": format!("0193a3f0-0000-7000-8000-00000000000{number}"),
            "spec": { "source": { "url": "https://git.example/shop.git" } },
            "state": state,
            "created_ms": 0,
            "simulation": "example.Shop",
            "agents": [],
            "live": {
                "elapsed_s": 65, "ok": 7, "ko": 1, "per_second": 0.0,
                "users_active": 0, "users_done": 0, "users_waiting": 0, "agents": 0,
            },
            "failures": [],
            "notes": [],
            "has_summary": false,
            "folder": "",
        }))
        .unwrap()
    }

    fn event(number: u8, state: &str) -> Event {
        Event::Run {
            run: Box::new(run(number, state)),
        }
    }

    #[test]
    fn each_end_is_told_once() {
        let mut runs = Runs::default();
        let mut ends = |event: Event| runs.apply(&event).len();
        // It was over before.
        assert_eq!(ends(event(1, "finished")), 0);
        assert_eq!(ends(event(2, "preparing")), 0);
        assert_eq!(ends(event(2, "running")), 0);
        assert_eq!(ends(event(2, "partial")), 1);
        // An agent has delivered late.
        assert_eq!(ends(event(2, "finished")), 0);
    }

    #[test]
    fn an_end_that_nobody_heard_is_told_too() {
        let mut runs = Runs::default();
        let before = [run(1, "stopped"), run(0, "finished")];
        assert!(runs.replace(&before).is_empty());
        let during = [run(2, "running"), run(1, "stopped")];
        assert!(runs.replace(&during).is_empty());
        let text = runs.status().text();
        assert_eq!(text, "example.Shop: 1:05, 7 OK, 1 KO");
        let ended = runs.replace(&[run(3, "arming"), run(2, "failed"), run(1, "stopped")]);
        let ids: Vec<_> = ended.iter().map(|ended| ended.id).collect();
        assert_eq!(ids, [run(2, "failed").id]);
        assert_eq!((ended[0].ok, ended[0].ko), (7, 1));
        assert!(runs.status().active() == Some(run(3, "arming").id));
    }
}
