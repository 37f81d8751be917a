//! The agent on the controller's own computer: a `bfgg-agent` with a folder of its own.
//!
//! It is a process apart, so that a run outlives the controller. The controller asks it to end by a
//! file in that folder, not by a signal: not every system has those, and an agent that an earlier
//! controller left is no child of this one. One whose controller is gone without a word ends by
//! itself.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use bfgg_config::Setting;
use bfgg_protocol::PeerId;
use serde::Deserialize;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::error::{Refused, RefusedKind};
use crate::platform;

/// How long one that was asked to end may take: longer than it waits itself for what it has begun.
const END_LIMIT: Duration = Duration::from_secs(30);
/// How often it is seen whether it has.
const LOOK: Duration = Duration::from_millis(50);
/// It ends by itself when its controller is gone for so long and no run goes on.
const END_ALONE: &str = "60s";
/// How much of its output is told when it fails, bytes.
const TAIL: u64 = 1500;

/// Where `bfgg-agent` is: beside this program, else on the PATH.
pub(crate) fn program() -> Option<PathBuf> {
    let name = format!("bfgg-agent{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe()
        .map(|own| own.with_file_name(&name))
        .ok()
        .filter(|program| program.is_file());
    beside.or_else(|| which::which(name).ok())
}

/// The folder of the agent, and the agent if it is a child of this process.
#[derive(Debug)]
pub(crate) struct LocalAgent {
    folder: PathBuf,
    program: Option<PathBuf>,
    child: Option<JoinHandle<io::Result<ExitStatus>>>,
    /// Ends the child at once.
    kill: CancellationToken,
    /// The child was asked to end.
    ending: bool,
}

#[derive(Debug, Deserialize)]
struct Identity {
    peer: PeerId,
}

impl LocalAgent {
    pub(crate) fn new(folder: PathBuf, program: Option<PathBuf>) -> Self {
        // The agent has it as its working folder: a relative path would mean another one there.
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        Self {
            folder,
            program,
            child: None,
            kill: CancellationToken::new(),
            ending: false,
        }
    }

    /// Whether it was started by this process and has not ended.
    pub(crate) fn is_child(&self) -> bool {
        self.child.is_some()
    }

    /// Its peer id, once the first start has made one.
    pub(crate) fn peer(&self) -> Option<PeerId> {
        let text = std::fs::read(self.folder.join("identity.json")).ok()?;
        let identity: Identity = serde_json::from_slice(&text).ok()?;
        Some(identity.peer)
    }

    /// Whether the user wants it at each start of the controller.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted().exists()
    }

    fn wanted(&self) -> PathBuf {
        self.folder.join("wanted")
    }

    /// Starts it; it joins by this token. Where one is there that an earlier controller left, that one
    /// learns the token, and the new one ends.
    pub(crate) fn start(&mut self, token: &str) -> Result<(), Refused> {
        let Some(program) = &self.program else {
            return Err(refused(
                "The agent's program, bfgg-agent, is not there.",
                "Put it beside this program, or into a folder of the PATH.",
            ));
        };
        let failed = |path: &Path, cause: io::Error| {
            refused(
                &format!("{}: {cause}.", path.display()),
                "Free some space, or let this user write there.",
            )
        };
        let settings = self.folder.join("agent.toml");
        let log = self.folder.join("agent.log");
        let left = self.is_left();
        let folder = &self.folder;
        platform::create_private_dir(folder).map_err(|cause| failed(folder, cause))?;
        std::fs::write(self.wanted(), "").map_err(|cause| failed(folder, cause))?;
        // Its user can write there what is not said below: a group, labels, a JDK.
        if !settings.exists() {
            std::fs::write(&settings, "").map_err(|cause| failed(&settings, cause))?;
        }
        let mut options = std::fs::OpenOptions::new();
        let out = options.create(true).append(true).open(&log);
        let out = out.map_err(|cause| failed(&log, cause))?;
        // One that an earlier controller left goes on writing there.
        if !left {
            out.set_len(0).map_err(|cause| failed(&log, cause))?;
        }
        let err = out.try_clone().map_err(|cause| failed(&log, cause))?;
        let mut command = Command::new(program);
        // Those of another agent or of the controller are not meant for it.
        for key in Setting::inherited() {
            command.env_remove(key);
        }
        command
            .arg("--config")
            .arg(&settings)
            .current_dir(folder)
            .env("BFGG_DATA_DIR", folder)
            .env("BFGG_JOIN", token)
            .env("BFGG_LISTEN", "127.0.0.1:0")
            .env("BFGG_DISCOVERY", "off")
            .env("BFGG_END_ALONE", END_ALONE)
            // What this user can read, this user's agent may build.
            .env("BFGG_ALLOW_FILE", "on")
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err);
        platform::detach(&mut command);
        let mut child: Child = command.spawn().map_err(|cause| {
            refused(
                &format!("{} cannot be started: {cause}.", program.display()),
                "It must be the agent's program, and this user must be allowed to run it.",
            )
        })?;
        self.ending = false;
        self.kill = CancellationToken::new();
        let kill = self.kill.clone();
        self.child = Some(tokio::spawn(async move {
            tokio::select! {
                ended = child.wait() => return ended,
                () = kill.cancelled() => {}
            }
            child.kill().await?;
            child.wait().await
        }));
        Ok(())
    }

    /// Waits for its end, for ever where it is no child of this process; its last words. Cancel safe.
    pub(crate) async fn ended(&mut self) -> String {
        let Some(child) = &mut self.child else {
            return std::future::pending().await;
        };
        let how = match child.await {
            Ok(Ok(status)) => format!("ended by itself ({status})"),
            Ok(Err(cause)) => format!("cannot be waited for: {cause}"),
            Err(cause) => cause.to_string(),
        };
        self.child = None;
        let said = last_words(&self.folder.join("agent.log")).unwrap_or_default();
        format!("{how}{}{}", if said.is_empty() { "" } else { ": " }, said)
    }

    /// Whether it was asked to end.
    pub(crate) fn is_ending(&self) -> bool {
        self.ending
    }

    /// Asks it to end. What runs on it goes on without it.
    pub(crate) fn ask_to_end(&mut self) -> io::Result<()> {
        self.ending = true;
        std::fs::write(self.folder.join("end"), "")
    }

    /// Asks a child once more that was asked to end: one that was only coming up took it for a word
    /// to the agent before it.
    pub(crate) fn remind(&mut self) {
        if self.is_child()
            && self.ending
            && let Err(cause) = self.ask_to_end()
        {
            tracing::debug!(%cause, "the agent on this computer could not be asked again");
        }
    }

    /// It is not wanted any more.
    pub(crate) fn forget(&self) -> io::Result<()> {
        match std::fs::remove_file(self.wanted()) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
            _ => Ok(()),
        }
    }

    /// Whether an agent has the folder that is no child of this process: one that an earlier
    /// controller left. Never asked while a child comes up, which would find the folder locked.
    pub(crate) fn is_left(&self) -> bool {
        let lock = std::fs::File::open(self.folder.join("agent.lock"));
        let held =
            |lock: std::fs::File| matches!(lock.try_lock(), Err(std::fs::TryLockError::WouldBlock));
        !self.is_child() && lock.is_ok_and(held)
    }

    /// Asks it to end, and waits for that.
    pub(crate) async fn end(&mut self) {
        if !self.is_child() && !self.is_left() {
            return;
        }
        if let Err(cause) = self.ask_to_end() {
            tracing::warn!(%cause, "the agent on this computer could not be asked to end");
            return;
        }
        let ended = async {
            while self.is_child() {
                tokio::select! {
                    _ = self.ended() => break,
                    () = tokio::time::sleep(LOOK) => {}
                }
                self.remind();
            }
            while self.is_left() {
                tokio::time::sleep(LOOK).await;
            }
        };
        if tokio::time::timeout(END_LIMIT, ended).await.is_err() {
            tracing::warn!("the agent on this computer has not ended in 30 s");
            if self.is_child() {
                self.kill.cancel();
                self.ended().await;
            }
        }
    }
}

/// The last lines of its log.
fn last_words(log: &Path) -> io::Result<String> {
    let mut file = std::fs::File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    Ok(lines[lines.len().saturating_sub(5)..].join("\n"))
}

pub(crate) fn refused(message: &str, hint: &str) -> Refused {
    Refused::new(RefusedKind::Internal, "local-agent", message, hint)
}
