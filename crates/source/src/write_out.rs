//! Files out of chunks.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use bfgg_protocol::ContentHash;

use crate::platform::{create_new, link};
use crate::{Manifest, SourceError};

/// Writes the files of a snapshot into a new folder. `chunk` gives the bytes of a chunk, checked.
/// What is there after an error is not to be used.
///
/// # Errors
/// The folder is there already; `chunk` fails; chunks do not fit their file; the disk.
pub fn write_out(
    manifest: &Manifest,
    folder: &Path,
    chunk: &mut dyn FnMut(&ContentHash) -> Result<Vec<u8>, SourceError>,
) -> Result<(), SourceError> {
    std::fs::create_dir(folder).map_err(|cause| SourceError::file("create", folder, cause))?;
    let (links, files): (Vec<_>, Vec<_>) = manifest
        .entries()
        .iter()
        .partition(|entry| entry.link.is_some());
    for entry in files {
        // A manifest's paths lie inside, and none lies below a link.
        let path = folder.join(&entry.path);
        let written = |cause| SourceError::file("write", &path, cause);
        let mut file = create(&path, entry.executable).map_err(written)?;
        let mut size = 0u64;
        for hash in &entry.chunks {
            let bytes = chunk(hash)?;
            size = size.saturating_add(bytes.len() as u64);
            if size > entry.size {
                break;
            }
            file.write_all(&bytes).map_err(written)?;
        }
        if size != entry.size {
            let path = entry.path.clone();
            return Err(SourceError::Chunks { path });
        }
    }
    // Last, so that no file is written through one.
    for entry in links {
        let path = folder.join(&entry.path);
        let target = entry.link.as_deref().unwrap_or_default();
        parent(&path)
            .and_then(|()| link(target, &path))
            .map_err(|cause| SourceError::file("link", &path, cause))?;
    }
    Ok(())
}

fn parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)
}

fn create(path: &Path, executable: bool) -> io::Result<File> {
    parent(path)?;
    create_new(path, executable)
}
