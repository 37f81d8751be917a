//! Records that wait to be counted together.

use crate::intake::OTHER;
use crate::names::Kind;

/// Records of one name wait to be counted together: the figures of a name can take 100 KB, and those
/// of all names are more than a processor's caches hold. Counted one after the other, records would
/// wait for memory most of the time. Up to so many of one name and outcome wait,
const LANE: usize = 256;
/// and up to so many of all, as long as there are fewer names than this.
const LANES: usize = 1 << 18;

/// A request's times, ms after the log's start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Sent {
    /// The response time, ms.
    #[inline]
    pub(crate) fn ms(self) -> u32 {
        self.end.saturating_sub(self.start)
    }
}

/// A group's times, ms after the log's start and ms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entered {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) cumulated: u32,
}

/// A user that starts or ends, ms after the log's start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moved {
    pub(crate) scenario: u32,
    pub(crate) starts: bool,
    pub(crate) time: u32,
}

/// Records that are to be counted together by [`Counts`](crate::Counts).
#[derive(Debug)]
pub struct Batch(pub(crate) Records);

#[derive(Debug)]
pub(crate) enum Records {
    /// Of one name and outcome.
    Requests(Name, Vec<Sent>),
    /// Of one name and outcome.
    Groups(Name, Vec<Entered>),
    /// The slot belongs to another name from here on, whose figures are among the others'.
    GivenUp(Kind, usize),
    /// Of all names, in the log's order; whether they succeeded. Each is in one of the first kind too.
    All(bool, Vec<Sent>),
    /// In the log's order.
    Users(Vec<Moved>),
}

/// What the records of a lane have in common: their number, if they have one of their own, and
/// whether they succeeded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name {
    pub(crate) slot: Option<usize>,
    pub(crate) ok: bool,
}

/// Records that wait, of each name and outcome apart.
#[derive(Debug)]
pub(crate) struct Lanes<R> {
    lanes: Vec<Vec<R>>,
    /// How many may wait in each.
    length: usize,
    /// Memory of records that have been counted.
    spare: Vec<Vec<R>>,
}

impl<R> Lanes<R> {
    pub(crate) const NONE: Self = Self {
        lanes: Vec::new(),
        length: LANE,
        spare: Vec::new(),
    };

    /// What waited, if the lane is full now.
    #[inline]
    pub(crate) fn push(&mut self, slot: u32, ok: bool, record: R) -> Option<(Name, Vec<R>)> {
        // Those without a slot have the first two.
        let lane = slot.wrapping_add(1) as usize * 2 + usize::from(ok);
        if lane >= self.lanes.len() {
            self.lengthen(lane + 1);
        }
        let waiting = &mut self.lanes[lane];
        waiting.push(record);
        if waiting.len() < self.length {
            return None;
        }
        let slot = (slot != OTHER).then_some(slot as usize);
        let empty = self.spare.pop().unwrap_or_default();
        Some((Name { slot, ok }, std::mem::replace(waiting, empty)))
    }

    #[cold]
    fn lengthen(&mut self, lanes: usize) {
        self.lanes.resize_with(lanes, Vec::new);
        self.length = (LANES / lanes).clamp(1, LANE);
    }

    /// What waits of one slot.
    pub(crate) fn of_slot(&mut self, slot: u32) -> impl Iterator<Item = (Name, Vec<R>)> + '_ {
        let first = (slot as usize + 1) * 2;
        // The second is not there where nothing has succeeded yet and no later name has come.
        let lanes = self.lanes.iter_mut().enumerate().skip(first).take(2);
        lanes.filter_map(named)
    }

    /// The memory of records that have been counted serves again.
    pub(crate) fn reuse(&mut self, mut records: Vec<R>) {
        records.clear();
        self.spare.push(records);
    }

    /// All that waits. The lanes are empty then.
    pub(crate) fn waiting(&mut self) -> impl Iterator<Item = (Name, Vec<R>)> + '_ {
        self.lanes.iter_mut().enumerate().filter_map(named)
    }
}

/// What waits in a lane, if anything does.
fn named<R>((lane, records): (usize, &mut Vec<R>)) -> Option<(Name, Vec<R>)> {
    let (slot, ok) = ((lane / 2).checked_sub(1), lane % 2 == 1);
    (!records.is_empty()).then(|| (Name { slot, ok }, std::mem::take(records)))
}
