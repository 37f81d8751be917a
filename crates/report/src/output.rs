//! Files that are written whole or not at all.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{BufWriter, Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::platform;

/// More symbolic links than this are a circle.
const MOST_LINKS: usize = 40;

/// A file to be written.
///
/// What is written goes to a new file beside it with a name that nobody can foresee, which
/// takes the file's place in [`Self::finish`]; without that, it is removed and all is as it was. So a
/// reader never sees half of it, and several writers do not meet. Nothing is created, no folder
/// either, before the first byte or the finish.
///
/// Where a symbolic link has the path, the file it leads to is written. What is no file (a device, a
/// FIFO, `/dev/stdout`) is written through as the bytes come.
#[derive(Debug)]
pub struct Output {
    target: Target,
    open: Option<Open>,
}

#[derive(Debug)]
enum Target {
    /// The file without links, and the rights of the one that is there now.
    File(PathBuf, Option<Permissions>),
    Through(PathBuf),
}

#[derive(Debug)]
enum Open {
    Beside(BufWriter<NamedTempFile>),
    Through(BufWriter<File>),
}

impl Output {
    /// Looks at what is there; creates nothing.
    ///
    /// # Errors
    /// If it is a folder, or a link that leads to itself.
    pub fn to(path: &Path) -> Result<Self> {
        let file = behind_links(path)?;
        let target = match std::fs::metadata(&file) {
            Ok(found) if found.is_dir() => return Err(ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() || platform::is_stream(&file) => Target::Through(file),
            Ok(found) => Target::File(file, Some(found.permissions())),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Target::File(file, None),
            Err(cause) => return Err(cause),
        };
        Ok(Self { target, open: None })
    }

    /// Tries whether it could be written: better told before the work than after it. Leaves nothing
    /// behind.
    ///
    /// # Errors
    /// If its folder, or the nearest one above that is there, cannot be written to.
    pub fn probe(&self) -> Result<()> {
        match &self.target {
            Target::File(file, _) => probe_folder(folder_of(file)),
            // To open a FIFO would wait for its reader.
            Target::Through(_) => Ok(()),
        }
    }

    /// Puts what was written into its place.
    ///
    /// # Errors
    /// If it cannot be written to its end or put there. What was there before is there still.
    pub fn finish(mut self) -> Result<()> {
        self.opened()?;
        match (self.open, self.target) {
            (Some(Open::Beside(file)), Target::File(place, _)) => {
                let file = file
                    .into_inner()
                    .map_err(std::io::IntoInnerError::into_error)?;
                file.persist(place).map_err(|failed| failed.error)?;
            }
            (Some(Open::Through(mut file)), _) => file.flush()?,
            _ => {}
        }
        Ok(())
    }

    fn opened(&mut self) -> Result<&mut dyn Write> {
        let open = match self.open.take() {
            Some(open) => open,
            None => self.target.open()?,
        };
        Ok(match self.open.insert(open) {
            Open::Beside(file) => file,
            Open::Through(file) => file,
        })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.opened()?.write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        match &mut self.open {
            Some(Open::Beside(file)) => file.flush(),
            Some(Open::Through(file)) => file.flush(),
            None => Ok(()),
        }
    }
}

impl Target {
    fn open(&self) -> Result<Open> {
        match self {
            // A stream that is a file goes on at its end, as the shell's `>>` wants it.
            Self::Through(path) => {
                let file = OpenOptions::new().append(true).open(path)?;
                Ok(Open::Through(BufWriter::new(file)))
            }
            Self::File(file, rights) => {
                let folder = folder_of(file);
                std::fs::create_dir_all(folder)?;
                let mut builder = tempfile::Builder::new();
                builder.prefix(".bfgg-").suffix(".new");
                platform::with_rights_of_new_files(&mut builder);
                let beside = builder.tempfile_in(folder)?;
                if let Some(rights) = rights {
                    // Some file systems have none.
                    let _ = beside.as_file().set_permissions(rights.clone());
                }
                Ok(Open::Beside(BufWriter::new(beside)))
            }
        }
    }
}

/// Writes a file whole, or leaves the one that is there: see [`Output`].
///
/// # Errors
/// If it cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut output = Output::to(path)?;
    output.write_all(bytes)?;
    output.finish()
}

/// Writes files that belong together, in this order. None takes its place before all are written beside:
/// where that fails, a full disk as the first cause, all that were there are there still. So it is all of
/// them or none up to that point only: they take their places one after the other, and where one cannot,
/// those before it are new and those after it as they were.
///
/// # Errors
/// If one cannot be written, or put into its place.
pub fn write_together(files: &[(PathBuf, Vec<u8>)]) -> Result<()> {
    let written = files.iter().map(|(path, bytes)| {
        let mut output = Output::to(path)?;
        output.write_all(bytes)?;
        output.flush()?;
        Ok(output)
    });
    let written: Vec<Output> = written.collect::<Result<_>>()?;
    written.into_iter().try_for_each(Output::finish)
}

/// The file that a link leads to, though it is not there yet.
fn behind_links(path: &Path) -> Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let is_link = |found: Metadata| found.file_type().is_symlink();
        let is_file =
            platform::is_stream(&path) || !std::fs::symlink_metadata(&path).is_ok_and(is_link);
        if is_file {
            return Ok(path);
        }
        let to = std::fs::read_link(&path)?;
        path = folder_of(&path).join(to);
    }
    Err(Error::other("too many symbolic links"))
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn probe_folder(folder: &Path) -> Result<()> {
    match std::fs::metadata(folder) {
        Ok(_) => tempfile::tempfile_in(folder).map(drop),
        Err(cause) if cause.kind() == ErrorKind::NotFound => {
            let above = folder_of(folder);
            if above == folder {
                return Err(cause);
            }
            probe_folder(above)
        }
        Err(cause) => Err(cause),
    }
}
