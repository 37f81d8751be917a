//! How a run ends: stopping, what was collected, the report.

use bfgg_protocol::{Failure, FailureCode, Task};

use super::loss::cause;
use super::machine::{Effect, Ending, Machine};
use crate::api::types::{RunAgentPhase as Phase, RunFailure, RunState as State, StopKind};
use crate::clock::Now;

impl Machine {
    pub(super) fn stop(&mut self, force: bool, now: Now, effects: &mut Vec<Effect>) {
        let again = self.run.state == State::Stopping;
        if self.run.state == State::Collecting || (again && (self.forced || !force)) {
            return;
        }
        if self.ending == Ending::Normal {
            self.ending = Ending::Stopped;
            let message = "The user stopped the run.".to_owned();
            self.run.stopped = Some(cause(StopKind::User, message, now));
        }
        self.begin_stopping(force, now, effects);
    }

    pub(super) fn begin_stopping(&mut self, force: bool, now: Now, effects: &mut Vec<Effect>) {
        self.forced |= force;
        self.enter(State::Stopping, now);
        for index in 0..self.members.len() {
            self.members[index].heard_since_stop = false;
            if self.members[index].engaged && self.run.agents[index].end.is_none() {
                self.push(
                    index,
                    Task::Stop {
                        run: self.run.id,
                        force,
                    },
                    effects,
                );
            }
        }
    }

    pub(super) fn collected(
        &mut self,
        index: usize,
        result: Result<(), Failure>,
        effects: &mut Vec<Effect>,
    ) {
        match result {
            Ok(()) => {
                self.run.agents[index].phase = Phase::Collected;
                self.push(index, Task::Confirm { run: self.run.id }, effects);
            }
            Err(failure) => self.fail(index, failure),
        }
    }

    pub(super) fn reported(&mut self, result: Result<Vec<String>, Failure>, now: Now) {
        let state = match result {
            Ok(notes) => {
                self.run.has_summary = true;
                self.run.revision = 1;
                self.run.notes.extend(notes);
                let whole =
                    self.run.agents.iter().all(|a| {
                        a.phase == Phase::Collected && a.has_logged() && a.failure.is_none()
                    });
                match self.ending {
                    Ending::Stopped => State::Stopped,
                    Ending::Normal if whole => State::Finished,
                    Ending::Normal | Ending::Failed => State::Partial,
                }
            }
            // Stopped before the load began: nobody's failure.
            Err(failure)
                if failure.code == FailureCode::NoResult && self.ending == Ending::Stopped =>
            {
                self.run.notes.push(failure.message);
                State::Stopped
            }
            Err(failure) => {
                self.run.failures.push(RunFailure {
                    agent: String::new(),
                    failure,
                });
                if self.ending == Ending::Stopped {
                    State::Stopped
                } else {
                    State::Failed
                }
            }
        };
        self.enter(state, now);
    }
}
