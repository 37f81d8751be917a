use serde::{Deserialize, Serialize};

/// What keeps memory bounded however many names and times a log has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Requests and groups with figures of their own; the others are counted together. Those with the
    /// shortest paths have their own: that is a property of the name, so that they are the same in
    /// whatever order logs are read and merged, and whole.
    pub names: usize,
    /// Error messages counted by themselves, the shortest likewise.
    pub messages: usize,
    /// Memory of the figures of one log, bytes. Where timelines would take more than half of it their
    /// columns get longer; where histograms would take more than a quarter, long times are kept in steps
    /// ([`Histogram::precision`](crate::Histogram::precision)). Merged figures may take as much for
    /// histograms before these are kept in steps, and six times as much in all: beyond that those
    /// names with the longest paths are counted together.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            names: 10_000,
            messages: 10_000,
            bytes: 80 << 20,
        }
    }
}
