//! A machine that can be put to sleep.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bfgg_clock::{Clock, Now, Source, wall_ms};

/// What a monotonic clock does while the machine sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InSleep {
    /// It stands still: Linux, macOS.
    StandsStill,
    /// It goes on: Windows.
    GoesOn,
}

/// The clocks of a machine that goes with the system's, but for the time in which it slept.
#[derive(Debug, Clone)]
pub struct Laptop {
    kind: InSleep,
    began: Instant,
    slept: Arc<Mutex<Duration>>,
}

impl Laptop {
    /// One that has never slept.
    pub fn new(kind: InSleep) -> Self {
        Self {
            kind,
            began: Instant::now(),
            slept: Arc::default(),
        }
    }

    /// A clock of this machine.
    pub fn clock(&self) -> Clock {
        Clock::of(Arc::new(self.clone()))
    }

    /// Sleeps, in no time for everybody else.
    pub fn sleep(&self, time: Duration) {
        *self.slept.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }
}

impl Source for Laptop {
    fn read(&self) -> Now {
        let slept = *self.slept.lock().unwrap_or_else(PoisonError::into_inner);
        let awake = self.began.elapsed();
        Now {
            mono: match self.kind {
                InSleep::StandsStill => awake,
                InSleep::GoesOn => awake + slept,
            },
            wall_ms: wall_ms() + slept.as_millis() as u64,
        }
    }
}
