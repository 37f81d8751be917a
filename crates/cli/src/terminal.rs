//! Standard output, the terminal's width and the wall clock.

use std::io::{ErrorKind, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::CliError;

/// Columns of the terminal; 120 where there is none (a file, a CI log).
pub(crate) fn width() -> u16 {
    console::Term::stdout()
        .size_checked()
        .map_or(120, |(_, columns)| columns.max(60))
}

/// Wall time in ms since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Writes to standard output. A reader that has gone (`bfgg runs | head`) is no error.
///
/// # Errors
/// If it cannot be written for another reason.
pub(crate) fn out(text: impl AsRef<str>) -> Result<(), CliError> {
    out_while_read(text).map(drop)
}

/// As [`out`]; false if the reader has gone.
pub(crate) fn out_while_read(text: impl AsRef<str>) -> Result<bool, CliError> {
    let mut out = std::io::stdout().lock();
    let written = out
        .write_all(text.as_ref().as_bytes())
        .and_then(|()| out.flush());
    match written {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(cause) => Err(CliError::System {
            action: "write to standard output",
            cause,
        }),
    }
}

/// One line to standard output.
pub(crate) fn out_line(text: impl AsRef<str>) -> Result<(), CliError> {
    out(format!("{}\n", text.as_ref()))
}
