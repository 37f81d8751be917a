//! A folder on this computer as a snapshot.

mod git;
mod plain;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bfgg_protocol::ContentHash;
use fastcdc::v2020::StreamCDC;

pub use git::GIT_ELSEWHERE;

use crate::limits::{AVERAGE_CHUNK, MIN_CHUNK};
use crate::platform::{full_path, is_executable};
use crate::{Entry, MAX_BYTES, MAX_CHUNK, MAX_FILES, Manifest, SourceError};

/// How a file begins that stands for one of Git LFS, and how long it is at most.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/v1";
const LFS_SIZE: u64 = 1024;

/// A folder that was packed. The bytes stay in its files.
#[derive(Debug)]
pub struct Packed {
    /// The folder's own name.
    pub name: String,
    /// Its files.
    pub manifest: Manifest,
    /// What git knows of it; `None` where it is in no work tree, or there is no git.
    pub git: Option<GitState>,
    folder: PathBuf,
    places: HashMap<ContentHash, Place>,
}

/// A work tree's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitState {
    /// The commit it is on; `None` before the first one.
    pub commit: Option<String>,
    /// Whether files differ from it, or are not in it.
    pub dirty: bool,
}

/// Where the bytes of a chunk are.
#[derive(Debug)]
struct Place {
    path: String,
    offset: u64,
    length: usize,
}

/// Packs a folder: reads every file once. `go_on` hears how many bytes were read so far, and says
/// whether to go on.
///
/// # Errors
/// It cannot be read, has nothing to send, or something that no snapshot can have; each names the
/// files.
pub fn pack(folder: &Path, go_on: &mut dyn FnMut(u64) -> bool) -> Result<Packed, SourceError> {
    let unreadable = |cause| SourceError::NoFolder {
        folder: folder.to_owned(),
        cause,
    };
    let folder = full_path(folder).map_err(unreadable)?;
    let (paths, git) = match git::list(&folder)? {
        Some((paths, state)) => (paths, Some(state)),
        None => (plain::list(&folder)?, None),
    };
    if paths.len() > MAX_FILES {
        return Err(SourceError::TooManyFiles);
    }
    let mut packing = Packing {
        folder: &folder,
        places: HashMap::new(),
        read: 0,
        pointers: Vec::new(),
        go_on,
    };
    let mut entries = Vec::new();
    for path in paths {
        if let Some(entry) = packing.entry(path)? {
            entries.push(entry);
        }
    }
    let Packing {
        places, pointers, ..
    } = packing;
    if !pointers.is_empty() {
        return Err(SourceError::LfsPointers { paths: pointers });
    }
    if entries.is_empty() {
        return Err(SourceError::Empty { folder });
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(Packed {
        name: name.into_owned(),
        manifest: Manifest::new(entries)?,
        git,
        folder,
        places,
    })
}

impl Packed {
    /// The bytes of one of its chunks, from the file they were found in.
    ///
    /// # Errors
    /// [`SourceError::Changed`] where the file has other ones by now.
    pub fn read(&self, hash: &ContentHash) -> Result<Vec<u8>, SourceError> {
        let place = self.places.get(hash).ok_or(SourceError::NoChunk(*hash))?;
        let path = self.folder.join(&place.path);
        let mut bytes = vec![0; place.length];
        let mut reading = || -> io::Result<()> {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(place.offset))?;
            file.read_exact(&mut bytes)
        };
        match reading() {
            Err(cause) if cause.kind() == io::ErrorKind::PermissionDenied => {
                Err(SourceError::file("read", &path, cause))
            }
            Ok(()) if ContentHash::of(&bytes) == *hash => Ok(bytes),
            _ => Err(SourceError::Changed {
                path: place.path.clone(),
            }),
        }
    }

    /// Bytes of one of its chunks; 0 for one that it does not have.
    pub fn length(&self, hash: &ContentHash) -> usize {
        self.places.get(hash).map_or(0, |place| place.length)
    }

    /// How many of its files have one of these chunks.
    pub fn files_with(&self, chunks: &HashSet<ContentHash>) -> usize {
        let has = |entry: &&Entry| entry.chunks.iter().any(|chunk| chunks.contains(chunk));
        self.manifest.entries().iter().filter(has).count()
    }
}

struct Packing<'a> {
    folder: &'a Path,
    places: HashMap<ContentHash, Place>,
    read: u64,
    /// Files that stand for those of Git LFS.
    pointers: Vec<String>,
    go_on: &'a mut dyn FnMut(u64) -> bool,
}

impl Packing<'_> {
    /// One file or link; nothing of what is gone, or is neither.
    fn entry(&mut self, path: String) -> Result<Option<Entry>, SourceError> {
        let at = self.folder.join(&path);
        let failed = |cause| SourceError::file("read", &at, cause);
        let meta = match std::fs::symlink_metadata(&at) {
            // Deleted, and git has not been told; or a folder has become a file.
            Err(cause)
                if matches!(
                    cause.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(None);
            }
            other => other.map_err(failed)?,
        };
        let mut entry = Entry {
            path,
            executable: false,
            size: 0,
            chunks: Vec::new(),
            link: None,
        };
        if meta.is_symlink() {
            let target = std::fs::read_link(&at).map_err(failed)?;
            entry.link = Some(link_text(&target, &entry.path)?);
            return Ok(Some(entry));
        }
        if !meta.is_file() {
            return Ok(None);
        }
        entry.executable = is_executable(&meta);
        let mut file = File::open(&at).map_err(failed)?;
        let mut head = Vec::new();
        let reading = (&mut file).take(MIN_CHUNK as u64).read_to_end(&mut head);
        reading.map_err(failed)?;
        if (head.len() as u64) < LFS_SIZE && head.starts_with(LFS) {
            self.pointers.push(entry.path.clone());
        }
        match head.len() {
            0 => {}
            // Most files; a chunker's buffer would cost more than they do.
            1..MIN_CHUNK => self.chunk(&mut entry, &head)?,
            _ => {
                let whole = io::Cursor::new(head).chain(file);
                for chunk in StreamCDC::new(whole, MIN_CHUNK, AVERAGE_CHUNK, MAX_CHUNK) {
                    let chunk = chunk.map_err(|cause| failed(cause.into()))?;
                    self.chunk(&mut entry, &chunk.data)?;
                }
            }
        }
        Ok(Some(entry))
    }

    /// The next chunk of a file.
    fn chunk(&mut self, entry: &mut Entry, bytes: &[u8]) -> Result<(), SourceError> {
        let hash = ContentHash::of(bytes);
        self.places.entry(hash).or_insert_with(|| Place {
            path: entry.path.clone(),
            offset: entry.size,
            length: bytes.len(),
        });
        entry.chunks.push(hash);
        entry.size = entry.size.saturating_add(bytes.len() as u64);
        self.read = self.read.saturating_add(bytes.len() as u64);
        if self.read > MAX_BYTES {
            return Err(SourceError::TooLarge);
        }
        match (self.go_on)(self.read) {
            true => Ok(()),
            false => Err(SourceError::Stopped),
        }
    }
}

fn link_text(target: &Path, link: &str) -> Result<String, SourceError> {
    let text = target.to_str().ok_or_else(|| SourceError::NotUtf8 {
        name: format!("{link} -> {}", target.to_string_lossy()),
    })?;
    // Windows separates by either.
    Ok(if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.to_owned()
    })
}

/// Whether a Maven module's folder names a parent POM that lies above it, and so is not sent with it.
pub fn parent_pom_above(folder: &Path) -> bool {
    let pom = std::fs::read_to_string(folder.join("pom.xml")).unwrap_or_default();
    let parent = pom
        .split_once("<parent>")
        .and_then(|(_, rest)| rest.split_once("</parent>"));
    let Some((parent, _)) = parent else {
        return false;
    };
    let by_repository = parent.contains("<relativePath/>") || parent.contains("<relativePath />");
    let above = full_path(folder).ok();
    let above = above.as_deref().and_then(Path::parent);
    !by_repository && above.is_some_and(|above| above.join("pom.xml").is_file())
}
