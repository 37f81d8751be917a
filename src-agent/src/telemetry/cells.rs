//! The cells of a run in its folder: a file for each, named by its number.

use std::io;
use std::path::{Path, PathBuf};

use bfgg_protocol::version::MAX_TELEMETRY;
use bfgg_protocol::{Cell, decode, encode};
use bfgg_stats::Figures;

use crate::clock::wall_ms;
use crate::run_folder::RunFolder;

/// What was cut of a log. The newest cell stays until all are removed: it says where the next one
/// begins.
#[derive(Debug)]
pub(super) struct Cells {
    path: PathBuf,
    next: u64,
    to: u64,
    ended: bool,
}

fn place(folder: &RunFolder) -> PathBuf {
    folder.path().join("cells")
}

fn file(path: &Path, number: u64) -> PathBuf {
    path.join(number.to_string())
}

/// The numbers of the cells that are there, the smallest first.
fn numbers(path: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(path)? {
        numbers.extend(
            entry?
                .file_name()
                .to_str()
                .and_then(|name| name.parse::<u64>().ok()),
        );
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn read(path: &Path, number: u64) -> io::Result<Cell> {
    let bytes = std::fs::read(file(path, number))?;
    decode(&bytes, MAX_TELEMETRY).map_err(|cause| {
        let cause = format!("{}: {cause}", file(path, number).display());
        io::Error::new(io::ErrorKind::InvalidData, cause)
    })
}

impl Cells {
    /// Those that an earlier agent has cut, or none.
    pub(super) fn open(folder: &RunFolder) -> io::Result<Self> {
        let path = place(folder);
        std::fs::create_dir_all(&path)?;
        let mut cells = Self {
            path,
            next: 0,
            to: 0,
            ended: false,
        };
        // A power cut can leave the last ones without their content: they are cut again.
        for number in numbers(&cells.path)?.into_iter().rev() {
            if let Ok(cell) = read(&cells.path, number) {
                (cells.next, cells.to, cells.ended) = (number + 1, cell.to, cell.last);
                break;
            }
            std::fs::remove_file(file(&cells.path, number))?;
        }
        Ok(cells)
    }

    /// The number of the next cell.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// The byte of the log at which the next cell begins.
    pub(super) fn to(&self) -> u64 {
        self.to
    }

    /// Whether the last cell is there.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Keeps a cell of what lies before the byte `to`.
    pub(super) fn append(&mut self, to: u64, last: bool, figures: &Figures) -> io::Result<()> {
        let invalid = |cause| io::Error::new(io::ErrorKind::InvalidData, cause);
        let figures = encode(figures, MAX_TELEMETRY - 1024).map_err(invalid)?;
        let cell = Cell {
            number: self.next,
            from: self.to,
            to,
            cut_ms: wall_ms(),
            last,
            figures,
        };
        let bytes = encode(&cell, MAX_TELEMETRY).map_err(invalid)?;
        // Once a second: not synced, since it can be cut again.
        let beside = self.path.join("new");
        std::fs::write(&beside, bytes)?;
        std::fs::rename(&beside, file(&self.path, cell.number))?;
        (self.next, self.to, self.ended) = (self.next + 1, to, last);
        Ok(())
    }

    /// Cells from a number on, or from the oldest on that is there, of so many bytes at least where
    /// there are so many.
    pub(super) fn read(
        folder: &RunFolder,
        from: Option<u64>,
        bytes: usize,
    ) -> io::Result<Vec<Cell>> {
        let path = place(folder);
        let from = match from {
            Some(from) => from,
            None => numbers(&path)?.first().copied().unwrap_or_default(),
        };
        let (mut cells, mut size) = (Vec::new(), 0);
        for number in from.. {
            match read(&path, number) {
                Ok(cell) => {
                    size += cell.figures.len() + 64;
                    cells.push(cell);
                }
                // The first one has to be there.
                Err(cause) if cells.is_empty() => return Err(cause),
                Err(_) => break,
            }
            if size >= bytes {
                break;
            }
        }
        Ok(cells)
    }

    /// Those below `next` are kept by the controller.
    pub(super) fn kept(folder: &RunFolder, next: u64) -> io::Result<()> {
        let path = place(folder);
        let numbers = numbers(&path)?;
        let newest = numbers.last().copied().unwrap_or_default();
        for number in numbers
            .into_iter()
            .filter(|number| *number < next.min(newest))
        {
            std::fs::remove_file(file(&path, number))?;
        }
        Ok(())
    }

    /// The controller has all.
    pub(super) fn remove(folder: &RunFolder) -> io::Result<()> {
        std::fs::remove_dir_all(place(folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells_of(folder: &RunFolder, from: u64) -> Vec<(u64, u64, u64, bool)> {
        let cells = Cells::read(folder, Some(from), 1 << 20).unwrap();
        let shown = cells.iter();
        shown
            .map(|cell| (cell.number, cell.from, cell.to, cell.last))
            .collect()
    }

    #[test]
    fn cells_follow_each_other_over_restarts() {
        let at = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(at.path());
        let mut cells = Cells::open(&folder).unwrap();
        for to in [10, 30] {
            cells.append(to, false, &Figures::default()).unwrap();
        }
        assert_eq!(
            cells_of(&folder, 0),
            [(0, 0, 10, false), (1, 10, 30, false)]
        );
        // What the controller has is removed, but for the one that tells where to go on.
        Cells::kept(&folder, 2).unwrap();
        let mut cells = Cells::open(&folder).unwrap();
        assert_eq!((cells.next(), cells.to(), cells.ended()), (2, 30, false));
        cells.append(45, true, &Figures::default()).unwrap();
        assert_eq!(
            cells_of(&folder, 1),
            [(1, 10, 30, false), (2, 30, 45, true)]
        );
        assert!(Cells::open(&folder).unwrap().ended());
        assert!(Cells::read(&folder, Some(0), 1).is_err(), "it was removed");
        assert_eq!(Cells::read(&folder, None, 1).unwrap()[0].number, 1);
        Cells::remove(&folder).unwrap();
        assert_eq!(Cells::open(&folder).unwrap().next(), 0);
    }

    #[test]
    fn a_cell_without_its_content_is_cut_again() {
        let at = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(at.path());
        let mut cells = Cells::open(&folder).unwrap();
        for to in [10, 30, 40] {
            cells.append(to, false, &Figures::default()).unwrap();
        }
        for number in [1, 2] {
            std::fs::write(at.path().join("cells").join(number.to_string()), "").unwrap();
        }
        let cells = Cells::open(&folder).unwrap();
        assert_eq!((cells.next(), cells.to()), (1, 10));
        assert_eq!(cells_of(&folder, 0), [(0, 0, 10, false)]);
    }
}
