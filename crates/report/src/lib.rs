//! Turns simulation logs into reports.
//!
//! [`build`] reads the log of every agent, merges the figures and evaluates the simulation's
//! assertions on all of them together. [`table`] shows the result with the columns of Gatling's own
//! report, [`html`] as one page with Gatling's charts; [`csv`] and [`junit`] are for programs.
//! [`merge`] makes one log of several, [`dump`] shows a log's records. [`verdict`] says whether the
//! figures can be believed, and why.

mod assertions;
mod build;
mod charts;
mod clock;
mod counting;
mod csv;
mod dump;
mod error;
mod html;
mod identity;
mod junit;
mod live;
mod log;
mod merge;
mod output;
mod parts;
mod platform;
mod printable;
mod rows;
mod series;
mod stretch;
mod summary;
mod table;
mod text;
mod trouble;
pub mod verdict;

pub use bfgg_stats::Limits;
pub use build::{LogInput, Report, ReportInput, build, build_with};
pub use charts::{Charts, Detail, Distribution, Load, OverTime, UserCurve};
pub use clock::{
    AgentClock, ClockDrift, ClockStep, RunClocks, RunStart, Timing, clock_difference, clock_span,
    drift_text, step_text, with_uncertainty,
};
pub use csv::csv;
pub use dump::dump;
pub use error::ReportError;
pub use html::html;
pub use identity::FileIdentity;
pub use junit::junit;
pub use live::{LiveFigures, LiveSecond, live};
pub use merge::{Merged, merge};
pub use output::{Output, write_together, write_whole};
pub use printable::printable;
pub use rows::percent;
pub use stretch::{StretchFigures, stretch, stretch_of_logs};
pub use summary::{
    AgentShare, AssertionRow, Columns, ErrorRow, OfferedLoad, Row, RowKind, Series, SeriesPoint,
    Steady, Summary, Times, UsersRow,
};
pub use table::table;
pub use trouble::{Trouble, TroubleKind};
pub use verdict::{Proof, ProofState, Thresholds, Verdict, VerdictFinding, VerdictLevel};
