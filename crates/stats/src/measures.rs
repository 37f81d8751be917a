//! What is shown of times.

use crate::histogram::LONG;
use crate::precision::Precision;

/// Count, mean, deviation and percentiles of times, ms; all 0 if there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measures {
    counts: Vec<(u32, u64)>,
    count: u64,
    min: u32,
    max: u32,
    sum: u64,
    squares: u128,
    /// Of times from 2048 ms on.
    precision: Precision,
}

impl Measures {
    pub(crate) fn new(
        counts: Vec<(u32, u64)>,
        min: u32,
        max: u32,
        sum: u64,
        squares: u128,
        precision: Precision,
    ) -> Self {
        let count = counts.iter().fold(0_u64, |a, b| a.saturating_add(b.1));
        let min = if count == 0 { 0 } else { min };
        Self {
            counts,
            count,
            min,
            max,
            sum,
            squares,
            precision,
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The shortest, ms.
    #[must_use]
    pub fn min(&self) -> u32 {
        self.min
    }

    /// The longest, ms.
    #[must_use]
    pub fn max(&self) -> u32 {
        self.max
    }

    /// The mean, ms, rounded as Gatling does (half up).
    #[must_use]
    pub fn mean(&self) -> u64 {
        round(self.exact_mean())
    }

    fn exact_mean(&self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.sum as f64 / self.count as f64
        }
    }

    /// The standard deviation of the population, ms, computed and rounded as Gatling does.
    #[must_use]
    pub fn std_dev(&self) -> u64 {
        if self.count == 0 {
            return 0;
        }
        let mean = self.exact_mean();
        let variance = self.squares as f64 / self.count as f64 - mean * mean;
        round(variance.max(0.0).sqrt())
    }

    /// The percentile by nearest rank, ms: the shortest time that `percent` of all do not exceed.
    /// It is one of the times that were counted, and never above the longest.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> u32 {
        self.at_rank(percent).0
    }

    /// Between which times, ms, the percentile lies: both are the [`percentile`](Self::percentile)
    /// unless long times are kept in steps.
    #[must_use]
    pub fn percentile_range(&self, percent: f64) -> (u32, u32) {
        match self.at_rank(percent) {
            (shown, true) => (shown, shown),
            (shown, false) => {
                let (first, last) = self.precision.step_of(shown);
                (first.max(self.min), last.min(self.max))
            }
        }
    }

    /// A percentile, and whether it is known to the ms.
    fn at_rank(&self, percent: f64) -> (u32, bool) {
        let rank = rank(percent, self.count);
        // These are known also where times are kept in steps.
        if rank >= self.count {
            return (self.max, true);
        }
        if rank == 1 {
            return (self.min, true);
        }
        let shown = nearest_rank(&self.counts, rank);
        let is_exact = self.precision == Precision::Exact || (shown as usize) < LONG;
        (shown.clamp(self.min, self.max), is_exact)
    }

    /// How many were shorter than `bound`, ms.
    #[must_use]
    pub fn below(&self, bound: u32) -> u64 {
        self.counts
            .iter()
            .take_while(|(ms, _)| *ms < bound)
            .map(|(_, count)| count)
            .sum()
    }

    /// Each time that was seen, ms, with how often, the shortest first.
    #[must_use]
    pub fn counts(&self) -> &[(u32, u64)] {
        &self.counts
    }
}

/// The time at a rank, from 1, in sorted counts; 0 of none.
fn nearest_rank(counts: &[(u32, u64)], rank: u64) -> u32 {
    let mut seen = 0_u64;
    for (ms, count) in counts {
        seen = seen.saturating_add(*count);
        if seen >= rank {
            return *ms;
        }
    }
    counts.last().map_or(0, |(ms, _)| *ms)
}

/// The place of a percentile among `count` sorted times, from 1: the ceiling of q × count. Percents
/// are taken to a millionth and the rest is done in integers: with floats 99.9 % of 1000 could
/// become the 1000th instead of the 999th.
#[must_use]
pub fn rank(percent: f64, count: u64) -> u64 {
    const PER_PERCENT: f64 = 1e6;
    let millionths = (percent.clamp(0.0, 100.0) * PER_PERCENT).round() as u128;
    let rank = (millionths * u128::from(count)).div_ceil(100_000_000);
    u64::try_from(rank).unwrap_or(u64::MAX).max(1)
}

/// Java's `Math.round` for what is not negative.
fn round(value: f64) -> u64 {
    (value + 0.5).floor() as u64
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn ranks_are_exact() {
        assert_eq!(rank(50.0, 1), 1);
        assert_eq!(rank(50.0, 2), 1);
        assert_eq!(rank(50.0, 3), 2);
        assert_eq!(rank(95.0, 20), 19);
        assert_eq!(rank(99.9, 1000), 999);
        assert_eq!(rank(99.99, 10_000), 9999);
        assert_eq!(rank(100.0, 7), 7);
        assert_eq!(rank(0.0, 7), 1);
        assert_eq!(rank(-5.0, 7), 1);
        assert_eq!(rank(500.0, 7), 7);
        assert_eq!(rank(f64::NAN, 7), 1);
        assert_eq!(rank(100.0, u64::MAX), u64::MAX);
    }
}
