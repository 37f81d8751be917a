//! Files of a folder, from the run's controller: several answers under way, each with its deadline,
//! and gone on with where the connection was away.

use std::collections::VecDeque;
use std::time::Duration;

use bfgg_net::NetError;
use bfgg_protocol::version::MAX_ASKED_CHUNKS;
use bfgg_protocol::{
    AgentPhase, ContentHash, Failure, FailureCode, RunId, SourceAnswer, SourceRequest,
};
use bfgg_source::{ChunkFolder, MAX_MANIFEST, Manifest};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{Ask, PHASE, Progress, broken, failure};
use crate::tool::stopped;

/// Questions under way.
const AT_ONCE: usize = 3;
/// Chunks in one question: what does not fit into the answer is asked for again.
const ASKED: usize = MAX_ASKED_CHUNKS / 4;
/// How long the controller may be away, and how often it is tried meanwhile.
const AWAY: Duration = Duration::from_secs(60);
const RETRY: Duration = Duration::from_millis(500);

/// What is fetched, and where to.
pub(super) struct Fetch<'a> {
    pub(super) run: RunId,
    pub(super) snapshot: ContentHash,
    pub(super) chunks: &'a ChunkFolder,
    pub(super) ask: &'a Ask,
    pub(super) cancel: &'a CancellationToken,
    pub(super) progress: Progress<'a>,
}

impl Fetch<'_> {
    /// The list of the files: its hash is the snapshot's id, and its paths are checked.
    pub(super) async fn manifest(&self) -> Result<Manifest, Failure> {
        let mut whole = Vec::new();
        loop {
            let request = SourceRequest::Manifest {
                run: self.run,
                snapshot: self.snapshot,
                offset: whole.len() as u64,
            };
            let (size, bytes) = match self.answer(request).await? {
                SourceAnswer::Manifest { size, bytes } => (size, bytes),
                _ => return Err(not_what_was_asked()),
            };
            let is_last = (whole.len() + bytes.len()) as u64 >= size;
            if size > MAX_MANIFEST as u64
                || whole.len() + bytes.len() > MAX_MANIFEST
                || (bytes.is_empty() && !is_last)
            {
                return Err(not_what_was_asked());
            }
            whole.extend_from_slice(&bytes);
            if is_last {
                break;
            }
        }
        if ContentHash::of(&whole) != self.snapshot {
            return Err(not_what_was_asked());
        }
        Manifest::decode(&whole).map_err(failure)
    }

    /// Fetches chunks; the answer is their bytes in sum.
    pub(super) async fn chunks(&self, missing: &[ContentHash]) -> Result<u64, Failure> {
        let (all, mut done, mut bytes) = (missing.len(), 0, 0u64);
        let mut waiting: VecDeque<ContentHash> = missing.iter().copied().collect();
        let mut asked: JoinSet<(Vec<ContentHash>, Result<SourceAnswer, NetError>)> = JoinSet::new();
        let mut heard = Instant::now();
        while !waiting.is_empty() || !asked.is_empty() {
            while asked.len() < AT_ONCE && !waiting.is_empty() {
                let chunks: Vec<_> = waiting.drain(..waiting.len().min(ASKED)).collect();
                let answering = (self.ask)(SourceRequest::Chunks {
                    run: self.run,
                    snapshot: self.snapshot,
                    chunks: chunks.clone(),
                });
                asked.spawn(async move { (chunks, answering.await) });
            }
            let answered = tokio::select! {
                answered = asked.join_next() => answered,
                () = self.cancel.cancelled() => return Err(stopped(PHASE)),
            };
            let Some(answered) = answered else { continue };
            let (chunks, answer) = answered.map_err(|error| broken(&error))?;
            let got = match answer {
                Ok(answer) => {
                    heard = Instant::now();
                    self.keep(&chunks, answer).await?
                }
                Err(error) => {
                    self.pause(heard, &error).await?;
                    Vec::new()
                }
            };
            done += got.len();
            bytes += got.iter().sum::<u64>();
            chunks[got.len()..]
                .iter()
                .rev()
                .for_each(|chunk| waiting.push_front(*chunk));
            (self.progress)(
                AgentPhase::Fetching,
                &format!("{done} of {all} pieces of the folder"),
            );
        }
        Ok(bytes)
    }

    /// Keeps the chunks of an answer, if they are those that were asked for; their sizes.
    async fn keep(&self, asked: &[ContentHash], answer: SourceAnswer) -> Result<Vec<u64>, Failure> {
        let got = match answer {
            SourceAnswer::Chunks(got) if !got.is_empty() && got.len() <= asked.len() => got,
            SourceAnswer::Missing(why) => return Err(missing(&why)),
            _ => return Err(not_what_was_asked()),
        };
        let (folder, asked) = (self.chunks.clone(), asked.to_vec());
        let writing = move || {
            let each = asked.iter().zip(&got);
            each.map(|(hash, bytes)| folder.write(hash, bytes).map(|()| bytes.len() as u64))
                .collect::<Result<Vec<u64>, _>>()
        };
        let written = tokio::task::spawn_blocking(writing).await;
        written.map_err(|error| broken(&error))?.map_err(failure)
    }

    /// One answer, however often the connection goes on the way.
    async fn answer(&self, request: SourceRequest) -> Result<SourceAnswer, Failure> {
        let heard = Instant::now();
        loop {
            let answer = tokio::select! {
                answer = (self.ask)(request.clone()) => answer,
                () = self.cancel.cancelled() => return Err(stopped(PHASE)),
            };
            match answer {
                Ok(SourceAnswer::Missing(why)) => return Err(missing(&why)),
                Ok(answer) => return Ok(answer),
                Err(error) => self.pause(heard, &error).await?,
            }
        }
    }

    /// Waits a moment, unless it was too long already.
    async fn pause(&self, heard: Instant, error: &NetError) -> Result<(), Failure> {
        let is_lasting = matches!(error, NetError::Unsupported { .. } | NetError::Closed);
        if is_lasting || heard.elapsed() > AWAY {
            let message = format!("The folder's files could not be fetched: {error}.");
            let hint = "See that the controller runs and can be reached, then start the run again.";
            let code = FailureCode::RepositoryUnreachable;
            return Err(Failure::new(code, PHASE, message, hint));
        }
        tokio::select! {
            () = self.cancel.cancelled() => Err(stopped(PHASE)),
            () = sleep(RETRY) => Ok(()),
        }
    }
}

fn missing(why: &str) -> Failure {
    let message = format!("The controller does not have the folder's files: {why}");
    let hint = "Send the folder again, with `bfgg run --source`.";
    Failure::new(FailureCode::RefUnknown, PHASE, message, hint)
}

fn not_what_was_asked() -> Failure {
    let message = "The controller sent something else than the files that were asked for.";
    let hint = "Update agent and controller to the same version.";
    Failure::new(FailureCode::BadInput, PHASE, message, hint)
}
