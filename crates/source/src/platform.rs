//! What differs by operating system: whether a file can be executed, links, and a folder's full path.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{create_new, full_path, is_executable, link};

#[cfg(not(unix))]
mod windows;
#[cfg(not(unix))]
pub(crate) use windows::{create_new, full_path, is_executable, link};
