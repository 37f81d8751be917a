//! Time: monotonic for deadlines, wall time for what is shown and aligned.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// µs since 1970; 0 for a clock set before it.
pub(crate) fn wall_us() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// ms since 1970.
pub(crate) fn wall_ms() -> u64 {
    wall_us() / 1000
}

/// An instant in both times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Now {
    /// Since the agent's start.
    pub(crate) mono: Duration,
    /// ms since 1970.
    pub(crate) wall_ms: u64,
}

/// Tells the time since the agent's start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(self) -> Now {
        Now {
            mono: self.0.elapsed(),
            wall_ms: wall_ms(),
        }
    }
}
