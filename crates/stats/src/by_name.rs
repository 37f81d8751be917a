//! The figures of requests and groups while they are counted.

use crate::figures::{Group, Request};
use crate::intake::OTHER;
use crate::limits::Limits;
use crate::precision::Precision;
use crate::timeline::Timeline;

/// Records of one name wait to be counted together: the figures of a name can take 100 KB, and those
/// of all names are more than a processor's caches hold. Counted one after the other, records would
/// wait for memory most of the time. Up to so many of one name and outcome wait,
const LANE: usize = 256;
/// and up to so many of all, as long as there are fewer names than this.
const LANES: usize = 1 << 18;

/// Requests and groups by their slots. See [`Intake`](crate::Intake).
#[derive(Debug)]
pub(crate) struct ByName {
    axis: Axis,
    requests: Vec<Request>,
    groups: Vec<Group>,
    other_request: Request,
    other_group: Group,
    requests_waiting: Lanes<Sent>,
    groups_waiting: Lanes<Entered>,
    /// The length of the timelines' columns, 2 to the power of it, s.
    column_shift: u8,
    precision: Precision,
}

/// Where a log's start lies on the axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis {
    second: i64,
    ms: u32,
}

impl Axis {
    /// `shift` ms are added to a log's times.
    pub(crate) fn new(shift: i64) -> Self {
        Self {
            second: shift.div_euclid(1000),
            // Below 1000.
            ms: shift.rem_euclid(1000) as u32,
        }
    }

    /// The second of the axis of a time of the log.
    #[inline]
    pub(crate) fn second(self, time: u32) -> i64 {
        let seconds = (u64::from(time) + u64::from(self.ms)) / 1000;
        self.second.saturating_add(seconds.cast_signed())
    }

    /// The ms of the axis of a time of the log.
    #[inline]
    pub(crate) fn ms(self, time: u32) -> i64 {
        let start = self.second.saturating_mul(1000);
        start.saturating_add(i64::from(self.ms) + i64::from(time))
    }
}

/// A request's times, ms after the log's start.
#[derive(Debug, Clone, Copy)]
struct Sent {
    start: u32,
    end: u32,
}

/// A group's times, ms after the log's start and ms.
#[derive(Debug, Clone, Copy)]
struct Entered {
    start: u32,
    end: u32,
    cumulated: u32,
}

/// Records that wait, of each name and outcome apart.
#[derive(Debug)]
struct Lanes<R> {
    lanes: Vec<Vec<R>>,
    /// How many may wait in each.
    length: usize,
}

impl<R> Lanes<R> {
    const NONE: Self = Self {
        lanes: Vec::new(),
        length: LANE,
    };

    /// What waited, if the lane is full now: the caller clears it.
    #[inline]
    fn push(&mut self, lane: usize, record: R) -> Option<&mut Vec<R>> {
        if lane >= self.lanes.len() {
            self.lanes.resize_with(lane + 1, Vec::new);
            self.length = (LANES / self.lanes.len()).clamp(1, LANE);
        }
        let waiting = &mut self.lanes[lane];
        waiting.push(record);
        (waiting.len() >= self.length).then_some(waiting)
    }

    fn bytes(&self) -> usize {
        let records: usize = self.lanes.iter().map(Vec::capacity).sum();
        records * size_of::<R>() + self.lanes.capacity() * size_of::<Vec<R>>()
    }
}

/// The lane of a slot; those without have the first two.
fn lane(slot: u32, ok: bool) -> usize {
    slot.wrapping_add(1) as usize * 2 + usize::from(ok)
}

/// The slot of a lane, and whether its records are OK.
fn slot(lane: usize) -> (Option<usize>, bool) {
    ((lane / 2).checked_sub(1), lane % 2 == 1)
}

impl ByName {
    pub(crate) fn new(axis: Axis) -> Self {
        Self {
            axis,
            requests: Vec::new(),
            groups: Vec::new(),
            other_request: Request::default(),
            other_group: Group::default(),
            requests_waiting: Lanes::NONE,
            groups_waiting: Lanes::NONE,
            column_shift: 0,
            precision: Precision::Exact,
        }
    }

    #[inline]
    pub(crate) fn add_request(&mut self, slot: u32, start: u32, end: u32, ok: bool) {
        let record = Sent { start, end };
        if let Some(full) = self.requests_waiting.push(lane(slot, ok), record) {
            let figures = request_at(
                &mut self.requests,
                &mut self.other_request,
                slot_index(slot),
                self.column_shift,
            );
            count_requests(figures, full, self.axis, ok);
            full.clear();
        }
    }

    #[inline]
    pub(crate) fn add_group(&mut self, slot: u32, start: u32, end: u32, cumulated: u32, ok: bool) {
        let record = Entered {
            start,
            end,
            cumulated,
        };
        if let Some(full) = self.groups_waiting.push(lane(slot, ok), record) {
            let figures = group_at(
                &mut self.groups,
                &mut self.other_group,
                slot_index(slot),
                self.column_shift,
            );
            count_groups(figures, full, self.axis, ok);
            full.clear();
        }
    }

    /// Makes the timelines' columns 2 to the power of `shift` s long, or leaves them longer.
    pub(crate) fn fold_to(&mut self, shift: u8) {
        if shift <= self.column_shift {
            return;
        }
        self.column_shift = shift;
        let requests = self.requests.iter_mut().map(|own| &mut own.timeline);
        let groups = self.groups.iter_mut();
        let groups = groups.flat_map(|own| [&mut own.timeline, &mut own.duration_timeline]);
        for timeline in requests.chain(groups).flatten() {
            timeline.fold_to(shift);
        }
    }

    /// Keeps the memory in bounds; `others` is what is needed elsewhere, bytes. Half of all may go to
    /// timelines: longer columns need less. Histograms have the rest: steps need less.
    pub(crate) fn fit(&mut self, limits: Limits, others: usize) {
        while self.timelines() > limits.bytes / 2 && self.column_shift < Timeline::LONGEST {
            self.fold_to(self.column_shift + 1);
        }
        let requests = self.requests.iter().map(|own| own.times.bytes());
        let groups = self.groups.iter();
        let groups = groups.map(|own| own.cumulated.bytes() + own.duration.bytes());
        let waiting = self.requests_waiting.bytes() + self.groups_waiting.bytes();
        let used = others + waiting + requests.sum::<usize>() + groups.sum::<usize>();
        if used > limits.bytes / 2 && self.precision != Precision::Coarse {
            self.precision = match self.precision {
                Precision::Exact => Precision::Fine,
                Precision::Fine | Precision::Coarse => Precision::Coarse,
            };
            for own in &mut self.requests {
                own.times.step(self.precision);
            }
            for own in &mut self.groups {
                own.cumulated.step(self.precision);
                own.duration.step(self.precision);
            }
        }
    }

    fn timelines(&self) -> usize {
        let requests = self.requests.iter().map(Request::timeline_bytes);
        let groups = self.groups.iter().map(Group::timeline_bytes);
        requests.sum::<usize>() + groups.sum::<usize>()
    }

    /// The figures of all since the last call, by slot; the last ones are those without a slot.
    pub(crate) fn take(&mut self) -> Taken {
        for (lane, waiting) in self.requests_waiting.lanes.iter_mut().enumerate() {
            let (slot, ok) = slot(lane);
            if !waiting.is_empty() {
                let figures = request_at(
                    &mut self.requests,
                    &mut self.other_request,
                    slot,
                    self.column_shift,
                );
                count_requests(figures, waiting, self.axis, ok);
                waiting.clear();
            }
        }
        for (lane, waiting) in self.groups_waiting.lanes.iter_mut().enumerate() {
            let (slot, ok) = slot(lane);
            if !waiting.is_empty() {
                let figures = group_at(
                    &mut self.groups,
                    &mut self.other_group,
                    slot,
                    self.column_shift,
                );
                count_groups(figures, waiting, self.axis, ok);
                waiting.clear();
            }
        }
        let other_request = std::mem::take(&mut self.other_request);
        let other_group = std::mem::take(&mut self.other_group);
        Taken {
            requests: std::mem::take(&mut self.requests),
            groups: std::mem::take(&mut self.groups),
            other_requests: other_request.is_used().then_some(other_request),
            other_groups: other_group.is_used().then_some(other_group),
            column_shift: std::mem::take(&mut self.column_shift),
        }
    }
}

/// What [`ByName`] counted.
pub(crate) struct Taken {
    pub(crate) requests: Vec<Request>,
    pub(crate) groups: Vec<Group>,
    pub(crate) other_requests: Option<Request>,
    pub(crate) other_groups: Option<Group>,
    pub(crate) column_shift: u8,
}

fn slot_index(slot: u32) -> Option<usize> {
    (slot != OTHER).then_some(slot as usize)
}

fn request_at<'a>(
    requests: &'a mut Vec<Request>,
    other: &'a mut Request,
    slot: Option<usize>,
    column_shift: u8,
) -> &'a mut Request {
    let Some(index) = slot else { return other };
    if index >= requests.len() {
        let new = || Request {
            timeline: Some(Timeline::new(column_shift)),
            ..Request::default()
        };
        requests.resize_with(index + 1, new);
    }
    &mut requests[index]
}

fn group_at<'a>(
    groups: &'a mut Vec<Group>,
    other: &'a mut Group,
    slot: Option<usize>,
    column_shift: u8,
) -> &'a mut Group {
    let Some(index) = slot else { return other };
    if index >= groups.len() {
        let new = || Group {
            timeline: Some(Timeline::new(column_shift)),
            duration_timeline: Some(Timeline::new(column_shift)),
            ..Group::default()
        };
        groups.resize_with(index + 1, new);
    }
    &mut groups[index]
}

/// Counts requests that all ended so.
fn count_requests(figures: &mut Request, waiting: &[Sent], axis: Axis, ok: bool) {
    let times = if ok {
        &mut figures.times.ok
    } else {
        &mut figures.times.ko
    };
    for sent in waiting {
        times.add(sent.end.saturating_sub(sent.start));
    }
    if let Some(first) = waiting.iter().map(|sent| sent.start).min() {
        figures.first_start = figures.first_start.min(axis.ms(first));
    }
    if let Some(timeline) = &mut figures.timeline {
        for sent in waiting {
            let ms = sent.end.saturating_sub(sent.start);
            timeline.add(axis.second(sent.start), axis.second(sent.end), ok, ms);
        }
    }
}

/// Counts groups that all ended so.
fn count_groups(figures: &mut Group, waiting: &[Entered], axis: Axis, ok: bool) {
    for one in waiting {
        let duration = one.end.saturating_sub(one.start);
        figures.cumulated.add(ok, one.cumulated);
        figures.duration.add(ok, duration);
        let (entered, left) = (axis.second(one.start), axis.second(one.end));
        if let Some(timeline) = &mut figures.timeline {
            timeline.add(entered, left, ok, one.cumulated);
        }
        if let Some(timeline) = &mut figures.duration_timeline {
            timeline.add(entered, left, ok, duration);
        }
    }
    if let Some(first) = waiting.iter().map(|one| one.start).min() {
        figures.first_start = figures.first_start.min(axis.ms(first));
    }
}
