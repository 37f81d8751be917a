//! What figures from elsewhere have to be like before they are merged.

use std::ops::RangeInclusive;

use crate::figures::{Figures, Path};
use crate::limits::Limits;
use crate::names::Place;
use crate::outcomes::Outcomes;
use crate::timeline::Timeline;
use crate::users::Users;

/// No column or cell is longer than 2 to the power of it, s.
pub(crate) const LONGEST_SHIFT: u8 = Timeline::LONGEST;
/// Of a name or a message, bytes: what a log may have.
pub(crate) const LONGEST_TEXT: usize = 1 << 20;
/// Groups that lie in one another, and the request in them.
const DEEPEST: usize = 1024;

/// Why figures are not merged: the text names what they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("figures with {0}")]
pub struct Unacceptable(pub(crate) &'static str);

/// Whether a column of 2 to the power of `shift` s has one of the seconds.
pub(crate) fn column_within(column: i64, shift: u8, seconds: &RangeInclusive<i64>) -> bool {
    if shift > LONGEST_SHIFT {
        return false;
    }
    let columns = (seconds.start() >> shift)..=(seconds.end() >> shift);
    columns.contains(&column)
}

impl Figures {
    /// Whether figures that came from elsewhere can be merged: times are within `span` (ms on the
    /// axis), columns and cells no longer than 2^40 s, names and messages no more than the default
    /// [`Limits`] allow and each at most 1 MiB, and the requests of all names, of all cells and of
    /// all seconds as many as there are in all. What a [`Collector`](crate::Collector) gives of a log
    /// within the span is acceptable.
    ///
    /// # Errors
    /// The first of these that does not hold.
    pub fn check(&self, span: RangeInclusive<i64>) -> Result<(), Unacceptable> {
        let limits = Limits::default();
        let seconds = span.start().div_euclid(1000)..=span.end().div_euclid(1000);
        if self.column_shift > LONGEST_SHIFT {
            return Err(Unacceptable("columns that are too long"));
        }
        if self.requests.len() + self.groups.len() > limits.names {
            return Err(Unacceptable("too many names"));
        }
        let is_long =
            |path: &Path| path.len() > DEEPEST || path.iter().any(|name| name.len() > LONGEST_TEXT);
        if self.requests.keys().chain(self.groups.keys()).any(is_long) {
            return Err(Unacceptable("a name that is too long"));
        }
        if let Some(beyond) = &self.beyond
            && (is_long(&beyond.path) || *beyond != Place::new(beyond.kind, beyond.path.clone()))
        {
            return Err(Unacceptable("a first name beyond the limit that cannot be"));
        }
        self.messages.check(limits.messages)?;
        self.users.check(&span, Users::SCENARIOS)?;
        self.check_times(&span, &seconds)?;
        self.check_counts(&seconds)
    }

    fn check_times(
        &self,
        span: &RangeInclusive<i64>,
        seconds: &RangeInclusive<i64>,
    ) -> Result<(), Unacceptable> {
        let requests = self.requests.values().chain(&self.other_requests);
        let groups = self.groups.values().chain(&self.other_groups);
        // None that was never sent is told of.
        let firsts = requests.clone().map(|own| own.first_start);
        let firsts = firsts.chain(groups.clone().map(|own| own.first_start));
        let ends = self.span.into_iter().flat_map(|own| [own.start, own.end]);
        let mut times = firsts.chain(ends).chain(self.first_user);
        let mut counted = self.seconds.iter().map(|(second, _)| second);
        if !times.all(|time| span.contains(&time)) || !counted.all(|one| seconds.contains(one)) {
            return Err(Unacceptable("times outside of the run"));
        }
        let of_groups = groups.flat_map(|own| [&own.timeline, &own.duration_timeline]);
        let timelines = requests.map(|own| &own.timeline).chain(of_groups);
        let mut timelines = timelines.flatten();
        timelines.try_for_each(|timeline| timeline.check(self.column_shift, seconds))
    }

    fn check_counts(&self, seconds: &RangeInclusive<i64>) -> Result<(), Unacceptable> {
        let requests = self.requests.values().chain(&self.other_requests);
        let sum = |count: fn(&Outcomes) -> u64| {
            let counts = requests.clone().map(|own| count(&own.times));
            counts.fold(0_u64, u64::saturating_add)
        };
        let named = (sum(|times| times.ok.count()), sum(|times| times.ko.count()));
        let over_time = (
            self.ok_over_time.check(seconds)?,
            self.ko_over_time.check(seconds)?,
        );
        let sent = self.seconds.iter().fold((0_u64, 0_u64), |sum, (_, cell)| {
            (
                sum.0.saturating_add(cell.sent_ok),
                sum.1.saturating_add(cell.sent_ko),
            )
        });
        let all = (self.all.ok.count(), self.all.ko.count());
        if [named, over_time, sent].iter().all(|counts| *counts == all) {
            Ok(())
        } else {
            Err(Unacceptable("requests that do not add up"))
        }
    }
}

#[cfg(test)]
mod tests;
