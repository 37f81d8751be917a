//! One request's or group's share of the run, over time: few and coarse columns, because there may
//! be thousands of names.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Columns over the whole run.
const COLUMNS: i64 = 256;
/// Steps for each doubling of a time, and the bits of it that tell them apart.
const STEP_BITS: u32 = 5;
const STEPS: u32 = 1 << STEP_BITS;
/// Fields of a column before its times.
const SENT_KO: usize = 0;
const OK: usize = 1;
const KO: usize = 2;
const FIELDS: usize = 3;

/// What was sent and answered in columns of some seconds. All timelines of the same
/// [`Figures`](crate::Figures) have columns of the same length.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Sent", into = "Sent")]
pub struct Timeline {
    /// A column's length is 2 to the power of it, s.
    shift: u8,
    /// The number of the first column: its first second divided by the columns' length.
    first: i64,
    /// How many fields a column has: a multiple of [`STEPS`] and [`FIELDS`] more.
    width: usize,
    /// The low 16 bits of all counts, column after column.
    counts: Vec<u16>,
    /// The high bits, by column and field.
    carry: FxHashMap<(i64, usize), u64>,
}

/// One column of a [`Timeline`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its first second of the axis.
    pub second: i64,
    /// Requests sent in it that ended OK.
    pub sent_ok: u64,
    /// Requests sent in it that ended KO.
    pub sent_ko: u64,
    /// Requests that ended OK in it.
    pub ok: u64,
    /// Requests that ended KO in it.
    pub ko: u64,
    /// The times of those sent in it that ended OK, ms, each at most 1.6 % off, with their number.
    pub times: Vec<(u32, u64)>,
}

/// How many times the columns of one second have to double for a run.
pub(crate) fn shift_for(first_second: i64, last_second: i64) -> u8 {
    let mut shift = 0;
    while (last_second >> shift) - (first_second >> shift) >= COLUMNS {
        shift += 1;
    }
    shift
}

fn step(ms: u32) -> usize {
    match ms.max(1).ilog2().checked_sub(STEP_BITS) {
        None | Some(0) => ms as usize,
        Some(doublings) => ((doublings << STEP_BITS) + (ms >> doublings)) as usize,
    }
}

/// The middle of a step.
fn time(step: usize) -> u32 {
    let step = u32::try_from(step).unwrap_or(u32::MAX);
    match (step >> STEP_BITS).checked_sub(1) {
        None | Some(0) => step,
        Some(doublings) => {
            let low = u64::from(step % STEPS + STEPS) << doublings;
            u32::try_from(low + (1 << (doublings - 1))).unwrap_or(u32::MAX)
        }
    }
}

impl Timeline {
    pub(crate) fn new(shift: u8) -> Self {
        Self {
            shift,
            ..Self::default()
        }
    }

    /// Counts a request sent in one second and answered in another.
    #[inline]
    pub(crate) fn add(&mut self, sent: i64, ended: i64, ok: bool, ms: u32) {
        let (sent, ended) = (sent >> self.shift, ended >> self.shift);
        if ok {
            self.count(sent, FIELDS + step(ms));
            self.count(ended, OK);
        } else {
            self.count(sent, SENT_KO);
            self.count(ended, KO);
        }
    }

    #[inline]
    fn count(&mut self, column: i64, field: usize) {
        if field < self.width {
            let row = usize::try_from(column.wrapping_sub(self.first)).unwrap_or(usize::MAX);
            let at = row.saturating_mul(self.width).saturating_add(field);
            if let Some(count) = self.counts.get_mut(at)
                && *count < u16::MAX
            {
                *count += 1;
                return;
            }
        }
        self.count_many(column, field, 1);
    }

    #[cold]
    fn count_many(&mut self, column: i64, field: usize, times: u64) {
        if !self.make_room(column, field) {
            return;
        }
        let at = (column - self.first) as usize * self.width + field;
        let count = u64::from(self.counts[at]).saturating_add(times);
        self.counts[at] = count as u16;
        let high = count & !u64::from(u16::MAX);
        if high > 0 {
            let carry = self.carry.entry((column, field)).or_default();
            *carry = carry.saturating_add(high);
        }
    }

    /// `false`: the column lies further away than any of the same run, so it is none.
    fn make_room(&mut self, column: i64, field: usize) -> bool {
        let first = if self.counts.is_empty() {
            column
        } else {
            self.first
        };
        if column.abs_diff(first) >= 2 * COLUMNS.unsigned_abs() {
            return false;
        }
        if field >= self.width {
            let times = (field + 1)
                .saturating_sub(FIELDS)
                .next_multiple_of(STEPS as usize);
            let width = FIELDS + times.max(STEPS as usize);
            let columns = self.counts.len() / self.width.max(1);
            let mut wider = vec![0; columns * width];
            if self.width > 0 {
                let rows = wider.chunks_exact_mut(width);
                for (wide, row) in rows.zip(self.counts.chunks_exact(self.width)) {
                    wide[..self.width].copy_from_slice(row);
                }
            }
            (self.counts, self.width) = (wider, width);
        }
        if self.counts.is_empty() {
            self.first = column;
        } else if column < self.first {
            let more = (self.first - column) as usize * self.width;
            self.counts.splice(0..0, std::iter::repeat_n(0, more));
            self.first = column;
        }
        let needed = ((column - self.first) as usize + 1) * self.width;
        if needed > self.counts.len() {
            self.counts.resize(needed, 0);
        }
        true
    }

    /// Makes the columns longer.
    pub(crate) fn fold_to(&mut self, shift: u8) {
        if shift <= self.shift {
            return;
        }
        let by = shift - self.shift;
        let fine = std::mem::replace(self, Self::new(shift));
        fine.each(|column, field, count| self.count_many(column >> by, field, count));
    }

    /// Adds another of the same length of columns.
    pub(crate) fn merge(&mut self, other: &Self) {
        other.each(|column, field, count| self.count_many(column, field, count));
    }

    fn each(&self, mut take: impl FnMut(i64, usize, u64)) {
        if self.width == 0 {
            return;
        }
        for (column, row) in (self.first..).zip(self.counts.chunks_exact(self.width)) {
            for (field, count) in row.iter().enumerate().filter(|(_, count)| **count > 0) {
                take(column, field, u64::from(*count));
            }
        }
        for ((column, field), high) in &self.carry {
            take(*column, *field, *high);
        }
    }

    /// How long a column is, s.
    #[must_use]
    pub fn column_seconds(&self) -> i64 {
        1 << self.shift
    }

    pub(crate) fn shift(&self) -> u8 {
        self.shift
    }

    /// The columns, from the first to the last with anything in it.
    pub fn columns(&self) -> impl Iterator<Item = Column> + '_ {
        let width = self.width.max(FIELDS);
        (self.first..)
            .zip(self.counts.chunks_exact(width))
            .map(move |(column, row)| {
                let count = |field: usize| {
                    let high = self.carry.get(&(column, field)).copied().unwrap_or(0);
                    u64::from(row[field]).saturating_add(high)
                };
                let times: Vec<_> = (FIELDS..width)
                    .map(|field| (time(field - FIELDS), count(field)))
                    .filter(|(_, count)| *count > 0)
                    .collect();
                Column {
                    second: column << self.shift,
                    sent_ok: times.iter().map(|(_, count)| count).sum(),
                    sent_ko: count(SENT_KO),
                    ok: count(OK),
                    ko: count(KO),
                    times,
                }
            })
    }

    pub(crate) fn bytes(&self) -> usize {
        self.counts.capacity() * size_of::<u16>() + self.carry.capacity() * 32
    }
}

/// Only what is not 0: column, field, count.
#[derive(Clone, Serialize, Deserialize)]
struct Sent {
    shift: u8,
    counts: Vec<(i64, u32, u64)>,
}

impl From<Timeline> for Sent {
    fn from(timeline: Timeline) -> Self {
        let mut counts = Vec::new();
        timeline.each(|column, field, count| {
            counts.push((column, u32::try_from(field).unwrap_or(u32::MAX), count));
        });
        // A count above 16 bits comes in two parts.
        counts.sort_unstable();
        Self {
            shift: timeline.shift,
            counts,
        }
    }
}

impl TryFrom<Sent> for Timeline {
    type Error = &'static str;

    fn try_from(sent: Sent) -> Result<Self, Self::Error> {
        let columns = sent.counts.iter().map(|(column, ..)| *column);
        let (first, last) = (columns.clone().min(), columns.max());
        let length = first
            .zip(last)
            .map_or(Some(0), |(first, last)| last.checked_sub(first));
        if sent.shift > 62 || length.is_none_or(|length| length >= COLUMNS) {
            return Err("a timeline with too many columns");
        }
        let mut timeline = Self::new(sent.shift);
        for (column, field, count) in sent.counts {
            let field = field as usize;
            if field > FIELDS + step(u32::MAX) {
                return Err("a timeline with an impossible time");
            }
            timeline.count_many(column, field, count);
        }
        Ok(timeline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn steps_stand_for_times(ms in any::<u32>()) {
            let shown = time(step(ms));
            prop_assert!((f64::from(shown) - f64::from(ms)).abs() <= f64::from(ms) / 64.0);
            prop_assert_eq!(step(shown), step(ms));
        }

        /// In whatever order, with columns of whatever length on the way; and when sent.
        #[test]
        fn merged_equals_counted_together(
            requests in prop::collection::vec((0_i64..500, 0_i64..9, any::<bool>(), 0_u32..9000), 0..60),
            shift in 1_u8..3,
        ) {
            let count = |part: usize, shift: u8| {
                let mut timeline = Timeline::new(shift);
                for (index, (sent, took, ok, ms)) in requests.iter().enumerate() {
                    if part == 2 || index % 2 == part {
                        timeline.add(*sent, sent + took, *ok, *ms);
                    }
                }
                timeline
            };
            let all = count(2, shift);
            let (mut left, mut right) = (count(0, 0), count(1, shift));
            left.fold_to(shift);
            right.merge(&left);
            prop_assert_eq!(&right, &all);
            let sent: u64 = all.columns().map(|column| column.sent_ok + column.sent_ko).sum();
            prop_assert_eq!(sent, requests.len() as u64);
            let mut bytes = Vec::new();
            ciborium::into_writer(&all, &mut bytes).unwrap();
            let back: Result<Timeline, _> = ciborium::from_reader(&bytes[..]);
            if shift == 2 {
                prop_assert_eq!(back.unwrap(), all);
            }
        }
    }

    #[test]
    fn counts_go_beyond_16_bits() {
        let mut timeline = Timeline::new(0);
        for _ in 0..200_000 {
            timeline.add(5, 5, true, 70);
        }
        let columns: Vec<_> = timeline.columns().collect();
        assert_eq!((columns[0].ok, columns[0].sent_ok), (200_000, 200_000));
        let mut twice = timeline.clone();
        twice.merge(&timeline);
        assert_eq!(
            twice.columns().map(|column| column.ok).sum::<u64>(),
            400_000
        );
        assert_eq!(
            Timeline::try_from(Sent::from(timeline.clone())),
            Ok(timeline)
        );
    }
}
