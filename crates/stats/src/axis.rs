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
