//! Where an output is read from.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bfgg_net::NetError;
use bfgg_protocol::version::{MAX_OUTPUT, OUTPUT_KEPT};
use bfgg_protocol::{
    MAX_GAP_NOTE, OutputAnswer, OutputPiece, OutputRequest, OutputStart, PeerId, RunFile, RunId,
    finished_ranges, output_place,
};

use tokio::sync::Semaphore;

use crate::core::{Handle, Request};
use crate::error::Refused;

/// Beyond this an integer is none in JavaScript.
const LAST_POSITION: u64 = 1 << 53;

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
        /// A turn for one question.
        turns: &'a Semaphore,
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
                turns,
            } => {
                let closing = |_| Problem::Refused(Refused::closing());
                let _turn = turns.acquire().await.map_err(closing)?;
                let (run, file) = (*run, *file);
                let request = OutputRequest {
                    run,
                    file,
                    start,
                    length,
                };
                let (peer, agent) = (PeerId::clone(agent), PeerId::clone(agent));
                let asked = handle.ask(|reply| Request::Output(agent, request, reply));
                match asked.await.map_err(Problem::Refused)? {
                    Ok(OutputAnswer::Piece(piece)) => match impossible(&piece) {
                        Some(cause) => Err(Problem::Net(NetError::NoAnswer { peer, cause })),
                        None => Ok(piece),
                    },
                    Ok(OutputAnswer::Missing(reason)) => Err(Problem::Missing(reason)),
                    Err(cause) => Err(Problem::Net(cause)),
                }
            }
        }
    }
}

/// Why there cannot be such a piece: it comes from outside.
fn impossible(piece: &OutputPiece) -> Option<String> {
    let (from, to, end) = (piece.from, piece.to(), piece.end);
    (from > LAST_POSITION || end > LAST_POSITION || to > end)
        .then(|| format!("a piece from {from} to {to} of an output that ends at {end}"))
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

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_turn_is_taken_for_one_question_to_an_agent() {
        let (requests, mut asked) = mpsc::channel(8);
        let (handle, turns) = (Handle::new(requests), Semaphore::new(1));
        let source = Source::Agent {
            handle: &handle,
            agent: &PeerId::new("QmAgent"),
            run: RunId::new(),
            file: RunFile::Output,
            turns: &turns,
        };
        let turn = turns.acquire().await.unwrap();
        tokio::select! {
            biased;
            _ = source.piece(0) => panic!("it was not its turn"),
            () = tokio::task::yield_now() => assert!(asked.try_recv().is_err()),
        }
        // What is here is read meanwhile.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output.log");
        std::fs::write(&path, "one\n").unwrap();
        assert_eq!(Source::File(path).piece(0).await.unwrap().bytes, b"one\n");
        drop(turn);
        for _ in 0..2 {
            let answering = async {
                let Some(Request::Output(_, _, reply)) = asked.recv().await else {
                    panic!("it is asked for an output");
                };
                assert_eq!(turns.available_permits(), 0);
                let missing = OutputAnswer::Missing("there is none".to_owned());
                let _ = reply.send(Ok(Ok(missing)));
            };
            let (piece, ()) = tokio::join!(source.piece(0), answering);
            assert!(matches!(piece, Err(Problem::Missing(_))));
            assert_eq!(turns.available_permits(), 1);
        }
    }

    #[test]
    fn pieces_that_there_cannot_be() {
        let last = LAST_POSITION;
        for (from, bytes, end, is_possible) in [
            (0, 0, 0, true),
            (5, 3, 8, true),
            (5, 3, 9, true),
            (last - 3, 3, last, true),
            (5, 3, 7, false),
            (9, 0, 8, false),
            (0, 1, last + 1, false),
            (last + 1, 0, last + 1, false),
            (u64::MAX, 3, u64::MAX, false),
        ] {
            let bytes = vec![b'x'; bytes];
            let piece = OutputPiece { from, bytes, end };
            assert_eq!(impossible(&piece).is_none(), is_possible, "{piece:?}");
        }
    }
}
