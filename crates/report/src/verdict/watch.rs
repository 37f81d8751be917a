//! What the samples of one machine come to: taken one by one, nothing of them is kept.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::over::{BRIDGED_MS, Over, SECOND_MS};
use super::{Sample, Thresholds};

/// Samples of garbage collection that are kept for its window; more would be of a wrong clock.
const KEPT: usize = 4_096;

/// Watches one load generator. It takes the samples in the order of time; its size does not depend
/// on their number.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// Those in force now.
    #[serde(skip)]
    thresholds: Thresholds,
    pub(super) cpu: Over,
    pub(super) steal: Over,
    pub(super) gc: Over,
    pub(super) pause: Over,
    pub(super) files: Over,
    pub(super) ports: Over,
    pub(super) network: Over,
    /// How long garbage collection took in each second of the window.
    gc_seen: VecDeque<(u64, u64)>,
    /// The newest sample.
    pub(super) last_ms: Option<u64>,
    /// Time without samples.
    pub(super) unseen: Unseen,
}

/// Time of which nothing is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unseen {
    /// Its first part, if there is any.
    pub(super) first: Option<(u64, u64)>,
    /// The end of its last part.
    pub(super) to_ms: u64,
    /// All parts together, ms.
    pub(super) total_ms: u64,
}

impl Unseen {
    pub(super) fn add(&mut self, from_ms: u64, to_ms: u64) {
        self.first.get_or_insert((from_ms, to_ms));
        self.to_ms = to_ms;
        self.total_ms = self.total_ms.saturating_add(to_ms.saturating_sub(from_ms));
    }
}

impl Watch {
    /// One that has seen nothing yet.
    #[must_use]
    pub fn new(thresholds: &Thresholds) -> Self {
        Self {
            thresholds: *thresholds,
            ..Self::default()
        }
    }

    /// One that was kept, with the thresholds of now.
    #[must_use]
    pub fn resumed(self, thresholds: &Thresholds) -> Self {
        Self {
            thresholds: *thresholds,
            ..self
        }
    }

    /// One that has seen these samples, which are in the order of time.
    #[must_use]
    pub fn of<'a>(samples: impl IntoIterator<Item = &'a Sample>, thresholds: &Thresholds) -> Self {
        let mut watch = Self::new(thresholds);
        for sample in samples {
            watch.take(sample);
        }
        watch
    }

    /// Takes the next sample. One that is not newer than the last is passed over.
    pub fn take(&mut self, sample: &Sample) {
        let at = sample.at_ms;
        let last = self.last_ms.unwrap_or(0);
        if self.last_ms.is_some_and(|last| at <= last) {
            return;
        }
        let begins = at.saturating_sub(SECOND_MS);
        if begins.saturating_sub(last) > BRIDGED_MS {
            self.unseen.add(last, begins);
        }
        self.last_ms = Some(at);
        let Thresholds {
            cpu_percent,
            window_ms,
            gc_percent,
            gc_pause_ms,
            files_percent,
            ports_percent,
            network_percent,
            ..
        } = self.thresholds;
        if let Some(cpu) = sample.cpu_percent {
            let is_over = cpu >= cpu_percent;
            self.cpu.take(at, cpu, is_over, window_ms);
            let steal = sample.steal_percent.unwrap_or(0.0);
            self.steal.take(at, steal, is_over, window_ms);
        }
        if let Some(gc) = sample.gc_ms {
            let percent = self.gc_percent(at, gc);
            // What is over its limit is the window as a whole.
            self.gc.take(at, percent, percent > gc_percent, 0);
        }
        if let Some(pause) = sample.gc_pause_ms {
            self.pause.take(at, pause as f64, pause > gc_pause_ms, 0);
        }
        for (over, figure, limit) in [
            (&mut self.files, sample.files_percent(), files_percent),
            (&mut self.ports, sample.ports_percent(), ports_percent),
            (&mut self.network, sample.network_percent(), network_percent),
        ] {
            if let Some(figure) = figure {
                over.take(at, figure, figure >= limit, 0);
            }
        }
    }

    /// The share of garbage collection in the window that ends now, percent, 100 at most: a pause may be
    /// longer than the window. Nothing is added for gaps.
    fn gc_percent(&mut self, at_ms: u64, gc_ms: u64) -> f64 {
        self.gc_seen.push_back((at_ms, gc_ms));
        let window_ms = self.thresholds.window_ms;
        let is_before = |at: u64| at.saturating_add(window_ms) <= at_ms;
        while self.gc_seen.front().is_some_and(|(at, _)| is_before(*at))
            || self.gc_seen.len() > KEPT
        {
            self.gc_seen.pop_front();
        }
        let all: u64 = self.gc_seen.iter().map(|(_, gc)| gc).sum();
        (all as f64 * 100.0 / window_ms.max(1) as f64).min(100.0)
    }
}
