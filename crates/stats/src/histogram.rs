//! Exact counts of times.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::measures::Measures;
use crate::packed::{Counts, Unpackable, pack, unpack};
use crate::precision::Precision;

/// Times from here on, ms, may have to be kept in steps.
pub(crate) const LONG: usize = 2048;
/// With this many different times or fewer there is the map alone: a log can have thousands of
/// names that are seldom used.
const FEW: usize = 64;
/// One that came with this many different times or fewer stays in the map: the array may take a
/// hundred times what they had.
const FEW_SENT: usize = 256;
/// With more different long times than this they are kept in steps.
const MANY: usize = 16_384;
/// The array is no longer than this.
const DENSE: usize = 1 << 15;
/// The array is made longer where it takes as little memory as the map: it needs 4 bytes for each
/// time, the map up to 34 for each that it has.
const WORTH: usize = 8;

/// How often each time was seen, in ms: exact, whatever is asked of it later. Only a histogram
/// with more than 16 384 different times above 2 s, or one that has to give way to others (see
/// [`Limits::bytes`](crate::Limits)), keeps times from 2048 ms on in steps; then
/// [`precision`](Self::precision) tells, and count, mean, deviation, minimum and maximum are exact
/// still.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "Packed", into = "Packed")]
pub struct Histogram {
    /// By ms the low 32 bits of the count: of short times mostly, of long ones where many are used.
    /// Empty, or of a length that is a power of two.
    dense: Vec<u32>,
    /// All other times, and the high bits of counts above.
    sparse: FxHashMap<u32, u64>,
    /// How many different long times there are.
    long_times: usize,
    /// Of long times.
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

/// What was counted matters, not where it is kept.
impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        (self.precision, self.stepped) == (other.precision, other.stepped)
            && self.counts() == other.counts()
    }
}

impl Eq for Histogram {}

impl Histogram {
    /// Counts a time, ms.
    #[inline]
    pub fn add(&mut self, ms: u32) {
        match self.dense.get_mut(ms as usize) {
            // The first one and the four billionth need a closer look.
            Some(count) if (1..u32::MAX).contains(count) => *count += 1,
            _ => self.add_many(ms, 1),
        }
    }

    fn add_many(&mut self, ms: u32, times: u64) {
        let index = ms as usize;
        if index >= LONG
            && let Some(exact) = &mut self.stepped
        {
            exact.add(ms, times);
        }
        self.put(self.precision_at(ms).of(ms), times);
    }

    /// How finely such a time is kept.
    fn precision_at(&self, ms: u32) -> Precision {
        if (ms as usize) < LONG {
            Precision::Exact
        } else {
            self.precision
        }
    }

    /// Counts a time that is one of those that are kept.
    fn put(&mut self, ms: u32, times: u64) {
        let index = ms as usize;
        if index < LONG && !self.dense.is_empty() && index >= self.dense.len() {
            self.dense.resize((index + 1).next_power_of_two(), 0);
        }
        let Some(low) = self.dense.get_mut(index) else {
            let known = self.sparse.len();
            self.put_sparse(ms, times);
            if self.sparse.len() > known {
                self.long_times += usize::from(index >= LONG);
                self.fit();
            }
            return;
        };
        let is_new = *low == 0;
        let count = u64::from(*low).saturating_add(times);
        *low = count as u32;
        if is_new && index >= LONG && !self.sparse.contains_key(&ms) {
            self.long_times += 1;
        }
        if count > u64::from(u32::MAX) {
            self.put_sparse(ms, count & !u64::from(u32::MAX));
        }
        if is_new {
            self.fit();
        }
    }

    fn put_sparse(&mut self, ms: u32, times: u64) {
        let count = self.sparse.entry(ms).or_default();
        *count = count.saturating_add(times);
    }

    /// Keeps a growing number of different times in the best place.
    fn fit(&mut self) {
        if self.precision == Precision::Exact && self.long_times > MANY {
            self.step(Precision::Fine);
        } else if self.dense.is_empty() {
            if self.sparse.len() > FEW {
                self.make_dense();
            }
        } else if self.precision == Precision::Exact && self.sparse.len().is_power_of_two() {
            self.widen();
        }
    }

    fn make_dense(&mut self) {
        let short = self.sparse.keys().filter(|ms| (**ms as usize) < LONG);
        let length = short.max().map_or(1, |ms| *ms as usize + 1);
        self.move_to_dense(length.next_power_of_two());
    }

    /// Makes the array as long as is worth it.
    fn widen(&mut self) {
        let mut worth = self.dense.len();
        let mut length = worth.max(LONG) * 2;
        while length <= DENSE {
            let inside = |ms: &&u32| (self.dense.len()..length).contains(&(**ms as usize));
            if self.sparse.keys().filter(inside).count() >= (length - self.dense.len()) / WORTH {
                worth = length;
            }
            length *= 2;
        }
        if worth > self.dense.len() {
            self.move_to_dense(worth);
        }
    }

    fn move_to_dense(&mut self, length: usize) {
        let before = self.dense.len();
        self.dense.resize(length, 0);
        let dense = &mut self.dense;
        self.sparse.retain(|ms, count| {
            let index = *ms as usize;
            if index >= before
                && let Some(low) = dense.get_mut(index)
            {
                *low = *count as u32;
                *count &= !u64::from(u32::MAX);
            }
            *count > 0
        });
        self.sparse.shrink_to_fit();
    }

    /// Keeps long times in steps from here on. It never gets finer again.
    pub(crate) fn step(&mut self, precision: Precision) {
        if precision <= self.precision || self.dense.is_empty() {
            return;
        }
        self.stepped = Some(self.exact_of_long());
        self.precision = precision;
        let is_long = |ms: &u32| *ms as usize >= LONG;
        let long: Counts = self
            .counts()
            .into_iter()
            .filter(|(ms, _)| is_long(ms))
            .collect();
        self.dense.truncate(LONG);
        self.dense.shrink_to_fit();
        self.sparse.retain(|ms, _| !is_long(ms));
        for (ms, count) in long {
            self.put_sparse(precision.of(ms), count);
        }
        self.sparse.shrink_to_fit();
        self.long_times = self.sparse.keys().filter(|ms| is_long(ms)).count();
    }

    /// Adds what another has counted.
    pub fn merge(&mut self, other: &Self) {
        // Only with the array can it be in steps.
        let needs_array = !other.dense.is_empty() || other.precision > self.precision;
        if needs_array && self.dense.is_empty() {
            self.make_dense();
        }
        self.step(other.precision);
        // The exact figures of both, whichever of them has them as such.
        let exact = self.stepped.take().map(|mut exact| {
            exact.merge(&other.exact_of_long());
            exact
        });
        for (ms, count) in (0..).zip(&other.dense).filter(|(_, count)| **count > 0) {
            self.add_many(ms, u64::from(*count));
        }
        for (ms, count) in &other.sparse {
            self.add_many(*ms, *count);
        }
        // If the last ones were too many, it made its own figures of what was exact still.
        if exact.is_some() {
            self.stepped = exact;
        }
    }

    fn exact_of_long(&self) -> Exact {
        self.stepped.unwrap_or_else(|| {
            let mut exact = Exact::NONE;
            let counts = self.counts();
            for (ms, count) in counts.iter().filter(|(ms, _)| *ms as usize >= LONG) {
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

    /// Whether both have counted the same, as far as the less fine of them tells: count, sum and
    /// sum of squares, minimum and maximum are compared exactly.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        if self.precision == other.precision {
            return self == other;
        }
        let precision = self.precision.max(other.precision);
        let as_fine = |own: &Self| {
            let mut own = own.clone();
            if own.dense.is_empty() {
                own.make_dense();
            }
            own.step(precision);
            own
        };
        as_fine(self) == as_fine(other)
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
        let stepped = |ms: u32| self.stepped.is_some() && ms as usize >= LONG;
        for (ms, count) in counts.iter().filter(|(ms, _)| !stepped(*ms)) {
            exact.add(*ms, *count);
        }
        if let Some(long) = &self.stepped {
            exact.merge(long);
        }
        Measures::new(
            counts,
            exact.min,
            exact.max,
            exact.sum,
            exact.squares,
            self.precision,
        )
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
        let counts = unpack(&packed.counts)?;
        let mut histogram = Self::default();
        if counts.len() > FEW_SENT {
            for (ms, count) in counts {
                histogram.add_many(ms, count);
            }
            if let Some((precision, _)) = packed.stepped {
                histogram.step(precision);
            }
        } else {
            histogram.precision = packed.stepped.map_or(Precision::Exact, |(own, _)| own);
            for (ms, count) in counts {
                let kept = histogram.precision_at(ms).of(ms);
                histogram.put_sparse(kept, count);
            }
            let long = |ms: &&u32| **ms as usize >= LONG;
            histogram.long_times = histogram.sparse.keys().filter(long).count();
        }
        if let Some((precision, exact)) = packed.stepped {
            if precision == Precision::Exact || exact.min > exact.max && exact != Exact::NONE {
                return Err(Unpackable);
            }
            histogram.stepped = Some(exact);
        }
        Ok(histogram)
    }
}

#[cfg(test)]
mod tests;
