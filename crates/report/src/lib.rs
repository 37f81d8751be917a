//! Turns a run's figures into `summary.json` and the terminal's table.

mod summary;

pub use summary::{
    AgentShare, AssertionRow, Columns, ErrorRow, Row, RowKind, Series, SeriesPoint, Summary, Times,
};
