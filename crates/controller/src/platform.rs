//! What differs by operating system.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Creates a folder (and its parents) that only its owner can enter.
#[cfg(unix)]
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// Creates a folder (and its parents). Below the user's profile Windows lets only the user in.
#[cfg(windows)]
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Creates a new file that only its owner can read; an existing one is an error.
#[cfg(unix)]
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Creates a new file; an existing one is an error. Below the user's profile Windows lets only
/// the user in.
#[cfg(windows)]
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Ctrl-C in this program's terminal is not meant for the child.
#[cfg(unix)]
pub(crate) fn detach(command: &mut tokio::process::Command) {
    command.process_group(0);
}

/// Ctrl-C in this program's console is not meant for the child. It gets a console that is not seen,
/// for its own children would open one that is.
#[cfg(windows)]
pub(crate) fn detach(command: &mut tokio::process::Command) {
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    command.creation_flags(CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP);
}

/// The operating system's keychain in the user's words.
pub(crate) const KEYCHAIN: &str = if cfg!(windows) {
    "the Windows Credential Manager"
} else if cfg!(target_os = "macos") {
    // Untested: there is no macOS machine in the project's CI.
    "the macOS keychain"
} else {
    "the desktop's keychain (Secret Service)"
};
