//! The simulation's assertions, which the header carries.

mod bytes;
mod sentence;
mod written;

pub use bytes::AssertionError;
pub(crate) use bytes::Numbering;
pub use sentence::rank;

/// What a simulation demands of its figures: Gatling's `setUp(…).assertions(…)`.
///
/// In a binary log it is a sequence of bytes, in a text log their Base64. The encoding is its own:
/// `00`, then path, target and condition, in which case-class values start with `00` and variants
/// with their number from 1.
///
/// | part | bytes |
/// |---|---|
/// | path | `01` global, `02` for all requests, `03` details: `00`, n, n names |
/// | target | `01` count: `00` metric; `02` percent: `00` metric; `03` time: `00` `01` (the response time) stat; `04` mean requests/s |
/// | metric | `01` all, `02` OK, `03` KO |
/// | stat | `01` min, `02` max, `03` mean, `04` standard deviation, `05` percentile: `00` f64 |
/// | condition | `01` ≤, `02` ≥, `03` <, `04` >, `05` is: `00` f64; `06` between: `00` f64 f64, `01` if the bounds belong to it; `07` in: `00` n, n f64 |
///
/// An f64 is little endian. The numbers n are one byte up to 127; from 128 on a first byte of
/// `1000xxxx`, `1010xxxx` or `1100xxxx` has their highest four bits, and one, two or three more
/// bytes the rest. A name is its length in bytes and UTF-8; one that came before in the assertion
/// is the negative number (the first byte has bit 4 set) of its place among them, counted from 2.
///
/// Up to Gatling 3.3 metrics and stats are numbered in the order of the alphabet: `01` all, `02` KO
/// (failed), `03` OK (successful), and `01` max, `02` mean, `03` min, `04` percentile, `05` standard
/// deviation.
#[derive(Debug, Clone, PartialEq)]
pub struct Assertion {
    /// What it is about.
    pub path: AssertionPath,
    /// Which of its figures.
    pub target: Target,
    /// What this figure has to be.
    pub condition: Condition,
}

/// What an assertion is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssertionPath {
    /// All requests together.
    Global,
    /// Each request by itself.
    ForAll,
    /// The request or group at this path, the outermost group first. An empty path means
    /// [`AssertionPath::Global`].
    Details(Vec<String>),
}

/// The figure an assertion is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// A number of requests.
    Count(Metric),
    /// A part of all requests, percent.
    Percent(Metric),
    /// A response time, ms, of OK and KO requests together.
    ResponseTime(Stat),
    /// All requests by the run's seconds.
    MeanRequestsPerSecond,
}

/// Which requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// All.
    All,
    /// Those that succeeded.
    Ok,
    /// Those that failed.
    Ko,
}

/// Which response time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stat {
    /// The shortest.
    Min,
    /// The longest.
    Max,
    /// The mean, rounded to ms.
    Mean,
    /// The standard deviation of the population, rounded to ms.
    StandardDeviation,
    /// A percentile: 95.0 for the 95th.
    Percentile(f64),
}

/// What a figure has to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// At most this.
    Lte(f64),
    /// At least this.
    Gte(f64),
    /// Less than this.
    Lt(f64),
    /// More than this.
    Gt(f64),
    /// Exactly this.
    Is(f64),
    /// Between two bounds.
    Between {
        /// The lower bound.
        lower: f64,
        /// The upper bound.
        upper: f64,
        /// Whether the bounds themselves are allowed.
        inclusive: bool,
    },
    /// One of these.
    In(Vec<f64>),
}

impl Condition {
    /// Whether `actual` is what it has to be.
    #[must_use]
    pub fn holds(&self, actual: f64) -> bool {
        match self {
            Self::Lte(bound) => actual <= *bound,
            Self::Gte(bound) => actual >= *bound,
            Self::Lt(bound) => actual < *bound,
            Self::Gt(bound) => actual > *bound,
            Self::Is(value) => actual == *value,
            Self::Between {
                lower,
                upper,
                inclusive: true,
            } => *lower <= actual && actual <= *upper,
            Self::Between {
                lower,
                upper,
                inclusive: false,
            } => *lower < actual && actual < *upper,
            Self::In(values) => values.contains(&actual),
        }
    }
}
