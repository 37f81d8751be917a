//! Windows.

use std::fs::{File, Metadata};
use std::os::windows::fs::FileExt as _;
use std::path::Path;

use tempfile::Builder;

/// Not to be had: paths alone tell files apart.
pub(crate) fn node(_metadata: &Metadata) -> Option<(u64, u64)> {
    None
}

pub(crate) fn standard_input() -> Option<Metadata> {
    None
}

pub(crate) fn is_stream(_path: &Path) -> bool {
    false
}

/// It moves the place at which others read on, too: all who share a file have to say where.
pub(crate) fn read_at(file: &File, room: &mut [u8], at: u64) -> std::io::Result<usize> {
    file.seek_read(room, at)
}

/// A file has those of its folder.
pub(crate) fn with_rights_of_new_files(_builder: &mut Builder<'_, '_>) {}
