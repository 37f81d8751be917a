//! Gatling's log while it grows.

use std::fs::File;
use std::io::{self, Read};

use bfgg_stats::{Collector, Figures, Limits};
use gatling_log::{Decoder, Record};

use crate::run_folder::RunFolder;

/// Bytes read at once.
const PIECE: usize = 64 * 1024;
/// Bytes read between two cells at most: a restarted agent may have much to catch up on.
const AT_ONCE: u64 = 64 << 20;

/// Reads the log of a run, from its first byte on.
pub(super) struct Tail {
    folder: RunFolder,
    file: Option<File>,
    decoder: Decoder,
    collector: Option<Collector>,
    /// Where the next cell begins. What lies before it was in earlier cells.
    cut: u64,
    /// Bytes given to the decoder.
    read: u64,
    broken: bool,
}

impl Tail {
    /// `cut` is the byte at which the next cell begins.
    pub(super) fn new(folder: RunFolder, cut: u64) -> Self {
        Self {
            folder,
            file: None,
            decoder: Decoder::new(),
            collector: None,
            cut,
            read: 0,
            broken: false,
        }
    }

    /// Whether the log cannot be read any further.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Takes in what the log has more; whether that is all it has.
    pub(super) fn read(&mut self) -> io::Result<bool> {
        let Some(zero) = self.zero()? else {
            return Ok(true);
        };
        let Some(file) = self.file.as_mut() else {
            return Ok(true);
        };
        let until = self.read.max(self.cut) + AT_ONCE;
        while !self.broken && self.read < until {
            // Up to the byte of the last cut, and no further, at first.
            let rest = self.cut.checked_sub(self.read).filter(|rest| *rest > 0);
            let length = rest.map_or(PIECE, |rest| {
                PIECE.min(usize::try_from(rest).unwrap_or(PIECE))
            });
            let got = match file.read(self.decoder.room(length)) {
                Ok(0) => return Ok(true),
                Ok(got) => got,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.decoder.filled(got);
            self.read += got as u64;
            self.broken = take(&mut self.decoder, &mut self.collector, zero).is_err();
            if self.read == self.cut
                && let Some(collector) = &mut self.collector
            {
                // In cells already.
                let _ = collector.take();
            }
        }
        Ok(self.broken)
    }

    /// When the load began, by Gatling's clock: zero of all times. `None` while nobody knows.
    fn zero(&mut self) -> io::Result<Option<i64>> {
        if self.file.is_none() {
            let Some(path) = self.folder.simulation_log() else {
                return Ok(None);
            };
            self.file = Some(File::open(path)?);
        }
        let Some(spec) = self.folder.spec()? else {
            return Ok(None);
        };
        let probe = self
            .folder
            .probe()?
            .filter(|probe| spec.probe && probe.held);
        let zero = match probe {
            Some(probe) => Some(probe.gatling_ms).filter(|ms| *ms > 0),
            None => self.folder.control()?.release_ms,
        };
        Ok(zero.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX)))
    }

    /// The figures since the last cut, up to a byte; `None` if there is nothing new. At the `end`
    /// there always is, and users that have not ended leave.
    pub(super) fn cut(&mut self, end: bool) -> Option<(u64, Figures)> {
        let to = self.decoder.offset();
        // It has not caught up yet.
        if self.read < self.cut && !end {
            return None;
        }
        if to <= self.cut && !end {
            return None;
        }
        if let (Some(collector), Some(header)) = (&mut self.collector, self.decoder.header()) {
            collector.name_scenarios(&header.scenarios);
        }
        let figures = match (end, &mut self.collector) {
            (true, own) => own.take().map(Collector::finish).unwrap_or_default(),
            (false, Some(collector)) => collector.take(),
            (false, None) => return None,
        };
        self.cut = self.cut.max(to);
        Some((self.cut, figures))
    }
}

/// Counts what the decoder has.
fn take(
    decoder: &mut Decoder,
    collector: &mut Option<Collector>,
    zero: i64,
) -> Result<(), gatling_log::DecodeError> {
    if collector.is_none() {
        match decoder.next_record()? {
            Some(Record::Run(header)) => {
                let shift = header.start.saturating_sub(zero);
                *collector = Some(Collector::new(shift, Limits::default()));
            }
            _ => return Ok(()),
        }
    }
    if let Some(collector) = collector {
        decoder.each_record(|record| collector.add(record))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use bfgg_protocol::{PeerId, RunId};

    use super::*;
    use crate::probe::ProbeReport;
    use crate::run_folder::{Control, RunSpec, write_json};

    /// When the load of the samples begins for these tests, ms since 1970.
    const ZERO: u64 = 1_600_000_000_000;

    struct Rig {
        _at: tempfile::TempDir,
        folder: RunFolder,
        log: std::path::PathBuf,
    }

    impl Rig {
        fn new(probe: bool) -> Self {
            let at = tempfile::tempdir().unwrap();
            let folder = RunFolder::at(at.path());
            let run = RunId::new();
            let spec = RunSpec {
                run,
                controller: PeerId::new("c"),
                controller_name: String::new(),
                since_ms: 0,
                program: "java".into(),
                arguments: Vec::new(),
                folder: at.path().into(),
                environment: Vec::new(),
                environment_removed: Vec::new(),
                max_duration_s: 1,
                probe,
                unprobed: String::new(),
                arm_limit_s: 1,
                start_up_ms: 0,
                armed_limit_s: 1,
                output_limit: 1,
            };
            folder.write_spec(&spec).unwrap();
            let results = folder.results().join("shop-1");
            std::fs::create_dir_all(&results).unwrap();
            let log = results.join("simulation.log");
            Self {
                _at: at,
                folder,
                log,
            }
        }

        fn release(&self, probe: bool) {
            if probe {
                let report = ProbeReport {
                    held: true,
                    gatling_ms: ZERO,
                    ..ProbeReport::default()
                };
                write_json(&self.folder.path().join("probe.json"), &report).unwrap();
            } else {
                let control = Control {
                    release_ms: Some(ZERO),
                    ..Control::default()
                };
                self.folder.write_control(&control).unwrap();
            }
        }

        fn append(&self, bytes: &[u8]) {
            let mut options = std::fs::OpenOptions::new();
            let file = options.create(true).append(true).open(&self.log);
            file.unwrap().write_all(bytes).unwrap();
        }
    }

    fn sample(name: &str) -> Vec<u8> {
        let samples = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../crates/gatling-log/tests/samples"
        );
        std::fs::read(format!("{samples}/{name}/simulation.log")).unwrap()
    }

    /// In one pass over all of it.
    fn whole(log: &[u8]) -> Figures {
        let (mut decoder, mut collector) = (Decoder::new(), None);
        decoder.push(log);
        take(&mut decoder, &mut collector, ZERO.cast_signed()).unwrap();
        let mut collector = collector.unwrap();
        collector.name_scenarios(&decoder.header().unwrap().scenarios);
        collector.finish()
    }

    #[test]
    fn cells_add_up_to_the_log_also_over_restarts() {
        for (name, probe) in [("3.16.0", true), ("3.16.0-edge", false), ("3.12.0", false)] {
            let log = sample(name);
            for pieces in [3, 40] {
                let rig = Rig::new(probe);
                let mut sum = Figures::default();
                let (mut tail, mut to) = (Tail::new(rig.folder.clone(), 0), 0);
                assert!(tail.read().unwrap() && tail.cut(false).is_none());
                let pieces: Vec<&[u8]> = log.chunks(log.len() / pieces + 1).collect();
                for (number, piece) in pieces.iter().enumerate() {
                    rig.append(piece);
                    if number == 0 {
                        // Nobody knows yet when zero is.
                        assert!(tail.read().unwrap() && tail.cut(false).is_none());
                        rig.release(probe);
                    }
                    if number % 2 == 1 {
                        // A restarted agent.
                        tail = Tail::new(rig.folder.clone(), to);
                    }
                    assert!(tail.read().unwrap());
                    let last = number + 1 == pieces.len();
                    if let Some((until, cell)) = tail.cut(last) {
                        assert!(until > to || last);
                        to = until;
                        sum.merge(cell);
                    }
                }
                assert_eq!(to, log.len() as u64, "{name}");
                assert_eq!(sum, whole(&log), "{name} in {} pieces", pieces.len());
            }
        }
    }

    #[test]
    fn a_damaged_log_ends_the_cells_where_it_is_damaged() {
        let (rig, mut log) = (Rig::new(true), sample("3.16.0"));
        let half = log.len() / 2;
        log[half..].fill(0xff);
        rig.release(true);
        rig.append(&log);
        let mut tail = Tail::new(rig.folder.clone(), 0);
        tail.read().unwrap();
        assert!(tail.is_broken());
        let (to, figures) = tail.cut(true).unwrap();
        assert!(to <= half as u64 && figures.all().count() > 0);
    }

    #[test]
    fn without_a_log_there_is_one_empty_cell_at_the_end() {
        let rig = Rig::new(true);
        let mut tail = Tail::new(rig.folder.clone(), 0);
        assert!(tail.read().unwrap() && tail.cut(false).is_none());
        assert_eq!(tail.cut(true), Some((0, Figures::default())));
    }
}
