//! Time (see `bfgg-clock`), and how users read it.

mod history;
mod steady;

pub(crate) use bfgg_clock::{Clock, Now, Patience, wall_us};
pub(crate) use history::{ClockHistory, Offset, is_jump};
pub(crate) use steady::Steady;

/// A wall time as users read it: RFC 3339 in UTC, seconds.
pub(crate) fn wall_text(ms: u64) -> String {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(ms).map_or_else(
        |_| format!("{ms} ms"),
        |t| t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}
