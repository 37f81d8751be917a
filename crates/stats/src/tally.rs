//! The figures while they are counted.

use crate::by_name::{Axis, ByName};
use crate::figures::{Figures, Span};
use crate::intake::{Event, Intake};
use crate::limits::Limits;
use crate::over_time::Window;
use crate::seconds::Pages;
use crate::timeline::shift_for;
use crate::users::Counting;

/// Records between two looks at the memory.
const LOOK_EVERY: u32 = 1 << 16;

/// Counts the events of one log. See [`Intake`].
#[derive(Debug)]
pub struct Tally {
    axis: Axis,
    limits: Limits,
    by_name: ByName,
    seconds: Pages,
    ok_over_time: Window,
    ko_over_time: Window,
    users: Counting,
    span: Option<Span>,
    /// The latest end of all that was ever counted, ms on the axis.
    last: i64,
    first_user: Option<i64>,
    until_look: u32,
}

impl Tally {
    /// For one log; `shift` ms are added to its times. Where the axis is Unix time this is the
    /// header's start plus the offset of the machine's clock.
    #[must_use]
    pub fn new(shift: i64, limits: Limits) -> Self {
        let axis = Axis::new(shift);
        Self {
            axis,
            limits,
            by_name: ByName::new(axis),
            seconds: Pages::default(),
            ok_over_time: Window::default(),
            ko_over_time: Window::default(),
            users: Counting::default(),
            span: None,
            last: i64::MIN,
            first_user: None,
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
            } => {
                self.extend_span(self.axis.ms(start), self.axis.ms(end));
                self.by_name.add_group(slot, start, end, cumulated, ok);
            }
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
        self.by_name.add_request(slot, start, end, ok);
        let ms = end.saturating_sub(start);
        self.extend_span(self.axis.ms(start), self.axis.ms(end));
        let (sent, ended) = (self.axis.second(start), self.axis.second(end));
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
    }

    fn add_user(&mut self, scenario: usize, starts: bool, time: u32) {
        let time = self.axis.ms(time);
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
        self.by_name.fold_to(shift);
    }

    #[cold]
    fn look_at_memory(&mut self) {
        self.until_look = LOOK_EVERY;
        let windows = self.ok_over_time.bytes() + self.ko_over_time.bytes();
        self.by_name.fit(self.limits, windows + self.users.bytes());
    }

    /// The figures of what was counted since the last call: a cell. Cells are merged like whole
    /// logs. `intake` is the one that made the events.
    #[must_use]
    pub fn take(&mut self, intake: &mut Intake) -> Figures {
        let (requests, groups) = intake.paths();
        let counted = self.by_name.take();
        let requests = requests.iter().cloned().zip(counted.requests);
        let groups = groups.iter().cloned().zip(counted.groups);
        let mut figures = Figures {
            limits: intake.limits(),
            requests: requests.filter(|(_, own)| own.is_used()).collect(),
            groups: groups.filter(|(_, own)| own.is_used()).collect(),
            other_requests: counted.other_requests,
            other_groups: counted.other_groups,
            column_shift: counted.column_shift,
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
