/// Records that are looked at together.
const SOME: usize = 16;

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

    /// Neighbours whose times lie in one column of 2 to the power of `shift` s: the column's number,
    /// and the records. There are few of them in a log, which is nearly in the order of time.
    #[inline]
    pub(crate) fn runs<R>(
        self,
        shift: u8,
        records: &[R],
        time: impl Fn(&R) -> u32 + Copy,
    ) -> impl Iterator<Item = (i64, &[R])> {
        let mut rest = records;
        std::iter::from_fn(move || {
            let at = time(rest.first()?);
            let column = self.second(at) >> shift;
            // What lies before and behind `at` in its column, ms. A column has less than 2^51 ms.
            let into = (self.second(at) - (column << shift)) * 1000
                + ((i64::from(at) + i64::from(self.ms)) % 1000);
            let first = i64::from(at) - into;
            let last = first + (1000 << shift) - 1;
            // Of the log: what lies outside of its times is in no record.
            let (first, last) = (in_log(first), in_log(last));
            let inside = |record: &R| time(record).wrapping_sub(first) <= last - first;
            // Several at once, as nearly all are inside.
            let all_inside = |some: &&[R]| some.iter().fold(true, |all, one| all & inside(one));
            let sure = SOME * rest.chunks_exact(SOME).take_while(all_inside).count();
            let length = rest[sure..].iter().position(|record| !inside(record));
            let (run, others) = rest.split_at(length.map_or(rest.len(), |more| sure + more));
            rest = others;
            Some((column, run))
        })
    }
}

/// The nearest time that a record can have, ms after the log's start.
fn in_log(time: i64) -> u32 {
    time.clamp(0, i64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_are_of_one_column(
            shift in any::<i64>(),
            by in 0_u8..41,
            times in prop::collection::vec(prop_oneof![any::<u32>(), 0_u32..9_000], 0..40),
        ) {
            let axis = Axis::new(shift);
            let mut again = Vec::new();
            let mut before = None;
            for (column, run) in axis.runs(by, &times, |time| *time) {
                prop_assert!(run.iter().all(|time| axis.second(*time) >> by == column));
                prop_assert!(before != Some(column) && !run.is_empty());
                before = Some(column);
                again.extend_from_slice(run);
            }
            prop_assert_eq!(again, times);
        }
    }
}
