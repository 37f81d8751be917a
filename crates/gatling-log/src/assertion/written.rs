//! The way back: an assertion's bytes.

use super::bytes::REPEATED;
use super::{Assertion, AssertionPath, Condition, Metric, Stat, Target};

impl Assertion {
    /// Its bytes, as Gatling writes them from 3.4 on.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer {
            bytes: vec![0],
            names: Vec::new(),
            repeated: 0,
        };
        writer.path(&self.path);
        writer.target(self.target);
        writer.condition(&self.condition);
        writer.bytes
    }
}

struct Writer<'a> {
    bytes: Vec<u8>,
    names: Vec<&'a str>,
    /// The bytes of those that were written as a reference.
    repeated: usize,
}

impl<'a> Writer<'a> {
    fn path(&mut self, path: &'a AssertionPath) {
        match path {
            AssertionPath::Global => self.bytes.push(1),
            AssertionPath::ForAll => self.bytes.push(2),
            AssertionPath::Details(names) => {
                self.bytes.extend([3, 0]);
                self.count(names.len());
                for name in names {
                    self.name(name);
                }
            }
        }
    }

    fn target(&mut self, target: Target) {
        match target {
            Target::Count(metric) => self.bytes.extend([1, 0, number(metric)]),
            Target::Percent(metric) => self.bytes.extend([2, 0, number(metric)]),
            Target::ResponseTime(stat) => {
                self.bytes.extend([3, 0, 1]);
                match stat {
                    Stat::Min => self.bytes.push(1),
                    Stat::Max => self.bytes.push(2),
                    Stat::Mean => self.bytes.push(3),
                    Stat::StandardDeviation => self.bytes.push(4),
                    Stat::Percentile(rank) => {
                        self.bytes.extend([5, 0]);
                        self.double(rank);
                    }
                }
            }
            Target::MeanRequestsPerSecond => self.bytes.push(4),
        }
    }

    fn condition(&mut self, condition: &Condition) {
        let (variant, value) = match condition {
            Condition::Lte(value) => (1, *value),
            Condition::Gte(value) => (2, *value),
            Condition::Lt(value) => (3, *value),
            Condition::Gt(value) => (4, *value),
            Condition::Is(value) => (5, *value),
            Condition::Between {
                lower,
                upper,
                inclusive,
            } => {
                self.bytes.extend([6, 0]);
                self.double(*lower);
                self.double(*upper);
                self.bytes.push(u8::from(*inclusive));
                return;
            }
            Condition::In(values) => {
                self.bytes.extend([7, 0]);
                self.count(values.len());
                for value in values {
                    self.double(*value);
                }
                return;
            }
        };
        self.bytes.extend([variant, 0]);
        self.double(value);
    }

    fn name(&mut self, name: &'a str) {
        if name.is_empty() {
            self.bytes.push(0);
        } else if let Some(place) = self.known(name) {
            self.repeated += name.len();
            self.int(-i32::try_from(place + 2).unwrap_or(i32::MAX));
        } else {
            self.count(name.len());
            self.bytes.extend(name.as_bytes());
            self.names.push(name);
        }
    }

    /// Its place among the first names; beyond them repeating a name costs less than the search.
    fn known(&self, name: &str) -> Option<usize> {
        if self.repeated + name.len() > REPEATED {
            return None;
        }
        let mut names = self.names.iter().take(100);
        names.position(|before| *before == name)
    }

    fn double(&mut self, value: f64) {
        self.bytes.extend(value.to_le_bytes());
    }

    fn count(&mut self, count: usize) {
        self.int(i32::try_from(count).unwrap_or(i32::MAX));
    }

    fn int(&mut self, value: i32) {
        let (first, bytes) = match (value, value.unsigned_abs()) {
            (0..=127, _) => (value.to_be_bytes()[3], 0),
            (_, ..0x1000) => (0x80, 1),
            (_, ..0x10_0000) => (0xa0, 2),
            (_, ..0x1000_0000) => (0xc0, 3),
            _ => {
                self.bytes.push(0xe0);
                self.bytes.extend(value.to_le_bytes());
                return;
            }
        };
        if bytes == 0 {
            self.bytes.push(first);
            return;
        }
        let magnitude = value.unsigned_abs().to_be_bytes();
        let sign = if value < 0 { 0x10 } else { 0 };
        self.bytes.push(first | sign | magnitude[3 - bytes] & 0x0f);
        self.bytes.extend(&magnitude[4 - bytes..]);
    }
}

fn number(metric: Metric) -> u8 {
    match metric {
        Metric::All => 1,
        Metric::Ok => 2,
        Metric::Ko => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_it_was() {
        let paths = [
            AssertionPath::Global,
            AssertionPath::ForAll,
            AssertionPath::Details(
                ["a", "", "é", "a", &"long".repeat(1000)]
                    .map(str::to_owned)
                    .to_vec(),
            ),
            AssertionPath::Details((0..300).map(|n| n.to_string()).collect()),
        ];
        let targets = [
            Target::Count(Metric::All),
            Target::Percent(Metric::Ok),
            Target::Count(Metric::Ko),
            Target::ResponseTime(Stat::Min),
            Target::ResponseTime(Stat::Max),
            Target::ResponseTime(Stat::Mean),
            Target::ResponseTime(Stat::StandardDeviation),
            Target::ResponseTime(Stat::Percentile(99.9)),
            Target::MeanRequestsPerSecond,
        ];
        let conditions = [
            Condition::Lte(1.0),
            Condition::Gte(-0.5),
            Condition::Lt(1e9),
            Condition::Gt(0.0),
            Condition::Is(7.0),
            Condition::Between {
                lower: 1.0,
                upper: 2.0,
                inclusive: false,
            },
            Condition::In(vec![1.0, 2.0]),
        ];
        for path in &paths {
            for target in targets {
                for condition in &conditions {
                    let assertion = Assertion {
                        path: path.clone(),
                        target,
                        condition: condition.clone(),
                    };
                    assert_eq!(Assertion::from_bytes(&assertion.to_bytes()), Ok(assertion));
                }
            }
        }
    }
}
