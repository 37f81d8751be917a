//! The ended runs whose controllers have not confirmed that they have them.

use bfgg_protocol::{Failure, KeptRuns, PeerId, RunEnd, RunId};

/// A run's end is told for this many seconds before the next one is.
const TURN: usize = 5;
/// Bytes of a failure's message that are told.
const MESSAGE: usize = 200;

#[derive(Debug, Default)]
pub(super) struct Unconfirmed {
    ends: Vec<(PeerId, RunEnd)>,
    seconds: usize,
    /// Of all of them together.
    pub(super) bytes: u64,
}

impl Unconfirmed {
    pub(super) fn add(&mut self, controller: &PeerId, end: &RunEnd) {
        self.ends.retain(|(_, known)| known.run != end.run);
        self.ends.push((controller.clone(), brief(end)));
    }

    /// Its controller has it; whether the run was waiting for that.
    pub(super) fn confirm(&mut self, controller: &PeerId, run: RunId) -> bool {
        let before = self.ends.len();
        self.ends
            .retain(|(of, end)| !(of == controller && end.run == run));
        self.ends.len() < before
    }

    pub(super) fn tick(&mut self) {
        self.seconds = self.seconds.wrapping_add(1);
    }

    /// What a controller is told.
    pub(super) fn told(&self, controller: &PeerId) -> Option<Box<KeptRuns>> {
        if self.ends.is_empty() {
            return None;
        }
        let own = self.ends.iter().filter(|(of, _)| of == controller);
        let own: Vec<&RunEnd> = own.map(|(_, end)| end).collect();
        let turn = (self.seconds / TURN).checked_rem(own.len()).unwrap_or(0);
        Some(Box::new(KeptRuns {
            runs: u32::try_from(self.ends.len()).unwrap_or(u32::MAX),
            bytes: self.bytes,
            end: own.get(turn).map(|end| (*end).clone()),
        }))
    }
}

/// An end as a heartbeat has room for beside all else.
fn brief(end: &RunEnd) -> RunEnd {
    let failure = end.failure.as_ref().map(|failure| {
        let message: String = failure.message.chars().take(MESSAGE).collect();
        Failure::new(failure.code, "run", message, "")
    });
    RunEnd {
        failure,
        ..end.clone()
    }
}
