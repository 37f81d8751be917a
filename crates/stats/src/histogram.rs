//! Exact counts of times.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::measures::Measures;
use crate::packed::{Counts, Unpackable, pack, unpack};
use crate::precision::Precision;

/// Times below this, ms, are counted in an array, longer ones in a map: response times are mostly
/// short, and the long ones are few.
const DENSE: usize = 2048;
/// With this many different times or fewer there is the map alone: a log can have thousands of
/// names that are seldom used.
const FEW: usize = 64;
/// With more different times from 2048 ms on than this they are kept in steps.
const MANY: usize = 16_384;

/// How often each time was seen, in ms: exact, whatever is asked of it later. Only a histogram
/// with more than 16 384 different times above 2 s, or one that has to give way to others (see
/// [`Limits::bytes`](crate::Limits)), keeps times from 2048 ms on in steps; then
/// [`precision`](Self::precision) tells, and count, mean, deviation, minimum and maximum are exact
/// still.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Packed", into = "Packed")]
pub struct Histogram {
    /// Empty, or as long as the highest time below [`DENSE`] needs. Each holds the count's low 32
    /// bits.
    dense: Vec<u32>,
    /// All other times, and the high bits of counts above.
    sparse: FxHashMap<u32, u64>,
    /// Of `sparse` from [`DENSE`] on.
    precision: Precision,
    /// The exact figures of what is kept in steps.
    stepped: Option<Exact>,
}

/// What steps would make inexact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Exact {
    min: u32,
    max: u32,
    sum: u64,
    squares: u128,
}

impl Exact {
    const NONE: Self = Self {
        min: u32::MAX,
        max: 0,
        sum: 0,
        squares: 0,
    };

    fn add(&mut self, ms: u32, count: u64) {
        self.min = self.min.min(ms);
        self.max = self.max.max(ms);
        let (ms, many) = (u64::from(ms), u128::from(count));
        self.sum = self.sum.saturating_add(ms.saturating_mul(count));
        self.squares = (u128::from(ms * ms).saturating_mul(many)).saturating_add(self.squares);
    }

    fn merge(&mut self, other: &Self) {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum = self.sum.saturating_add(other.sum);
        self.squares = self.squares.saturating_add(other.squares);
    }
}

impl Histogram {
    /// Counts a time, ms.
    #[inline]
    pub fn add(&mut self, ms: u32) {
        match self.dense.get_mut(ms as usize) {
            Some(count) if *count < u32::MAX => *count += 1,
            _ => self.add_many(ms, 1),
        }
    }

    fn add_many(&mut self, ms: u32, times: u64) {
        let index = ms as usize;
        if index >= DENSE {
            if let Some(exact) = &mut self.stepped {
                exact.add(ms, times);
            }
        } else if !self.dense.is_empty() {
            if index >= self.dense.len() {
                self.dense.resize((index + 1).next_power_of_two(), 0);
            }
            let count = u64::from(self.dense[index]).saturating_add(times);
            self.dense[index] = count as u32;
            if count > u64::from(u32::MAX) {
                self.add_sparse(ms, count & !u64::from(u32::MAX));
            }
            return;
        }
        self.add_sparse(self.precision.of(ms), times);
        if self.dense.is_empty() && self.sparse.len() > FEW {
            self.make_dense();
        } else if self.precision == Precision::Exact && self.sparse.len() > MANY {
            self.step(Precision::Fine);
        }
    }

    fn add_sparse(&mut self, ms: u32, times: u64) {
        let count = self.sparse.entry(ms).or_default();
        *count = count.saturating_add(times);
    }

    fn make_dense(&mut self) {
        let all = std::mem::take(&mut self.sparse);
        let highest = all.keys().filter(|ms| (**ms as usize) < DENSE).max();
        let length = highest.map_or(1, |ms| *ms as usize + 1);
        self.dense = vec![0; length.next_power_of_two()];
        for (ms, times) in all {
            // Those in the map are in the exact figures, if there are any.
            if (ms as usize) < DENSE {
                self.add_many(ms, times);
            } else {
                self.add_sparse(ms, times);
            }
        }
    }

    /// Keeps long times in steps from here on. It never gets finer again.
    pub(crate) fn step(&mut self, precision: Precision) {
        if precision <= self.precision || self.dense.is_empty() {
            return;
        }
        let long = |ms: &u32| *ms as usize >= DENSE;
        if self.stepped.is_none() {
            let mut exact = Exact::NONE;
            for (ms, count) in self.sparse.iter().filter(|(ms, _)| long(ms)) {
                exact.add(*ms, *count);
            }
            self.stepped = Some(exact);
        }
        self.precision = precision;
        let all = std::mem::take(&mut self.sparse);
        for (ms, count) in all {
            self.add_sparse(if long(&ms) { precision.of(ms) } else { ms }, count);
        }
    }

    /// Adds what another has counted.
    pub fn merge(&mut self, other: &Self) {
        if !other.dense.is_empty() && self.dense.is_empty() {
            self.make_dense();
        }
        self.step(other.precision);
        // The exact figures of both, whichever of them has them as such.
        let exact = self.stepped.map(|mut exact| {
            exact.merge(&other.exact_of_long());
            exact
        });
        self.stepped = None;
        for (ms, count) in (0..).zip(&other.dense).filter(|(_, count)| **count > 0) {
            self.add_many(ms, u64::from(*count));
        }
        for (ms, count) in &other.sparse {
            self.add_many(*ms, *count);
        }
        // The last one may have been too many: then it made its own figures of what is exact yet.
        if exact.is_some() {
            self.stepped = exact;
        }
    }

    fn exact_of_long(&self) -> Exact {
        self.stepped.unwrap_or_else(|| {
            let mut exact = Exact::NONE;
            let long = self.sparse.iter().filter(|(ms, _)| **ms as usize >= DENSE);
            for (ms, count) in long {
                exact.add(*ms, *count);
            }
            exact
        })
    }

    /// How finely times are kept; those below 2048 ms always to the ms.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// How many times were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        let dense = self.dense.iter().map(|count| u64::from(*count)).sum();
        self.sparse
            .values()
            .fold(dense, |a, b| a.saturating_add(*b))
    }

    /// Whether no time was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sparse.is_empty() && self.dense.is_empty()
    }

    /// Each time that was seen, ms, with how often, the shortest first.
    #[must_use]
    pub fn counts(&self) -> Vec<(u32, u64)> {
        let mut sparse: Counts = self
            .sparse
            .iter()
            .map(|(ms, count)| (*ms, *count))
            .collect();
        sparse.sort_unstable();
        let dense: Counts = (0..)
            .zip(&self.dense)
            .filter(|(_, count)| **count > 0)
            .map(|(ms, count)| (ms, u64::from(*count)))
            .collect();
        if dense.is_empty() {
            return sparse;
        }
        crate::packed::add(&dense, &sparse)
    }

    /// Everything that is shown of it, in one pass.
    #[must_use]
    pub fn measures(&self) -> Measures {
        let counts = self.counts();
        let mut exact = Exact::NONE;
        let stepped = |ms: u32| self.stepped.is_some() && ms as usize >= DENSE;
        for (ms, count) in counts.iter().filter(|(ms, _)| !stepped(*ms)) {
            exact.add(*ms, *count);
        }
        if let Some(long) = &self.stepped {
            exact.merge(long);
        }
        Measures::new(counts, exact.min, exact.max, exact.sum, exact.squares)
    }

    /// The memory it takes, roughly, bytes.
    pub(crate) fn bytes(&self) -> usize {
        const ENTRY: usize = 17;
        self.dense.capacity() * size_of::<u32>() + self.sparse.capacity() * ENTRY
    }
}

/// A histogram as it is sent and stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Packed {
    #[serde(with = "serde_bytes")]
    counts: Vec<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stepped: Option<(Precision, Exact)>,
}

impl From<Histogram> for Packed {
    fn from(histogram: Histogram) -> Self {
        Self {
            counts: pack(histogram.counts()),
            stepped: histogram.stepped.map(|exact| (histogram.precision, exact)),
        }
    }
}

impl TryFrom<Packed> for Histogram {
    type Error = Unpackable;

    fn try_from(packed: Packed) -> Result<Self, Unpackable> {
        let mut histogram = Self::default();
        for (ms, count) in unpack(&packed.counts)? {
            histogram.add_many(ms, count);
        }
        if let Some((precision, exact)) = packed.stepped {
            if histogram.dense.is_empty() {
                histogram.make_dense();
            }
            histogram.step(precision);
            histogram.stepped = Some(exact);
        }
        Ok(histogram)
    }
}

#[cfg(test)]
mod tests;
