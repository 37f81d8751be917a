//! Windows: untested.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use process_wrap::std::{ChildWrapper, CommandWrap, JobObject};

use super::Ended;

const DETACHED_PROCESS: u32 = 0x0000_0008;
const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;

/// Nothing to do: the tree is a Job Object.
#[expect(clippy::unnecessary_wraps, reason = "the Unix branch can fail")]
pub(crate) fn lead_descendants() -> io::Result<()> {
    Ok(())
}

/// Never set: a detached process gets no console events.
#[expect(clippy::unnecessary_wraps, reason = "the Unix branch can fail")]
pub(crate) fn interrupted() -> io::Result<Arc<AtomicBool>> {
    Ok(Arc::default())
}

/// Ends when the console or the system asks this process to end.
pub(crate) fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::windows::{ctrl_c, ctrl_close, ctrl_shutdown};
    let (mut typed, mut closed, mut off) = (ctrl_c()?, ctrl_close()?, ctrl_shutdown()?);
    Ok(async move {
        tokio::select! {
            _ = typed.recv() => {}
            _ = closed.recv() => {}
            _ = off.recv() => {}
        }
    })
}

/// A program and all that comes of it, in a Job Object.
#[derive(Debug)]
pub(crate) struct Tree {
    child: Box<dyn ChildWrapper>,
    ended: Option<Ended>,
}

impl Tree {
    /// Starts the program in its Job Object.
    pub(crate) fn spawn(command: Command) -> io::Result<Self> {
        let child = CommandWrap::from(command).wrap(JobObject).spawn()?;
        Ok(Self { child, ended: None })
    }

    /// How the program ended, once it has and with it all of its job.
    pub(crate) fn poll(&mut self) -> Option<Ended> {
        if self.ended.is_none()
            && let Ok(Some(status)) = self.child.try_wait()
        {
            self.ended = Some(Ended::Status(status.code().unwrap_or(-1)));
        }
        self.ended
    }

    /// Whether nothing of the tree is left.
    pub(crate) fn is_gone(&mut self) -> bool {
        self.poll().is_some()
    }

    /// Windows has no way to ask a program without a window: this ends the job.
    pub(crate) fn terminate(&mut self) {
        self.kill();
    }

    /// Ends the job.
    pub(crate) fn kill(&mut self) {
        // Fails only where all have ended.
        let _ = self.child.start_kill();
    }
}

/// What tells this process from any other that ever had its id: `None` once it has ended.
pub(crate) fn process_identity(pid: u32) -> Option<String> {
    crate::process::identity(pid)
}

/// Lets a program outlive this one and its console.
pub(crate) fn detach(command: &mut Command) {
    command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
}

/// Opens a new file; a profile's folders are the user's own.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
}

/// Puts a file in another's place, all or nothing.
pub(crate) fn replace(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)
}

/// Windows has no such limit.
pub(crate) fn open_file_limits() -> Option<(Option<u64>, Option<u64>)> {
    None
}

/// How to call the Maven wrapper of a project.
pub(crate) fn maven_wrapper(module: &Path) -> Option<(PathBuf, Vec<String>)> {
    let wrapper = module.join("mvnw.cmd");
    wrapper.is_file().then(|| (wrapper, Vec::new()))
}

/// Folders whose entries may be JDKs.
pub(crate) fn jdk_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Some(programs) = std::env::var_os("ProgramFiles").map(PathBuf::from) {
        let vendors = [
            "Java",
            "Eclipse Adoptium",
            "Microsoft",
            "Amazon Corretto",
            "Zulu",
            "BellSoft",
        ];
        folders.extend(vendors.map(|vendor| programs.join(vendor)));
    }
    if let Some(home) = std::env::var_os("USERPROFILE").map(PathBuf::from) {
        folders.push(home.join(".jdks"));
        folders.push(home.join("scoop").join("apps"));
    }
    folders
}
