//! `bfgg log`

use std::io::{BufWriter, ErrorKind};
use std::path::PathBuf;

use bfgg_report::ReportError;

use crate::error::{CliError, exit};
use crate::logs::Logs;
use crate::view::Screen;

pub(crate) fn dump(log: &PathBuf, screen: &Screen) -> Result<u8, CliError> {
    let logs = Logs::find(std::slice::from_ref(log), &[])?;
    for input in &logs.inputs {
        let mut out = BufWriter::new(std::io::stdout().lock());
        match bfgg_report::dump(input, &mut out) {
            Ok(notes) => {
                for note in notes {
                    screen.line(format!("note: {}: {note}", input.name));
                }
            }
            // `| head` has seen enough.
            Err(ReportError::Write {
                kind: ErrorKind::BrokenPipe,
                ..
            }) => return Ok(exit::OK),
            Err(cause) => return Err(cause.into()),
        }
    }
    Ok(exit::OK)
}
