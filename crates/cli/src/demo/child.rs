//! A process of the demo: an agent or the window.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::Command;

use crate::error::CliError;
use crate::platform;

/// How long a child has to end by itself before it is ended.
const GRACE: Duration = Duration::from_secs(20);
/// How much of a child's output is shown when it fails, bytes.
const TAIL: u64 = 2000;

/// A running child whose output goes to a file.
#[derive(Debug)]
pub(super) struct Child {
    name: String,
    process: tokio::process::Child,
    output: PathBuf,
}

impl Child {
    /// Starts it apart from the terminal: Ctrl-C reaches the demo alone, which ends its children
    /// in order.
    pub(super) fn start(name: &str, mut command: Command, output: &Path) -> Result<Self, CliError> {
        let failed = |cause| CliError::file("create", output, cause);
        let out = std::fs::File::create(output).map_err(failed)?;
        let err = out.try_clone().map_err(failed)?;
        platform::detach_from_terminal(&mut command);
        command
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .kill_on_drop(true);
        let program = PathBuf::from(command.as_std().get_program());
        let process = command
            .spawn()
            .map_err(|cause| CliError::file("start", program, cause))?;
        Ok(Self {
            name: name.to_owned(),
            process,
            output: output.to_owned(),
        })
    }

    /// Waits until it ends by itself. Cancel safe.
    pub(super) async fn ended(&mut self) -> String {
        match self.process.wait().await {
            Ok(status) => outcome(status),
            Err(cause) => format!("cannot be waited for: {cause}"),
        }
    }

    /// It ended although it should not have.
    pub(super) fn broke(&self, how: &str, hint: &str) -> CliError {
        CliError::Demo {
            what: format!("{} {how}", self.name),
            hint: hint.to_owned(),
            output: self.last_output(),
        }
    }

    /// Asks it to end, ends it if it does not, and waits until it is gone.
    pub(super) async fn stop(mut self) {
        if matches!(self.process.try_wait(), Ok(Some(_))) {
            return;
        }
        let asked = platform::ask_to_end(&self.process);
        if asked
            && tokio::time::timeout(GRACE, self.process.wait())
                .await
                .is_ok()
        {
            return;
        }
        if asked {
            tracing::warn!(
                name = self.name,
                "did not end in {} s and is killed",
                GRACE.as_secs()
            );
        }
        if let Err(error) = self.process.kill().await {
            tracing::warn!(name = self.name, %error, "cannot be killed");
        }
    }

    fn last_output(&self) -> String {
        let read = || -> std::io::Result<String> {
            let mut file = std::fs::File::open(&self.output)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
            let mut bytes = Vec::new();
            file.take(TAIL).read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = read().unwrap_or_default();
        text.lines()
            .map(|line| crate::view::printable(line) + "\n")
            .collect()
    }
}

fn outcome(status: ExitStatus) -> String {
    format!("ended by itself ({status})")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn a_child_that_breaks_shows_its_last_lines() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("log");
        let mut child = Child::start("agent x", shell("echo no JDK; exit 3"), &output).unwrap();
        let how = child.ended().await;
        let error = child.broke(&how, "");
        assert_eq!(
            error.to_string(),
            "agent x ended by itself (exit status: 3); its last lines:\nno JDK"
        );
        child.stop().await;
    }

    #[tokio::test]
    async fn a_child_is_gone_after_stop() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("log");
        let script = "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done";
        let child = Child::start("x", shell(script), &output).unwrap();
        let deadline = std::time::Instant::now() + Duration::from_secs(10);
        while child.last_output() != "up\n" {
            assert!(std::time::Instant::now() < deadline);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let pid = child.process.id().unwrap();
        child.stop().await;
        assert_eq!(std::fs::read_to_string(&output).unwrap(), "up\nbye\n");
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
    }
}
