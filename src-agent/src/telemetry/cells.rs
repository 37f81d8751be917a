//! The cells of a run in its folder: a file for each, named by its number.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bfgg_protocol::version::MAX_TELEMETRY;
use bfgg_protocol::{CborError, Cell, HealthSample, decode, encode};
use bfgg_stats::Figures;

use crate::clock::wall_ms;
use crate::run_folder::RunFolder;

/// What was cut of a log. The newest cell stays until all are removed: it says where the next one
/// begins.
#[derive(Debug)]
pub(super) struct Cells {
    path: PathBuf,
    /// No older one is there.
    oldest: u64,
    next: u64,
    to: u64,
    ended: bool,
}

/// Bytes of a message or of a cell around its figures and samples, at most.
const AROUND: usize = 1024;
/// Bytes of a sample of the load, at most: their fields have names.
const SAMPLE: usize = 1024;

/// A cell that is not on disk yet.
#[derive(Debug)]
pub(super) struct Unkept {
    to: u64,
    last: bool,
    bytes: Vec<u8>,
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
    /// Those that an earlier agent has cut, or none. The run's folder has to be there.
    pub(super) fn open(folder: &RunFolder) -> io::Result<Self> {
        let path = place(folder);
        match std::fs::create_dir(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let mut cells = Self {
            path,
            oldest: 0,
            next: 0,
            to: 0,
            ended: false,
        };
        let mut numbers = numbers(&cells.path)?;
        // A power cut can leave the last ones without their content: they are cut again.
        while let Some(number) = numbers.pop() {
            if let Ok(cell) = read(&cells.path, number) {
                (cells.next, cells.to, cells.ended) = (number + 1, cell.to, cell.last);
                cells.oldest = numbers.first().copied().unwrap_or(number);
                break;
            }
            std::fs::remove_file(file(&cells.path, number))?;
        }
        Ok(cells)
    }

    /// The smallest number that may be there.
    pub(super) fn oldest(&self) -> u64 {
        self.oldest
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

    /// The next cell, of what lies before the byte `to`.
    ///
    /// # Errors
    /// If it has more figures than a message can carry.
    pub(super) fn cell(
        &self,
        to: u64,
        last: bool,
        figures: &Figures,
        health: &[HealthSample],
    ) -> Result<Unkept, CborError> {
        let around = AROUND + health.len() * SAMPLE;
        let cell = Cell {
            number: self.next,
            from: self.to,
            to,
            cut_ms: wall_ms(),
            last,
            figures: encode(figures, MAX_TELEMETRY.saturating_sub(around))?,
            health: health.to_vec(),
        };
        let bytes = encode(&cell, MAX_TELEMETRY)?;
        Ok(Unkept { to, last, bytes })
    }

    /// Keeps the next cell. If it fails nothing has changed.
    pub(super) fn keep(&mut self, cell: &Unkept) -> io::Result<()> {
        // Once a second: not synced, since it can be cut again.
        let beside = self.path.join("new");
        std::fs::write(&beside, &cell.bytes)?;
        std::fs::rename(&beside, file(&self.path, self.next))?;
        (self.next, self.to, self.ended) = (self.next + 1, cell.to, cell.last);
        Ok(())
    }

    /// Forgets all: the next cell has this number, and begins at this byte of the log.
    pub(super) fn restart(&mut self, number: u64, from: u64) -> io::Result<()> {
        for known in numbers(&self.path)? {
            std::fs::remove_file(file(&self.path, known))?;
        }
        (self.oldest, self.next, self.to, self.ended) = (number, number, from, false);
        Ok(())
    }

    /// Cells from a number on, of at most so many bytes together but for the first one. None if the
    /// first one is not there, or does not begin at the byte `at` of the log.
    pub(super) fn read(
        folder: &RunFolder,
        numbers: Range<u64>,
        at: u64,
        bytes: usize,
    ) -> Vec<Cell> {
        let path = place(folder);
        let (mut cells, mut size, mut at) = (Vec::new(), 0, at);
        for number in numbers {
            let Some(cell) = read(&path, number).ok().filter(|cell| cell.from == at) else {
                break;
            };
            size += cell.figures.len() + AROUND + cell.health.len() * SAMPLE;
            if size > bytes && !cells.is_empty() {
                break;
            }
            at = cell.to;
            cells.push(cell);
        }
        cells
    }

    /// Removes cells that the controller keeps.
    pub(super) fn forget(folder: &RunFolder, numbers: Range<u64>) -> io::Result<()> {
        let path = place(folder);
        for number in numbers {
            match std::fs::remove_file(file(&path, number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether there are cells that a controller may still want.
    pub(super) fn are_there(folder: &RunFolder) -> bool {
        place(folder).is_dir()
    }

    /// Nobody wants them any more.
    pub(super) fn remove(folder: &RunFolder) -> io::Result<()> {
        match std::fs::remove_dir_all(place(folder)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(cells: &mut Cells, to: u64, last: bool) {
        let cell = cells.cell(to, last, &Figures::default(), &[]).unwrap();
        cells.keep(&cell).unwrap();
    }

    fn cells_of(folder: &RunFolder, from: u64, at: u64) -> Vec<(u64, u64, u64, bool)> {
        let cells = Cells::read(folder, from..100, at, 1 << 20);
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
            append(&mut cells, to, false);
        }
        let both = [(0, 0, 10, false), (1, 10, 30, false)];
        assert_eq!(cells_of(&folder, 0, 0), both);
        assert_eq!(cells_of(&folder, 0, 5), [], "it begins elsewhere");
        // What the controller has is removed, but for the one that tells where to go on.
        Cells::forget(&folder, 0..1).unwrap();
        Cells::forget(&folder, 0..1).unwrap();
        let mut cells = Cells::open(&folder).unwrap();
        assert_eq!((cells.oldest(), cells.next(), cells.to()), (1, 2, 30));
        assert!(!cells.ended());
        append(&mut cells, 45, true);
        let both = [(1, 10, 30, false), (2, 30, 45, true)];
        assert_eq!(cells_of(&folder, 1, 10), both);
        assert!(Cells::open(&folder).unwrap().ended());
        assert_eq!(cells_of(&folder, 0, 0), [], "it was removed");

        cells.restart(7, 20).unwrap();
        append(&mut cells, 25, false);
        assert_eq!(cells_of(&folder, 7, 20), [(7, 20, 25, false)]);
        let cells = Cells::open(&folder).unwrap();
        assert_eq!((cells.oldest(), cells.next(), cells.to()), (7, 8, 25));
        Cells::remove(&folder).unwrap();
        Cells::remove(&folder).unwrap();
        assert_eq!(Cells::open(&folder).unwrap().next(), 0);
    }

    #[test]
    fn a_cell_without_its_content_is_cut_again() {
        let at = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(at.path());
        let mut cells = Cells::open(&folder).unwrap();
        for to in [10, 30, 40] {
            append(&mut cells, to, false);
        }
        for number in [1, 2] {
            std::fs::write(at.path().join("cells").join(number.to_string()), "").unwrap();
        }
        let cells = Cells::open(&folder).unwrap();
        assert_eq!((cells.next(), cells.to()), (1, 10));
        assert_eq!(cells_of(&folder, 0, 0), [(0, 0, 10, false)]);
    }

    #[test]
    fn a_request_of_large_cells_is_no_larger_than_a_message() {
        let at = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(at.path());
        Cells::open(&folder).unwrap();
        let sizes = [1000, MAX_TELEMETRY - AROUND, 1000, 1000];
        for (number, size) in (0..).zip(sizes) {
            let cell = Cell {
                number,
                from: number,
                to: number + 1,
                cut_ms: 0,
                last: false,
                figures: vec![0; size],
                health: Vec::new(),
            };
            let bytes = encode(&cell, MAX_TELEMETRY).unwrap();
            std::fs::write(file(&place(&folder), number), bytes).unwrap();
        }
        let mut told = Vec::new();
        while told.iter().sum::<usize>() < sizes.len() {
            let from = told.iter().sum::<usize>() as u64;
            let cells = Cells::read(&folder, from..4, from, 1 << 20);
            told.push(cells.len());
            let run = bfgg_protocol::RunId::new();
            encode(
                &bfgg_protocol::TelemetryRequest { run, cells },
                MAX_TELEMETRY,
            )
            .unwrap();
        }
        assert_eq!(told, [1, 1, 2]);
    }

    #[test]
    fn a_sample_is_no_larger_than_its_room() {
        let most = u64::MAX;
        let mut sample = serde_json::to_value(HealthSample::default()).unwrap();
        sample["at_ms"] = most.into();
        for (_, value) in sample["health"].as_object_mut().unwrap() {
            let fits = |value: u64| serde_json::Value::from(value);
            *value = if value.is_f64() {
                99.9.into()
            } else {
                fits(u64::from(u32::MAX))
            };
        }
        let sample: HealthSample = serde_json::from_value(sample).unwrap();
        // Four bytes more for each number of eight.
        let size = encode(&sample, MAX_TELEMETRY).unwrap().len() + 32 * 4;
        assert!(size <= SAMPLE, "{size}");
    }

    #[test]
    fn cells_do_not_bring_a_run_back_that_was_cleared() {
        let at = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(at.path().join("cleared"));
        assert!(Cells::open(&folder).is_err() && !folder.path().exists());
    }
}
