//! The wall clock, for what is shown and aligned; deadlines use `Instant`.

use std::time::{SystemTime, UNIX_EPOCH};

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
