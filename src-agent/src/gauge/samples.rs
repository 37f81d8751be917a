//! Samples of the load in a run, until a cell takes them along.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bfgg_protocol::HealthSample;
use bfgg_protocol::version::MAX_CELL_HEALTH;

use crate::run_folder::RunFolder;

/// Samples that wait. One run is in progress at a time; the lock is held for moments and never
/// over an await.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    run: Option<PathBuf>,
    samples: VecDeque<HealthSample>,
}

impl Samples {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This run is in progress now.
    pub(crate) fn begin(&self, run: &RunFolder) {
        let mut waiting = self.lock();
        waiting.run = Some(run.path().to_owned());
        waiting.samples.clear();
    }

    /// This run is over.
    pub(crate) fn end(&self, run: &RunFolder) {
        let mut waiting = self.lock();
        if waiting.is_of(run) {
            *waiting = Waiting::default();
        }
    }

    /// The run in progress.
    pub(crate) fn run(&self) -> Option<RunFolder> {
        self.lock().run.as_ref().map(RunFolder::at)
    }

    /// Adds one; where nobody takes them the oldest goes.
    pub(crate) fn add(&self, run: &RunFolder, sample: HealthSample) {
        let mut waiting = self.lock();
        if waiting.is_of(run) {
            if waiting.samples.len() >= MAX_CELL_HEALTH {
                waiting.samples.pop_front();
            }
            waiting.samples.push_back(sample);
        }
    }

    /// How many of a run wait.
    pub(crate) fn waiting(&self, run: &RunFolder) -> usize {
        let waiting = self.lock();
        if waiting.is_of(run) {
            waiting.samples.len()
        } else {
            0
        }
    }

    /// Takes those of a run, the oldest first.
    pub(crate) fn take(&self, run: &RunFolder) -> Vec<HealthSample> {
        let mut waiting = self.lock();
        match waiting.is_of(run) {
            true => waiting.samples.drain(..).collect(),
            false => Vec::new(),
        }
    }
}

impl Waiting {
    fn is_of(&self, run: &RunFolder) -> bool {
        self.run.as_deref() == Some(run.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_those_of_the_run_in_progress() {
        let samples = Samples::default();
        let (first, second) = (RunFolder::at("/a"), RunFolder::at("/b"));
        let at = |at_ms| HealthSample {
            at_ms,
            ..HealthSample::default()
        };
        samples.add(&first, at(1));
        assert_eq!((samples.run(), samples.take(&first)), (None, Vec::new()));
        samples.begin(&first);
        let most = MAX_CELL_HEALTH as u64;
        (0..most + 2).for_each(|n| samples.add(&first, at(n)));
        samples.add(&second, at(0));
        assert_eq!(samples.waiting(&first), MAX_CELL_HEALTH);
        let taken = samples.take(&first);
        assert_eq!((taken[0].at_ms, taken[63].at_ms), (2, most + 1));
        assert_eq!(samples.waiting(&first), 0);
        samples.add(&first, at(9));
        samples.begin(&second);
        assert!(samples.take(&first).is_empty() && samples.take(&second).is_empty());
        samples.end(&first);
        assert_eq!(samples.run(), Some(second.clone()));
        samples.end(&second);
        assert_eq!(samples.run(), None);
    }
}
