use thiserror::Error;

use crate::TroubleKind;

/// Why no report could be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReportError {
    /// No log was given.
    #[error("there is no simulation.log to report on; name at least one")]
    NoLogs,
    /// Logs were given, but none has figures.
    #[error("none of the logs can be used: {}", reasons.join("; "))]
    NoUsableLog {
        /// For each log its agent and what is wrong with it.
        reasons: Vec<String>,
        /// Of which kinds these are.
        kinds: Vec<TroubleKind>,
    },
    /// The clock's offset of a log moves it to where there are no dates.
    #[error(
        "the offset of {log}, {offset_ms} ms, would move it out of the years 1970 to 9999: \
         offsets are the few ms or seconds that a machine's clock is behind"
    )]
    Offset {
        /// The log's name.
        log: String,
        /// Its offset, ms.
        offset_ms: i64,
    },
    /// What was made cannot be written.
    #[error("it cannot be written: {cause}")]
    Write {
        /// What kind of failure it is.
        kind: std::io::ErrorKind,
        /// The system's reason.
        cause: String,
    },
}
