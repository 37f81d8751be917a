//! Times in steps, where there are too many different ones to keep each.

/// How finely a time is kept.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// To the ms.
    #[default]
    Exact,
    /// In 1024 steps for each doubling: what is shown is at most 0.05 % off.
    Fine,
    /// In 32 steps for each doubling: at most 1.6 % off.
    Coarse,
}

impl Precision {
    /// The time that stands for `ms`: the middle of its step. Taking it again, or a finer one
    /// before, changes nothing.
    pub(crate) fn of(self, ms: u32) -> u32 {
        match self.shift(ms) {
            0 => ms,
            shift => (ms >> shift << shift) + (1 << (shift - 1)),
        }
    }

    /// The first and the last time of the step that `ms` is in.
    pub(crate) fn step_of(self, ms: u32) -> (u32, u32) {
        let shift = self.shift(ms);
        let first = ms >> shift << shift;
        (first, first + ((1 << shift) - 1))
    }

    /// A step is 2 to the power of it, ms.
    fn shift(self, ms: u32) -> u32 {
        let bits = match self {
            Self::Exact => return 0,
            Self::Fine => 10,
            Self::Coarse => 5,
        };
        ms.max(1).ilog2().saturating_sub(bits)
    }

    /// How far a time that is shown may be from the true one, of it.
    #[must_use]
    pub fn error(self) -> f64 {
        match self {
            Self::Exact => 0.0,
            Self::Fine => 0.0005,
            Self::Coarse => 0.016,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Precision::{Coarse, Exact, Fine};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn steps_are_as_fine_as_promised(ms in any::<u32>()) {
            prop_assert_eq!(Exact.of(ms), ms);
            for precision in [Fine, Coarse] {
                let shown = precision.of(ms);
                prop_assert!((f64::from(shown) - f64::from(ms)).abs() <= precision.error() * f64::from(ms));
                prop_assert_eq!(precision.of(shown), shown);
                let (first, last) = precision.step_of(shown);
                prop_assert!((first..=last).contains(&ms));
                prop_assert_eq!((precision.of(first), precision.of(last)), (shown, shown));
            }
            prop_assert_eq!(Coarse.of(Fine.of(ms)), Coarse.of(ms));
        }
    }
}
