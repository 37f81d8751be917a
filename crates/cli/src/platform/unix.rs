//! Linux, macOS.

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::signal::unix::{self, SignalKind};

use crate::error::CliError;

/// Ctrl-C and the requests to end.
pub(crate) struct Interrupts {
    interrupt: unix::Signal,
    terminate: unix::Signal,
    hang_up: unix::Signal,
}

impl Interrupts {
    pub(crate) fn new() -> Result<Self, CliError> {
        let listen = |kind| {
            unix::signal(kind).map_err(|cause| CliError::System {
                action: "listen to signals",
                cause,
            })
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    /// The next one. Cancel safe.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

/// Ctrl-C in the terminal reaches this process alone, which ends the child in its turn.
pub(crate) fn detach_from_terminal(command: &mut Command) {
    command.process_group(0);
}

/// Asks a child to end; false if it cannot be asked.
pub(crate) fn ask_to_end(child: &Child) -> bool {
    let pid = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok())
}
