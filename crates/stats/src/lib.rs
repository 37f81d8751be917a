//! Exact, mergeable statistics of a load test.
//!
//! A [`Collector`] takes the records of one log, in the log's order, and gives [`Figures`]; those of
//! several logs are merged. All figures are integers, so that merging in any order gives the same:
//! the figures of N agents are those of one agent that did the work of all. What is shown (means,
//! percentiles) is computed from them at the end.
//!
//! Nothing here does I/O or reads a clock. Times are ms on one axis for all logs of a run, as Unix
//! time by the controller's clock: the collector adds to the log's times what it was given.

mod collector;
mod figures;
mod histogram;
mod messages;
mod seconds;

pub use collector::Collector;
pub use figures::{Figures, Group, Limits, Path, Request, Span};
pub use histogram::{Histogram, Outcomes};
pub use messages::Messages;
pub use seconds::Second;
