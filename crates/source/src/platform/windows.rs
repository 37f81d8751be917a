//! Windows.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// It does not say; agents call a project's wrapper by its shell.
pub(crate) fn is_executable(_: &Metadata) -> bool {
    false
}

/// Makes a file that is not there.
pub(crate) fn create_new(path: &Path, _: bool) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Makes a link: of a kind that depends on what is there.
pub(crate) fn link(target: &str, path: &Path) -> io::Result<()> {
    let target = target.replace('/', "\\");
    let is_folder = path
        .parent()
        .is_some_and(|folder| folder.join(&target).is_dir());
    match is_folder {
        true => std::os::windows::fs::symlink_dir(target, path),
        false => std::os::windows::fs::symlink_file(target, path),
    }
}

/// A folder's path, with its own name at the end. Not in its verbatim form, to which nothing can be added
/// with `/`.
pub(crate) fn full_path(folder: &Path) -> io::Result<PathBuf> {
    std::fs::metadata(folder)?;
    std::path::absolute(folder)
}
