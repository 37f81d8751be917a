//! Fetching an agent's files of a run: in chunks, several in flight, from where an earlier try
//! ended; the whole checked by its hash.

mod part;

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bfgg_net::{NetError, Node};
use bfgg_protocol::version::MAX_CHUNK;
use bfgg_protocol::{Failure, FailureCode, FileAnswer, FileRequest, PeerId, RunFile, RunId};
use futures::StreamExt;
use futures::future::{self, Either};
use tokio::sync::mpsc;
use tracing::{debug, warn};

use crate::clock::Patience;
use part::{Part, hash};

const IN_FLIGHT: usize = 4;
/// Chunks that have come and wait for the disk.
const WAITING: usize = 2;
/// Without a new byte for this long an agent is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// What one try in vain takes of it at most.
const TRY: Duration = Duration::from_secs(30);
/// How long a disk may stay full: the agent keeps what is not fetched.
const FULL: Duration = Duration::from_secs(3600);
const PAUSE: Duration = Duration::from_secs(1);

/// What to fetch, and where to.
#[derive(Debug, Clone)]
pub(crate) struct Collection {
    pub(crate) run: RunId,
    pub(crate) agent: PeerId,
    pub(crate) name: String,
    /// The agent's folder below the run's folder.
    pub(crate) folder: PathBuf,
    /// Whether the agent has a simulation.log: a run may be stopped before Gatling writes one.
    pub(crate) logged: bool,
    /// The bytes of simulation.log, as the agent has said at its end.
    pub(crate) said: Option<u64>,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Bytes of simulation.log fetched so far.
    Bytes(u64),
    /// It waits for this.
    Waits(String),
}

/// Fetches simulation.log (which must be there, if anything was logged) and the outputs (which may
/// be).
///
/// While the disk here is full it waits and says so.
pub(crate) async fn collect(
    node: &Node,
    what: &Collection,
    progress: &mpsc::Sender<Progress>,
) -> Result<(), Failure> {
    let failed = |message: String| {
        let hint = "The files stay on the agent.";
        Failure::new(FailureCode::CollectFailed, "collect", message, hint)
    };
    for (file, needed) in [
        (RunFile::Output, false),
        (RunFile::BuildOutput, false),
        (RunFile::SimulationLog, what.logged),
    ] {
        match fetch(node, what, file, progress).await {
            Ok(()) => {}
            Err(Problem::Missing(_)) if !needed => {}
            Err(problem) => {
                let (name, file) = (&what.name, file.file_name());
                return Err(failed(format!(
                    "{file} of {name} could not be fetched: {problem}."
                )));
            }
        }
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("{0}")]
    Missing(String),
    #[error("{0}")]
    Net(#[from] NetError),
    #[error("cannot write it here: {0}")]
    Io(#[from] io::Error),
    #[error("the disk is full: {path} needs {needed} bytes, {free} are free")]
    Full {
        path: String,
        needed: u64,
        free: u64,
    },
    #[error("it has another size than the agent has said")]
    Size,
    #[error("its bytes differ from those on the agent")]
    Hash,
    #[error("the agent gave an answer that does not fit")]
    Odd,
}

async fn fetch(
    node: &Node,
    what: &Collection,
    file: RunFile,
    progress: &mpsc::Sender<Progress>,
) -> Result<(), Problem> {
    let part = what.folder.join(format!("{}.part", file.file_name()));
    let mut patience = Patience::new(PATIENCE, TRY);
    let mut room = Patience::new(FULL, TRY);
    let mut had = size(&part).await;
    let mut whole_tries = 0;
    let mut said = what.said.filter(|_| file == RunFile::SimulationLog);
    loop {
        match attempt(node, what, file, said, &part, progress).await {
            Ok(Got::Fetched) => {
                tokio::fs::rename(&part, what.folder.join(file.file_name())).await?;
                return Ok(());
            }
            Ok(Got::IsHere) => return Ok(()),
            Err(Problem::Size) => said = None,
            Err(Problem::Hash) if whole_tries == 0 => {
                // A part of an earlier try may be of another file: once more from the start.
                whole_tries += 1;
                tokio::fs::remove_file(&part).await?;
            }
            Err(Problem::Net(cause)) => {
                let has = size(&part).await;
                if has > had {
                    patience.renew();
                    had = has;
                } else if patience.is_over() {
                    return Err(cause.into());
                }
                debug!(agent = %what.name, file = file.file_name(), %cause, "fetching goes on");
                tokio::time::sleep(PAUSE).await;
            }
            Err(Problem::Full { path, needed, free }) => {
                let why = Problem::Full { path, needed, free };
                if room.is_over() {
                    return Err(why);
                }
                warn!(agent = %what.name, file = file.file_name(), "fetching waits: {why}");
                let waits = Progress::Waits(format!("waits: {why}"));
                let _ = progress.try_send(waits);
                patience.renew();
                tokio::time::sleep(PAUSE).await;
            }
            Err(other) => return Err(other),
        }
    }
}

async fn size(path: &Path) -> u64 {
    tokio::fs::metadata(path)
        .await
        .map_or(0, |metadata| metadata.len())
}

/// What came of an attempt.
enum Got {
    /// All of it is in the part.
    Fetched,
    /// It was here already, from an earlier collection.
    IsHere,
}

/// Fetches what is missing of a file. Where its size was said already, the agent hashes the file while
/// it is fetched; otherwise before.
async fn attempt(
    node: &Node,
    what: &Collection,
    file: RunFile,
    said: Option<u64>,
    part: &Path,
    progress: &mpsc::Sender<Progress>,
) -> Result<Got, Problem> {
    let run = what.run;
    let ask = |request| node.file(what.agent.clone(), request);
    let describe = async {
        match ask(FileRequest::Describe { run, file }).await? {
            FileAnswer::Description { size, sha256 } => Ok((size, sha256)),
            FileAnswer::Missing(reason) => Err(Problem::Missing(reason)),
            FileAnswer::Chunk(_) => Err(Problem::Odd),
        }
    };
    let here = what.folder.join(file.file_name());
    let found = tokio::fs::metadata(&here).await.ok();
    let found = found.filter(Metadata::is_file);
    let (size, describing) = match said.filter(|_| found.is_none()) {
        Some(size) => (size, Either::Left(describe)),
        None => {
            let (size, sha256) = describe.await?;
            if found.is_some_and(|found| found.len() == size) && hash(&here).await? == sha256 {
                return Ok(Got::IsHere);
            }
            (size, Either::Right(future::ready(Ok((size, sha256)))))
        }
    };
    let full = |error: io::Error, have: u64| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Problem::Full {
            path: part.display().to_string(),
            needed: size.saturating_sub(have),
            free: fs4::available_space(&what.folder).unwrap_or_default(),
        },
        _ => Problem::Io(error),
    };
    let mut out = Part::open(part, size)
        .await
        .map_err(|error| full(error, 0))?;
    let have = out.have();
    let chunk = MAX_CHUNK as u64;
    let offsets = (0..)
        .map(move |n| have + n * chunk)
        .take_while(|offset| *offset < size);
    let mut chunks = futures::stream::iter(offsets)
        .map(|offset| {
            let length = chunk.min(size - offset) as u32;
            let request = FileRequest::Read {
                run,
                file,
                offset,
                length,
            };
            async move { (length as usize, ask(request).await) }
        })
        .buffered(IN_FLIGHT);
    let (arrived, arriving) = mpsc::channel(WAITING);
    let fetching = async move {
        while let Some((length, answer)) = chunks.next().await {
            match answer? {
                FileAnswer::Chunk(bytes) if bytes.len() == length => {
                    // Nobody takes it where the disk took no more, which is told there.
                    if arrived.send(bytes).await.is_err() {
                        break;
                    }
                }
                FileAnswer::Missing(reason) => return Err(Problem::Missing(reason)),
                _ => return Err(Problem::Odd),
            }
        }
        Ok(())
    };
    let writing = async {
        // Gone with a write that fails.
        let mut arriving = arriving;
        while let Some(bytes) = arriving.recv().await {
            let have = out.have();
            out.append(bytes).await.map_err(|error| full(error, have))?;
            if file == RunFile::SimulationLog {
                // Only the newest figure matters: a full queue loses nothing.
                let _ = progress.try_send(Progress::Bytes(out.have()));
            }
        }
        let have = out.have();
        out.end().await.map_err(|error| full(error, have))
    };
    // What has come is written in any case: the next try goes on from there.
    let (described, fetched, written) = tokio::join!(describing, fetching, writing);
    let found = written?;
    let (real, sha256) = described?;
    if real != size {
        return Err(Problem::Size);
    }
    fetched?;
    if found == sha256 {
        Ok(Got::Fetched)
    } else {
        Err(Problem::Hash)
    }
}
