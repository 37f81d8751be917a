//! Turns a run's simulation logs into `summary.json` and the terminal's table.

mod build;
mod error;
mod summary;
mod table;

pub use build::{LogInput, Report, ReportInput, build};
pub use error::ReportError;
pub use summary::{
    AgentShare, AssertionRow, Columns, ErrorRow, Row, RowKind, Series, SeriesPoint, Summary, Times,
};
pub use table::table;
