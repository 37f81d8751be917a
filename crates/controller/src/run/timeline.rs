//! The live figures of a run: its agents' cells, kept on disk and added up.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use bfgg_protocol::version::MAX_TELEMETRY;
use bfgg_protocol::{Cell, decode, encode};
use bfgg_stats::{Figures, Limits, Outcomes};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

/// The file of the cells in a run's folder: for each its length in four bytes, then an [`Entry`].
const FILE: &str = "timeline.cells";
/// How far before the start instant a log may begin, and behind the longest run end, ms.
const DAY_MS: i64 = 24 * 3600 * 1000;
/// What Gatling's log can hold, rounded up, ms.
const LONGEST_RUN_MS: i64 = 25 * DAY_MS;

/// Takes the cells of all agents of a run, each once and in order. What it has taken is on disk: a
/// controller that is started again goes on where the last one was.
pub(crate) struct Timeline {
    path: PathBuf,
    file: Option<File>,
    parts: Vec<Part>,
    all: Figures,
}

/// What one agent has told.
#[derive(Default)]
struct Part {
    /// The number of the cell wanted next.
    next: u64,
    /// The byte of its log up to which it has told.
    to: u64,
    /// It has told all.
    ended: bool,
    times: Outcomes,
}

/// What an agent has told of its log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Up to this byte.
    pub(crate) to: u64,
    /// Up to its end.
    pub(crate) ended: bool,
    /// The response times of all requests.
    pub(crate) times: Outcomes,
}

/// A cell in the file.
#[derive(Serialize, Deserialize)]
struct Entry {
    /// The agent's index in the run.
    agent: u32,
    cell: Cell,
}

impl Timeline {
    /// The timeline of a run of so many agents, with what an earlier controller has kept of it.
    pub(crate) fn open(folder: &Path, agents: usize) -> Self {
        let mut timeline = Self {
            path: folder.join(FILE),
            file: None,
            parts: Vec::new(),
            all: Figures::new(Limits::default()),
        };
        timeline.parts.resize_with(agents, Part::default);
        if let Err(cause) = timeline.replay()
            && cause.kind() != io::ErrorKind::NotFound
        {
            warn!(file = %timeline.path.display(), %cause, "not all kept figures could be read");
        }
        timeline
    }

    /// Takes cells of an agent; the number of the one wanted next is the answer. Cells that were
    /// taken before, and those behind a gap, are passed over.
    pub(crate) fn take(&mut self, agent: usize, cells: Vec<Cell>) -> u64 {
        for cell in cells {
            let Some(part) = self.parts.get(agent) else {
                return 0;
            };
            if cell.number < part.next {
                continue;
            }
            if cell.number > part.next || cell.from != part.to || cell.to < cell.from {
                break;
            }
            let entry = Entry {
                agent: u32::try_from(agent).unwrap_or(u32::MAX),
                cell,
            };
            if let Err(cause) = self.keep(&entry) {
                warn!(file = %self.path.display(), %cause, "live figures cannot be kept; the agent keeps them");
                // Whatever was written of it is cut off.
                self.file = None;
                break;
            }
            self.add(entry);
        }
        self.parts.get(agent).map_or(0, |part| part.next)
    }

    fn add(&mut self, entry: Entry) {
        let Entry { agent, cell } = entry;
        let Some(part) = self.parts.get_mut(agent as usize) else {
            return;
        };
        (part.next, part.to, part.ended) = (cell.number + 1, cell.to, cell.last);
        match figures_of(&cell) {
            Ok(figures) => {
                part.times.merge(figures.all());
                self.all.merge(figures);
            }
            Err(cause) => warn!(agent, cell = cell.number, %cause, "figures that do not count"),
        }
    }

    fn keep(&mut self, entry: &Entry) -> io::Result<()> {
        let invalid = |cause| io::Error::new(io::ErrorKind::InvalidData, cause);
        let body = encode(entry, MAX_TELEMETRY + 1024).map_err(invalid)?;
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.extend(body);
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                // After a write that failed only whole cells may stay.
                let whole = whole_entries(&self.path, |_| ())?;
                let file = OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(&self.path)?;
                file.set_len(whole)?;
                self.file.insert(file)
            }
        };
        file.write_all(&bytes)
    }

    fn replay(&mut self) -> io::Result<()> {
        let path = self.path.clone();
        let mut cells = 0_u64;
        whole_entries(&path, |entry| {
            self.add(entry);
            cells += 1;
        })?;
        if cells > 0 {
            info!(file = %path.display(), cells, "live figures of an earlier start were found");
        }
        Ok(())
    }

    /// The figures of all agents together, so far. Zero of their axis is the start instant.
    pub(crate) fn figures(&self) -> &Figures {
        &self.all
    }

    /// What an agent has told.
    pub(crate) fn told(&self, agent: usize) -> Told {
        self.parts
            .get(agent)
            .map_or_else(Told::default, |part| Told {
                to: part.to,
                ended: part.ended,
                times: part.times.clone(),
            })
    }

    /// Whether an agent has told anything, and not yet all.
    pub(crate) fn is_telling(&self, agent: usize) -> bool {
        self.parts
            .get(agent)
            .is_some_and(|part| part.next > 0 && !part.ended)
    }
}

/// The figures of a cell, if they can be those of a run.
fn figures_of(cell: &Cell) -> Result<Figures, String> {
    let figures: Figures =
        decode(&cell.figures, MAX_TELEMETRY).map_err(|cause| cause.to_string())?;
    let checked = figures.check(-DAY_MS..=LONGEST_RUN_MS);
    checked.map_err(|cause| cause.to_string())?;
    Ok(figures)
}

/// Reads the entries of a file up to the last whole one; the bytes they take.
fn whole_entries(path: &Path, mut take: impl FnMut(Entry)) -> io::Result<u64> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let (mut file, mut whole) = (BufReader::new(file), 0);
    let mut body = Vec::new();
    loop {
        let mut length = [0; 4];
        if file.read_exact(&mut length).is_err() {
            return Ok(whole);
        }
        let length = u32::from_be_bytes(length);
        body.clear();
        let got = (&mut file).take(u64::from(length)).read_to_end(&mut body)?;
        let limit = MAX_TELEMETRY + 1024;
        match decode(&body, limit) {
            Ok(entry) if got == length as usize => take(entry),
            _ => return Ok(whole),
        }
        whole += 4 + u64::from(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bfgg_stats::Collector;
    use gatling_log::{Decoder, Record};

    /// A text log of a request every 10 ms, and its figures of lines `from..to`.
    fn cells(cuts: &[usize]) -> (Vec<Cell>, Figures) {
        let mut log = b"RUN\ta.B\tb\t1000000\t \t3.12.0\n".to_vec();
        let lines = (0..400).map(|n| {
            let start = 1_000_000 + n * 10;
            let end = start + 5 + n % 90;
            format!("REQUEST\t\tr{}\t{start}\t{end}\tOK\t \n", n % 3)
        });
        let lines: Vec<String> = lines.collect();
        log.extend(lines.concat().bytes());
        let mut decoder = Decoder::new();
        decoder.push(&log);
        let mut collector = Collector::new(0, Limits::default());
        let mut cells: Vec<Cell> = Vec::new();
        let mut whole = Figures::new(Limits::default());
        for (number, cut) in cuts.iter().enumerate() {
            while decoder.records() < *cut as u64 {
                match decoder.next_record().unwrap() {
                    Some(Record::Run(_)) => {}
                    Some(record) => collector.add(&record),
                    None => break,
                }
            }
            let figures = collector.take();
            whole.merge(figures.clone());
            cells.push(Cell {
                number: number as u64,
                from: cells.last().map_or(0, |cell| cell.to),
                to: decoder.offset(),
                cut_ms: 0,
                last: number + 1 == cuts.len(),
                figures: encode(&figures, MAX_TELEMETRY).unwrap(),
            });
        }
        (cells, whole)
    }

    #[test]
    fn cells_count_once_in_order_and_over_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let (cells, whole) = cells(&[50, 51, 200, 400]);
        let some = |range: std::ops::Range<usize>| cells[range].to_vec();
        let mut timeline = Timeline::open(folder.path(), 2);
        // A gap is answered with what is wanted.
        assert_eq!(timeline.take(1, some(1..3)), 0);
        assert_eq!(timeline.take(1, some(0..1)), 1);
        // Told again, and more.
        assert_eq!(timeline.take(1, some(0..3)), 3);
        assert!(timeline.is_telling(1) && !timeline.is_telling(0));

        // Started again, after a power cut in the middle of a cell.
        drop(timeline);
        let path = folder.path().join(FILE);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let mut timeline = Timeline::open(folder.path(), 2);
        assert_eq!(timeline.take(1, some(3..4)), 2);
        assert_eq!(timeline.take(1, some(2..4)), 4);
        assert_eq!(timeline.take(0, some(0..4)), 4);

        let timeline = Timeline::open(folder.path(), 2);
        assert!(timeline.told(1).ended && !timeline.is_telling(1));
        assert_eq!(timeline.told(0), timeline.told(1));
        assert_eq!(&timeline.told(0).times, whole.all());
        let mut both = whole.clone();
        both.merge(whole);
        assert_eq!(timeline.figures(), &both);
        // An agent that is none of the run's.
        assert_eq!(Timeline::open(folder.path(), 1).take(1, some(0..1)), 0);
    }

    #[test]
    fn cells_that_lie_are_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (cells, _) = cells(&[50, 100]);
        let mut timeline = Timeline::open(folder.path(), 1);
        assert_eq!(timeline.take(0, cells[..1].to_vec()), 1);
        for (from, to) in [(0, cells[1].to), (cells[1].from, 3)] {
            let cell = Cell {
                from,
                to,
                ..cells[1].clone()
            };
            assert_eq!(timeline.take(0, vec![cell]), 1);
        }
        // Figures that cannot be read do not stop the others.
        let broken = Cell {
            figures: vec![1, 2, 3],
            ..cells[1].clone()
        };
        assert_eq!(timeline.take(0, vec![broken]), 2);
        assert_eq!(timeline.figures().all().count(), 50);
    }

    #[test]
    fn figures_that_no_run_has_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let (mut cells, _) = cells(&[50, 100]);
        let mut collector = Collector::new(40 * DAY_MS, Limits::default());
        let mut decoder = Decoder::new();
        decoder.push(b"RUN\ta.B\tb\t1000\t \t3.12.0\nREQUEST\t\tr\t1000\t1001\tOK\t \n");
        while let Some(record) = decoder.next_record().unwrap() {
            collector.add(&record);
        }
        cells[0].figures = encode(&collector.finish(), MAX_TELEMETRY).unwrap();
        let mut timeline = Timeline::open(folder.path(), 1);
        assert_eq!(timeline.take(0, cells), 2);
        assert_eq!(timeline.figures().all().count(), 50);
    }
}
