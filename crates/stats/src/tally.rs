//! The figures while they are counted.

use crate::axis::Axis;
use crate::by_name::ByName;
use crate::figures::{Figures, Span};
use crate::intake::{Event, Intake};
use crate::lanes::{Entered, Full, FullRecords, Lanes, Sent, slot_index};
use crate::over_time::Window;
use crate::seconds::Pages;
use crate::users::Counting;

/// Counts the events of one log over time, and collects them in batches by name, which [`ByName`]
/// counts: here or on another thread. See [`Intake`].
#[derive(Debug)]
pub struct Tally {
    axis: Axis,
    requests: Lanes<Sent>,
    groups: Lanes<Entered>,
    seconds: Pages,
    ok_over_time: Window,
    ko_over_time: Window,
    users: Counting,
    span: Option<Span>,
    /// The latest end of all that was ever counted, ms on the axis.
    last: i64,
    first_user: Option<i64>,
}

impl Tally {
    /// For one log; `shift` ms are added to its times. Where the axis is Unix time this is the
    /// header's start plus the offset of the machine's clock.
    #[must_use]
    pub fn new(shift: i64) -> Self {
        Self {
            axis: Axis::new(shift),
            requests: Lanes::NONE,
            groups: Lanes::NONE,
            seconds: Pages::default(),
            ok_over_time: Window::default(),
            ko_over_time: Window::default(),
            users: Counting::default(),
            span: None,
            last: i64::MIN,
            first_user: None,
        }
    }

    /// Counts an event. Now and then a batch of them is to be counted by name.
    #[inline]
    pub fn add(&mut self, event: Event) -> Option<Full<'_>> {
        match event {
            Event::Request {
                slot,
                start,
                end,
                ok,
            } => {
                self.add_request(start, end, ok);
                let full = self.requests.push(slot, ok, Sent { start, end })?;
                Some(Full {
                    slot: slot_index(slot),
                    ok,
                    records: FullRecords::Requests(full),
                })
            }
            Event::Group {
                slot,
                start,
                end,
                cumulated,
                ok,
            } => {
                self.extend_span(self.axis.ms(start), self.axis.ms(end));
                let record = Entered {
                    start,
                    end,
                    cumulated,
                };
                let full = self.groups.push(slot, ok, record)?;
                Some(Full {
                    slot: slot_index(slot),
                    ok,
                    records: FullRecords::Groups(full),
                })
            }
            Event::User {
                scenario,
                starts,
                time,
            } => {
                self.add_user(scenario as usize, starts, time);
                None
            }
        }
    }

    #[inline]
    fn add_request(&mut self, start: u32, end: u32, ok: bool) {
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
        let span = self.span.get_or_insert(Span { start, end });
        span.start = span.start.min(start);
        span.end = span.end.max(end);
    }

    /// What waits to be counted by name.
    fn count_rest(&mut self, by_name: &mut ByName) {
        for (slot, ok, records) in self.requests.waiting() {
            by_name.count_requests(slot, ok, records);
            records.clear();
        }
        for (slot, ok, records) in self.groups.waiting() {
            by_name.count_groups(slot, ok, records);
            records.clear();
        }
    }

    /// The figures of what was counted since the last call: a cell. Cells are merged like whole
    /// logs. `intake` is the one that made the events, `by_name` the one that counted the batches.
    #[must_use]
    pub fn take(&mut self, intake: &mut Intake, by_name: &mut ByName) -> Figures {
        self.count_rest(by_name);
        if let Some(span) = self.span {
            self.last = self.last.max(span.end);
        }
        let seconds = |span: Span| (span.start.div_euclid(1000), span.end.div_euclid(1000));
        let counted = by_name.take(self.span.map(seconds));
        let (requests, groups) = intake.paths();
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
    pub fn finish(mut self, intake: &mut Intake, by_name: &mut ByName) -> Figures {
        let left = self.users.active();
        if left > 0 {
            // There was a user, so there was a last record.
            let last = self.span.map_or(self.last, |span| self.last.max(span.end));
            self.users.close(last);
            self.seconds.at(last.div_euclid(1000)).unfinished += left;
        }
        self.take(intake, by_name)
    }
}
