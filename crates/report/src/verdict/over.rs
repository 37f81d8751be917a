//! For how long a figure was over its limit.

use serde::{Deserialize, Serialize};

/// A sample is of the second before it.
pub(super) const SECOND_MS: u64 = 1_000;
/// Samples no further apart than this belong together: a machine at its limit tells of itself late.
pub(super) const BRIDGED_MS: u64 = 3_000;

/// Stretches of time in which a figure was over its limit, from samples in the order of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Over {
    /// The one that may go on.
    open: Option<Stretch>,
    /// Those that have ended and were long enough.
    ended: Option<Sum>,
}

/// Without a gap of more than [`BRIDGED_MS`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Stretch {
    from_ms: u64,
    to_ms: u64,
    samples: u32,
    /// Of the samples' figures.
    total: f64,
    highest: f64,
    /// The sample that has it.
    #[serde(default)]
    highest_ms: u64,
}

/// All stretches that count.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Sum {
    /// When the first began.
    pub(super) from_ms: u64,
    /// When the last ended, so far.
    pub(super) to_ms: u64,
    /// Whether it goes on.
    pub(super) goes_on: bool,
    /// How many there were.
    pub(super) stretches: u32,
    /// How long they were together, ms.
    pub(super) lasted_ms: u64,
    samples: u32,
    total: f64,
    /// The highest figure.
    pub(super) highest: f64,
    /// When it was.
    #[serde(default)]
    pub(super) highest_ms: u64,
}

impl Sum {
    /// The mean figure while it was over.
    pub(super) fn mean(&self) -> f64 {
        self.total / f64::from(self.samples.max(1))
    }

    fn with(self, other: Self) -> Self {
        Self {
            from_ms: self.from_ms.min(other.from_ms),
            to_ms: self.to_ms.max(other.to_ms),
            goes_on: other.goes_on,
            stretches: self.stretches.saturating_add(other.stretches),
            lasted_ms: self.lasted_ms.saturating_add(other.lasted_ms),
            samples: self.samples.saturating_add(other.samples),
            total: self.total + other.total,
            highest: self.highest.max(other.highest),
            highest_ms: match other.highest > self.highest {
                true => other.highest_ms,
                false => self.highest_ms,
            },
        }
    }
}

impl Stretch {
    /// If it is as long as that.
    fn counts(&self, at_least_ms: u64, goes_on: bool) -> Option<Sum> {
        let lasted_ms = self.to_ms - self.from_ms;
        (lasted_ms >= at_least_ms).then_some(Sum {
            from_ms: self.from_ms,
            to_ms: self.to_ms,
            goes_on,
            stretches: 1,
            lasted_ms,
            samples: self.samples,
            total: self.total,
            highest: self.highest,
            highest_ms: self.highest_ms,
        })
    }
}

impl Over {
    /// Takes a sample's figure; stretches shorter than `at_least_ms` do not count.
    pub(super) fn take(&mut self, at_ms: u64, figure: f64, is_over: bool, at_least_ms: u64) {
        let near = |open: &Stretch| at_ms.saturating_sub(open.to_ms) <= BRIDGED_MS;
        if !is_over || !self.open.as_ref().is_some_and(near) {
            self.close(at_least_ms);
        }
        if !is_over {
            return;
        }
        let open = self.open.get_or_insert(Stretch {
            from_ms: at_ms.saturating_sub(SECOND_MS),
            to_ms: at_ms,
            samples: 0,
            total: 0.0,
            highest: figure,
            highest_ms: at_ms,
        });
        open.to_ms = open.to_ms.max(at_ms);
        open.samples = open.samples.saturating_add(1);
        open.total += figure;
        if figure > open.highest {
            (open.highest, open.highest_ms) = (figure, at_ms);
        }
    }

    fn close(&mut self, at_least_ms: u64) {
        let ended = self.open.take();
        if let Some(new) = ended.and_then(|open| open.counts(at_least_ms, false)) {
            self.ended = Some(self.ended.map_or(new, |all| all.with(new)));
        }
    }

    /// All that counts, seen at a moment; `None` of it for a run that has ended.
    pub(super) fn sum(&self, now_ms: Option<u64>, at_least_ms: u64) -> Option<Sum> {
        let open = self.open.and_then(|open| {
            let near = |now: u64| now.saturating_sub(open.to_ms) <= BRIDGED_MS;
            open.counts(at_least_ms, now_ms.is_some_and(near))
        });
        match (self.ended, open) {
            (Some(ended), Some(open)) => Some(ended.with(open)),
            (ended, open) => ended.or(open),
        }
    }
}
