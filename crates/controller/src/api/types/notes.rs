//! Notes pinned to a time of a run.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// A note at a time of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct PinnedNote {
    /// Its number, which no other note of the run ever has: when it was written, ms since 1970.
    pub id: u64,
    /// The time, ms since 1970 by the controller's clock.
    pub at_ms: u64,
    /// What somebody wrote: 1 to 500 characters.
    pub text: String,
}

/// What a note is to say: `POST /api/v1/runs/{id}/notes`, and `PUT` with the note's number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteSpec {
    /// The time, ms since 1970 by the controller's clock: within the run.
    pub at_ms: u64,
    /// 1 to 500 characters, on one line.
    pub text: String,
}
