//! Records that wait to be counted.

use crate::by_name::ByName;
use crate::intake::OTHER;

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

/// A group's times, ms after the log's start and ms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entered {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) cumulated: u32,
}

/// Records of one request or group that ended alike and are to be counted by name.
#[derive(Debug)]
pub struct Batch {
    pub(crate) slot: Option<usize>,
    pub(crate) ok: bool,
    pub(crate) records: Records,
}

#[derive(Debug)]
pub(crate) enum Records {
    Requests(Vec<Sent>),
    Groups(Vec<Entered>),
}

/// As [`Batch`], still where it was collected. It has to be counted or taken.
#[derive(Debug)]
#[must_use]
pub struct Full<'a> {
    pub(crate) slot: Option<usize>,
    pub(crate) ok: bool,
    pub(crate) records: FullRecords<'a>,
}

#[derive(Debug)]
pub(crate) enum FullRecords<'a> {
    Requests(&'a mut Vec<Sent>),
    Groups(&'a mut Vec<Entered>),
}

impl Full<'_> {
    /// Counts it.
    pub fn count(self, by_name: &mut ByName) {
        match self.records {
            FullRecords::Requests(records) => {
                by_name.count_requests(self.slot, self.ok, records);
                records.clear();
            }
            FullRecords::Groups(records) => {
                by_name.count_groups(self.slot, self.ok, records);
                records.clear();
            }
        }
    }

    /// Takes it away, to be counted elsewhere by [`ByName::count`].
    #[must_use]
    pub fn take(self) -> Batch {
        fn replace<R>(records: &mut Vec<R>) -> Vec<R> {
            let empty = Vec::with_capacity(records.capacity());
            std::mem::replace(records, empty)
        }
        Batch {
            slot: self.slot,
            ok: self.ok,
            records: match self.records {
                FullRecords::Requests(records) => Records::Requests(replace(records)),
                FullRecords::Groups(records) => Records::Groups(replace(records)),
            },
        }
    }
}

/// Records that wait, of each name and outcome apart.
#[derive(Debug)]
pub(crate) struct Lanes<R> {
    lanes: Vec<Vec<R>>,
    /// How many may wait in each.
    length: usize,
}

impl<R> Lanes<R> {
    pub(crate) const NONE: Self = Self {
        lanes: Vec::new(),
        length: LANE,
    };

    /// What waited, if the lane is full now.
    #[inline]
    pub(crate) fn push(&mut self, slot: u32, ok: bool, record: R) -> Option<&mut Vec<R>> {
        // Those without a slot have the first two.
        let lane = slot.wrapping_add(1) as usize * 2 + usize::from(ok);
        if lane >= self.lanes.len() {
            self.lanes.resize_with(lane + 1, Vec::new);
            self.length = (LANES / self.lanes.len()).clamp(1, LANE);
        }
        let waiting = &mut self.lanes[lane];
        waiting.push(record);
        (waiting.len() >= self.length).then_some(waiting)
    }

    /// All lanes in which something waits: slot, outcome, records.
    pub(crate) fn waiting(
        &mut self,
    ) -> impl Iterator<Item = (Option<usize>, bool, &mut Vec<R>)> + '_ {
        let lanes = self.lanes.iter_mut().enumerate();
        lanes
            .filter(|(_, records)| !records.is_empty())
            .map(|(lane, records)| ((lane / 2).checked_sub(1), lane % 2 == 1, records))
    }
}

pub(crate) fn slot_index(slot: u32) -> Option<usize> {
    (slot != OTHER).then_some(slot as usize)
}
