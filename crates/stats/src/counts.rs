//! All that is counted of one log.

use crate::by_name::ByName;
use crate::by_time::ByTime;
use crate::figures::{Figures, Span};
use crate::intake::Intake;
use crate::lanes::{Batch, Records};
use crate::limits::Limits;

/// Counts the batches of one log's [`Tally`](crate::Tally), in the order in which they come.
#[derive(Debug)]
pub struct Counts {
    by_name: ByName,
    by_time: ByTime,
    /// The latest end of all that was ever counted, ms on the axis.
    last: i64,
}

/// What one part of a log hands on to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOn {
    /// Users that started and did not end, by the index of their scenario; below 0 if more ended.
    pub active: Vec<i64>,
    /// The latest end of all that was counted, ms on the axis.
    last: i64,
}

impl Default for HandedOn {
    fn default() -> Self {
        Self {
            active: Vec::new(),
            last: i64::MIN,
        }
    }
}

impl Counts {
    /// For one log; `shift` ms are added to its times. Where the axis is Unix time this is the
    /// header's start plus the offset of the machine's clock.
    #[must_use]
    pub fn new(shift: i64, limits: Limits) -> Self {
        Self {
            by_name: ByName::new(shift, limits),
            by_time: ByTime::new(shift),
            last: i64::MIN,
        }
    }

    /// Counts a batch.
    #[inline(never)]
    pub fn add(&mut self, batch: &Batch<'_>) {
        match batch.0 {
            Records::Requests(name, records) => self.by_name.count_requests(name, records),
            Records::Groups(name, records) => self.by_name.count_groups(name, records),
            Records::All(ok, records) => self.by_time.count_requests(ok, records),
            Records::Users(moves) => self.by_time.count_users(moves),
            Records::GivenUp(kind, slot) => self.by_name.give_up(kind, slot),
        }
    }

    /// The first and the last time of what was counted since the last [`take`](Self::take).
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        Span::of_both(self.by_name.span(), self.by_time.span())
    }

    /// The figures of what was counted since the last call: a cell. Cells are merged like whole
    /// logs. `intake` is the one that made the events.
    #[must_use]
    pub fn take(&mut self, intake: &mut Intake) -> Figures {
        self.take_within(intake, None)
    }

    /// The same, made ready to be merged with others of the `whole` of them.
    #[must_use]
    pub fn take_within(&mut self, intake: &mut Intake, whole: Option<Span>) -> Figures {
        let span = self.span();
        if let Some(span) = span {
            self.last = self.last.max(span.end);
        }
        let counted = self.by_name.take(Span::of_both(span, whole));
        let mut figures = Figures {
            limits: intake.limits(),
            other_requests: counted.other_requests,
            other_groups: counted.other_groups,
            beyond: intake.beyond().cloned(),
            column_shift: counted.column_shift,
            messages: intake.take_messages(),
            span,
            ..Figures::default()
        };
        let (requests, groups) = intake.paths();
        let requests = requests.iter().zip(counted.requests);
        for (path, own) in requests.filter(|(_, own)| own.is_used()) {
            match path {
                Some(path) => match figures.requests.get_mut(path) {
                    // Two names may be shown alike.
                    Some(alike) => alike.merge(&own, counted.column_shift),
                    None => _ = figures.requests.insert(path.clone(), own),
                },
                None => figures.add_to_other_requests(own),
            }
        }
        let groups = groups.iter().zip(counted.groups);
        for (path, own) in groups.filter(|(_, own)| own.is_used()) {
            match path {
                Some(path) => match figures.groups.get_mut(path) {
                    Some(alike) => alike.merge(&own, counted.column_shift),
                    None => _ = figures.groups.insert(path.clone(), own),
                },
                None => figures.add_to_other_groups(own),
            }
        }
        self.by_time.take(intake.scenarios(), &mut figures);
        figures.sum_up();
        figures
    }

    /// What the next part of the log has to know.
    #[must_use]
    pub fn hand_on(&self) -> HandedOn {
        HandedOn {
            active: self.by_time.active(),
            last: self
                .span()
                .map_or(self.last, |span| self.last.max(span.end)),
        }
    }

    /// Goes on where the part before ended.
    pub fn go_on(&mut self, before: &HandedOn) {
        self.by_time.add_active(&before.active);
        self.last = self.last.max(before.last);
    }

    /// The figures of all since the last [`take`](Self::take). Users that have not ended leave with
    /// the last record and count as unfinished.
    #[must_use]
    pub fn finish(self, intake: &mut Intake) -> Figures {
        self.finish_within(intake, None)
    }

    /// The same, made ready to be merged with others of the `whole` of them.
    #[must_use]
    pub fn finish_within(mut self, intake: &mut Intake, whole: Option<Span>) -> Figures {
        let span = self.span();
        self.by_time
            .close(span.map_or(self.last, |span| self.last.max(span.end)));
        self.take_within(intake, whole)
    }
}
