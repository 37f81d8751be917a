//! What is wrong with a folder, a manifest or chunks.

use std::io;
use std::path::{Path, PathBuf};

use bfgg_protocol::ContentHash;

/// A folder that cannot be packed, a manifest that is not accepted, or files that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no such folder.
    #[error("{} is no folder that can be read: {cause}", .folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// Nothing is left of it.
    #[error("{} has no file that git does not ignore: there is nothing to send", .folder.display())]
    Empty {
        /// The folder.
        folder: PathBuf,
    },
    /// git does not tell the folder's files.
    #[error("git does not list the files of {}: {said}", .folder.display())]
    Git {
        /// The folder.
        folder: PathBuf,
        /// git's words.
        said: String,
    },
    /// A submodule that was never fetched.
    #[error("the submodule {path} is empty: run `git submodule update --init` first")]
    EmptySubmodule {
        /// Its path.
        path: String,
    },
    /// Stand-ins of Git LFS.
    #[error("Git LFS has not fetched {}: run `git lfs pull` first", names(.paths))]
    LfsPointers {
        /// Their paths.
        paths: Vec<String>,
    },
    /// Names that are no text.
    #[error(
        "the name {name:?} is not UTF-8, and other systems cannot have it: rename the file, or let git ignore it"
    )]
    NotUtf8 {
        /// The name, with replacements.
        name: String,
    },
    /// A path that is not accepted.
    #[error("the path \"{}\" {why}: rename it, or let git ignore it", .path.escape_debug())]
    Path {
        /// The path.
        path: String,
        /// Why, as the rest of a sentence.
        why: &'static str,
    },
    /// Two paths that are one on other systems.
    #[error(
        "\"{}\" and \"{}\" are the same on systems that do not tell upper case from lower case: rename one",
        .one.escape_debug(), .other.escape_debug()
    )]
    SameInOtherCase {
        /// One of them.
        one: String,
        /// The other.
        other: String,
    },
    /// A path is there twice, or lies below a file or a link.
    #[error("the path \"{}\" is listed twice, or lies below one that is no folder", .path.escape_debug())]
    Overlapping {
        /// The path.
        path: String,
    },
    /// Links that lead out of the folder.
    #[error(
        "links lead out of the folder, to what agents do not have: {}; put copies in their place, or let git \
         ignore them",
        names(.links)
    )]
    LinksOut {
        /// The links' paths.
        links: Vec<String>,
    },
    /// More files than are accepted.
    #[error(
        "there are more than {} files: is this the project's folder? Let git ignore what a build does not need",
        crate::MAX_FILES
    )]
    TooManyFiles,
    /// More bytes than are accepted.
    #[error(
        "its files have more than {} GiB: let git ignore what a build does not need",
        crate::MAX_BYTES >> 30
    )]
    TooLarge,
    /// A list that is too long.
    #[error("the list of its files has more than {} MiB", crate::MAX_MANIFEST >> 20)]
    LongManifest,
    /// A file's chunks do not fit its size.
    #[error("the chunks of \"{}\" do not fit its size", .path.escape_debug())]
    Chunks {
        /// The file's path.
        path: String,
    },
    /// Bytes that are no manifest.
    #[error("line {line} of the list of files cannot be read")]
    NoManifest {
        /// The line, from 1.
        line: usize,
    },
    /// A chunk that is not kept.
    #[error("the chunk {0} is not here")]
    NoChunk(ContentHash),
    /// Bytes that are not those of their hash.
    #[error("the chunk {0} has other bytes than its hash says")]
    Damaged(ContentHash),
    /// A file is not any more what it was when the folder was packed.
    #[error("{path} was changed while it was sent: start again")]
    Changed {
        /// Its path.
        path: String,
    },
    /// Whoever asked for it does not want it any more.
    #[error("stopped")]
    Stopped,
    /// A file or folder.
    #[error("cannot {action} {}: {cause}", .path.display())]
    File {
        /// What was tried ("read", "write", "create").
        action: &'static str,
        /// The path.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
}

impl SourceError {
    pub(crate) fn file(action: &'static str, path: &Path, cause: io::Error) -> Self {
        let path = path.to_owned();
        Self::File {
            action,
            path,
            cause,
        }
    }
}

fn names(paths: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = paths.iter().take(SHOWN);
    let shown: Vec<String> = shown.map(|path| path.escape_debug().to_string()).collect();
    match paths.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
