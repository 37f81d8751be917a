//! Where an output is read from.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bfgg_net::NetError;
use bfgg_protocol::version::{MAX_OUTPUT, OUTPUT_KEPT};
use bfgg_protocol::{
    MAX_GAP_NOTE, OutputAnswer, OutputPiece, OutputRequest, OutputStart, PeerId, RunFile, RunId,
    finished_ranges, output_place,
};

use crate::core::{Handle, Request};
use crate::error::Refused;

/// An output of one agent.
#[derive(Debug)]
pub(crate) enum Source<'a> {
    /// A file that was collected.
    File(PathBuf),
    /// The agent itself.
    Agent {
        /// The way to it.
        handle: &'a Handle,
        /// The agent.
        agent: &'a PeerId,
        /// The run.
        run: RunId,
        /// Which output.
        file: RunFile,
    },
}

/// Why there is nothing.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The agent has none, in a sentence.
    Missing(String),
    /// The agent does not answer.
    Net(NetError),
    /// The file here cannot be read.
    File(PathBuf, io::Error),
    /// The controller refuses.
    Refused(Refused),
}

impl Source<'_> {
    /// The position behind the last byte.
    pub(super) async fn end(&self) -> Result<u64, Problem> {
        Ok(self.ask(OutputStart::Last(0), 0).await?.end)
    }

    /// The bytes at a position, or at the first one behind it.
    pub(super) async fn piece(&self, position: u64) -> Result<OutputPiece, Problem> {
        self.ask(OutputStart::At(position), MAX_OUTPUT as u32).await
    }

    async fn ask(&self, start: OutputStart, length: u32) -> Result<OutputPiece, Problem> {
        match self {
            Self::File(path) => {
                let opened = path.clone();
                let reading = tokio::task::spawn_blocking(move || read(&opened, start, length));
                let read = reading.await.map_err(io::Error::other).flatten();
                read.map_err(|cause| Problem::File(path.clone(), cause))
            }
            Self::Agent {
                handle,
                agent,
                run,
                file,
            } => {
                let (run, file) = (*run, *file);
                let request = OutputRequest {
                    run,
                    file,
                    start,
                    length,
                };
                let agent = PeerId::clone(agent);
                let asked = handle.ask(|reply| Request::Output(agent, request, reply));
                match asked.await.map_err(Problem::Refused)? {
                    Ok(OutputAnswer::Piece(piece)) => Ok(piece),
                    Ok(OutputAnswer::Missing(reason)) => Err(Problem::Missing(reason)),
                    Err(cause) => Err(Problem::Net(cause)),
                }
            }
        }
    }
}

/// Reads a piece of a file as an agent hands it over: with a note in the place of what it dropped.
fn read(path: &Path, start: OutputStart, length: u32) -> io::Result<OutputPiece> {
    let mut file = std::fs::File::open(path)?;
    let mut at = |offset: u64, length: u64| -> io::Result<Vec<u8>> {
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        (&mut file).take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let note = at(OUTPUT_KEPT, MAX_GAP_NOTE as u64)?;
    let size = std::fs::metadata(path)?.len();
    let ranges = finished_ranges(OUTPUT_KEPT, &note, size);
    let place = output_place(&ranges, start, length);
    Ok(OutputPiece {
        from: place.from,
        bytes: at(place.offset, place.length)?,
        end: place.end,
    })
}
