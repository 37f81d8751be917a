//! The encoding is that of BooPickle, a Scala library that Gatling uses for assertions alone.

use thiserror::Error;

use super::{Assertion, AssertionPath, Condition, Metric, Stat, Target};

/// How many bytes of names one assertion may repeat by reference, so that few bytes cannot ask for
/// much memory. No name that Gatling writes is longer.
pub(super) const REPEATED: usize = 8 << 10;

/// Assertion bytes that say nothing known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an assertion in the log's header cannot be read: byte {offset} of it does not fit")]
pub struct AssertionError {
    /// The byte in question, counted from the assertion's first.
    pub offset: usize,
}

/// How the variants of metric and stat are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbering {
    /// By their names in the alphabet, up to Gatling 3.3.
    Alphabetical,
    /// In the order that Gatling lists them, from 3.4 on.
    Listed,
}

impl Assertion {
    /// Reads the bytes of one assertion, as the header has them from Gatling 3.4 on.
    ///
    /// # Errors
    /// If they end too early, go on after the assertion, or have an unknown variant.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AssertionError> {
        Self::read(bytes, Numbering::Listed)
    }

    pub(crate) fn read(bytes: &[u8], numbering: Numbering) -> Result<Self, AssertionError> {
        let mut reader = Reader {
            bytes,
            at: 0,
            names: Vec::new(),
            repeated: 0,
            numbering,
        };
        reader
            .assertion()
            .filter(|_| reader.at == bytes.len())
            .ok_or(AssertionError { offset: reader.at })
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    /// What is not yet read; on failure the byte that does not fit or the one after it.
    at: usize,
    /// Names seen so far, to which later ones can refer.
    names: Vec<String>,
    /// The bytes of those that were referred to.
    repeated: usize,
    numbering: Numbering,
}

/// `None`: the bytes do not fit.
impl Reader<'_> {
    fn assertion(&mut self) -> Option<Assertion> {
        self.object()?;
        Some(Assertion {
            path: self.path()?,
            target: self.target()?,
            condition: self.condition()?,
        })
    }

    fn path(&mut self) -> Option<AssertionPath> {
        match self.int()? {
            1 => Some(AssertionPath::Global),
            2 => Some(AssertionPath::ForAll),
            3 => {
                self.object()?;
                (0..self.count()?)
                    .map(|_| self.name())
                    .collect::<Option<_>>()
                    .map(AssertionPath::Details)
            }
            _ => None,
        }
    }

    fn target(&mut self) -> Option<Target> {
        match self.int()? {
            1 => self.metric().map(Target::Count),
            2 => self.metric().map(Target::Percent),
            3 => {
                self.object()?;
                self.expect(1)?;
                self.stat().map(Target::ResponseTime)
            }
            4 => Some(Target::MeanRequestsPerSecond),
            _ => None,
        }
    }

    fn metric(&mut self) -> Option<Metric> {
        self.object()?;
        match (self.int()?, self.numbering) {
            (1, _) => Some(Metric::All),
            (2, Numbering::Listed) | (3, Numbering::Alphabetical) => Some(Metric::Ok),
            (3, Numbering::Listed) | (2, Numbering::Alphabetical) => Some(Metric::Ko),
            _ => None,
        }
    }

    fn stat(&mut self) -> Option<Stat> {
        let number = match (self.int()?, self.numbering) {
            (number, Numbering::Listed) => number,
            // Max, mean, min, percentiles, standard deviation.
            (number @ 1..=5, Numbering::Alphabetical) => [2, 3, 1, 5, 4][number as usize - 1],
            _ => return None,
        };
        match number {
            1 => Some(Stat::Min),
            2 => Some(Stat::Max),
            3 => Some(Stat::Mean),
            4 => Some(Stat::StandardDeviation),
            5 => {
                self.object()?;
                self.double().map(Stat::Percentile)
            }
            _ => None,
        }
    }

    fn condition(&mut self) -> Option<Condition> {
        let variant = self.int()?;
        self.object()?;
        match variant {
            1 => self.double().map(Condition::Lte),
            2 => self.double().map(Condition::Gte),
            3 => self.double().map(Condition::Lt),
            4 => self.double().map(Condition::Gt),
            5 => self.double().map(Condition::Is),
            6 => Some(Condition::Between {
                lower: self.double()?,
                upper: self.double()?,
                inclusive: match self.byte()? {
                    0 => false,
                    1 => true,
                    _ => return None,
                },
            }),
            7 => (0..self.count()?)
                .map(|_| self.double())
                .collect::<Option<_>>()
                .map(Condition::In),
            _ => None,
        }
    }

    /// An object that was not written before: no part of an assertion can repeat.
    fn object(&mut self) -> Option<()> {
        self.expect(0)
    }

    fn expect(&mut self, value: i32) -> Option<()> {
        (self.int()? == value).then_some(())
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.int()?).ok()
    }

    fn name(&mut self) -> Option<String> {
        let length = self.int()?;
        if length == 0 {
            return Some(String::new());
        }
        let Ok(length) = usize::try_from(length) else {
            let place = usize::try_from(length.unsigned_abs())
                .ok()?
                .checked_sub(2)?;
            let name = self.names.get(place)?;
            self.repeated += name.len();
            return (self.repeated <= REPEATED).then(|| name.clone());
        };
        let name = String::from_utf8(self.take(length)?.to_vec()).ok()?;
        self.names.push(name.clone());
        Some(name)
    }

    fn double(&mut self) -> Option<f64> {
        self.array().map(f64::from_le_bytes)
    }

    /// The first byte tells the length: `0xxxxxxx` is the number itself; `1000xxxx`, `1010xxxx` and
    /// `1100xxxx` its highest four bits, with one, two and three more bytes; the same with bit 4
    /// set are negative; `11100000` is followed by four bytes, little endian.
    fn int(&mut self) -> Option<i32> {
        let first = self.byte()?;
        if first < 0x80 {
            return Some(i32::from(first));
        }
        let more = match first >> 5 {
            0b100 => 1,
            0b101 => 2,
            0b110 => 3,
            _ if first == 0xe0 => return self.array().map(i32::from_le_bytes),
            _ => return None,
        };
        let magnitude = self
            .take(more)?
            .iter()
            .fold(i32::from(first & 0x0f), |value, byte| {
                value << 8 | i32::from(*byte)
            });
        Some(if first & 0x10 == 0 {
            magnitude
        } else {
            -magnitude
        })
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let array = self.bytes[self.at..].first_chunk().copied()?;
        self.at += N;
        Some(array)
    }

    fn take(&mut self, length: usize) -> Option<&[u8]> {
        let taken = self.bytes[self.at..].get(..length)?;
        self.at += length;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Assertion, AssertionError> {
        Assertion::from_bytes(bytes)
    }

    #[test]
    fn reads_each_part() {
        let mut bytes = vec![0, 1, 4, 6, 0];
        bytes.extend(16_f64.to_le_bytes());
        bytes.extend(18_f64.to_le_bytes());
        bytes.push(1);
        let between = Assertion {
            path: AssertionPath::Global,
            target: Target::MeanRequestsPerSecond,
            condition: Condition::Between {
                lower: 16.0,
                upper: 18.0,
                inclusive: true,
            },
        };
        assert_eq!(read(&bytes), Ok(between));
        assert_eq!(
            read(&bytes[..20]),
            Err(AssertionError { offset: 13 }),
            "cut"
        );
        bytes.push(0);
        assert_eq!(read(&bytes), Err(AssertionError { offset: 22 }), "goes on");
    }

    #[test]
    fn a_name_can_refer_to_an_earlier_one() {
        // Details a / b / a / "": the third is the first of the names seen, counted from 2.
        let mut bytes = vec![0, 3, 0, 4, 1, b'a', 1, b'b', 0x90, 2, 0, 1, 0, 3, 5, 0];
        bytes.extend(0_f64.to_le_bytes());
        let path = read(&bytes).map(|assertion| assertion.path);
        let names = ["a", "b", "a", ""].map(str::to_owned).to_vec();
        assert_eq!(path, Ok(AssertionPath::Details(names)));
        bytes[9] = 4;
        assert!(read(&bytes).is_err(), "no third name was seen");
    }

    #[test]
    fn reads_long_numbers() {
        for (bytes, value) in [
            (&[0x7f][..], 127),
            (&[0x80, 0x80], 128),
            (&[0x8f, 0xff], 4095),
            (&[0x9f, 0xff], -4095),
            (&[0xa0, 0x10, 0x00], 4096),
            (&[0xb0, 0x10, 0x00], -4096),
            (&[0xc1, 0x00, 0x00, 0x00], 1 << 24),
            (&[0xe0, 0x00, 0x00, 0x00, 0x80], i32::MIN),
        ] {
            let mut reader = Reader {
                bytes,
                at: 0,
                names: Vec::new(),
                repeated: 0,
                numbering: Numbering::Listed,
            };
            assert_eq!(reader.int(), Some(value), "{bytes:x?}");
            assert_eq!(reader.at, bytes.len());
        }
        assert_eq!(
            Reader {
                bytes: &[0xf0],
                at: 0,
                names: Vec::new(),
                repeated: 0,
                numbering: Numbering::Listed,
            }
            .int(),
            None
        );
    }

    #[test]
    fn a_huge_count_needs_bytes_to_stand_on() {
        assert!(read(&[0, 3, 0, 0xe0, 0xff, 0xff, 0xff, 0x7f]).is_err());
        assert!(
            read(&[0, 3, 0, 0x90, 0x01, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]).is_err(),
            "-1 names"
        );
    }
}
