//! What differs by operating system: which file a path leads to, and the rights of a new file. macOS
//! takes the Unix branch and is untested.

#[cfg(unix)]
#[path = "platform/unix.rs"]
mod system;
#[cfg(windows)]
#[path = "platform/windows.rs"]
mod system;

pub(crate) use system::{is_stream, node, read_at, standard_input, with_rights_of_new_files};
