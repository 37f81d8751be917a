//! The figures while they are counted.

use crate::figures::{Figures, Group, Request, Span};
use crate::intake::{Event, Intake, OTHER};
use crate::limits::Limits;
use crate::over_time::Window;
use crate::precision::Precision;
use crate::seconds::Pages;
use crate::timeline::{Timeline, shift_for};
use crate::users::Counting;

/// Records between two looks at the memory.
const LOOK_EVERY: u32 = 1 << 16;

/// Counts the events of one log. See [`Intake`].
#[derive(Debug)]
pub struct Tally {
    /// Added to the log's times to bring them on the axis, ms.
    shift: i64,
    limits: Limits,
    requests: Vec<Request>,
    groups: Vec<Group>,
    other_request: Option<Request>,
    other_group: Option<Group>,
    seconds: Pages,
    ok_over_time: Window,
    ko_over_time: Window,
    users: Counting,
    span: Option<Span>,
    /// The latest end of all that was ever counted, ms on the axis.
    last: i64,
    first_user: Option<i64>,
    /// The length of the timelines' columns, 2 to the power of it, s.
    column_shift: u8,
    /// No more timelines: there is half the memory left.
    is_full: bool,
    precision: Precision,
    until_look: u32,
}

impl Tally {
    /// For one log; `shift` ms are added to its times. Where the axis is Unix time this is the
    /// header's start plus the offset of the machine's clock.
    #[must_use]
    pub fn new(shift: i64, limits: Limits) -> Self {
        Self {
            shift,
            limits,
            requests: Vec::new(),
            groups: Vec::new(),
            other_request: None,
            other_group: None,
            seconds: Pages::default(),
            ok_over_time: Window::default(),
            ko_over_time: Window::default(),
            users: Counting::default(),
            span: None,
            last: i64::MIN,
            first_user: None,
            column_shift: 0,
            is_full: false,
            precision: Precision::Exact,
            until_look: LOOK_EVERY,
        }
    }

    /// Counts an event.
    #[inline]
    pub fn add(&mut self, event: Event) {
        match event {
            Event::Request {
                slot,
                start,
                end,
                ok,
            } => self.add_request(slot, start, end, ok),
            Event::Group {
                slot,
                start,
                end,
                cumulated,
                ok,
            } => self.add_group(slot, start, end, cumulated, ok),
            Event::User {
                scenario,
                starts,
                time,
            } => self.add_user(scenario as usize, starts, time),
        }
        self.until_look -= 1;
        if self.until_look == 0 {
            self.look_at_memory();
        }
    }

    #[inline]
    fn add_request(&mut self, slot: u32, start: u32, end: u32, ok: bool) {
        let ms = end.saturating_sub(start);
        let (start, end) = (self.on_axis(start), self.on_axis(end));
        self.extend_span(start, end);
        let (sent, ended) = (start.div_euclid(1000), end.div_euclid(1000));
        let second = self.seconds.at(ended);
        if ok {
            second.ok += 1;
            self.seconds.at(sent).sent_ok += 1;
            self.ok_over_time.add(sent, ms);
        } else {
            second.ko += 1;
            self.seconds.at(sent).sent_ko += 1;
            self.ko_over_time.add(sent, ms);
        }
        let request = if let Some(request) = self.requests.get_mut(slot as usize) {
            request
        } else if slot == OTHER {
            self.other_request.get_or_insert_default()
        } else {
            self.new_request(slot)
        };
        request.first_start = request.first_start.min(start);
        request.times.add(ok, ms);
        if let Some(timeline) = &mut request.timeline {
            timeline.add(sent, ended, ok, ms);
        }
    }

    #[cold]
    fn new_request(&mut self, slot: u32) -> &mut Request {
        let timeline = (!self.is_full).then(|| Timeline::new(self.column_shift));
        let new = || Request {
            timeline: timeline.clone(),
            ..Request::default()
        };
        let slot = slot as usize;
        self.requests.resize_with(slot + 1, new);
        &mut self.requests[slot]
    }

    fn add_group(&mut self, slot: u32, start: u32, end: u32, cumulated: u32, ok: bool) {
        let ms = end.saturating_sub(start);
        let (start, end) = (self.on_axis(start), self.on_axis(end));
        self.extend_span(start, end);
        let (entered, left) = (start.div_euclid(1000), end.div_euclid(1000));
        let index = slot as usize;
        if slot != OTHER && index >= self.groups.len() {
            let timeline = (!self.is_full).then(|| Timeline::new(self.column_shift));
            let new = || Group {
                timeline: timeline.clone(),
                duration_timeline: timeline.clone(),
                ..Group::default()
            };
            self.groups.resize_with(index + 1, new);
        }
        let group = match self.groups.get_mut(index) {
            Some(group) => group,
            None => self.other_group.get_or_insert_default(),
        };
        group.first_start = group.first_start.min(start);
        group.cumulated.add(ok, cumulated);
        group.duration.add(ok, ms);
        if let Some(timeline) = &mut group.timeline {
            timeline.add(entered, left, ok, cumulated);
        }
        if let Some(timeline) = &mut group.duration_timeline {
            timeline.add(entered, left, ok, ms);
        }
    }

    fn add_user(&mut self, scenario: usize, starts: bool, time: u32) {
        let time = self.on_axis(time);
        self.extend_span(time, time);
        let second = self.seconds.at(time.div_euclid(1000));
        if starts {
            second.started += 1;
            let first = self.first_user.get_or_insert(time);
            *first = time.min(*first);
        } else {
            second.ended += 1;
        }
        self.users.add(scenario, starts, time);
    }

    #[inline]
    fn extend_span(&mut self, start: i64, end: i64) {
        match &mut self.span {
            Some(span) if span.start <= start && end <= span.end => {}
            Some(span) => {
                span.start = span.start.min(start);
                span.end = span.end.max(end);
                self.span_grew();
            }
            none => {
                *none = Some(Span { start, end });
                self.span_grew();
            }
        }
    }

    fn span_grew(&mut self) {
        let Some(span) = self.span else { return };
        self.last = self.last.max(span.end);
        let shift = shift_for(span.start.div_euclid(1000), span.end.div_euclid(1000));
        if shift > self.column_shift {
            self.column_shift = shift;
            let requests = self
                .requests
                .iter_mut()
                .map(|request| &mut request.timeline);
            let groups = self.groups.iter_mut();
            let groups = groups.flat_map(|own| [&mut own.timeline, &mut own.duration_timeline]);
            for timeline in requests.chain(groups).flatten() {
                timeline.fold_to(shift);
            }
        }
    }

    fn on_axis(&self, time: u32) -> i64 {
        self.shift.saturating_add(i64::from(time))
    }

    /// Half the memory may go to timelines; if all is used up, histograms have to do with less.
    #[cold]
    fn look_at_memory(&mut self) {
        self.until_look = LOOK_EVERY;
        let requests: usize = self.requests.iter().map(Request::bytes).sum();
        let groups: usize = self.groups.iter().map(Group::bytes).sum();
        let windows = self.ok_over_time.bytes() + self.ko_over_time.bytes();
        let used = requests + groups + windows + self.users.bytes();
        self.is_full |= used > self.limits.bytes / 2;
        if used > self.limits.bytes && self.precision != Precision::Coarse {
            self.precision = match self.precision {
                Precision::Exact => Precision::Fine,
                Precision::Fine | Precision::Coarse => Precision::Coarse,
            };
            for request in &mut self.requests {
                request.times.step(self.precision);
            }
            for group in &mut self.groups {
                group.cumulated.step(self.precision);
                group.duration.step(self.precision);
            }
        }
    }

    /// The figures of what was counted since the last call: a cell. Cells are merged like whole
    /// logs. `intake` is the one that made the events.
    #[must_use]
    pub fn take(&mut self, intake: &mut Intake) -> Figures {
        let (requests, groups) = intake.paths();
        let used = |first_start: i64| first_start != i64::MAX;
        let own_requests = requests
            .iter()
            .cloned()
            .zip(std::mem::take(&mut self.requests))
            .filter(|(_, request)| used(request.first_start))
            .collect();
        let own_groups = groups
            .iter()
            .cloned()
            .zip(std::mem::take(&mut self.groups))
            .filter(|(_, group)| used(group.first_start))
            .collect();
        let mut figures = Figures {
            limits: intake.limits(),
            requests: own_requests,
            groups: own_groups,
            other_requests: self.other_request.take(),
            other_groups: self.other_group.take(),
            messages: intake.take_messages(),
            seconds: self.seconds.take(),
            ok_over_time: self.ok_over_time.take(),
            ko_over_time: self.ko_over_time.take(),
            users: self.users.take(intake.scenarios()),
            span: self.span.take(),
            first_user: self.first_user.take(),
            ..Figures::default()
        };
        figures.sum_up();
        (self.column_shift, self.is_full) = (0, false);
        figures
    }

    /// The figures of all since the last [`take`](Self::take). Users that have not ended leave with
    /// the last record and count as unfinished.
    #[must_use]
    pub fn finish(mut self, intake: &mut Intake) -> Figures {
        let left = self.users.active();
        if left > 0 {
            // There was a user, so there was a last record.
            self.users.close(self.last);
            self.seconds.at(self.last.div_euclid(1000)).unfinished += left;
        }
        self.take(intake)
    }
}
