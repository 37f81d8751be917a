//! Reading one agent's log.

use std::fs::File;
use std::io::{self, ErrorKind, Seek as _};

use bfgg_stats::{Figures, Limits};
use gatling_log::{Cause, DecodeError, Decoder, Ending, Header, Pace, Record};

use crate::counting::Counting;
use crate::{LogInput, TroubleKind, parts};

/// Bytes read at once.
pub(crate) const PIECE: usize = 256 * 1024;

/// What one log gave.
pub(crate) struct AgentLog {
    pub(crate) header: Header,
    pub(crate) figures: Figures,
    /// What limits the trust in it.
    pub(crate) troubles: Vec<Finding>,
    /// Bytes in it; `None` if it is no file.
    pub(crate) bytes: Option<u64>,
    /// Of these bytes in whole records.
    pub(crate) decoded_bytes: u64,
    /// Records in it, without the header.
    pub(crate) records: u64,
}

/// Something that limits the trust in a log.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) kind: TroubleKind,
    /// A sentence without the log's name.
    pub(crate) text: String,
}

/// Why nothing of a log can be used.
pub(crate) struct Unusable {
    pub(crate) kind: TroubleKind,
    pub(crate) reason: String,
}

/// A log that is open. Of one that grows it reads what it had when it was first looked at, so that
/// whoever reads it twice, or again, reads the same.
pub(crate) struct LogFile {
    file: File,
    /// Bytes that count; `None` if it is no file and has no length.
    length: Option<u64>,
    /// Where it is read.
    at: u64,
}

impl LogFile {
    /// `Err` says why it cannot be opened.
    pub(crate) fn open(log: &LogInput) -> Result<Self, String> {
        let opened = File::open(&log.path).and_then(|file| {
            let metadata = file.metadata()?;
            let length = metadata.is_file().then_some(metadata.len());
            Ok((file, length))
        });
        match opened {
            Ok((file, length)) => Ok(Self {
                file,
                length: length.map(|now| log.length.unwrap_or(now)),
                at: 0,
            }),
            Err(error) => Err(not_opened(log, &error)),
        }
    }

    /// Bytes that count; `None` if it is no file.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    pub(crate) fn rewind(&mut self) -> std::io::Result<()> {
        self.at = 0;
        self.file.rewind()
    }

    /// The file and how much of it counts, where it is one that can be read at any place.
    pub(crate) fn whole(&self) -> Option<(&File, u64)> {
        Some((&self.file, self.length?))
    }

    /// What there is to say if it has more by now.
    pub(crate) fn growth(&self) -> Option<Finding> {
        let now = self.file.metadata().ok()?.len();
        let length = self.length.filter(|length| now > *length)?;
        Some(Finding {
            kind: TroubleKind::Growing,
            text: format!(
                "its log grew while it was read: the {length} bytes that it had at first count, what came \
                 after them is missing"
            ),
        })
    }
}

impl io::Read for LogFile {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let left = self
            .length
            .map_or(u64::MAX, |length| length.saturating_sub(self.at));
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(room.len());
        let length = self.file.read(&mut room[..most])?;
        self.at += length as u64;
        Ok(length)
    }
}

fn not_opened(log: &LogInput, error: &std::io::Error) -> String {
    let path = log.path.display().to_string();
    // A log given by hand has its path as its name, which stands before this.
    match (error.kind() == ErrorKind::NotFound, path == log.name) {
        (true, true) => "there is no such file".to_owned(),
        (true, false) => format!("there is no simulation.log ({path})"),
        (false, true) => format!("it cannot be opened: {error}"),
        (false, false) => format!("its simulation.log cannot be opened ({path}): {error}"),
    }
}

/// Reads a log to its end, or to where it can be read, on as many threads as there are `cores` for
/// it. `progress` gets the number of bytes of each piece.
///
/// `Err` says why nothing of it can be used.
pub(crate) fn read(
    log: &LogInput,
    limits: Limits,
    cores: usize,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<AgentLog, Unusable> {
    let unreadable_at_all = |reason| Unusable {
        kind: TroubleKind::Unreadable,
        reason,
    };
    let mut file = LogFile::open(log).map_err(unreadable_at_all)?;
    let place = |start: i64| {
        let pace = log.timing.pace(start);
        (start.saturating_add(log.offset_ms), pace)
    };
    let counted = match parts::plan(&file, cores) {
        Some(plan) => plan.read(&file, place, limits, progress),
        None => read_in_turn(&mut file, place, limits, cores > 1, progress),
    };
    let Read {
        decoder,
        figures,
        unreadable,
    } = counted;
    let (Some(header), Some(figures)) = (decoder.header(), figures) else {
        return Err(match decoder.header() {
            Some(_) => unreadable_at_all("its records could not be counted".to_owned()),
            None => Unusable {
                kind: TroubleKind::of_unusable(&decoder, unreadable.is_some()),
                reason: unusable(&decoder, unreadable.as_ref()),
            },
        });
    };
    Ok(AgentLog {
        header: header.clone(),
        figures,
        troubles: troubles(&decoder, unreadable.as_ref(), &file),
        bytes: file.length(),
        decoded_bytes: decoder.offset(),
        records: decoder.records(),
    })
}

/// A log that was read.
pub(crate) struct Read {
    pub(crate) decoder: Decoder,
    /// `None` without a header, or if a thread that counts is gone, which a defect alone can cause.
    pub(crate) figures: Option<Figures>,
    /// Why it could not be read to its end.
    pub(crate) unreadable: Option<std::io::Error>,
}

/// Reads it from the start. `place` tells for the log's own start what is added to its times. With
/// `beside` a second thread counts.
pub(crate) fn read_in_turn(
    file: &mut LogFile,
    place: impl Fn(i64) -> (i64, Pace),
    limits: Limits,
    beside: bool,
    progress: &(dyn Fn(u64) + Sync),
) -> Read {
    let mut decoder = Decoder::new();
    let mut counting = None;
    let begin = |start| {
        let (shift, pace) = place(start);
        Counting::new(shift, pace, limits, beside)
    };
    let unreadable = decode(file, &mut decoder, &mut counting, begin, progress);
    let figures = match (counting, decoder.header()) {
        (Some(counting), Some(header)) => counting.finish(&header.scenarios),
        _ => None,
    };
    Read {
        decoder,
        figures,
        unreadable,
    }
}

/// Decodes and counts all of `bytes`, or until one does not fit. Why it could not read on is the
/// answer.
pub(crate) fn decode(
    bytes: &mut impl io::Read,
    decoder: &mut Decoder,
    counting: &mut Option<Counting>,
    begin: impl Fn(i64) -> Counting,
    progress: &(dyn Fn(u64) + Sync),
) -> Option<io::Error> {
    loop {
        let length = match bytes.read(decoder.room(PIECE)) {
            Ok(0) => return None,
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Some(error),
        };
        decoder.filled(length);
        // The decoder keeps what does not fit.
        if take_records(decoder, counting, &begin).is_err() {
            return None;
        }
        progress(length as u64);
    }
}

/// Why a log without a header is none.
pub(crate) fn unusable(decoder: &Decoder, unreadable: Option<&std::io::Error>) -> String {
    match (unreadable, decoder.error()) {
        (Some(error), _) => format!("its simulation.log could not be read: {error}"),
        // What it is instead says more than the place in it.
        (None, Some(error)) if is_something_else(error) => {
            format!("its simulation.log cannot be used: {}", error.cause)
        }
        (None, Some(error)) => format!("the header of its simulation.log is damaged ({error})"),
        (None, None) if decoder.ending() == Ending::Empty => {
            "its simulation.log is empty: Gatling had written nothing yet".to_owned()
        }
        (None, None) => "its simulation.log ends within the header".to_owned(),
    }
}

/// Whether it is nothing that copying it again could mend.
pub(crate) fn is_something_else(error: &DecodeError) -> bool {
    error.offset == 0
        || matches!(
            error.cause,
            Cause::OldTextLog(_) | Cause::TextVersion(_) | Cause::Version(_) | Cause::Start(_)
        )
}

/// What limits the trust in a log that was read.
pub(crate) fn troubles(
    decoder: &Decoder,
    unreadable: Option<&std::io::Error>,
    file: &LogFile,
) -> Vec<Finding> {
    let mut troubles = Vec::new();
    let mut add = |kind, text| troubles.push(Finding { kind, text });
    let (offset, records) = (decoder.offset(), decoder.records());
    let stopped = match (unreadable, decoder.error()) {
        (Some(error), _) => Some((
            TroubleKind::Unreadable,
            format!("could not be read to its end: {error}"),
        )),
        (None, Some(error)) => Some((
            match error.newer_version {
                Some(_) => TroubleKind::UnknownLayout,
                None => TroubleKind::Damaged,
            },
            format!("is damaged ({error})"),
        )),
        (None, None) => None,
    };
    match (stopped, decoder.ending()) {
        (Some((kind, what)), _) => add(
            kind,
            format!(
                "its log {what}; the {records} records before byte {offset} count, what follows is missing"
            ),
        ),
        (None, Ending::Incomplete { .. }) => add(
            TroubleKind::Cut,
            format!(
                "its log ends in the middle of a record at byte {offset}; the {records} records before \
                 it count, what Gatling had not yet written is missing"
            ),
        ),
        (None, _) if records == 0 && decoder.bad_lines() == 0 => add(
            TroubleKind::NoRecords,
            "its log has a header and no records: the load never began".to_owned(),
        ),
        (None, _) => {}
    }
    let aside = decoder.set_aside();
    if aside.total() > 0 {
        add(
            TroubleKind::ImpossibleTimes,
            format!(
                "{} records of its log have impossible times and do not count ({} end before they \
                 start, {} overflowed)",
                aside.total(),
                aside.end_before_start,
                aside.overflowed
            ),
        );
    }
    if let Some(first) = decoder.first_bad_line() {
        let lines = match decoder.bad_lines() {
            1 => "1 line of its log does not fit and does not count".to_owned(),
            count => format!("{count} lines of its log do not fit and do not count"),
        };
        add(
            TroubleKind::BadLines,
            format!("{lines} (the first: {first})"),
        );
    }
    if let Some(header) = decoder.header().filter(|header| !header.version.is_known()) {
        add(
            TroubleKind::NewerVersion,
            format!(
                "its log is of Gatling {}, which is newer than those known here (3.0 to 3.16); all \
                 that counts fits their layout",
                header.version
            ),
        );
    }
    troubles.extend(file.growth());
    troubles
}

fn take_records(
    decoder: &mut Decoder,
    counting: &mut Option<Counting>,
    begin: &impl Fn(i64) -> Counting,
) -> Result<(), DecodeError> {
    // Apart from the loop below, which has no more than one test for each record.
    if counting.is_none() {
        match decoder.next_record()? {
            Some(Record::Run(header)) => *counting = Some(begin(header.start)),
            _ => return Ok(()),
        }
    }
    if let Some(counting) = counting {
        decoder.each_record(|record| counting.add(record))?;
    }
    Ok(())
}
