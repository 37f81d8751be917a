//! The system's clocks.

use std::time::Duration;

use crate::{Now, Source, wall_ms};

/// Those of this machine. The monotonic one goes on while it sleeps, which the one of
/// [`std::time::Instant`] does on Windows alone.
#[derive(Debug)]
pub(crate) struct System {
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    began: std::time::Instant,
}

impl Source for System {
    fn read(&self) -> Now {
        Now {
            mono: self.counting(),
            wall_ms: wall_ms(),
        }
    }

    fn counts_sleep(&self) -> bool {
        cfg!(any(
            target_os = "linux",
            target_os = "macos",
            target_os = "windows"
        ))
    }
}

impl System {
    /// From now on.
    pub(crate) fn start() -> Self {
        Self {
            #[cfg(not(any(target_os = "linux", target_os = "macos")))]
            began: std::time::Instant::now(),
        }
    }

    #[cfg(any(target_os = "linux", target_os = "macos"))]
    fn counting(&self) -> Duration {
        use rustix::time::{ClockId, clock_gettime};
        #[cfg(target_os = "linux")]
        const COUNTING: ClockId = ClockId::Boottime;
        #[cfg(target_os = "macos")]
        const COUNTING: ClockId = ClockId::Monotonic;
        Duration::try_from(clock_gettime(COUNTING)).unwrap_or_default()
    }

    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    fn counting(&self) -> Duration {
        self.began.elapsed()
    }
}
