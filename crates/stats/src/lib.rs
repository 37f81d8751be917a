//! Exact, mergeable statistics of a load test.
//!
//! A [`Collector`] takes the records of one log, in the log's order, and gives [`Figures`]; those of
//! several logs are merged. All figures are integers, so that merging in any order gives the same:
//! the figures of N agents are those of one agent that did the work of all. What is shown (means,
//! percentiles) is computed from them at the end.
//!
//! A log that is still being written is collected in cells: [`Collector::take`] gives what was added
//! since the last call, and [`Collector::finish`] the rest. Cells are [`Figures`] like any other:
//! they are sent as they are (all types are serde's), and merged in any order.
//!
//! Where the second core is free, the work can be divided: [`Intake`] turns records into numbers and
//! [`Tally`] puts them together in batches, while [`Counts`] counts these.
//!
//! Nothing here does I/O or reads a clock. Times are ms on one axis for all logs of a run, as Unix
//! time by the controller's clock: the collector adds to the log's times what it was given.
//!
//! # What bounds memory
//!
//! [`Limits`] caps names and messages; the rest depends on the run's length at most, and not on the
//! number of requests:
//!
//! | What | Kept | Bound |
//! |---|---|---|
//! | Counts and users of all ([`Second`]) | by second | the seconds in which anything happened |
//! | Times of a request or group ([`Histogram`]) | by ms | from 2048 ms on in 1024 steps for each doubling where there are more than 16 384 different ones |
//! | Times of all over time ([`OverTime`]) | by ms for cells of 1 s | cells double beyond 4096, or 64 MiB |
//! | A request or group over time ([`Timeline`]) | in 32 steps for each doubling, for columns of 1 s | columns double beyond 256 |
//! | Users by scenario ([`Users`]) | by ms | rounded down beyond 400 000 moments |
//! | Messages ([`Messages`]) | each text | the rest together beyond 16 MiB |
//!
//! Each of these bounds is a property of the union, so merging keeps to it in any order. So are the
//! caps of [`Limits`] on names and messages: the shortest have figures of their own, the others are
//! counted together. Only its memory budget depends on what came first; [`Figures::merge`] keeps all
//! names within six times of it, whatever comes.
//!
//! Figures from elsewhere take no more memory when they are decoded than some tens of bytes for
//! each byte of theirs; [`Figures::check`] says whether they can be merged.

mod axis;
mod by_name;
mod by_time;
mod check;
mod collector;
mod counts;
mod figures;
mod histogram;
mod intake;
mod lanes;
mod limits;
mod measures;
mod messages;
mod names;
mod outcomes;
mod over_time;
mod packed;
mod precision;
mod seconds;
mod small_counts;
mod steady;
mod tally;
mod timeline;
mod users;

pub use check::Unacceptable;
pub use collector::Collector;
pub use counts::{Counts, HandedOn};
pub use figures::{Figures, Group, Path, Request, Span};
pub use histogram::Histogram;
pub use intake::{Event, Intake, OTHER};
pub use lanes::{Batch, Batches};
pub use limits::Limits;
pub use measures::{Measures, rank};
pub use messages::Messages;
pub use outcomes::Outcomes;
pub use over_time::{OverTime, percentiles};
pub use packed::Unpackable;
pub use precision::Precision;
pub use seconds::Second;
pub use steady::{load_of, steady_window};
pub use tally::Tally;
pub use timeline::{Column, Timeline};
pub use users::{Level, Scenario, Users};
