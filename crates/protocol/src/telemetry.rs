//! Live figures, from an agent to the controller of its run.

use serde::{Deserialize, Serialize};

use crate::{HealthSample, RunId};

/// What one range of bytes of simulation.log added to the figures. Where a cell ends the next one
/// begins: all cells together are the log, nothing is lost and nothing is twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Counts the cells of one agent in one run, from 0.
    pub number: u64,
    /// The first byte of the log that it covers.
    pub from: u64,
    /// The byte behind the last one.
    pub to: u64,
    /// When it was cut, wall time of the agent in ms since 1970.
    pub cut_ms: u64,
    /// Nothing follows: the log is at its end, or cannot be read any further.
    #[serde(default)]
    pub last: bool,
    /// The figures (of `bfgg-stats`, as CBOR). Zero of their axis is the moment at which the agent's
    /// load was to begin.
    #[serde(with = "serde_bytes")]
    pub figures: Vec<u8>,
    /// The machine's load since the cell before, the oldest first, at most
    /// [`MAX_CELL_HEALTH`](crate::version::MAX_CELL_HEALTH). A cell may be cut for it alone: then it
    /// covers no byte.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub health: Vec<HealthSample>,
}

/// Cells that follow each other, the oldest first: at most
/// [`MAX_TELEMETRY`](crate::version::MAX_TELEMETRY) bytes together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TelemetryRequest {
    /// The run.
    pub run: RunId,
    /// The cells. None of them asks what is wanted, and says that this agent will tell.
    pub cells: Vec<Cell>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TelemetryAnswer {
    /// All cells below this number are kept: it is the one wanted next. An agent that has no such
    /// cell cuts it from its log.
    Next {
        /// The number.
        number: u64,
        /// The byte of the log at which it begins.
        from: u64,
    },
    /// The controller knows no such run in progress, has all of it, or has more than it can keep:
    /// it wants no cells.
    Unwanted,
}
