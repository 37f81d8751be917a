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
