//! The file of a run's cells: they are added to its end, and read again by a controller that is
//! started again.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use bfgg_protocol::version::MAX_TELEMETRY;
use bfgg_protocol::{Cell, decode, encode};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

/// The largest entry, bytes.
const LIMIT: usize = MAX_TELEMETRY + 1024;
/// Damaged files that are kept.
const ASIDE: u32 = 100;

/// A cell in the file: behind its length in four bytes.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The agent's index in the run.
    pub(super) agent: u32,
    pub(super) cell: Cell,
}

/// The file, to add to.
#[derive(Debug)]
pub(super) struct CellsFile {
    path: PathBuf,
    file: Option<File>,
    /// Bytes of whole entries. What follows them is what a write has left that failed.
    whole: u64,
    /// Where the entries are that count, if others lie between them.
    damaged: Option<Vec<Range<u64>>>,
}

impl CellsFile {
    /// The file at a path, which need not be there. Its entries are given to `take` in their order:
    /// whether they count.
    pub(super) fn open(path: PathBuf, mut take: impl FnMut(Entry, u64) -> bool) -> Self {
        let mut found = Found::default();
        let result = found.read(&path, None, &mut take);
        if let Err(cause) = &result {
            warn!(file = %path.display(), %cause, "not all kept figures could be read");
        }
        if found.entries > 0 {
            let cells = found.entries;
            info!(file = %path.display(), cells, "live figures of an earlier start were found");
        }
        let damaged = (found.damaged || result.is_err()).then_some(found.counts);
        Self {
            path,
            file: None,
            whole: found.whole,
            damaged,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds an entry; the bytes it takes. It is safe after the next [`sync`](Self::sync).
    pub(super) fn append(&mut self, entry: &Entry) -> io::Result<u64> {
        let invalid = |cause| io::Error::new(io::ErrorKind::InvalidData, cause);
        let body = encode(entry, LIMIT).map_err(invalid)?;
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.extend(body);
        let written = self.file().and_then(|file| file.write_all(&bytes));
        match written {
            Ok(()) => {
                self.whole += bytes.len() as u64;
                Ok(bytes.len() as u64)
            }
            Err(cause) => {
                // Whatever was written of it is cut off before the next one.
                self.file = None;
                Err(cause)
            }
        }
    }

    /// Has the disk keep what was added.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.file()?.sync_data()
    }

    /// The last so many bytes were not kept.
    pub(super) fn drop_last(&mut self, bytes: u64) {
        self.file = None;
        self.whole = self.whole.saturating_sub(bytes);
    }

    fn file(&mut self) -> io::Result<&mut File> {
        if let Some(counts) = &self.damaged {
            self.whole = set_aside(&self.path, counts)?;
            self.damaged = None;
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                let mut options = OpenOptions::new();
                options.create(true).truncate(false).write(true);
                // Not for appending alone: Windows would not let it be cut then.
                let mut file = options.open(&self.path)?;
                file.set_len(self.whole)?;
                file.seek(SeekFrom::End(0))?;
                file
            }
        };
        Ok(self.file.insert(file))
    }
}

/// Gives the entries of a file that may be written to meanwhile to `take`, in their order, until
/// `cancelled` is set. Nothing is changed. Whether there is such a file.
pub(super) fn scan(
    path: &Path,
    cancelled: &AtomicBool,
    mut take: impl FnMut(Entry),
) -> io::Result<bool> {
    let mut found = Found::default();
    let mut each = |entry, _| {
        take(entry);
        true
    };
    found.read(path, Some(cancelled), &mut each)
}

/// What a file has.
#[derive(Default)]
struct Found {
    /// Bytes up to the end of the last whole entry.
    whole: u64,
    entries: u64,
    /// Where the entries are that count.
    counts: Vec<Range<u64>>,
    /// There is something that is no entry, and not merely the cut end of the file.
    damaged: bool,
}

impl Found {
    /// Whether there is such a file.
    fn read(
        &mut self,
        path: &Path,
        cancelled: Option<&AtomicBool>,
        take: &mut impl FnMut(Entry, u64) -> bool,
    ) -> io::Result<bool> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let end = file.metadata()?.len();
        let mut file = BufReader::new(file);
        let (mut body, mut at) = (Vec::new(), 0_u64);
        let goes_on = || cancelled.is_none_or(|cancelled| !cancelled.load(Ordering::Relaxed));
        while end.saturating_sub(at) >= 4 && goes_on() {
            let mut length = [0; 4];
            file.read_exact(&mut length)?;
            let length = u32::from_be_bytes(length);
            if length == 0 || length as usize > LIMIT {
                // Where the next one would begin is not known.
                self.damaged = true;
                return Ok(true);
            }
            let next = at + 4 + u64::from(length);
            if next > end {
                return Ok(true);
            }
            body.resize(length as usize, 0);
            file.read_exact(&mut body)?;
            match decode::<Entry>(&body, LIMIT) {
                Ok(entry) => {
                    self.entries += 1;
                    if take(entry, next - at) {
                        match self.counts.last_mut() {
                            Some(last) if last.end == at => last.end = next,
                            _ => self.counts.push(at..next),
                        }
                    }
                }
                Err(_) if next == end => return Ok(true),
                Err(cause) => {
                    warn!(file = %path.display(), at, %cause, "a cell that cannot be read");
                    self.damaged = true;
                }
            }
            (at, self.whole) = (next, next);
        }
        Ok(true)
    }
}

/// Renames a damaged file and writes one with the entries that count; the bytes it has.
fn set_aside(path: &Path, counts: &[Range<u64>]) -> io::Result<u64> {
    let beside = path.with_extension("cells.new");
    let mut new = BufWriter::new(File::create(&beside)?);
    let mut whole = 0;
    if !counts.is_empty() {
        let mut old = File::open(path)?;
        for range in counts {
            old.seek(SeekFrom::Start(range.start))?;
            whole += io::copy(&mut (&mut old).take(range.end - range.start), &mut new)?;
        }
    }
    new.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()?;
    let aside = (1..=ASIDE)
        .map(|number| path.with_extension(format!("cells.damaged-{number}")))
        .find(|aside| !aside.exists())
        .ok_or_else(|| io::Error::other("there are too many damaged files beside it"))?;
    std::fs::rename(path, &aside)?;
    std::fs::rename(&beside, path)?;
    warn!(file = %aside.display(), "a damaged file of live figures was set aside");
    Ok(whole)
}
