//! Reading one agent's log.

use std::fs::File;
use std::io::{ErrorKind, Read as _};

use bfgg_stats::{Figures, Limits};
use gatling_log::{DecodeError, Decoder, Ending, Header, Record};

use crate::counting::Counting;
use crate::{LogInput, TroubleKind};

/// Bytes read at once.
pub(crate) const PIECE: usize = 256 * 1024;

/// What one log gave.
pub(crate) struct AgentLog {
    pub(crate) header: Header,
    pub(crate) figures: Figures,
    /// What limits the trust in it.
    pub(crate) troubles: Vec<String>,
    /// The kind of these.
    pub(crate) kind: TroubleKind,
}

/// Why nothing of a log can be used.
pub(crate) struct Unusable {
    pub(crate) kind: TroubleKind,
    pub(crate) reason: String,
}

/// Opens a log; `Err` says why it cannot be.
pub(crate) fn open(log: &LogInput) -> Result<File, String> {
    File::open(&log.path).map_err(|error| {
        let path = log.path.display().to_string();
        // A log given by hand has its path as its name, which stands before this.
        match (error.kind() == ErrorKind::NotFound, path == log.name) {
            (true, true) => "there is no such file".to_owned(),
            (true, false) => format!("there is no simulation.log ({path})"),
            (false, true) => format!("it cannot be opened: {error}"),
            (false, false) => format!("its simulation.log cannot be opened ({path}): {error}"),
        }
    })
}

/// Reads a log to its end, or to where it can be read. With `beside` a second thread counts.
/// `progress` gets the number of bytes of each piece.
///
/// `Err` says why nothing of it can be used.
pub(crate) fn read(
    log: &LogInput,
    limits: Limits,
    beside: bool,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<AgentLog, Unusable> {
    let unreadable_at_all = |reason| Unusable {
        kind: TroubleKind::Unreadable,
        reason,
    };
    let mut file = open(log).map_err(unreadable_at_all)?;
    let mut decoder = Decoder::new();
    let mut counting = None;
    let unreadable = loop {
        let length = match file.read(decoder.room(PIECE)) {
            Ok(0) => break None,
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => break Some(error),
        };
        decoder.filled(length);
        // The decoder keeps what does not fit.
        let taken = take_records(&mut decoder, &mut counting, |shift| {
            Counting::new(shift.saturating_add(log.offset_ms), limits, beside)
        });
        if taken.is_err() {
            break None;
        }
        progress(length as u64);
    };
    let (Some(header), Some(counting)) = (decoder.header(), counting) else {
        return Err(Unusable {
            kind: TroubleKind::of_unusable(&decoder, unreadable.is_some()),
            reason: unusable(&decoder, unreadable.as_ref()),
        });
    };
    let figures = counting
        .finish(&header.scenarios)
        .ok_or_else(|| unreadable_at_all("its records could not be counted".to_owned()))?;
    Ok(AgentLog {
        header: header.clone(),
        figures,
        troubles: troubles(&decoder, unreadable.as_ref()),
        kind: TroubleKind::of_used(&decoder, unreadable.is_some()),
    })
}

/// Why a log without a header is none.
pub(crate) fn unusable(decoder: &Decoder, unreadable: Option<&std::io::Error>) -> String {
    match (unreadable, decoder.error()) {
        (Some(error), _) => format!("its simulation.log could not be read: {error}"),
        // What it is instead of a log says more than the place in it.
        (None, Some(error)) if error.offset == 0 => {
            format!("its simulation.log cannot be used: {}", error.cause)
        }
        (None, Some(error)) => format!("the header of its simulation.log is damaged ({error})"),
        (None, None) if decoder.ending() == Ending::Empty => {
            "its simulation.log is empty: Gatling had written nothing yet".to_owned()
        }
        (None, None) => "its simulation.log ends within the header".to_owned(),
    }
}

/// What limits the trust in a log that was read.
pub(crate) fn troubles(decoder: &Decoder, unreadable: Option<&std::io::Error>) -> Vec<String> {
    let mut troubles = Vec::new();
    let (offset, records) = (decoder.offset(), decoder.records());
    let stopped = match (unreadable, decoder.error()) {
        (Some(error), _) => Some(format!("could not be read to its end: {error}")),
        (None, Some(error)) => Some(format!("is damaged ({error})")),
        (None, None) => None,
    };
    match (stopped, decoder.ending()) {
        (Some(what), _) => troubles.push(format!(
            "its log {what}; the {records} records before byte {offset} count, what follows is missing"
        )),
        (None, Ending::Incomplete { .. }) => troubles.push(format!(
            "its log ends in the middle of a record at byte {offset}; the {records} records before \
             it count, what Gatling had not yet written is missing"
        )),
        (None, _) if records == 0 => {
            troubles.push("its log has a header and no records: the load never began".to_owned());
        }
        (None, _) => {}
    }
    let aside = decoder.set_aside();
    if aside.total() > 0 {
        troubles.push(format!(
            "{} records of its log have impossible times and do not count ({} end before they \
             start, {} overflowed)",
            aside.total(),
            aside.end_before_start,
            aside.overflowed
        ));
    }
    if let Some(first) = decoder.first_bad_line() {
        let lines = match decoder.bad_lines() {
            1 => "1 line of its log does not fit and does not count".to_owned(),
            count => format!("{count} lines of its log do not fit and do not count"),
        };
        troubles.push(format!("{lines} (the first: {first})"));
    }
    if let Some(header) = decoder.header().filter(|header| !header.version.is_known()) {
        troubles.push(format!(
            "its log is of Gatling {}, which is newer than those known here (3.0 to 3.16); all \
             that counts fits their layout",
            header.version
        ));
    }
    troubles
}

fn take_records(
    decoder: &mut Decoder,
    counting: &mut Option<Counting>,
    begin: impl Fn(i64) -> Counting,
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
