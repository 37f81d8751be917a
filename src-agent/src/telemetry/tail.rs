//! Gatling's log while it grows.

use std::fs::File;
use std::io::{self, Read};

use bfgg_stats::{Collector, Figures, Limits};
use gatling_log::{Decoder, Record};

use crate::probe::ProbeReport;
use crate::run_folder::RunFolder;

/// Bytes read at once.
const PIECE: usize = 64 * 1024;
/// Of few records bytes are read by so many for each: no more than most records have.
const RECORD: u64 = 16;

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
    /// Records that lie before the next cell.
    records: u64,
    /// When the load began, once that is known.
    zero: Option<i64>,
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
            records: 0,
            zero: None,
            broken: false,
        }
    }

    /// Whether the log cannot be read any further.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// When the load began, by Gatling's clock, if that is known.
    pub(super) fn known_zero(&self) -> Option<i64> {
        self.zero
    }

    /// Takes in what the log has more, until there are about `most` records for the next cell;
    /// whether that is all it has.
    pub(super) fn read(&mut self, most: u64) -> io::Result<bool> {
        let Some(zero) = self.zero()? else {
            return Ok(true);
        };
        let Some(file) = self.file.as_mut() else {
            return Ok(true);
        };
        while !self.broken {
            // Up to the byte of the last cut, and no further, at first.
            let before = self.cut.saturating_sub(self.read);
            let length = if before > 0 {
                before
            } else if self.decoder.records().saturating_sub(self.records) < most {
                most.saturating_mul(RECORD)
            } else {
                return Ok(false);
            };
            let length = PIECE.min(usize::try_from(length).unwrap_or(PIECE));
            let got = match file.read(self.decoder.room(length)) {
                Ok(0) => return Ok(true),
                Ok(got) => got,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.decoder.filled(got);
            self.read += got as u64;
            self.broken = take(&mut self.decoder, &mut self.collector, zero).is_err();
            if self.read == self.cut {
                self.records = self.decoder.records();
                if let Some(collector) = &mut self.collector {
                    // In cells already.
                    let _ = collector.take();
                }
            }
        }
        Ok(true)
    }

    /// When the load began, by Gatling's clock: zero of all times. `None` while nobody knows.
    fn zero(&mut self) -> io::Result<Option<i64>> {
        if self.file.is_none() {
            let Some(path) = self.folder.simulation_log() else {
                return Ok(None);
            };
            self.file = Some(File::open(path)?);
        }
        if self.zero.is_none()
            && let Some(spec) = self.folder.spec()?
        {
            let probe = self.folder.probe()?.filter(|_| spec.probe);
            self.zero = zero(self.folder.control()?.release_ms, probe.as_ref());
        }
        Ok(self.zero)
    }

    /// The figures since the last cut, up to a byte; `None` if there is nothing new. At the `end`
    /// there always is, and users that have not ended leave.
    pub(super) fn cut(&mut self, end: bool) -> Option<(u64, Figures)> {
        // All it has counted is in cells already: it has not caught up, or the log has lost its end.
        if self.read < self.cut {
            return end.then(|| (self.cut, Figures::default()));
        }
        let to = self.decoder.offset();
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
        self.records = self.decoder.records();
        self.cut = self.cut.max(to);
        Some((self.cut, figures))
    }
}

/// The instant named for the load to begin, by Gatling's clock. That clock is known where the probe
/// has released Gatling: it need not be this machine's.
fn zero(named: Option<u64>, probe: Option<&ProbeReport>) -> Option<i64> {
    let ms = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
    let Some(probe) = probe.filter(|probe| probe.held) else {
        return named.map(ms);
    };
    match (probe.released_ms, probe.gatling_ms) {
        (0, _) => None,
        (_, 0) => named.map(ms),
        (released, gatling) => {
            let late = named.map_or(0, |named| ms(released).saturating_sub(ms(named)));
            Some(ms(gatling).saturating_sub(late))
        }
    }
}

/// Counts what the decoder has.
pub(super) fn take(
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
    use super::super::rig::{Rig, sample, whole};
    use super::*;

    const ALL: u64 = u64::MAX;

    #[test]
    fn cells_add_up_to_the_log_also_over_restarts() {
        for (name, probe) in [("3.16.0", true), ("3.16.0-edge", false), ("3.12.0", false)] {
            let log = sample(name);
            for pieces in [3, 40] {
                let rig = Rig::new(probe);
                let mut sum = Figures::default();
                let (mut tail, mut to) = (Tail::new(rig.folder.clone(), 0), 0);
                assert!(tail.read(ALL).unwrap() && tail.cut(false).is_none());
                let pieces: Vec<&[u8]> = log.chunks(log.len() / pieces + 1).collect();
                for (number, piece) in pieces.iter().enumerate() {
                    rig.append(piece);
                    if number == 0 {
                        // Nobody knows yet when zero is.
                        assert!(tail.read(ALL).unwrap() && tail.cut(false).is_none());
                        rig.release(probe);
                    }
                    if number % 2 == 1 {
                        // A restarted agent.
                        tail = Tail::new(rig.folder.clone(), to);
                    }
                    assert!(tail.read(ALL).unwrap());
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
        tail.read(ALL).unwrap();
        assert!(tail.is_broken());
        let (to, figures) = tail.cut(true).unwrap();
        assert!(to <= half as u64 && figures.all().count() > 0);
    }

    #[test]
    fn without_a_log_there_is_one_empty_cell_at_the_end() {
        let rig = Rig::new(true);
        let mut tail = Tail::new(rig.folder.clone(), 0);
        assert!(tail.read(ALL).unwrap() && tail.cut(false).is_none());
        assert_eq!(tail.cut(true), Some((0, Figures::default())));
    }

    #[test]
    fn a_log_that_lost_its_end_is_not_counted_again() {
        let log = sample("3.16.0");
        let rig = Rig::new(true);
        rig.release(true);
        rig.append(&log[..log.len() / 2]);
        let cut = log.len() as u64 + 1;
        let mut tail = Tail::new(rig.folder.clone(), cut);
        assert!(tail.read(ALL).unwrap() && tail.cut(false).is_none());
        assert_eq!(tail.cut(true), Some((cut, Figures::default())));

        let (rig, mut log) = (Rig::new(true), log);
        let half = log.len() / 2;
        log[half..].fill(0xff);
        rig.release(true);
        rig.append(&log);
        let mut tail = Tail::new(rig.folder.clone(), cut);
        assert!(tail.read(ALL).unwrap() && tail.is_broken());
        assert_eq!(tail.cut(true), Some((cut, Figures::default())));
    }

    #[test]
    fn zero_is_the_instant_named_by_gatlings_clock() {
        let probe = |held, released_ms, gatling_ms| ProbeReport {
            held,
            released_ms,
            gatling_ms,
            ..ProbeReport::default()
        };
        let cases = [
            (Some(1000), None, Some(1000)),
            (None, None, None),
            (Some(1000), Some(probe(false, 0, 0)), Some(1000)),
            // Held still.
            (Some(1000), Some(probe(true, 0, 0)), None),
            (Some(1000), Some(probe(true, 0, 990)), None),
            // Released 4 ms late, by a clock that is 10 ms behind.
            (Some(1000), Some(probe(true, 1004, 994)), Some(990)),
            (None, Some(probe(true, 1004, 994)), Some(994)),
            // Gatling's clock is not known.
            (Some(1000), Some(probe(true, 1004, 0)), Some(1000)),
        ];
        for (named, probe, expected) in cases {
            assert_eq!(zero(named, probe.as_ref()), expected, "{named:?} {probe:?}");
        }
    }
}
