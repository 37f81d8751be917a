//! Records that wait to be counted together.

use crate::names::Kind;

/// Records of one name wait to be counted together: the figures of a name can take 100 KB, and those
/// of all names are more than a processor's caches hold. Counted one after the other, records would
/// wait for memory most of the time. Up to so many of one name and outcome wait (2 to the power of it),
const LANE: u32 = 8;
/// and up to so many of all (likewise), as long as there are fewer names than this.
const LANES: u32 = 18;

/// A request's times, ms after the log's start.
#[derive(Debug, Clone, Copy, Default)]
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
#[derive(Debug, Clone, Copy, Default)]
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

/// Records that are to be counted together by [`Counts`](crate::Counts), where they wait.
#[derive(Debug)]
pub struct Batch<'a>(pub(crate) Records<'a>);

#[derive(Debug)]
pub(crate) enum Records<'a> {
    /// Of one name and outcome.
    Requests(Name, &'a [Sent]),
    /// Of one name and outcome.
    Groups(Name, &'a [Entered]),
    /// The slot belongs to another name from here on, whose figures are among the others'.
    GivenUp(Kind, usize),
    /// Of all names, in the log's order; whether they succeeded. Each is in one of the first kind too.
    All(bool, &'a [Sent]),
    /// In the log's order.
    Users(&'a [Moved]),
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
    /// Each lane has as many places, 2 to the power of `length`.
    records: Vec<R>,
    length: u32,
    /// How many wait in each lane.
    waiting: Vec<u16>,
}

impl<R: Copy + Default> Lanes<R> {
    pub(crate) const NONE: Self = Self {
        records: Vec::new(),
        length: LANE,
        waiting: Vec::new(),
    };

    /// Gives `count` what waited in lanes that have no more room.
    #[inline]
    pub(crate) fn push(
        &mut self,
        slot: u32,
        ok: bool,
        record: R,
        mut count: impl FnMut(Name, &[R]),
    ) {
        // Those without a slot have the first two.
        let lane = slot.wrapping_add(1) as usize * 2 + usize::from(ok);
        if lane >= self.waiting.len() {
            self.lengthen(lane, &mut count);
        }
        let waiting = &mut self.waiting[lane];
        self.records[(lane << self.length) + usize::from(*waiting)] = record;
        *waiting += 1;
        if *waiting == 1 << self.length {
            self.empty(lane, &mut count);
        }
    }

    #[inline]
    fn empty(&mut self, lane: usize, count: &mut impl FnMut(Name, &[R])) {
        let waiting = usize::from(std::mem::take(&mut self.waiting[lane]));
        if waiting > 0 {
            let name = Name {
                slot: (lane / 2).checked_sub(1),
                ok: lane % 2 == 1,
            };
            count(name, &self.records[lane << self.length..][..waiting]);
        }
    }

    #[cold]
    fn lengthen(&mut self, lane: usize, count: &mut impl FnMut(Name, &[R])) {
        let lanes = (lane + 1).next_power_of_two();
        let length = LANES.saturating_sub(lanes.ilog2()).min(LANE);
        if length < self.length {
            self.empty_all(count);
            self.length = length;
        }
        self.waiting.resize(lanes, 0);
        self.records.resize(lanes << self.length, R::default());
    }

    /// Gives `count` what waits of one slot.
    pub(crate) fn empty_slot(&mut self, slot: u32, mut count: impl FnMut(Name, &[R])) {
        let first = (slot as usize + 1) * 2;
        for lane in first..(first + 2).min(self.waiting.len()) {
            self.empty(lane, &mut count);
        }
    }

    /// Gives `count` all that waits.
    pub(crate) fn empty_all(&mut self, count: &mut impl FnMut(Name, &[R])) {
        for lane in 0..self.waiting.len() {
            self.empty(lane, count);
        }
    }
}

/// Batches on their way to another thread.
#[derive(Debug, Default)]
pub struct Batches {
    heads: Vec<Head>,
    /// The records of all of them, one after the other.
    sent: Vec<Sent>,
    entered: Vec<Entered>,
    moved: Vec<Moved>,
}

/// What a batch is of, and how many records it has.
#[derive(Debug)]
enum Head {
    Requests(Name, usize),
    Groups(Name, usize),
    GivenUp(Kind, usize),
    All(bool, usize),
    Users(usize),
}

impl Batches {
    /// Adds a copy of a batch.
    pub fn push(&mut self, batch: &Batch<'_>) {
        self.heads.push(match batch.0 {
            Records::Requests(name, records) => {
                self.sent.extend_from_slice(records);
                Head::Requests(name, records.len())
            }
            Records::Groups(name, records) => {
                self.entered.extend_from_slice(records);
                Head::Groups(name, records.len())
            }
            Records::GivenUp(kind, slot) => Head::GivenUp(kind, slot),
            Records::All(ok, records) => {
                self.sent.extend_from_slice(records);
                Head::All(ok, records.len())
            }
            Records::Users(records) => {
                self.moved.extend_from_slice(records);
                Head::Users(records.len())
            }
        });
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Gives all to `count`, in the order in which they came.
    pub fn each(&self, mut count: impl FnMut(Batch<'_>)) {
        let (mut sent, mut entered, mut moved) =
            (&self.sent[..], &self.entered[..], &self.moved[..]);
        for head in &self.heads {
            count(Batch(match *head {
                Head::Requests(name, length) => Records::Requests(name, first(&mut sent, length)),
                Head::Groups(name, length) => Records::Groups(name, first(&mut entered, length)),
                Head::GivenUp(kind, slot) => Records::GivenUp(kind, slot),
                Head::All(ok, length) => Records::All(ok, first(&mut sent, length)),
                Head::Users(length) => Records::Users(first(&mut moved, length)),
            }));
        }
    }

    /// The memory serves again.
    pub fn clear(&mut self) {
        self.heads.clear();
        self.sent.clear();
        self.entered.clear();
        self.moved.clear();
    }
}

fn first<'a, R>(records: &mut &'a [R], length: usize) -> &'a [R] {
    let (first, rest) = records.split_at(length.min(records.len()));
    *records = rest;
    first
}
