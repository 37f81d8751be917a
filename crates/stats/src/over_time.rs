//! The response times of all requests over time: exact counts for each second.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::check::{LONGEST_SHIFT, Unacceptable, column_within};
use crate::measures::rank;
use crate::packed::{Counts, Unpackable, add, pack, unpack};
use crate::precision::Precision;

/// Cells for which counts are kept; longer runs have cells of 2, 4, 8, … s.
const CELLS: i64 = 4096;
/// Memory of all cells above which they get longer, too, bytes.
const BYTES: usize = 64 << 20;
/// Of a cell without its counts.
const CELL: usize = 48;
/// Different times of one cell above which those from 2048 ms on are kept in steps.
const MANY: usize = 4096;
/// Times from here on, ms, may have to be kept in steps.
const LONG: usize = 2048;
/// Times below this are counted in an array while the cell is open.
const DENSE: usize = 4096;
/// Counts that are looked at together; divides the above.
const SOME: usize = 16;
/// Open cells: requests that take longer than these many cells come late.
const OPEN: usize = 32;
/// Late and long times that wait to be sorted into their cells.
const WAITING: usize = 1 << 16;

/// Response times by when the request was sent, for cells of equal length.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverTime {
    /// The cells' length is 2 to the power of it, s.
    shift: u8,
    /// By the cell's number: its first second divided by the cells' length.
    #[serde(with = "cells")]
    cells: BTreeMap<i64, Cell>,
}

/// Counts of one cell, packed: an hour has thousands of cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Cell {
    packed: Box<[u8]>,
    stepped: bool,
}

impl Cell {
    fn counts(&self) -> Counts {
        // It was packed here, or checked when it came.
        unpack(&self.packed).unwrap_or_default()
    }

    fn add(&mut self, more: &[(u32, u64)], stepped: bool) {
        let mut counts = if self.packed.is_empty() {
            more.to_vec()
        } else {
            add(&self.counts(), more)
        };
        self.stepped |= stepped || counts.len() > MANY;
        if self.stepped {
            for (ms, _) in &mut counts {
                if *ms as usize >= LONG {
                    *ms = Precision::Fine.of(*ms);
                }
            }
            sum_alike(&mut counts);
        }
        self.packed = pack(counts).into_boxed_slice();
    }
}

/// How many times the cells' length has to double.
fn longer_by(first: i64, last: i64) -> u8 {
    let mut more = 0;
    while (last >> more).saturating_sub(first >> more) >= CELLS {
        more += 1;
    }
    more
}

/// Adds up the counts of equal neighbours.
fn sum_alike(counts: &mut Counts) {
    counts.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 = kept.1.saturating_add(next.1);
        }
        same
    });
}

impl OverTime {
    /// Each cell's first second of the axis and its counts by ms.
    pub fn cells(&self) -> impl Iterator<Item = (i64, Vec<(u32, u64)>)> + '_ {
        let shift = self.shift;
        self.cells
            .iter()
            .map(move |(at, cell)| (at << shift, cell.counts()))
    }

    /// Those of [`cells`](Self::cells) that have seconds from `second` on.
    pub fn cells_from(&self, second: i64) -> impl Iterator<Item = (i64, Vec<(u32, u64)>)> + '_ {
        let shift = self.shift;
        self.cells
            .range(second >> shift..)
            .map(move |(at, cell)| (at << shift, cell.counts()))
    }

    /// How long a cell is, s.
    #[must_use]
    pub fn cell_seconds(&self) -> i64 {
        1 << self.shift
    }

    pub(crate) fn merge(&mut self, other: Self) {
        if self.cells.is_empty() && self.shift <= other.shift {
            *self = other;
            self.fit();
            return;
        }
        self.fold_to(other.shift);
        for (at, cell) in &other.cells {
            let at = at >> (self.shift - other.shift);
            let own = self.cells.entry(at).or_default();
            own.add(&cell.counts(), cell.stepped);
        }
        self.fit();
    }

    /// Makes cells longer until there are not too many.
    fn fit(&mut self) {
        let (first, last) = (self.cells.first_key_value(), self.cells.last_key_value());
        if let (Some((first, _)), Some((last, _))) = (first, last) {
            self.fold_to(self.shift + longer_by(*first, *last));
        }
        let bytes = |own: &Self| -> usize {
            let cells = own.cells.values();
            cells.map(|cell| cell.packed.len() + CELL).sum()
        };
        while self.shift < LONGEST_SHIFT && bytes(self) > BYTES {
            self.fold_to(self.shift + 1);
        }
    }

    /// Of cells that came: each within these seconds. How many they count is the answer.
    pub(crate) fn check(&self, seconds: &RangeInclusive<i64>) -> Result<u64, Unacceptable> {
        let is_within = |at: &i64| column_within(*at, self.shift, seconds);
        if self.shift > LONGEST_SHIFT || !self.cells.keys().all(is_within) {
            return Err(Unacceptable("times outside of the run"));
        }
        let counts = self.cells.values().flat_map(Cell::counts);
        Ok(counts.fold(0_u64, |sum, (_, count)| sum.saturating_add(count)))
    }

    fn fold_to(&mut self, shift: u8) {
        if shift <= self.shift {
            return;
        }
        let by = shift - self.shift;
        self.shift = shift;
        let fine = std::mem::take(&mut self.cells);
        for (at, cell) in fine {
            let own = self.cells.entry(at >> by).or_default();
            own.add(&cell.counts(), cell.stepped);
        }
    }
}

/// The percentiles of counts, ms; 0 of none.
#[must_use]
pub fn percentiles<const N: usize>(counts: &[(u32, u64)], percents: [f64; N]) -> [u32; N] {
    let count = counts.iter().fold(0_u64, |a, b| a.saturating_add(b.1));
    // Percents mostly grow: each is looked for from where the one before was found.
    let (mut rest, mut below) = (counts, 0_u64);
    percents.map(|percent| {
        let rank = rank(percent, count);
        if rank <= below {
            (rest, below) = (counts, 0);
        }
        while let Some(((ms, times), others)) = rest.split_first() {
            if below.saturating_add(*times) >= rank || others.is_empty() {
                return *ms;
            }
            below = below.saturating_add(*times);
            rest = others;
        }
        0
    })
}

/// Cells while they are counted: the last ones are open, in arrays.
#[derive(Debug)]
pub(crate) struct Window {
    done: OverTime,
    /// The newest cell, and whether there is one.
    newest: Option<i64>,
    /// The counts of cell `at` from `at % OPEN * DENSE` on.
    open: Vec<u32>,
    /// A bit for each open cell that has counts.
    used: u32,
    /// Cells that are not open any more, and times not in the arrays.
    waiting: Vec<(i64, u32)>,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            done: OverTime::default(),
            newest: None,
            open: vec![0; OPEN * DENSE],
            used: 0,
            waiting: Vec::new(),
        }
    }
}

impl Window {
    /// Counts requests sent in `second` of the axis, by their times, ms.
    #[inline]
    pub(crate) fn add(&mut self, second: i64, times: impl Iterator<Item = u32>) {
        let mut cell = second >> self.done.shift;
        let newest = match self.newest {
            Some(newest) if cell <= newest => newest,
            _ => {
                cell = self.open(second);
                cell
            }
        };
        if newest - cell >= OPEN as i64 {
            times.for_each(|ms| self.wait(second, ms));
            return;
        }
        let place = cell.rem_euclid(OPEN as i64) as usize;
        self.used |= 1 << place;
        let mut long = Vec::new();
        let open = &mut self.open[place * DENSE..(place + 1) * DENSE];
        for ms in times {
            match open.get_mut(ms as usize) {
                Some(count) => *count += 1,
                None => long.push(ms),
            }
        }
        long.into_iter().for_each(|ms| self.wait(second, ms));
    }

    /// Opens the cell of a second that lies behind all others. The cell's number is the answer.
    #[cold]
    fn open(&mut self, second: i64) -> i64 {
        let cell = second >> self.done.shift;
        if let Some(newest) = self.newest {
            let lost = cell.saturating_sub(OPEN as i64).min(newest);
            for at in newest - OPEN as i64 + 1..=lost {
                self.put_away(at);
            }
        }
        self.newest = Some(cell);
        self.fold_for(cell);
        let cell = second >> self.done.shift;
        self.newest = Some(cell);
        cell
    }

    fn put_away(&mut self, cell: i64) {
        let place = cell.rem_euclid(OPEN as i64) as usize;
        if self.used & 1 << place == 0 {
            return;
        }
        self.used &= !(1 << place);
        let open = &mut self.open[place * DENSE..(place + 1) * DENSE];
        // Most of a cell is empty: what a look at several counts at once can tell.
        let mut counts = Counts::new();
        for (from, some) in (0..).step_by(SOME).zip(open.chunks_exact(SOME)) {
            if some.iter().fold(0, |any, count| any | count) > 0 {
                let used = (from..).zip(some).filter(|(_, count)| **count > 0);
                counts.extend(used.map(|(ms, count)| (ms, u64::from(*count))));
            }
        }
        open.fill(0);
        self.done.cells.entry(cell).or_default().add(&counts, false);
    }

    fn wait(&mut self, second: i64, ms: u32) {
        self.waiting.push((second >> self.done.shift, ms));
        if self.waiting.len() >= WAITING {
            self.sort_in();
            if let Some(newest) = self.newest {
                self.fold_for(newest);
            }
        }
    }

    fn sort_in(&mut self) {
        self.waiting.sort_unstable();
        for same_cell in self.waiting.chunk_by(|a, b| a.0 == b.0) {
            let mut counts: Counts = same_cell.iter().map(|(_, ms)| (*ms, 1)).collect();
            sum_alike(&mut counts);
            let own = self.done.cells.entry(same_cell[0].0).or_default();
            own.add(&counts, false);
        }
        self.waiting.clear();
    }

    /// Longer cells, if there would be too many with the cell `last`; all are closed then.
    fn fold_for(&mut self, last: i64) {
        let Some((first, _)) = self.done.cells.first_key_value() else {
            return;
        };
        let more = longer_by(*first, last);
        if more > 0 {
            self.close_all();
            self.done.fold_to(self.done.shift + more);
        }
    }

    fn close_all(&mut self) {
        self.sort_in();
        if let Some(newest) = self.newest.take() {
            for cell in newest - OPEN as i64 + 1..=newest {
                self.put_away(cell);
            }
        }
    }

    pub(crate) fn take(&mut self) -> OverTime {
        self.close_all();
        self.done.fit();
        std::mem::take(&mut self.done)
    }
}

/// As a list, so that any format can hold it.
mod cells {
    use super::{BTreeMap, Cell, Unpackable, unpack};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Sent {
        at: i64,
        #[serde(with = "serde_bytes")]
        counts: Vec<u8>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        stepped: bool,
    }

    pub(super) fn serialize<S: Serializer>(
        cells: &BTreeMap<i64, Cell>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(cells.iter().map(|(at, cell)| Sent {
            at: *at,
            counts: cell.packed.to_vec(),
            stepped: cell.stepped,
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<i64, Cell>, D::Error> {
        let sent = Vec::<Sent>::deserialize(deserializer)?;
        let cell = |sent: Sent| {
            unpack(&sent.counts)?;
            let packed = sent.counts.into_boxed_slice();
            let stepped = sent.stepped;
            Ok((sent.at, Cell { packed, stepped }))
        };
        let cells: Result<_, Unpackable> = sent.into_iter().map(cell).collect();
        cells.map_err(D::Error::custom)
    }
}
