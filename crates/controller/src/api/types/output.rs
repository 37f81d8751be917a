//! What an agent's programs print, as lines.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// Lines of one output of one agent: `GET /api/v1/runs/{id}/agents/{index}/output`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct AgentOutput {
    /// The position of the first line, in bytes printed.
    pub from: u64,
    /// Whole lines, without their ends; control characters and escape sequences are made visible. A
    /// line of more than 64 KiB comes as several.
    pub lines: Vec<String>,
    /// The position to ask from next. Below the one asked for, the output was begun anew.
    pub next: u64,
    /// Bytes between the position asked for and the first line that are not kept.
    pub skipped: u64,
    /// Nothing more will come: the program has ended, and these are its last lines.
    pub ended: bool,
    /// The position behind the last byte there is now, as far as it was read; 0 if it is not told.
    #[serde(default)]
    pub end: u64,
}
