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
    /// What was made cannot be written.
    #[error("it cannot be written: {cause}")]
    Write {
        /// What kind of failure it is.
        kind: std::io::ErrorKind,
        /// The system's reason.
        cause: String,
    },
}
