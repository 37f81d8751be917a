//! Time (see `bfgg-clock`).

pub(crate) use bfgg_clock::{Clock, Now, wall_ms, wall_us};
