use gatling_log::Record;

use crate::by_name::ByName;
use crate::figures::Figures;
use crate::intake::Intake;
use crate::limits::Limits;
use crate::tally::Tally;

/// Takes the records of one log. See the [crate](crate).
#[derive(Debug)]
pub struct Collector {
    intake: Intake,
    tally: Tally,
    by_name: ByName,
}

impl Collector {
    /// A collector that adds `shift` ms to the times of a log. Where the axis is Unix time this is
    /// the header's start plus the offset of the machine's clock.
    #[must_use]
    pub fn new(shift: i64, limits: Limits) -> Self {
        Self {
            intake: Intake::new(limits),
            tally: Tally::new(shift),
            by_name: ByName::new(shift, limits),
        }
    }

    /// Counts a record. The header's names the scenarios.
    #[inline]
    pub fn add(&mut self, record: &Record<'_>) {
        if let Some(event) = self.intake.event(record)
            && let Some(full) = self.tally.add(event)
        {
            full.count(&mut self.by_name);
        }
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
        self.tally.take(&mut self.intake, &mut self.by_name)
    }

    /// The figures of all records since the last [`take`](Self::take), at the log's end: users that
    /// have not ended leave with the last record and count as unfinished.
    #[must_use]
    pub fn finish(mut self) -> Figures {
        self.tally.finish(&mut self.intake, &mut self.by_name)
    }
}
