//! Processor time.

use std::time::Instant;

use bfgg_testkit::taken::ticks;

/// Ticks in a second; Linux has no other.
const TICKS: f64 = 100.0;

/// The processor time of some processes from one moment to another.
pub(crate) struct Cpu {
    pids: Vec<u32>,
    ticks: u64,
    at: Instant,
}

impl Cpu {
    /// From now on.
    pub(crate) fn of(pids: Vec<u32>) -> Self {
        let ticks = pids.iter().map(|pid| ticks(*pid)).sum();
        Self {
            pids,
            ticks,
            at: Instant::now(),
        }
    }

    /// Percent of a core until now.
    pub(crate) fn percent(&self) -> f64 {
        let ticks: u64 = self.pids.iter().map(|pid| ticks(*pid)).sum();
        (ticks - self.ticks) as f64 / TICKS / self.at.elapsed().as_secs_f64() * 100.0
    }
}
