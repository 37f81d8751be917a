//! What differs by operating system: signals, how a child is started apart from the terminal and
//! asked to end, and names of programs. macOS takes the Unix branch and is untested.

#[cfg(unix)]
#[path = "platform/unix.rs"]
mod system;
#[cfg(windows)]
#[path = "platform/windows.rs"]
mod system;

pub(crate) use system::{Interrupts, ask_to_end, detach_from_terminal};

/// A program's file name.
pub(crate) fn program(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}
