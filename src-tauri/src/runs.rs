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

impl ActiveRun {
    fn of(run: &Run) -> Option<Self> {
        if run.state.is_final() {
            return None;
        }
        let simulation = run.simulation.as_deref().or(run.spec.simulation.as_deref());
        Some(Self {
            id: run.id,
            simulation: simulation.map_or_else(|| run.spec.source.shown(), str::to_owned),
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
    /// Takes in an event.
    pub(crate) fn apply(&mut self, event: &Event) {
        match event {
            Event::Snapshot { runs, .. } => {
                // The snapshot has the newest run first.
                self.active = runs.iter().rev().filter_map(ActiveRun::of).collect();
            }
            Event::Run { run } => {
                let known = self.active.iter().position(|active| active.id == run.id);
                match (known, ActiveRun::of(run)) {
                    (Some(index), Some(active)) => self.active[index] = active,
                    (Some(index), None) => {
                        self.active.remove(index);
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
    }

    /// The newest run in progress.
    pub(crate) fn status(&self) -> RunStatus {
        self.active
            .last()
            .cloned()
            .map_or(RunStatus::Idle, RunStatus::Active)
    }
}
