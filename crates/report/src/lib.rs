//! Turns a run's simulation logs into `summary.json` and the terminal's table.
//!
//! [`build`] reads the log of every agent, merges the figures and evaluates the simulation's
//! assertions on all of them together. [`table`] shows the result with the columns of Gatling's own
//! report.

mod assertions;
mod build;
mod error;
mod log;
mod printable;
mod rows;
mod series;
mod summary;
mod table;

pub use build::{LogInput, Report, ReportInput, build};
pub use error::ReportError;
pub use printable::printable;
pub use summary::{
    AgentShare, AssertionRow, Columns, ErrorRow, Row, RowKind, Series, SeriesPoint, Summary, Times,
};
pub use table::table;
