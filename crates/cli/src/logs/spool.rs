//! Logs that come by a pipe.

use std::fs::File;
use std::io::{Read, Write as _};

use bfgg_report::FileIdentity;
use gatling_log::Decoder;
use tempfile::NamedTempFile;

use super::{Log, Name, unreadable};
use crate::error::CliError;

/// Read before it is known whether it is a log.
const PIECE: usize = 64 * 1024;

impl Log {
    /// A file of what comes by standard input, a FIFO or a device, which can be read once only; `None`
    /// if it is a file, or nothing.
    pub(super) fn spool(&self) -> Result<Option<NamedTempFile>, CliError> {
        let path = self.path();
        let is_pipe =
            std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
        let is_standard_input = self.names.iter().any(Name::is_standard_input)
            || (self.identity.is_some() && self.identity == FileIdentity::of_standard_input());
        let spooled = if self.names.first().is_some_and(Name::is_standard_input)
            || (is_pipe && is_standard_input)
        {
            spool(&mut std::io::stdin().lock())
        } else if is_pipe {
            match File::open(path) {
                Ok(mut file) => spool(&mut file),
                Err(cause) => return Err(unreadable(&self.shown(), &cause)),
            }
        } else {
            return Ok(None);
        };
        spooled.map(Some)
    }
}

fn spool(from: &mut impl Read) -> Result<NamedTempFile, CliError> {
    let failed = |cause| CliError::System {
        action: "keep what comes by a pipe",
        cause,
    };
    let mut file = NamedTempFile::new().map_err(failed)?;
    // An endless device, which is no log, would fill the disk.
    let mut start = Vec::new();
    let mut piece = from.take(PIECE as u64);
    piece.read_to_end(&mut start).map_err(failed)?;
    file.write_all(&start).map_err(failed)?;
    let mut decoder = Decoder::new();
    decoder.push(&start);
    if decoder.each_record(|_| ()).is_ok() {
        std::io::copy(piece.into_inner(), &mut file).map_err(failed)?;
    }
    file.flush().map_err(failed)?;
    Ok(file)
}
