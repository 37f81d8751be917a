//! Which file a path leads to.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use crate::platform;

/// A file, by whatever path or link it was reached.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileIdentity(Which);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Which {
    /// Device and inode.
    Node(u64, u64),
    /// Without links, where the system gives no more.
    Path(PathBuf),
}

impl FileIdentity {
    /// Of a path; `None` if nothing is there.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        Self::of_node(&metadata).or_else(|| Some(Self(Which::Path(path.canonicalize().ok()?))))
    }

    /// Of this process's standard input; `None` where the system does not tell.
    #[must_use]
    pub fn of_standard_input() -> Option<Self> {
        Self::of_node(&platform::standard_input()?)
    }

    fn of_node(metadata: &Metadata) -> Option<Self> {
        let (device, inode) = platform::node(metadata)?;
        Some(Self(Which::Node(device, inode)))
    }
}
