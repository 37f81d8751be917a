use serde::{Deserialize, Serialize};

use crate::histogram::Histogram;
use crate::precision::Precision;

/// Times apart by outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// What succeeded.
    pub ok: Histogram,
    /// What failed.
    pub ko: Histogram,
}

impl Outcomes {
    /// What succeeded or what failed.
    pub(crate) fn of(&mut self, ok: bool) -> &mut Histogram {
        if ok { &mut self.ok } else { &mut self.ko }
    }

    /// Adds what another has counted.
    pub fn merge(&mut self, other: &Self) {
        self.ok.merge(&other.ok);
        self.ko.merge(&other.ko);
    }

    /// How many there are of both.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.ok.count().saturating_add(self.ko.count())
    }

    /// Whether there is none of both.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ok.is_empty() && self.ko.is_empty()
    }

    /// OK and KO together.
    #[must_use]
    pub fn together(&self) -> Histogram {
        let mut together = self.ok.clone();
        together.merge(&self.ko);
        together
    }

    /// The less fine of the two.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.ok.precision().max(self.ko.precision())
    }

    /// Whether both have counted the same, as far as the less fine of them tells.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        self.ok.agrees(&other.ok) && self.ko.agrees(&other.ko)
    }

    pub(crate) fn step(&mut self, precision: Precision) {
        self.ok.step(precision);
        self.ko.step(precision);
    }

    pub(crate) fn bytes(&self) -> usize {
        self.ok.bytes() + self.ko.bytes()
    }
}
