//! The time of one run.

use std::time::Duration;

use super::Now;

/// Wall time as it was when a run started, and what has passed since: a controller whose clock is set in
/// the run counts on, so that seconds neither stand still nor are jumped over. What agents' clocks say was
/// compared with ours at the start, and goes on to be comparable with this.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Steady {
    /// Wall time in ms, and what had passed by then by a clock that is not set.
    began: Option<(u64, Duration)>,
}

impl Steady {
    /// The run has started, or is found again by a controller that was.
    pub(crate) fn begin(&mut self, now: Now, passed: Duration) {
        self.began.get_or_insert((now.wall_ms, passed));
    }

    /// The time in the run; until it has begun it is ours.
    pub(crate) fn now(&self, now: Now, passed: Duration) -> Now {
        let Some((wall_ms, began)) = self.began else {
            return now;
        };
        let since = passed.saturating_sub(began).as_millis();
        let since = u64::try_from(since).unwrap_or(u64::MAX);
        Now {
            wall_ms: wall_ms.saturating_add(since),
            ..now
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_in_a_run_does_not_move_it() {
        let at = |wall_ms| Now {
            mono: Duration::from_secs(7),
            wall_ms,
        };
        let second = Duration::from_secs(1);
        let mut steady = Steady::default();
        assert_eq!(steady.now(at(5_000), 3 * second), at(5_000));
        steady.begin(at(10_000), 8 * second);
        for wall_ms in [11_000, 3_611_000, 0, u64::MAX] {
            assert_eq!(steady.now(at(wall_ms), 9 * second), at(11_000));
        }
        // It begins once.
        steady.begin(at(99_000), 20 * second);
        assert_eq!(steady.now(at(0), 20 * second), at(22_000));
        assert_eq!(steady.now(at(0), Duration::ZERO), at(10_000));
    }
}
