//! Reading one agent's log.

use std::fs::File;
use std::io::{ErrorKind, Read as _};

use bfgg_stats::{Collector, Figures, Limits};
use gatling_log::{DecodeError, Decoder, Ending, Header, Record};

use crate::LogInput;

const PIECE: usize = 256 * 1024;

/// What one log gave.
pub(crate) struct AgentLog {
    pub(crate) header: Header,
    pub(crate) figures: Figures,
    /// What limits the trust in it.
    pub(crate) troubles: Vec<String>,
}

/// Why reading ended before the log did.
enum Stopped {
    Unreadable(std::io::Error),
    Damaged(DecodeError),
}

/// Reads a log to its end, or to where it can be read.
///
/// `Err` says why nothing of it can be used.
pub(crate) fn read(log: &LogInput, limits: Limits) -> Result<AgentLog, String> {
    let mut file = File::open(&log.path).map_err(|error| {
        let path = log.path.display();
        if error.kind() == ErrorKind::NotFound {
            format!("there is no simulation.log ({path})")
        } else {
            format!("its simulation.log cannot be opened ({path}): {error}")
        }
    })?;
    let mut decoder = Decoder::new();
    let mut collector = None;
    let mut piece = vec![0; PIECE];
    let stopped = loop {
        let length = match file.read(&mut piece) {
            Ok(0) => break None,
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => break Some(Stopped::Unreadable(error)),
        };
        decoder.push(&piece[..length]);
        if let Err(error) = take_records(&mut decoder, &mut collector, log, limits) {
            break Some(Stopped::Damaged(error));
        }
    };
    let ending = decoder.ending();
    let (Some(header), Some(collector)) = (decoder.header(), collector) else {
        return Err(match (stopped, ending) {
            (Some(Stopped::Unreadable(error)), _) => {
                format!("its simulation.log could not be read: {error}")
            }
            // What it is instead of a log says more than the place in it.
            (Some(Stopped::Damaged(error)), _) if error.offset == 0 => {
                format!("its simulation.log cannot be used: {}", error.cause)
            }
            (Some(Stopped::Damaged(error)), _) => {
                format!("the header of its simulation.log is damaged ({error})")
            }
            (None, Ending::Empty) => {
                "its simulation.log is empty: Gatling had written nothing yet".to_owned()
            }
            (None, _) => "its simulation.log ends within the header".to_owned(),
        });
    };
    let mut troubles = Vec::new();
    let (offset, records) = (decoder.offset(), decoder.records());
    match (stopped, ending) {
        (Some(stopped), _) => {
            let what = match stopped {
                Stopped::Unreadable(error) => format!("could not be read to its end: {error}"),
                Stopped::Damaged(error) => format!("is damaged ({error})"),
            };
            troubles.push(format!(
                "its log {what}; the {records} records before byte {offset} count, what follows is \
                 missing"
            ));
        }
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
    if !header.version.is_known() {
        troubles.push(format!(
            "its log is of Gatling {}, which is newer than those known here (3.13 to 3.16); all \
             that counts fits their layout",
            header.version
        ));
    }
    Ok(AgentLog {
        header: header.clone(),
        figures: collector.finish(),
        troubles,
    })
}

fn take_records(
    decoder: &mut Decoder,
    collector: &mut Option<Collector>,
    log: &LogInput,
    limits: Limits,
) -> Result<(), DecodeError> {
    while let Some(record) = decoder.next_record()? {
        match (&record, collector.as_mut()) {
            (Record::Run(header), _) => {
                let shift = header.start.saturating_add(log.offset_ms);
                *collector = Some(Collector::new(shift, limits));
            }
            (_, Some(collector)) => collector.add(&record),
            (_, None) => {}
        }
    }
    Ok(())
}
