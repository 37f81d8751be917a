//! Time: monotonic for deadlines, wall time for what is shown and aligned.
//!
//! A laptop sleeps, a virtual machine is paused, a process is stopped by a signal. Then nobody can be
//! heard, and nobody's silence may be counted. The systems have monotonic clocks that go on meanwhile, and
//! so it can be told from a wall clock that was set; with a clock that stands still it cannot. [`Clock`]
//! makes them alike: time in which its owner did not look at it is left out.

mod patience;
mod system;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use patience::Patience;

/// The loops that own a clock look at it once a second at least: if one has not for this long, it did
/// not run.
const ASLEEP: Duration = Duration::from_secs(5);

/// One reading of both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Since the clock's start; never jumps.
    pub mono: Duration,
    /// Wall time, ms since 1970.
    pub wall_ms: u64,
}

/// Where readings come from: the system, or a test.
pub trait Source: Debug + Send + Sync {
    /// What the clocks say. `mono` may begin anywhere, and does not go back.
    fn read(&self) -> Now;

    /// Whether `mono` goes on while the machine sleeps: then what the wall clock says is no sign of sleep.
    fn counts_sleep(&self) -> bool {
        false
    }
}

/// Tells its owner the time. The owner looks at it once a second at least.
#[derive(Debug, Clone)]
pub struct Clock {
    source: Arc<dyn Source>,
    last: Now,
    /// What `mono` was at the start.
    first: Duration,
    left_out: Duration,
    slept: Duration,
    /// Sleep in which `mono` stood still.
    stood_still: Duration,
}

impl Clock {
    /// The system's clocks, from now on.
    pub fn start() -> Self {
        Self::of(Arc::new(system::System::start()))
    }

    /// Another source's, from now on.
    pub fn of(source: Arc<dyn Source>) -> Self {
        let last = source.read();
        Self {
            source,
            last,
            first: last.mono,
            left_out: last.mono,
            slept: Duration::ZERO,
            stood_still: Duration::ZERO,
        }
    }

    /// The time, without that in which nobody looked.
    pub fn now(&mut self) -> Now {
        let now = self.source.read();
        let gap = now.mono.saturating_sub(self.last.mono);
        let wall_gap = Duration::from_millis(now.wall_ms.saturating_sub(self.last.wall_ms));
        if gap > ASLEEP {
            self.left_out += gap;
            self.slept += gap;
        } else if !self.source.counts_sleep() && wall_gap > gap + ASLEEP {
            self.slept = self.slept.saturating_add(wall_gap);
            let stood_still = wall_gap.saturating_sub(gap);
            self.stood_still = self.stood_still.saturating_add(stood_still);
        }
        self.last = now;
        Now {
            mono: now.mono.saturating_sub(self.left_out),
            wall_ms: now.wall_ms,
        }
    }

    /// What had passed since the clock's start when it was looked at last, with all in which nobody looked.
    /// A wall clock that is set does not change it.
    pub fn passed(&self) -> Duration {
        let counted = self.last.mono.saturating_sub(self.first);
        counted.saturating_add(self.stood_still)
    }

    /// How long the machine slept, or this program was stopped, since this was last asked. Where the
    /// monotonic clock stands still meanwhile it cannot be told from a wall clock that was set.
    pub fn take_slept(&mut self) -> Option<Duration> {
        Some(std::mem::take(&mut self.slept)).filter(|slept| !slept.is_zero())
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::start()
    }
}

/// Wall time, µs since 1970; 0 for a clock set before it.
pub fn wall_us() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Wall time, ms since 1970.
pub fn wall_ms() -> u64 {
    wall_us() / 1000
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Debug)]
    struct Hand {
        now: Mutex<Now>,
        counts_sleep: bool,
    }

    impl Source for Hand {
        fn read(&self) -> Now {
            *self.now.lock().unwrap()
        }

        fn counts_sleep(&self) -> bool {
            self.counts_sleep
        }
    }

    impl Hand {
        fn new(now: Now, counts_sleep: bool) -> Arc<Self> {
            let now = Mutex::new(now);
            Arc::new(Self { now, counts_sleep })
        }

        fn pass(&self, mono: Duration, wall: Duration) {
            let mut now = self.now.lock().unwrap();
            now.mono += mono;
            now.wall_ms += wall.as_millis() as u64;
        }
    }

    #[test]
    fn sleep_does_not_count_whichever_clock_the_system_has() {
        let (second, night) = (Duration::from_secs(1), Duration::from_secs(600));
        for (stands_still, says_so) in [(true, true), (false, true), (false, false)] {
            let start = Now {
                mono: Duration::from_secs(77),
                wall_ms: 1_000_000,
            };
            let hand = Hand::new(start, !stands_still && says_so);
            let mut clock = Clock::of(hand.clone());
            for _ in 0..3 {
                hand.pass(second, second);
                clock.now();
            }
            assert_eq!(clock.take_slept(), None);
            hand.pass(if stands_still { Duration::ZERO } else { night }, night);
            let woken = clock.now();
            assert_eq!(
                woken.mono,
                3 * second,
                "stands still in sleep: {stands_still}"
            );
            assert_eq!(woken.wall_ms, start.wall_ms + 603_000);
            assert_eq!(clock.take_slept(), Some(night));
            assert_eq!(clock.take_slept(), None);
            hand.pass(second, second);
            assert_eq!(clock.now().mono, 4 * second);
            assert_eq!(clock.passed(), 4 * second + night);
        }
    }

    #[test]
    fn a_wall_clock_that_is_set_changes_no_deadline() {
        let start = Now {
            mono: Duration::ZERO,
            wall_ms: 10_000_000,
        };
        for counts_sleep in [true, false] {
            let hand = Hand::new(start, counts_sleep);
            let mut clock = Clock::of(hand.clone());
            for wall_ms in [13_600_000, 6_400_000, 0, u64::MAX] {
                hand.now.lock().unwrap().wall_ms = wall_ms;
                assert_eq!(clock.now().mono, Duration::ZERO);
                // Nor is it taken for sleep, where sleep is counted.
                if counts_sleep {
                    assert_eq!(clock.passed(), Duration::ZERO);
                    assert_eq!(clock.take_slept(), None);
                }
            }
        }
    }

    #[test]
    fn the_systems_clock_goes_on() {
        let mut clock = Clock::start();
        let before = clock.now();
        std::thread::sleep(Duration::from_millis(20));
        let after = clock.now();
        assert!(after.mono >= before.mono + Duration::from_millis(20));
        assert!(clock.passed() >= after.mono);
    }
}
