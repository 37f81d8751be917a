use gatling_log::Record;

use crate::counts::Counts;
use crate::figures::Figures;
use crate::intake::Intake;
use crate::limits::Limits;
use crate::tally::Tally;

/// Takes the records of one log. See the [crate](crate).
#[derive(Debug)]
pub struct Collector {
    intake: Intake,
    tally: Tally,
    counts: Counts,
}

impl Collector {
    /// A collector that adds `shift` ms to the times of a log. Where the axis is Unix time this is
    /// the header's start plus the offset of the machine's clock.
    #[must_use]
    pub fn new(shift: i64, limits: Limits) -> Self {
        Self {
            intake: Intake::new(limits),
            tally: Tally::default(),
            counts: Counts::new(shift, limits),
        }
    }

    /// Counts a record. The header's names the scenarios.
    #[inline]
    pub fn add(&mut self, record: &Record<'_>) {
        if let Some(event) = self.intake.event(record) {
            self.tally.add(event, &mut |batch| self.counts.add(&batch));
        }
    }

    fn count_rest(&mut self) {
        self.tally.rest(&mut |batch| self.counts.add(&batch));
    }

    /// Names the log's scenarios, before [`take`](Self::take) or [`finish`](Self::finish): the header
    /// of a text log lists them only once their users were decoded.
    pub fn name_scenarios(&mut self, names: &[String]) {
        self.intake.name_scenarios(names);
    }

    /// The figures of the records since the last call: a cell. All cells of a log, merged in any
    /// order, are the figures of the log.
    #[must_use]
    pub fn take(&mut self) -> Figures {
        self.count_rest();
        self.counts.take(&mut self.intake)
    }

    /// The figures of all records since the last [`take`](Self::take), at the log's end: users that
    /// have not ended leave with the last record and count as unfinished.
    #[must_use]
    pub fn finish(mut self) -> Figures {
        self.count_rest();
        self.counts.finish(&mut self.intake)
    }
}
