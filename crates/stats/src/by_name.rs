//! The figures of requests and groups while they are counted.

use crate::axis::Axis;
use crate::figures::{Group, Request, Span};
use crate::lanes::{Entered, Name, Sent};
use crate::limits::Limits;
use crate::names::Kind;
use crate::precision::Precision;
use crate::timeline::Timeline;

/// Records between two looks at the memory.
const LOOK_EVERY: usize = 1 << 16;

/// Counts the requests and groups of one log by their slots, in any order.
#[derive(Debug)]
pub(crate) struct ByName {
    axis: Axis,
    limits: Limits,
    requests: Vec<Request>,
    groups: Vec<Group>,
    other_request: Request,
    other_group: Group,
    /// Of all since the last time.
    span: Option<Span>,
    /// The length of the timelines' columns, 2 to the power of it, s.
    column_shift: u8,
    precision: Precision,
    until_look: usize,
}

impl ByName {
    pub(crate) fn new(shift: i64, limits: Limits) -> Self {
        Self {
            axis: Axis::new(shift),
            limits,
            requests: Vec::new(),
            groups: Vec::new(),
            other_request: Request::default(),
            other_group: Group::default(),
            span: None,
            column_shift: 0,
            precision: Precision::Exact,
            until_look: LOOK_EVERY,
        }
    }

    pub(crate) fn count_requests(&mut self, name: Name, records: &[Sent]) {
        let Some(first) = self.begin(records.iter().map(|sent| (sent.start, sent.end))) else {
            return;
        };
        let (axis, figures) = (self.axis, self.request(name.slot));
        figures.first_start = figures.first_start.min(axis.ms(first));
        let times = figures.times.of(name.ok);
        for sent in records {
            times.add(sent.ms());
        }
        if let Some(timeline) = &mut figures.timeline {
            let times = |sent: &Sent| (sent.start, sent.end, sent.ms());
            timeline.add_all(axis, name.ok, records, times);
        }
    }

    pub(crate) fn count_groups(&mut self, name: Name, records: &[Entered]) {
        let Some(first) = self.begin(records.iter().map(|one| (one.start, one.end))) else {
            return;
        };
        let (axis, figures) = (self.axis, self.group(name.slot));
        figures.first_start = figures.first_start.min(axis.ms(first));
        let duration = |one: &Entered| one.end.saturating_sub(one.start);
        let (cumulated, durations) = (figures.cumulated.of(name.ok), figures.duration.of(name.ok));
        for one in records {
            cumulated.add(one.cumulated);
            durations.add(duration(one));
        }
        if let Some(timeline) = &mut figures.timeline {
            let times = |one: &Entered| (one.start, one.end, one.cumulated);
            timeline.add_all(axis, name.ok, records, times);
        }
        if let Some(timeline) = &mut figures.duration_timeline {
            let times = |one: &Entered| (one.start, one.end, duration(one));
            timeline.add_all(axis, name.ok, records, times);
        }
    }

    /// Makes the columns long enough for records from start to end, and looks at the memory now and
    /// then. The earliest start; `None` if there are no records.
    fn begin(&mut self, records: impl ExactSizeIterator<Item = (u32, u32)>) -> Option<u32> {
        let count = records.len();
        let (first, last) = records.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        let own = Span {
            start: self.axis.ms(first),
            end: self.axis.ms(last),
        };
        let span = Span::of_both(self.span, Some(own));
        if self.span != span {
            self.span = span;
            self.fold_to(span.map_or(0, Span::column_shift));
        }
        match self.until_look.checked_sub(count) {
            Some(left) => self.until_look = left,
            None => {
                self.until_look = LOOK_EVERY;
                self.fit();
            }
        }
        Some(first)
    }

    fn request(&mut self, slot: Option<usize>) -> &mut Request {
        let Some(index) = slot else {
            return &mut self.other_request;
        };
        if index >= self.requests.len() {
            let new = || Request {
                timeline: Some(Timeline::new(self.column_shift)),
                ..Request::default()
            };
            self.requests.resize_with(index + 1, new);
        }
        &mut self.requests[index]
    }

    fn group(&mut self, slot: Option<usize>) -> &mut Group {
        let Some(index) = slot else {
            return &mut self.other_group;
        };
        if index >= self.groups.len() {
            let new = || Group {
                timeline: Some(Timeline::new(self.column_shift)),
                duration_timeline: Some(Timeline::new(self.column_shift)),
                ..Group::default()
            };
            self.groups.resize_with(index + 1, new);
        }
        &mut self.groups[index]
    }

    /// Counts with the others what a slot has: it belongs to another name from here on.
    pub(crate) fn give_up(&mut self, kind: Kind, slot: usize) {
        let shift = self.column_shift;
        match kind {
            Kind::Request => {
                if let Some(own) = self.requests.get_mut(slot) {
                    let timeline = Some(Timeline::new(shift));
                    let new = Request {
                        timeline,
                        ..Request::default()
                    };
                    let mut old = std::mem::replace(own, new);
                    old.timeline = None;
                    self.other_request.merge(&old, shift);
                }
            }
            Kind::Group => {
                if let Some(own) = self.groups.get_mut(slot) {
                    let new = Group {
                        timeline: Some(Timeline::new(shift)),
                        duration_timeline: Some(Timeline::new(shift)),
                        ..Group::default()
                    };
                    let mut old = std::mem::replace(own, new);
                    (old.timeline, old.duration_timeline) = (None, None);
                    self.other_group.merge(&old, shift);
                }
            }
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

    /// Keeps the memory in bounds. Half of all may go to timelines: longer columns need less.
    /// Histograms have half of the rest: steps need less.
    fn fit(&mut self) {
        while self.timelines() > self.limits.bytes / 2 && self.column_shift < Timeline::LONGEST {
            self.fold_to(self.column_shift + 1);
        }
        let requests = self.requests.iter().map(|own| own.times.bytes());
        let groups = self.groups.iter();
        let groups = groups.map(|own| own.cumulated.bytes() + own.duration.bytes());
        let used = requests.sum::<usize>() + groups.sum::<usize>();
        if used > self.limits.bytes / 4 && self.precision != Precision::Coarse {
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

    /// The first and the last time since the last call of [`take`](Self::take).
    pub(crate) fn span(&self) -> Option<Span> {
        self.span
    }

    /// The figures of all since the last call, by slot, with columns for the whole `span`.
    pub(crate) fn take(&mut self, span: Option<Span>) -> Taken {
        self.fold_to(span.map_or(0, Span::column_shift));
        self.span = None;
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

/// What [`ByName`] counted; those without a slot are the others.
pub(crate) struct Taken {
    pub(crate) requests: Vec<Request>,
    pub(crate) groups: Vec<Group>,
    pub(crate) other_requests: Option<Request>,
    pub(crate) other_groups: Option<Group>,
    pub(crate) column_shift: u8,
}
