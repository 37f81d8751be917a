//! Fetching an agent's files of a run: in chunks, several in flight, from where an earlier try
//! ended; the whole checked by its hash.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bfgg_net::{NetError, Node};
use bfgg_protocol::version::MAX_CHUNK;
use bfgg_protocol::{Failure, FailureCode, FileAnswer, FileRequest, PeerId, RunFile, RunId};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tracing::debug;

const IN_FLIGHT: usize = 4;
/// Without a new byte for this long an agent is given up.
const PATIENCE: Duration = Duration::from_secs(60);
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
}

/// Fetches simulation.log (which must be there, if anything was logged) and the outputs (which may
/// be).
///
/// `progress` gets the bytes of simulation.log fetched so far.
pub(crate) async fn collect(
    node: &Node,
    what: &Collection,
    progress: &mpsc::Sender<u64>,
) -> Result<(), Failure> {
    let failed = |message: String| {
        let hint = "The files stay on the agent.";
        Failure::new(FailureCode::CollectFailed, "collect", message, hint)
    };
    let folder = &what.folder;
    tokio::fs::create_dir_all(folder)
        .await
        .map_err(|e| failed(format!("Cannot create {}: {e}.", folder.display())))?;
    for (file, needed) in [
        (RunFile::Output, false),
        (RunFile::BuildOutput, false),
        (RunFile::SimulationLog, what.logged),
    ] {
        let progress = needed.then_some(progress);
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
    #[error("its bytes differ from those on the agent")]
    Hash,
    #[error("the agent gave an answer that does not fit")]
    Odd,
}

async fn fetch(
    node: &Node,
    what: &Collection,
    file: RunFile,
    progress: Option<&mpsc::Sender<u64>>,
) -> Result<(), Problem> {
    let part = what.folder.join(format!("{}.part", file.file_name()));
    let mut deadline = tokio::time::Instant::now() + PATIENCE;
    let mut had = size(&part).await;
    let mut whole_tries = 0;
    loop {
        match attempt(node, what, file, &part, progress).await {
            Ok(()) => {
                tokio::fs::rename(&part, what.folder.join(file.file_name())).await?;
                return Ok(());
            }
            Err(Problem::Hash) if whole_tries == 0 => {
                // A part of an earlier try may be of another file: once more from the start.
                whole_tries += 1;
                tokio::fs::remove_file(&part).await?;
            }
            Err(Problem::Net(cause)) => {
                let has = size(&part).await;
                if has > had {
                    deadline = tokio::time::Instant::now() + PATIENCE;
                    had = has;
                } else if tokio::time::Instant::now() > deadline {
                    return Err(cause.into());
                }
                debug!(agent = %what.name, file = file.file_name(), %cause, "fetching goes on");
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

async fn attempt(
    node: &Node,
    what: &Collection,
    file: RunFile,
    part: &Path,
    progress: Option<&mpsc::Sender<u64>>,
) -> Result<(), Problem> {
    let run = what.run;
    let ask = |request| node.file(what.agent.clone(), request);
    let (size, sha256) = match ask(FileRequest::Describe { run, file }).await? {
        FileAnswer::Description { size, sha256 } => (size, sha256),
        FileAnswer::Missing(reason) => return Err(Problem::Missing(reason)),
        FileAnswer::Chunk(_) => return Err(Problem::Odd),
    };
    let mut out = OpenOptions::new()
        .create(true)
        .append(true)
        .open(part)
        .await?;
    let mut have = out.metadata().await?.len();
    if have > size {
        out.set_len(0).await?;
        have = 0;
    }
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
    while let Some((length, answer)) = chunks.next().await {
        match answer? {
            FileAnswer::Chunk(bytes) if bytes.len() == length => {
                out.write_all(&bytes).await?;
                have += bytes.len() as u64;
                if let Some(progress) = progress {
                    // Only the newest figure matters: a full queue loses nothing.
                    let _ = progress.try_send(have);
                }
            }
            FileAnswer::Missing(reason) => return Err(Problem::Missing(reason)),
            _ => return Err(Problem::Odd),
        }
    }
    out.flush().await?;
    out.sync_all().await?;
    drop(chunks);
    if hash(part).await? == sha256 {
        Ok(())
    } else {
        Err(Problem::Hash)
    }
}

async fn hash(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path).await?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer).await?;
        if read == 0 {
            return Ok(hasher.finalize().into());
        }
        hasher.update(&buffer[..read]);
    }
}
