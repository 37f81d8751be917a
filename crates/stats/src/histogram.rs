use std::collections::BTreeMap;

/// Times below this, ms, are counted in an array, longer ones in a map: response times are mostly
/// short, and the long ones are few.
const DENSE: usize = 2048;

/// How often each time was seen, in ms: exact, whatever is asked of it later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    count: u64,
    min: u32,
    max: u32,
    sum: u64,
    squares: u128,
    /// As long as the highest time in it needs.
    dense: Vec<u64>,
    sparse: BTreeMap<u32, u64>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            count: 0,
            min: u32::MAX,
            max: 0,
            sum: 0,
            squares: 0,
            dense: Vec::new(),
            sparse: BTreeMap::new(),
        }
    }
}

impl Histogram {
    /// Counts a time, ms.
    pub fn add(&mut self, ms: u32) {
        self.count += 1;
        self.min = self.min.min(ms);
        self.max = self.max.max(ms);
        self.sum += u64::from(ms);
        self.squares += u128::from(ms) * u128::from(ms);
        let index = ms as usize;
        if index >= DENSE {
            *self.sparse.entry(ms).or_default() += 1;
            return;
        }
        if index >= self.dense.len() {
            self.dense.resize(index + 1, 0);
        }
        self.dense[index] += 1;
    }

    /// Adds what another has counted.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum += other.sum;
        self.squares += other.squares;
        if other.dense.len() > self.dense.len() {
            self.dense.resize(other.dense.len(), 0);
        }
        for (count, more) in self.dense.iter_mut().zip(&other.dense) {
            *count += more;
        }
        for (ms, more) in &other.sparse {
            *self.sparse.entry(*ms).or_default() += more;
        }
    }

    /// How many times were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The shortest, ms; 0 if there is none.
    #[must_use]
    pub fn min(&self) -> u32 {
        if self.count == 0 { 0 } else { self.min }
    }

    /// The longest, ms; 0 if there is none.
    #[must_use]
    pub fn max(&self) -> u32 {
        self.max
    }

    /// The mean, ms, rounded as Gatling does (half up); 0 if there is none.
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

    /// The standard deviation of the population, ms, computed and rounded as Gatling does; 0 if
    /// there is none.
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
    /// It is one of the times that were counted; 0 if there is none.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> u32 {
        let rank = rank(percent, self.count);
        let mut seen = 0;
        for (ms, count) in self.counts() {
            seen += count;
            if seen >= rank {
                return ms;
            }
        }
        self.max
    }

    /// How many were shorter than `bound`, ms.
    #[must_use]
    pub fn below(&self, bound: u32) -> u64 {
        self.counts()
            .take_while(|(ms, _)| *ms < bound)
            .map(|(_, count)| count)
            .sum()
    }

    /// Each time that was seen, ms, with how often, the shortest first.
    pub fn counts(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        let dense = (0..)
            .zip(self.dense.iter().copied())
            .filter(|(_, count)| *count > 0);
        dense.chain(self.sparse.iter().map(|(ms, count)| (*ms, *count)))
    }
}

/// The place of a percentile among `count` sorted times, from 1: the ceiling of q × count. Percents
/// are taken to a millionth and the rest is done in integers: with floats 99.9 % of 1000 could
/// become the 1000th instead of the 999th.
fn rank(percent: f64, count: u64) -> u64 {
    const PER_PERCENT: f64 = 1e6;
    let millionths = (percent.clamp(0.0, 100.0) * PER_PERCENT).round() as u128;
    let rank = (millionths * u128::from(count)).div_ceil(100_000_000);
    u64::try_from(rank).unwrap_or(u64::MAX).max(1)
}

/// Java's `Math.round` for what is not negative.
fn round(value: f64) -> u64 {
    (value + 0.5).floor() as u64
}

/// Times apart by outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// What succeeded.
    pub ok: Histogram,
    /// What failed.
    pub ko: Histogram,
}

impl Outcomes {
    /// Counts a time, ms.
    pub fn add(&mut self, ok: bool, ms: u32) {
        if ok { self.ok.add(ms) } else { self.ko.add(ms) }
    }

    /// Adds what another has counted.
    pub fn merge(&mut self, other: &Self) {
        self.ok.merge(&other.ok);
        self.ko.merge(&other.ko);
    }

    /// How many there are of both.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.ok.count() + self.ko.count()
    }

    /// OK and KO together.
    #[must_use]
    pub fn together(&self) -> Histogram {
        let mut together = self.ok.clone();
        together.merge(&self.ko);
        together
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(times: &[u32]) -> Histogram {
        let mut histogram = Histogram::default();
        for ms in times {
            histogram.add(*ms);
        }
        histogram
    }

    #[test]
    fn nothing_is_zero() {
        let none = Histogram::default();
        assert_eq!(
            (none.count(), none.min(), none.max(), none.mean()),
            (0, 0, 0, 0)
        );
        assert_eq!(
            (none.std_dev(), none.percentile(99.0), none.below(800)),
            (0, 0, 0)
        );
    }

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

    #[test]
    fn rounds_half_up() {
        assert_eq!(of(&[1, 2]).mean(), 2, "1.5");
        assert_eq!(of(&[1, 2]).std_dev(), 1, "0.5");
        assert_eq!(of(&[0, 0, 1]).mean(), 0);
        assert_eq!(of(&[60_000; 3]).std_dev(), 0);
    }

    proptest! {
        /// Against the definitions, on sorted times.
        #[test]
        fn figures_are_those_of_the_sorted_times(
            mut times in prop::collection::vec(prop_oneof![0_u32..100, 0_u32..3000, any::<u32>()], 1..300),
            percent in 0_u32..=1000,
            bound in 0_u32..4000,
        ) {
            let histogram = of(&times);
            times.sort_unstable();
            let tenth = f64::from(percent) / 10.0;
            let rank = (times.len() * percent as usize).div_ceil(1000).max(1);
            prop_assert_eq!(histogram.percentile(tenth), times[rank - 1]);
            prop_assert_eq!(histogram.below(bound), times.iter().filter(|ms| **ms < bound).count() as u64);
            prop_assert_eq!(histogram.min(), times[0]);
            prop_assert_eq!(histogram.max(), times[times.len() - 1]);
            let (sum, count) = (times.iter().map(|ms| u128::from(*ms)).sum::<u128>(), times.len() as u128);
            prop_assert_eq!(u128::from(histogram.mean()), (2 * sum + count) / (2 * count));
        }

        #[test]
        fn merged_equals_counted_together(
            times in prop::collection::vec((0_u32..5000, any::<bool>()), 0..300),
        ) {
            let (mut left, mut right, mut all) = (Outcomes::default(), Outcomes::default(), Outcomes::default());
            for (index, (ms, ok)) in times.iter().enumerate() {
                if index % 3 == 0 { left.add(*ok, *ms); } else { right.add(*ok, *ms); }
                all.add(*ok, *ms);
            }
            let mut merged = left.clone();
            merged.merge(&right);
            prop_assert_eq!(&merged, &all);
            right.merge(&left);
            prop_assert_eq!(&right, &all);
            prop_assert_eq!(all.together().count(), all.count());
        }
    }
}
