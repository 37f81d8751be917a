//! `bfgg log`

use std::io::{BufWriter, ErrorKind};
use std::path::PathBuf;

use bfgg_report::ReportError;

use crate::error::{CliError, exit};
use crate::logs::Logs;
use crate::view::Screen;

pub(crate) fn dump(log: &PathBuf, screen: &Screen) -> Result<u8, CliError> {
    let logs = Logs::find(std::slice::from_ref(log), &[], None)?;
    logs.refuse_empty_folders()?;
    logs.tell_left_out(screen);
    let mut is_incomplete = false;
    for input in &logs.inputs {
        let mut out = BufWriter::new(std::io::stdout().lock());
        match bfgg_report::dump(input, &mut out) {
            Ok(troubles) => {
                for trouble in troubles {
                    is_incomplete |= trouble.kind.is_missing();
                    screen.line(format!("note: {}", trouble.text));
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
    Ok(if is_incomplete {
        exit::INCOMPLETE
    } else {
        exit::OK
    })
}
