//! Time: monotonic for deadlines, wall time to show.

mod history;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub(crate) use history::{ClockHistory, Offset, is_jump};

/// One reading of both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Now {
    /// Since the controller's start; never jumps.
    pub(crate) mono: Duration,
    /// Wall time, ms since 1970.
    pub(crate) wall_ms: u64,
}

/// Where readings come from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(&self) -> Now {
        Now {
            mono: self.0.elapsed(),
            wall_ms: wall_us() / 1000,
        }
    }
}

/// Wall time, µs since 1970.
pub(crate) fn wall_us() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// A wall time as users read it: RFC 3339 in UTC, seconds.
pub(crate) fn wall_text(ms: u64) -> String {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(ms).map_or_else(
        |_| format!("{ms} ms"),
        |t| t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}
