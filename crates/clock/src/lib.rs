//! Time: monotonic for deadlines, wall time for what is shown and aligned.
//!
//! A laptop sleeps, a virtual machine is paused, a process is stopped by a signal. Then nobody can be
//! heard, and nobody's silence may be counted. Monotonic clocks differ in this: that of Linux and macOS
//! stands still while the machine sleeps, that of Windows goes on; with a stopped process all of them
//! go on. [`Clock`] makes them alike: time in which its owner did not look at it is left out.

mod patience;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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
}

/// The system's clocks.
#[derive(Debug)]
struct System(Instant);

impl Source for System {
    fn read(&self) -> Now {
        Now {
            mono: self.0.elapsed(),
            wall_ms: wall_ms(),
        }
    }
}

/// Tells its owner the time. The owner looks at it once a second at least.
#[derive(Debug, Clone)]
pub struct Clock {
    source: Arc<dyn Source>,
    last: Now,
    left_out: Duration,
    slept: Duration,
}

impl Clock {
    /// The system's clocks, from now on.
    pub fn start() -> Self {
        Self::of(Arc::new(System(Instant::now())))
    }

    /// Another source's, from now on.
    pub fn of(source: Arc<dyn Source>) -> Self {
        let last = source.read();
        Self {
            source,
            last,
            left_out: last.mono,
            slept: Duration::ZERO,
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
        } else if wall_gap > gap + ASLEEP {
            self.slept += wall_gap;
        }
        self.last = now;
        Now {
            mono: now.mono.saturating_sub(self.left_out),
            wall_ms: now.wall_ms,
        }
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
    struct Hand(Mutex<Now>);

    impl Source for Hand {
        fn read(&self) -> Now {
            *self.0.lock().unwrap()
        }
    }

    impl Hand {
        fn pass(&self, mono: Duration, wall: Duration) {
            let mut now = self.0.lock().unwrap();
            now.mono += mono;
            now.wall_ms += wall.as_millis() as u64;
        }
    }

    #[test]
    fn sleep_does_not_count_whichever_clock_the_system_has() {
        let (second, night) = (Duration::from_secs(1), Duration::from_secs(600));
        for stands_still in [true, false] {
            let start = Now {
                mono: Duration::from_secs(77),
                wall_ms: 1_000_000,
            };
            let hand = Arc::new(Hand(Mutex::new(start)));
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
        }
    }

    #[test]
    fn a_wall_clock_that_is_set_changes_no_deadline() {
        let start = Now {
            mono: Duration::ZERO,
            wall_ms: 10_000_000,
        };
        let hand = Arc::new(Hand(Mutex::new(start)));
        let mut clock = Clock::of(hand.clone());
        for wall_ms in [13_600_000, 6_400_000, 0, u64::MAX] {
            hand.0.lock().unwrap().wall_ms = wall_ms;
            assert_eq!(clock.now().mono, Duration::ZERO);
        }
    }
}
