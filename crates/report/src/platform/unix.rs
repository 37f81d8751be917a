//! Linux, macOS.

use std::fs::{File, Metadata, Permissions};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use tempfile::Builder;

/// Device and inode: the same for all links to a file.
pub(crate) fn node(metadata: &Metadata) -> Option<(u64, u64)> {
    Some((metadata.dev(), metadata.ino()))
}

/// What standard input is.
pub(crate) fn standard_input() -> Option<Metadata> {
    let own = std::io::stdin().as_fd().try_clone_to_owned().ok()?;
    File::from(own).metadata().ok()
}

/// Whether a path means a stream that is open already (`/dev/stdout`, `/dev/fd/3`), also where that is
/// a file: what is there stays, and the stream's own place goes on.
pub(crate) fn is_stream(path: &Path) -> bool {
    let streams = ["/dev/stdin", "/dev/stdout", "/dev/stderr"];
    streams.iter().any(|stream| path == Path::new(stream))
        || path.starts_with("/dev/fd")
        || (path.starts_with("/proc") && path.components().any(|part| part.as_os_str() == "fd"))
}

/// Reads what a file has from byte `at` on, wherever others read it.
pub(crate) fn read_at(file: &File, room: &mut [u8], at: u64) -> std::io::Result<usize> {
    file.read_at(room, at)
}

/// The system takes from these what the user's umask says.
pub(crate) fn with_rights_of_new_files(builder: &mut Builder<'_, '_>) {
    builder.permissions(Permissions::from_mode(0o666));
}
