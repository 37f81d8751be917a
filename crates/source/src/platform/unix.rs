//! Linux, macOS.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// Whether its owner can execute it.
pub(crate) fn is_executable(meta: &Metadata) -> bool {
    meta.permissions().mode() & 0o100 != 0
}

/// Makes a file that is not there.
pub(crate) fn create_new(path: &Path, executable: bool) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(if executable { 0o777 } else { 0o666 })
        .open(path)
}

/// Makes a link.
pub(crate) fn link(target: &str, path: &Path) -> io::Result<()> {
    symlink(target, path)
}

/// A folder's path, with its own name at the end.
pub(crate) fn full_path(folder: &Path) -> io::Result<PathBuf> {
    folder.canonicalize()
}
