//! One request's or group's share of the run, over time: few and coarse columns, because there may
//! be thousands of names.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::axis::Axis;
use crate::check::{Unacceptable, column_within};
use crate::small_counts::Counts;

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
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "Sent", into = "Sent")]
pub struct Timeline {
    /// A column's length is 2 to the power of it, s.
    shift: u8,
    /// The number of the first column: its first second divided by the columns' length.
    first: i64,
    /// For each column its counts, at least as far as there are any.
    columns: Vec<Counts>,
    /// The memory of all columns' counts, bytes.
    bytes: usize,
    /// Counts as they came, in the order of time and not yet in columns: a few of them may be far
    /// apart, and columns for all between would take hundreds of times their memory.
    sent: Vec<Entry>,
}

/// The column, the field in it, the count.
type Entry = (i64, u32, u64);

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

/// What was counted matters, not how much room there is.
impl PartialEq for Timeline {
    fn eq(&self, other: &Self) -> bool {
        self.shift == other.shift && self.entries() == other.entries()
    }
}

impl Eq for Timeline {}

impl Timeline {
    /// No column is longer than 2 to the power of it, s.
    pub(crate) const LONGEST: u8 = 40;

    pub(crate) fn new(shift: u8) -> Self {
        Self {
            shift,
            ..Self::default()
        }
    }

    /// Counts records that all succeeded or all failed; `times` are those of one: its start and end
    /// in the log, and ms.
    pub(crate) fn add_all<R>(
        &mut self,
        axis: Axis,
        ok: bool,
        records: &[R],
        times: impl Fn(&R) -> (u32, u32, u32) + Copy,
    ) {
        for (column, sent) in axis.runs(self.shift, records, |record| times(record).0) {
            if ok {
                self.count(
                    column,
                    sent.iter().map(|record| FIELDS + step(times(record).2)),
                );
            } else {
                self.count_many(column, SENT_KO, sent.len() as u64);
            }
        }
        let ended = if ok { OK } else { KO };
        for (column, run) in axis.runs(self.shift, records, |record| times(record).1) {
            self.count_many(column, ended, run.len() as u64);
        }
    }

    /// Counts each field once more.
    #[inline]
    fn count(&mut self, column: i64, mut fields: impl Iterator<Item = usize>) {
        loop {
            let at = usize::try_from(column.wrapping_sub(self.first)).unwrap_or(usize::MAX);
            let left = match self.columns.get_mut(at) {
                Some(counts) => counts.count(&mut fields),
                None => fields.next(),
            };
            match left {
                Some(field) => self.count_many(column, field, 1),
                None => return,
            }
        }
    }

    fn count_many(&mut self, column: i64, field: usize, times: u64) {
        if let Some(counts) = self.make_room(column, field) {
            let before = counts.bytes();
            counts.add(field, times);
            let more = counts.bytes() - before;
            self.bytes += more;
        }
    }

    /// `None`: the column lies further away than any of the same run, so it is none.
    fn make_room(&mut self, column: i64, field: usize) -> Option<&mut Counts> {
        if self.columns.is_empty() {
            self.first = column;
        }
        if column.abs_diff(self.first) >= 2 * COLUMNS.unsigned_abs() {
            return None;
        }
        if column < self.first {
            let more = (self.first - column) as usize;
            self.columns
                .splice(0..0, std::iter::repeat_n(Counts::NONE, more));
            self.first = column;
        }
        let at = (column - self.first) as usize;
        if at >= self.columns.len() {
            self.columns.resize(at + 1, Counts::NONE);
        }
        let before = at
            .checked_sub(1)
            .map_or(0, |before| self.columns[before].len());
        let counts = &mut self.columns[at];
        if field >= counts.len() {
            let times = (field + 1)
                .saturating_sub(FIELDS)
                .next_multiple_of(STEPS as usize);
            // A column is mostly like the one before it.
            let length = before.max(FIELDS + times.max(STEPS as usize));
            let was = counts.bytes();
            counts.lengthen(length);
            self.bytes += counts.bytes() - was;
        }
        Some(counts)
    }

    /// Makes the columns longer.
    pub(crate) fn fold_to(&mut self, shift: u8) {
        if shift <= self.shift {
            return;
        }
        let by = shift - self.shift;
        if !self.sent.is_empty() {
            for (column, ..) in &mut self.sent {
                *column >>= by;
            }
            self.shift = shift;
            return;
        }
        let first = self.first >> by;
        let fine = std::mem::take(&mut self.columns);
        // Each in the memory of the first of those that it is made of.
        for (column, counts) in (self.first..).zip(fine) {
            let at = ((column >> by) - first) as usize;
            match self.columns.get_mut(at) {
                Some(own) => {
                    own.lengthen(counts.len());
                    own.merge(&counts);
                }
                None => self.columns.push(counts),
            }
        }
        (self.first, self.shift) = (first, shift);
        self.bytes = self.columns.iter().map(Counts::bytes).sum();
    }

    /// Adds another, whose columns are no longer.
    pub(crate) fn merge(&mut self, other: &Self) {
        let by = self.shift.saturating_sub(other.shift);
        if !self.sent.is_empty() {
            *self = self.in_columns().into_owned();
        }
        for (column, field, count) in &other.sent {
            self.count_many(column >> by, *field as usize, *count);
        }
        for (column, counts) in (other.first..).zip(&other.columns) {
            let column = column >> by;
            let Some(last) = counts.len().checked_sub(1) else {
                continue;
            };
            // It makes room for all.
            let Some(own) = self.make_room(column, last) else {
                continue;
            };
            let before = own.bytes();
            own.merge(counts);
            let more = own.bytes() - before;
            self.bytes += more;
        }
    }

    /// With what came in its columns.
    fn in_columns(&self) -> Cow<'_, Self> {
        if self.sent.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut own = Self::new(self.shift);
        own.merge(self);
        Cow::Owned(own)
    }

    /// All counts that are not 0, in order.
    fn entries(&self) -> Vec<Entry> {
        let own = self.in_columns();
        let mut entries = Vec::new();
        for (column, counts) in (own.first..).zip(&own.columns) {
            let field = |field| u32::try_from(field).unwrap_or(u32::MAX);
            entries.extend(counts.each().map(|(at, count)| (column, field(at), count)));
        }
        entries
    }

    /// Of one that came: its columns are no longer than `shift` says, and within these seconds.
    pub(crate) fn check(
        &self,
        shift: u8,
        seconds: &RangeInclusive<i64>,
    ) -> Result<(), Unacceptable> {
        if self.shift > shift {
            return Err(Unacceptable("a timeline whose columns are too long"));
        }
        let first = (!self.columns.is_empty()).then_some(self.first);
        let mut columns = self.sent.iter().map(|(column, ..)| *column).chain(first);
        if columns.all(|column| column_within(column, self.shift, seconds)) {
            Ok(())
        } else {
            Err(Unacceptable("a timeline outside of the run"))
        }
    }

    /// How long a column is, s.
    #[must_use]
    pub fn column_seconds(&self) -> i64 {
        1 << self.shift
    }

    /// The columns, from the first to the last with anything in it.
    pub fn columns(&self) -> impl Iterator<Item = Column> + '_ {
        let own = self.in_columns();
        let columns = (own.first..).zip(&own.columns).map(|(column, counts)| {
            let times: Vec<_> = (counts.each())
                .filter(|(field, _)| *field >= FIELDS)
                .map(|(field, count)| (time(field - FIELDS), count))
                .collect();
            Column {
                second: column << own.shift,
                sent_ok: times.iter().map(|(_, count)| count).sum(),
                sent_ko: counts.get(SENT_KO),
                ok: counts.get(OK),
                ko: counts.get(KO),
                times,
            }
        });
        columns.collect::<Vec<_>>().into_iter()
    }

    /// The memory it takes, roughly, bytes.
    pub(crate) fn bytes(&self) -> usize {
        const COLUMN: usize = size_of::<Counts>() + 16;
        let sent = self.sent.capacity() * size_of::<Entry>();
        self.bytes + self.columns.capacity() * COLUMN + sent
    }
}

/// Only what is not 0: column, field, count.
#[derive(Clone, Serialize, Deserialize)]
struct Sent {
    shift: u8,
    counts: Vec<Entry>,
}

impl From<Timeline> for Sent {
    fn from(timeline: Timeline) -> Self {
        Self {
            shift: timeline.shift,
            counts: timeline.entries(),
        }
    }
}

impl TryFrom<Sent> for Timeline {
    type Error = &'static str;

    /// Takes no more memory than what came.
    fn try_from(mut sent: Sent) -> Result<Self, Self::Error> {
        let columns = sent.counts.iter().map(|(column, ..)| *column);
        let (first, last) = (columns.clone().min(), columns.max());
        let length = first
            .zip(last)
            .map_or(Some(0), |(first, last)| last.checked_sub(first));
        if sent.shift > Self::LONGEST || length.is_none_or(|length| length >= COLUMNS) {
            return Err("a timeline with too many columns");
        }
        let impossible = |field: &u32| *field as usize > FIELDS + step(u32::MAX);
        if sent.counts.iter().any(|(_, field, _)| impossible(field)) {
            return Err("a timeline with an impossible time");
        }
        sent.counts.retain(|(.., count)| *count > 0);
        sent.counts.sort_unstable();
        sent.counts.shrink_to_fit();
        Ok(Self {
            sent: sent.counts,
            ..Self::new(sent.shift)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A request sent in a second and answered some seconds later.
    fn add(timeline: &mut Timeline, sent: i64, took: i64, ok: bool, ms: u32) {
        let (sent, took) = (sent as u32 * 1000, took as u32 * 1000);
        timeline.add_all(Axis::new(0), ok, &[ms], |ms| (sent, sent + took, *ms));
    }

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
                        add(&mut timeline, *sent, *took, *ok, *ms);
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

    /// 9 bytes each as CBOR; as columns of four bytes for each time 3.6 KB.
    #[test]
    fn what_came_takes_no_more_memory_than_it_had() {
        let far = u32::try_from(FIELDS + step(u32::MAX)).unwrap();
        let counts = (0..COLUMNS).map(|column| (column, far, 256)).collect();
        let came = Timeline::try_from(Sent { shift: 0, counts }).unwrap();
        assert!(came.bytes() <= 32 * 256, "{} bytes", came.bytes());
        let mut folded = came.clone();
        folded.fold_to(8);
        assert_eq!(folded.bytes(), came.bytes());
        let columns: Vec<_> = folded.columns().collect();
        assert_eq!((columns.len(), columns[0].sent_ok), (1, 65_536));
        let two = vec![(0, 0, 1), (255, 0, 1)];
        let far_apart = Timeline::try_from(Sent {
            shift: 0,
            counts: two,
        })
        .unwrap();
        assert!(far_apart.bytes() < 100);
        let mut merged = Timeline::new(0);
        merged.merge(&far_apart);
        assert_eq!(merged, far_apart);
    }

    #[test]
    fn counts_go_beyond_16_bits() {
        let mut timeline = Timeline::new(0);
        for _ in 0..200_000 {
            add(&mut timeline, 5, 0, true, 70);
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
