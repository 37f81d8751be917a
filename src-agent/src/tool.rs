//! Calling git, mvn, sbt and java for a Prepare: cancellable, with a time limit, and without a
//! child left behind (see [`crate::contain`]).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use bfgg_protocol::{Failure, FailureCode};
use bfgg_source::GIT_ELSEWHERE;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

/// Bytes of each stream kept for the caller.
const KEPT: usize = 4 * 1024 * 1024;
/// From closing its input until the containing process must have ended its tree (TERM, 2 s, KILL).
const END_LIMIT: Duration = Duration::from_secs(15);

/// Variables of the agent that no program it starts gets: a secret, and what would lead git astray.
pub(crate) fn not_inherited() -> impl Iterator<Item = &'static str> {
    GIT_ELSEWHERE.into_iter().chain(["BFGG_JOIN"])
}

/// How tools are called.
#[derive(Debug, Clone)]
pub struct Tools {
    /// bfgg-agent itself.
    pub agent: PathBuf,
    /// Ends what is being done.
    pub cancel: CancellationToken,
}

/// One call.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    /// What the agent is doing, for failures ("clone").
    pub(crate) phase: &'static str,
    pub(crate) program: &'a Path,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) folder: &'a Path,
    pub(crate) environment: Vec<(String, OsString)>,
    pub(crate) limit: Duration,
}

/// A call that ended by itself.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

impl Finished {
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

impl Tools {
    /// Tools that nobody cancels yet.
    pub fn new(agent: &Path) -> Self {
        Self {
            agent: agent.to_owned(),
            cancel: CancellationToken::new(),
        }
    }

    /// Calls a tool; `sink` gets the output of both streams as it comes.
    pub(crate) async fn call(
        &self,
        call: &Call<'_>,
        mut sink: impl FnMut(&[u8]),
    ) -> Result<Finished, Failure> {
        let tool = call
            .program
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut child = self.spawn(call).map_err(|error| {
            let message = format!("{tool} could not be started: {error}.");
            Failure::new(FailureCode::Internal, call.phase, message, "")
        })?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let mut finished = Finished {
            status: -1,
            stdout: Vec::new(),
            stderr: Vec::new(),
        };
        let ended = tokio::select! {
            ended = follow(&mut child, out, err, &mut finished, &mut sink) => Ok(ended),
            () = self.cancel.cancelled() => Err(stopped(call.phase)),
            () = tokio::time::sleep(call.limit) => Err(timed_out(call.phase, &tool, call.limit)),
        };
        if ended.is_err() {
            end(&mut child).await;
        }
        finished.status = ended?;
        Ok(finished)
    }

    fn spawn(&self, call: &Call<'_>) -> std::io::Result<Child> {
        let mut command = Command::new(&self.agent);
        command
            .args(["contain", "--"])
            .arg(call.program)
            .args(&call.arguments)
            .current_dir(call.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for name in not_inherited() {
            command.env_remove(name);
        }
        command.envs(call.environment.iter().map(|(name, value)| (name, value)));
        command.spawn()
    }
}

/// The failure of a task that was stopped.
pub(crate) fn stopped(phase: &str) -> Failure {
    Failure::new(FailureCode::Stopped, phase, "Stopped on request.", "")
}

fn timed_out(phase: &str, tool: &str, limit: Duration) -> Failure {
    let minutes = limit.as_secs().div_ceil(60);
    let message = format!("{tool} did not end within {minutes} min and was stopped.");
    Failure::new(
        FailureCode::TimedOut,
        phase,
        message,
        "Run it by hand on the agent to see where it waits.",
    )
}

/// Waits for the containing process; the pipes are closed when it ends.
async fn follow(
    child: &mut Child,
    out: Option<impl AsyncRead + Unpin>,
    err: Option<impl AsyncRead + Unpin>,
    finished: &mut Finished,
    sink: &mut impl FnMut(&[u8]),
) -> i32 {
    let (mut out, mut err) = (out, err);
    let (mut out_buffer, mut err_buffer) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    while out.is_some() || err.is_some() {
        tokio::select! {
            length = read(&mut out, &mut out_buffer), if out.is_some() => {
                keep(&mut finished.stdout, &out_buffer[..length]);
                sink(&out_buffer[..length]);
            }
            length = read(&mut err, &mut err_buffer), if err.is_some() => {
                keep(&mut finished.stderr, &err_buffer[..length]);
                sink(&err_buffer[..length]);
            }
        }
    }
    child
        .wait()
        .await
        .ok()
        .and_then(|status| status.code())
        .unwrap_or(-1)
}

/// Reads once; at the end of the stream, takes it away.
async fn read(stream: &mut Option<impl AsyncRead + Unpin>, buffer: &mut [u8]) -> usize {
    let Some(open) = stream else { return 0 };
    let length = open.read(buffer).await.unwrap_or(0);
    if length == 0 {
        *stream = None;
    }
    length
}

fn keep(kept: &mut Vec<u8>, bytes: &[u8]) {
    let room = KEPT.saturating_sub(kept.len());
    kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

/// Closes its input, which ends the tree, and waits.
async fn end(child: &mut Child) {
    drop(child.stdin.take());
    if tokio::time::timeout(END_LIMIT, child.wait()).await.is_err() {
        // It should never come to this; then at least it itself must go.
        let _ = child.start_kill();
        let _ = child.wait().await;
    }
}
