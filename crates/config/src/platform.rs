//! What differs by operating system. The folders come from the crate `dirs`; macOS is untested.

use std::path::{Path, PathBuf};

use crate::Program;

/// The folder a program keeps its data in: `~/.local/share/bfgg` on Linux,
/// `%LOCALAPPDATA%\bfgg` on Windows, `~/Library/Application Support/bfgg` on macOS.
pub fn data_folder(program: Program) -> Option<PathBuf> {
    dirs::data_local_dir().map(|folder| folder.join(program.to_string()))
}

/// The settings file looked for where none is named: `~/.config/bfgg/bfgg.toml` on Linux.
pub fn settings_file(program: Program) -> Option<PathBuf> {
    let name = match program {
        Program::Controller => "bfgg.toml",
        Program::Agent => "agent.toml",
    };
    dirs::config_dir().map(|folder| folder.join("bfgg").join(name))
}

/// The user's home folder.
pub fn home() -> Option<PathBuf> {
    dirs::home_dir()
}

/// The machine's name.
pub fn host_name() -> String {
    let name = gethostname::gethostname().to_string_lossy().into_owned();
    if name.is_empty() {
        "unnamed".to_owned()
    } else {
        name
    }
}

/// Whether other users of the machine can read a file. On Windows files in a profile are the
/// user's own, so the question is not asked.
#[cfg(unix)]
pub fn readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
}

/// Whether other users of the machine can read a file. On Windows files in a profile are the
/// user's own, so the question is not asked.
#[cfg(not(unix))]
pub fn readable_by_others(_path: &Path) -> bool {
    false
}
