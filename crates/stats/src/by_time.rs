//! Requests and users over time while they are counted.

use crate::axis::Axis;
use crate::figures::{Figures, Span};
use crate::lanes::{Moved, Sent};
use crate::over_time::Window;
use crate::seconds::Pages;
use crate::users::Counting;

/// Counts the requests of all names and the users of one log by time, in the log's order.
#[derive(Debug)]
pub(crate) struct ByTime {
    axis: Axis,
    seconds: Pages,
    ok_over_time: Window,
    ko_over_time: Window,
    users: Counting,
    /// Of the users.
    span: Option<Span>,
    first_user: Option<i64>,
}

impl ByTime {
    pub(crate) fn new(shift: i64) -> Self {
        Self {
            axis: Axis::new(shift),
            seconds: Pages::default(),
            ok_over_time: Window::default(),
            ko_over_time: Window::default(),
            users: Counting::default(),
            span: None,
            first_user: None,
        }
    }

    pub(crate) fn count_requests(&mut self, ok: bool, records: &[Sent]) {
        for (second, ended) in self.axis.runs(0, records, |sent| sent.end) {
            let second = self.seconds.at(second);
            let count = if ok { &mut second.ok } else { &mut second.ko };
            *count += ended.len() as u64;
        }
        let window = if ok {
            &mut self.ok_over_time
        } else {
            &mut self.ko_over_time
        };
        for (second, sent) in self.axis.runs(0, records, |sent| sent.start) {
            window.add(second, sent.iter().map(|sent| sent.ms()));
            let own = self.seconds.at(second);
            let count = if ok {
                &mut own.sent_ok
            } else {
                &mut own.sent_ko
            };
            *count += sent.len() as u64;
        }
    }

    pub(crate) fn count_users(&mut self, moves: &[Moved]) {
        for user in moves {
            let time = self.axis.ms(user.time);
            let own = Span {
                start: time,
                end: time,
            };
            self.span = Span::of_both(self.span, Some(own));
            let second = self.seconds.at(time.div_euclid(1000));
            if user.starts {
                second.started += 1;
                let first = self.first_user.get_or_insert(time);
                *first = time.min(*first);
            } else {
                second.ended += 1;
            }
            self.users.add(user.scenario as usize, user.starts, time);
        }
    }

    /// The first and the last time of the users since the last time.
    pub(crate) fn span(&self) -> Option<Span> {
        self.span
    }

    /// Those that are active leave at `time`, ms on the axis, and count as unfinished.
    pub(crate) fn close(&mut self, time: i64) {
        let left = self.users.active();
        if left > 0 {
            self.users.close(time);
            self.seconds.at(time.div_euclid(1000)).unfinished += left;
        }
    }

    /// Users that started and did not end, by the index of their scenario.
    pub(crate) fn active(&self) -> Vec<i64> {
        self.users.active_by_scenario()
    }

    pub(crate) fn add_active(&mut self, active: &[i64]) {
        self.users.add_active(active);
    }

    /// Adds to the figures what was counted since the last time; `scenarios` are their names.
    pub(crate) fn take(&mut self, scenarios: &[String], figures: &mut Figures) {
        figures.seconds = self.seconds.take();
        figures.ok_over_time = self.ok_over_time.take();
        figures.ko_over_time = self.ko_over_time.take();
        figures.users = self.users.take(scenarios);
        figures.first_user = self.first_user.take();
        self.span = None;
    }
}
