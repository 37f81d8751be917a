//! Between which bounds a figure lies that is not known by itself.

use bfgg_stats::Outcomes;
use gatling_log::{Condition, Metric, Stat, Target};

/// A figure is at least `from` and at most `to`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) from: f64,
    pub(super) to: f64,
}

/// What a range says of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Whatever the figure is.
    Holds,
    /// Whatever the figure is.
    Fails,
    /// It depends on where in the range the figure is.
    Open,
}

impl Range {
    pub(super) fn exactly(value: f64) -> Self {
        Self {
            from: value,
            to: value,
        }
    }

    pub(super) fn of_ms(from: u32, to: u32) -> Self {
        Self {
            from: f64::from(from),
            to: f64::from(to),
        }
    }

    pub(super) fn verdict(self, condition: &Condition) -> Verdict {
        let Self { from, to } = self;
        if from == to {
            return match condition.holds(from) {
                true => Verdict::Holds,
                false => Verdict::Fails,
            };
        }
        // All conditions but the last two are of one piece: what holds at both ends holds between.
        let at_ends = condition.holds(from) && condition.holds(to);
        let (holds, may_hold) = match condition {
            Condition::Lte(_) | Condition::Lt(_) => (at_ends, condition.holds(from)),
            Condition::Gte(_) | Condition::Gt(_) => (at_ends, condition.holds(to)),
            Condition::Between {
                lower,
                upper,
                inclusive: true,
            } => (at_ends, from <= *upper && *lower <= to),
            Condition::Between {
                lower,
                upper,
                inclusive: false,
            } => (at_ends, from < *upper && *lower < to),
            Condition::Is(value) => (false, (from..=to).contains(value)),
            Condition::In(values) => (
                false,
                values.iter().any(|value| (from..=to).contains(value)),
            ),
        };
        match (holds, may_hold) {
            (true, _) => Verdict::Holds,
            (false, true) => Verdict::Open,
            (false, false) => Verdict::Fails,
        }
    }
}

/// Between what a figure of each of several requests lies, and between what that of one of them at
/// least lies; `times` are those of all of them, each has one. `seconds`: of the run.
pub(super) fn of_parts(target: &Target, times: &Outcomes, seconds: f64) -> (Range, Range) {
    let all = times.together().measures();
    let (min, max) = (f64::from(all.min()), f64::from(all.max()));
    let counted = |metric: &Metric| match metric {
        Metric::All => times.count(),
        Metric::Ok => times.ok.count(),
        Metric::Ko => times.ko.count(),
    };
    let range = |from: f64, to: f64| Range { from, to };
    match target {
        Target::Count(Metric::All) => {
            let each = range(1.0, times.count() as f64);
            (each, each)
        }
        Target::Count(metric) => {
            let count = counted(metric) as f64;
            let least = if count == times.count() as f64 {
                1.0
            } else {
                0.0
            };
            (range(least, count), range(count.min(1.0), count))
        }
        Target::Percent(metric) => {
            let count = counted(metric);
            let each = match count {
                0 => Range::exactly(0.0),
                count if count == times.count() => Range::exactly(100.0),
                _ => range(0.0, 100.0),
            };
            (each, each)
        }
        Target::MeanRequestsPerSecond => {
            let each = range(1.0 / seconds, times.count() as f64 / seconds);
            (each, each)
        }
        Target::ResponseTime(Stat::Min) => (range(min, max), Range::exactly(min)),
        Target::ResponseTime(Stat::Max) => (range(min, max), Range::exactly(max)),
        Target::ResponseTime(Stat::Mean | Stat::Percentile(_)) => {
            let each = range(min, max);
            (each, each)
        }
        // Half of them at either end deviate the most.
        Target::ResponseTime(Stat::StandardDeviation) => {
            let each = range(0.0, ((max - min) / 2.0 + 0.5).floor());
            (each, each)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Fails, Holds, Open};
    use gatling_log::Condition::{Between, Gt, Gte, In, Is, Lt, Lte};

    #[test]
    fn a_condition_holds_for_all_of_a_range_or_none_or_is_open() {
        let between = |lower: f64, upper: f64, inclusive| Between {
            lower,
            upper,
            inclusive,
        };
        let cases = [
            (Lte(20.0), Holds),
            (Lte(19.9), Open),
            (Lte(10.0), Open),
            (Lte(9.9), Fails),
            (Lt(20.0), Open),
            (Lt(10.0), Fails),
            (Gte(10.0), Holds),
            (Gte(20.0), Open),
            (Gte(21.0), Fails),
            (Gt(10.0), Open),
            (Gt(20.0), Fails),
            (Is(15.0), Open),
            (Is(9.0), Fails),
            (In(vec![1.0, 20.0]), Open),
            (In(vec![]), Fails),
            (between(10.0, 20.0, true), Holds),
            (between(10.0, 20.0, false), Open),
            (between(12.0, 14.0, true), Open),
            (between(0.0, 10.0, true), Open),
            (between(0.0, 10.0, false), Fails),
            (between(21.0, 30.0, true), Fails),
            (Lte(f64::NAN), Fails),
        ];
        for (condition, verdict) in cases {
            assert_eq!(
                Range::of_ms(10, 20).verdict(&condition),
                verdict,
                "{condition:?}"
            );
        }
        assert_eq!(Range::exactly(5.0).verdict(&Is(5.0)), Holds);
        assert_eq!(Range::exactly(5.0).verdict(&Is(6.0)), Fails);
    }
}
