//! The seconds of a run in progress, from the agents' counters.

use crate::api::types::{Run, Tick};

/// Cuts a run's counters into seconds.
#[derive(Debug, Default)]
pub(crate) struct Live {
    ticks: Vec<Tick>,
    seen: (u64, u64),
}

impl Live {
    /// Closes the seconds that have passed since the run's start, and sets the run's rate and
    /// elapsed time. The counters that came in the meantime belong to the last of these seconds.
    pub(crate) fn close(&mut self, run: &mut Run, now_ms: u64) -> Option<Tick> {
        let started = run.started_ms?;
        let elapsed = u32::try_from(now_ms.checked_sub(started)? / 1000).ok()?;
        run.live.elapsed_s = elapsed;
        let second = elapsed.checked_sub(1)?;
        if self.ticks.last().is_some_and(|last| last.second >= second) {
            return None;
        }
        // Counters never go back, but an agent that is lost and back may bring an older beat.
        let (ok, ko) = (run.live.ok.max(self.seen.0), run.live.ko.max(self.seen.1));
        let tick = Tick {
            second,
            ok: ok - self.seen.0,
            ko: ko - self.seen.1,
            users: run.live.users_active,
        };
        let seconds = second - self.ticks.last().map_or(0, |last| last.second);
        run.live.per_second = tick.ok.saturating_add(tick.ko) as f64 / f64::from(seconds.max(1));
        self.seen = (ok, ko);
        self.ticks.push(tick.clone());
        Some(tick)
    }

    /// All seconds so far.
    pub(crate) fn ticks(&self) -> &[Tick] {
        &self.ticks
    }
}
