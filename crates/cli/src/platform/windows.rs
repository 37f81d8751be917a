//! Windows.

use tokio::process::{Child, Command};
use tokio::signal::windows::{self, CtrlBreak, CtrlC, CtrlClose};

use crate::error::CliError;

/// Ctrl-C and the requests to end.
pub(crate) struct Interrupts {
    interrupt: CtrlC,
    terminate: CtrlBreak,
    close: CtrlClose,
}

impl Interrupts {
    pub(crate) fn new() -> Result<Self, CliError> {
        let failed = |cause| CliError::System {
            action: "listen to Ctrl-C",
            cause,
        };
        Ok(Self {
            interrupt: windows::ctrl_c().map_err(failed)?,
            terminate: windows::ctrl_break().map_err(failed)?,
            close: windows::ctrl_close().map_err(failed)?,
        })
    }

    /// The next one. Cancel safe.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.close.recv() => {}
        }
    }
}

/// Ctrl-C in the console reaches this process alone, which ends the child in its turn.
pub(crate) fn detach_from_terminal(command: &mut Command) {
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    command.creation_flags(CREATE_NEW_PROCESS_GROUP);
}

/// A console program without a window cannot be asked to end: the caller ends it.
pub(crate) fn ask_to_end(_child: &Child) -> bool {
    false
}
