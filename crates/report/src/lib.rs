//! Turns a run's simulation logs into `summary.json` and the terminal's table.
//!
//! [`build`] reads the log of every agent, merges the figures and evaluates the simulation's
//! assertions on all of them together. [`table`] shows the result with the columns of Gatling's own
//! report. [`merge`] makes one log of several, [`dump`] shows a log's records.

mod assertions;
mod build;
mod dump;
mod error;
mod log;
mod merge;
mod printable;
mod rows;
mod series;
mod summary;
mod table;

pub use build::{LogInput, Report, ReportInput, build};
pub use dump::dump;
pub use error::ReportError;
pub use merge::{Merged, merge};
pub use printable::printable;
pub use summary::{
    AgentShare, AssertionRow, Columns, ErrorRow, Row, RowKind, Series, SeriesPoint, Summary, Times,
};
pub use table::table;
