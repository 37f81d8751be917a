//! The live figures of a run: its agents' cells, kept on disk and added up.

use std::path::Path;

use bfgg_protocol::version::MAX_TELEMETRY;
use bfgg_protocol::{Cell, TelemetryAnswer, decode};
use bfgg_report::verdict::{Seen, Signs};
use bfgg_stats::{Figures, Limits, Outcomes};
use tracing::warn;

use super::cells_file::{CellsFile, Entry};
use super::health::HealthFile;
use super::stop_rules::{FigureRules, newest_second};

/// The file of the cells in a run's folder.
pub(super) const FILE: &str = "timeline.cells";
/// How far before the start instant a log may begin, and behind the longest run end, ms.
const DAY_MS: i64 = 24 * 3600 * 1000;
/// What Gatling's log can hold, rounded up, ms.
const LONGEST_RUN_MS: i64 = 25 * DAY_MS;
/// Bytes that are kept of one agent. A cell is some KiB, and there is one a second: a day's run of
/// many names has room.
const KEPT: u64 = 2 << 30;
/// Error messages that are looked at of a cell, the most frequent ones; at the run's end all are.
const LOOKED_AT: usize = 256;

/// Takes the cells of all agents of a run, each once and in order. What was taken is on disk before
/// it is acknowledged: a controller that is started again goes on where the last one was.
///
/// A round is: [`take`](Self::take) what there is, [`commit`](Self::commit),
/// [`answer`](Self::answer), [`add_up`](Self::add_up). All of them block.
pub(crate) struct Timeline {
    file: CellsFile,
    /// Of each agent.
    health: Vec<HealthFile>,
    parts: Vec<Part>,
    all: Figures,
    /// Taken and not yet added up, with the bytes they take.
    taken: Vec<(Entry, u64)>,
    /// How many of these are safe.
    safe: usize,
    kept: u64,
    /// They get what is told from now on.
    rules: FigureRules,
}

/// What one agent has told.
#[derive(Default)]
struct Part {
    /// It tells, as far as is known.
    tells: bool,
    /// The number of the cell wanted next.
    next: u64,
    /// The byte of its log up to which it has told.
    to: u64,
    /// It has told all.
    ended: bool,
    /// It has told more than is kept.
    full: bool,
    /// Bytes of its cells.
    bytes: u64,
    times: Outcomes,
    /// The newest second in which a request ended.
    newest: Option<i64>,
    /// Signs of an exhausted load generator in its error messages.
    signs: Signs,
}

impl Part {
    fn is_next(&self, cell: &Cell) -> bool {
        // One that covers nothing ends the log, or tells the load alone.
        let empty = cell.last || !cell.health.is_empty();
        let goes_on = cell.to > cell.from || (empty && cell.to == cell.from);
        !self.ended && cell.number == self.next && cell.from == self.to && goes_on
    }

    /// As [`Self::is_next`], of a cell whose samples are kept elsewhere.
    fn goes_on(&self, cell: &Cell) -> bool {
        !self.ended && cell.number == self.next && cell.from == self.to && cell.to >= cell.from
    }

    fn take(&mut self, cell: &Cell, bytes: u64) {
        (self.next, self.to, self.ended) = (cell.number + 1, cell.to, cell.last);
        self.tells = true;
        self.bytes += bytes;
    }
}

/// What an agent has told of its log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// It tells: not all versions do.
    pub(crate) tells: bool,
    /// Up to this byte.
    pub(crate) to: u64,
    /// Up to its end.
    pub(crate) ended: bool,
    /// In so many cells.
    pub(crate) cells: u64,
    /// The response times of all requests.
    pub(crate) times: Outcomes,
}

impl Timeline {
    /// The timeline of a run of so many agents, with what an earlier controller has kept of it.
    /// Stop rules get nothing of that.
    pub(crate) fn open(folder: &Path, agents: usize, rules: FigureRules) -> Self {
        let mut parts = Vec::new();
        parts.resize_with(agents, Part::default);
        let mut all = Figures::new(Limits::default());
        let file = CellsFile::open(folder.join(FILE), |entry, bytes| {
            let Some(part) = parts.get_mut(entry.agent as usize) else {
                return false;
            };
            let goes_on = part.goes_on(&entry.cell);
            if goes_on {
                part.take(&entry.cell, bytes);
                add(part, &mut all, None, &entry);
            }
            goes_on
        });
        let health = |agent| HealthFile::of(folder, agent);
        Self {
            file,
            health: (0..).map(health).take(parts.len()).collect(),
            parts,
            all,
            taken: Vec::new(),
            safe: 0,
            kept: KEPT,
            rules,
        }
    }

    /// Takes cells of an agent. Those that were taken before, and those behind a gap, are passed
    /// over. Whether more of them can be wanted.
    pub(crate) fn take(&mut self, agent: usize, cells: Vec<Cell>) -> bool {
        let Some(part) = self.parts.get_mut(agent) else {
            return false;
        };
        if part.ended || part.full {
            return false;
        }
        part.tells = true;
        for mut cell in cells {
            if cell.number < part.next {
                continue;
            }
            if !part.is_next(&cell) {
                break;
            }
            if part.bytes.saturating_add(cell.figures.len() as u64) > self.kept {
                warn!(
                    agent,
                    bytes = part.bytes,
                    "more live figures than are kept of one agent"
                );
                part.full = true;
                return false;
            }
            let samples = std::mem::take(&mut cell.health);
            let entry = Entry {
                agent: u32::try_from(agent).unwrap_or(u32::MAX),
                cell,
            };
            match self.file.append(&entry) {
                Ok(bytes) => {
                    // Before the cell is safe: told again, its samples are not taken twice.
                    if let Some(file) = self.health.get_mut(agent) {
                        file.add(entry.cell.number, &samples);
                    }
                    part.take(&entry.cell, bytes);
                    self.taken.push((entry, bytes));
                }
                Err(cause) => {
                    self.not_kept(&cause);
                    break;
                }
            }
        }
        true
    }

    /// Makes what was taken safe, or gives it back.
    pub(crate) fn commit(&mut self) {
        if self.taken.len() == self.safe {
            return;
        }
        match self.file.sync() {
            Ok(()) => self.safe = self.taken.len(),
            Err(cause) => {
                self.not_kept(&cause);
                self.give_back();
            }
        }
    }

    fn give_back(&mut self) {
        let mut lost = 0;
        for (entry, bytes) in self.taken.drain(self.safe..).rev() {
            lost += bytes;
            if let Some(part) = self.parts.get_mut(entry.agent as usize) {
                (part.next, part.to) = (entry.cell.number, entry.cell.from);
                part.ended = false;
                part.bytes = part.bytes.saturating_sub(bytes);
            }
        }
        self.file.drop_last(lost);
    }

    fn not_kept(&self, cause: &std::io::Error) {
        let file = self.file.path().display();
        warn!(%file, %cause, "live figures cannot be kept; the agents keep them");
    }

    /// What an agent is told after [`commit`](Self::commit); `wanted` is what
    /// [`take`](Self::take) said.
    pub(crate) fn answer(&self, agent: usize, wanted: bool) -> TelemetryAnswer {
        match self.parts.get(agent).filter(|_| wanted) {
            Some(part) => TelemetryAnswer::Next {
                number: part.next,
                from: part.to,
            },
            None => TelemetryAnswer::Unwanted,
        }
    }

    /// Adds up what is safe.
    pub(crate) fn add_up(&mut self) {
        for (entry, _) in self.taken.drain(..self.safe) {
            if let Some(part) = self.parts.get_mut(entry.agent as usize) {
                add(part, &mut self.all, Some(&mut self.rules), &entry);
            }
        }
        self.safe = 0;
    }

    /// All seconds before this one are complete: the sentence of a stop rule that is broken.
    pub(crate) fn complete(&mut self, until: i64) -> Option<String> {
        self.rules.complete(until)
    }

    /// What was before this second does not count for stop rules.
    pub(crate) fn skip_to(&mut self, second: i64) {
        self.rules.skip_to(second);
    }

    /// For each agent the newest second of which it has told something.
    pub(crate) fn newest(&self) -> Vec<Option<i64>> {
        self.parts.iter().map(|part| part.newest).collect()
    }

    /// The figures of all agents together, so far. Zero of their axis is the start instant.
    pub(crate) fn figures(&self) -> &Figures {
        &self.all
    }

    /// Of each agent the signs of an exhausted load generator.
    pub(crate) fn signs(&self) -> Vec<Vec<Seen>> {
        self.parts.iter().map(|part| part.signs.seen()).collect()
    }

    /// What each agent has told.
    pub(crate) fn told(&self) -> Vec<Told> {
        let told = |part: &Part| Told {
            tells: part.tells,
            to: part.to,
            ended: part.ended,
            cells: part.next,
            times: part.times.clone(),
        };
        self.parts.iter().map(told).collect()
    }

    /// Of each agent whether it tells, and has not yet told all.
    pub(crate) fn telling(&self) -> Vec<bool> {
        let telling = |part: &Part| part.tells && !part.ended && !part.full;
        self.parts.iter().map(telling).collect()
    }
}

/// The figures of a cell, if they can be those of a run.
pub(super) fn figures_of(cell: &Cell) -> Result<Figures, String> {
    let figures: Figures =
        decode(&cell.figures, MAX_TELEMETRY).map_err(|cause| cause.to_string())?;
    let checked = figures.check(-DAY_MS..=LONGEST_RUN_MS);
    checked.map_err(|cause| cause.to_string())?;
    Ok(figures)
}

fn add(part: &mut Part, all: &mut Figures, rules: Option<&mut FigureRules>, entry: &Entry) {
    match figures_of(&entry.cell) {
        Ok(figures) => {
            part.newest = part.newest.max(newest_second(&figures));
            if let Some(rules) = rules {
                rules.add(&figures);
            }
            part.times.merge(figures.all());
            let messages = figures.messages().sorted();
            for (message, count) in messages.into_iter().take(LOOKED_AT) {
                part.signs.error(message, count);
            }
            all.merge(figures);
        }
        Err(cause) => {
            let Entry { agent, cell } = entry;
            warn!(agent, cell = cell.number, %cause, "figures that cannot be read");
        }
    }
}

#[cfg(test)]
mod tests {
    use bfgg_protocol::encode;
    use bfgg_stats::Collector;
    use gatling_log::{Decoder, Record};

    use super::*;

    fn open(folder: &Path, agents: usize) -> Timeline {
        Timeline::open(folder, agents, FigureRules::new(&[], 0))
    }

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
                health: Vec::new(),
            });
        }
        (cells, whole)
    }

    /// The number of the cell wanted next and where it begins; `None` if none is.
    fn told(timeline: &mut Timeline, agent: usize, cells: &[Cell]) -> Option<(u64, u64)> {
        let wanted = timeline.take(agent, cells.to_vec());
        timeline.commit();
        let answer = timeline.answer(agent, wanted);
        timeline.add_up();
        match answer {
            TelemetryAnswer::Next { number, from } => Some((number, from)),
            TelemetryAnswer::Unwanted => None,
        }
    }

    /// The same, where only the number matters.
    fn next(timeline: &mut Timeline, agent: usize, cells: &[Cell]) -> Option<u64> {
        told(timeline, agent, cells).map(|(number, _)| number)
    }

    #[test]
    fn cells_count_once_in_order_and_over_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let (cells, whole) = cells(&[50, 51, 200, 400]);
        let mut timeline = open(folder.path(), 2);
        // A gap is answered with what is wanted.
        assert_eq!(told(&mut timeline, 1, &cells[1..3]), Some((0, 0)));
        assert_eq!(told(&mut timeline, 1, &cells[..1]), Some((1, cells[0].to)));
        // Told again, and more.
        assert_eq!(told(&mut timeline, 1, &cells[..3]), Some((3, cells[2].to)));
        assert_eq!(timeline.telling(), [false, true]);

        // Started again, after a power cut in the middle of a cell.
        drop(timeline);
        let path = folder.path().join(FILE);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let mut timeline = open(folder.path(), 2);
        assert_eq!(next(&mut timeline, 1, &cells[3..]), Some(2));
        assert_eq!(next(&mut timeline, 1, &cells[2..]), Some(4));
        assert_eq!(next(&mut timeline, 0, &cells), Some(4));

        let mut timeline = open(folder.path(), 2);
        assert_eq!(timeline.telling(), [false, false]);
        let all = timeline.told();
        assert!(all[1].ended);
        assert_eq!(all[0], all[1]);
        assert_eq!(&all[0].times, whole.all());
        let mut both = whole.clone();
        both.merge(whole);
        assert_eq!(timeline.figures(), &both);
        // Who has told all need not ask, and agents that are none of the run's are not heard.
        assert_eq!(next(&mut timeline, 0, &[]), None);
        assert_eq!(next(&mut timeline, 2, &cells[..1]), None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn cells_that_lie_are_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (cells, _) = cells(&[50, 100]);
        let mut timeline = open(folder.path(), 1);
        assert_eq!(next(&mut timeline, 0, &cells[..1]), Some(1));
        let from = cells[1].from;
        for (from, to, last) in [(0, cells[1].to, true), (from, 3, true), (from, from, false)] {
            let cell = Cell {
                from,
                to,
                last,
                ..cells[1].clone()
            };
            assert_eq!(told(&mut timeline, 0, &[cell]), Some((1, cells[1].from)));
        }
        // Figures that cannot be read do not stop the others.
        let broken = Cell {
            figures: vec![1, 2, 3],
            ..cells[1].clone()
        };
        let more = Cell {
            number: 2,
            from: broken.to,
            to: broken.to + 1,
            ..cells[0].clone()
        };
        // Nothing follows the last one.
        assert_eq!(next(&mut timeline, 0, &[broken, more]), Some(2));
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
        let mut timeline = open(folder.path(), 1);
        assert_eq!(next(&mut timeline, 0, &cells), Some(2));
        assert_eq!(timeline.figures().all().count(), 50);
    }

    #[test]
    fn an_agent_cannot_fill_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let (cells, _) = cells(&[50, 100, 150]);
        let mut timeline = open(folder.path(), 2);
        timeline.kept = (cells[0].figures.len() + cells[1].figures.len()) as u64;
        assert_eq!(next(&mut timeline, 0, &cells[..1]), Some(1));
        assert_eq!(next(&mut timeline, 0, &cells[1..]), None);
        assert_eq!(next(&mut timeline, 0, &[]), None);
        assert_eq!(timeline.telling(), [false, false]);
        assert_eq!(next(&mut timeline, 1, &cells[..1]), Some(1), "others go on");
    }

    #[test]
    fn an_agent_tells_once_it_has_asked() {
        let folder = tempfile::tempdir().unwrap();
        let mut timeline = open(folder.path(), 2);
        assert_eq!(told(&mut timeline, 1, &[]), Some((0, 0)));
        assert_eq!(timeline.telling(), [false, true]);
        let tells: Vec<bool> = timeline.told().iter().map(|told| told.tells).collect();
        assert_eq!(tells, [false, true]);
    }

    #[test]
    fn what_the_disk_did_not_take_is_wanted_again() {
        let folder = tempfile::tempdir().unwrap();
        let (cells, whole) = cells(&[50, 100, 400]);
        let mut timeline = open(folder.path(), 2);
        assert_eq!(next(&mut timeline, 0, &cells[..1]), Some(1));
        // As where the sync fails.
        assert!(timeline.take(0, cells[1..].to_vec()) && timeline.take(1, cells[..2].to_vec()));
        timeline.give_back();
        timeline.commit();
        timeline.add_up();
        assert_eq!(told(&mut timeline, 0, &[]), Some((1, cells[0].to)));
        assert_eq!(told(&mut timeline, 1, &[]), Some((0, 0)));
        assert_eq!(next(&mut timeline, 0, &cells), Some(3));
        assert_eq!(timeline.figures(), &whole);
        let timeline = open(folder.path(), 2);
        assert_eq!(timeline.figures(), &whole);

        // There is no place for the file.
        let mut timeline = open(&folder.path().join("gone"), 1);
        assert_eq!(told(&mut timeline, 0, &cells), Some((0, 0)));
        assert_eq!(timeline.figures().all().count(), 0);
    }

    #[test]
    fn damage_costs_nothing_but_what_is_damaged() {
        let (cells, whole) = cells(&[50, 100, 150, 400]);
        // Where each entry begins when the agents tell in turns.
        let told_by = |folder: &Path| {
            let mut timeline = open(folder, 2);
            let mut starts = Vec::new();
            for number in 0..cells.len() {
                for agent in 0..2 {
                    let path = folder.join(FILE);
                    starts.push(std::fs::metadata(path).map_or(0, |file| file.len()) as usize);
                    next(&mut timeline, agent, &cells[number..=number]);
                }
            }
            starts
        };
        type Damage = fn(&mut [u8]);
        let cases: [(Damage, [Option<u64>; 2]); 3] = [
            // The second entry of agent 0 cannot be decoded: the ones behind are not its next ones.
            (|entry| entry[4..].fill(0xff), [Some(1), None]),
            // Nor can its length be right.
            (|entry| entry[..4].fill(0xff), [Some(1), Some(1)]),
            (|entry| entry[..4].fill(0), [Some(1), Some(1)]),
        ];
        for (damage, expected) in cases {
            let folder = tempfile::tempdir().unwrap();
            let starts = told_by(folder.path());
            let path = folder.path().join(FILE);
            let mut bytes = std::fs::read(&path).unwrap();
            damage(&mut bytes[starts[2]..starts[3]]);
            std::fs::write(&path, &bytes).unwrap();
            for _ in 0..2 {
                let mut timeline = open(folder.path(), 2);
                for (agent, expected) in expected.iter().enumerate() {
                    assert_eq!(next(&mut timeline, agent, &[]), *expected);
                }
            }
            let mut timeline = open(folder.path(), 2);
            for agent in 0..2 {
                next(&mut timeline, agent, &cells[1..]);
            }
            let aside = folder.path().join("timeline.cells.damaged-1");
            assert_eq!(std::fs::read(aside).unwrap(), bytes);
            let timeline = open(folder.path(), 2);
            let mut both = whole.clone();
            both.merge(whole.clone());
            assert_eq!(timeline.figures(), &both);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        }
    }
}
