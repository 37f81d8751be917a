//! The seconds of a run in progress, from the agents' counters.

use std::time::Duration;

use crate::api::types::{Run, Tick};

/// So long after its end a second is closed, ms: agents cut theirs after 120 ms, and what they tell is
/// here by then.
const TOLD: u64 = 250;

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
        let elapsed =
            u32::try_from(now_ms.checked_sub(started.saturating_add(TOLD))? / 1000).ok()?;
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

    /// How long it is until the next second is closed.
    pub(crate) fn left(&self, run: &Run, now_ms: u64) -> Option<Duration> {
        let next = self
            .ticks
            .last()
            .map_or(0, |last| u64::from(last.second) + 1);
        let due = run.started_ms?.saturating_add((next + 1) * 1000 + TOLD);
        Some(Duration::from_millis(due.saturating_sub(now_ms)))
    }

    /// All seconds so far.
    pub(crate) fn ticks(&self) -> &[Tick] {
        &self.ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::started_run;

    #[test]
    fn a_second_is_closed_once_its_cells_are_there() {
        let mut run = started_run(0, 10_000, 60);
        let mut live = Live::default();
        run.started_ms = None;
        let closed = live.close(&mut run, 99_000);
        assert_eq!((live.left(&run, 0), closed), (None, None));
        run.started_ms = Some(10_000);
        for (now_ms, ok, second, left) in [
            (10_000, 0, None, 1_250),
            (11_249, 5, None, 1),
            (11_250, 7, Some((0, 7)), 1_000),
            (12_249, 9, None, 1),
            (12_260, 9, Some((1, 2)), 990),
            // It was held up.
            (15_300, 20, Some((4, 11)), 950),
            // Clocks that are off.
            (0, 20, None, 16_250),
        ] {
            run.live.ok = ok;
            let closed = live.close(&mut run, now_ms);
            assert_eq!(
                closed.map(|tick| (tick.second, tick.ok)),
                second,
                "{now_ms}"
            );
            let left = Duration::from_millis(left);
            assert_eq!(live.left(&run, now_ms), Some(left), "{now_ms}");
        }
    }
}
