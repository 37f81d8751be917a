//! Times of a machine whose clock runs too fast or too slow.

/// Brings the times of such a log to the right pace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    /// What is added for each 10⁹ ms.
    pub billionths: i64,
    /// From this time of the log on, ms after its start.
    pub from: i64,
}

impl Pace {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_right(self) -> bool {
        self.billionths == 0
    }

    /// What is added to a time of the log, ms.
    #[must_use]
    pub fn at(self, time: u32) -> i32 {
        let passed = i64::from(time).saturating_sub(self.from);
        let scaled = i128::from(passed) * i128::from(self.billionths);
        let half = if scaled < 0 {
            -500_000_000
        } else {
            500_000_000
        };
        i32::try_from((scaled + half) / 1_000_000_000).unwrap_or_default()
    }

    /// Moves something that lasted from one time to the other. How long it took stays: that was measured
    /// within moments, and by one clock.
    #[inline]
    pub fn set_right(self, start: &mut u32, end: &mut u32) {
        if self.is_right() {
            return;
        }
        let took = *end - (*start).min(*end);
        *start = start.saturating_add_signed(self.at(*start));
        *end = start.saturating_add(took);
    }
}
