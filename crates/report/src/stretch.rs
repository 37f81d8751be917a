//! The figures of a stretch of a run: of the responses that ended within it.

use std::io::{ErrorKind, Read as _};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use bfgg_stats::{Figures, Limits};
use gatling_log::{Decoder, Pace, Record};

use crate::build::errors;
use crate::counting::Counting;
use crate::log::{LogFile, PIECE, unusable};
use crate::rows::rows_over;
use crate::{Columns, ErrorRow, LogInput, Row};

/// What a table shows of a stretch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StretchFigures {
    /// As those of a result; rates are over the stretch's seconds.
    pub rows: Vec<Row>,
    /// Every error message in it, the most frequent first.
    pub errors: Vec<ErrorRow>,
}

/// The rows of figures that are those of a stretch of so many seconds.
#[must_use]
pub fn stretch(figures: &Figures, columns: &Columns, seconds: u64) -> StretchFigures {
    StretchFigures {
        rows: rows_over(figures, columns, seconds),
        errors: errors(figures),
    }
}

/// Reads logs again and counts the requests and groups that ended within `ms`, which is Unix time by
/// the controller's clock, and the errors outside of requests that happened in it. With the figures
/// come sentences on logs that could not be used. `None` once `cancelled` is set.
///
/// Blocking: it decodes every log to its end, one after the other.
#[must_use]
pub fn stretch_of_logs(
    logs: &[LogInput],
    limits: Limits,
    ms: &Range<i64>,
    cancelled: &AtomicBool,
) -> Option<(Figures, Vec<String>)> {
    let mut all = Figures::new(limits);
    let mut notes = Vec::new();
    for log in logs {
        match read(log, limits, ms, cancelled)? {
            Ok(figures) => all.merge(figures),
            Err(reason) => notes.push(format!(
                "{}: {reason}; its requests are missing here.",
                log.name
            )),
        }
    }
    Some((all, notes))
}

/// What of a log's records counts. Times are ms after the log's start.
struct Within {
    ms: Range<i64>,
    pace: Pace,
}

impl Within {
    #[inline]
    fn has(&self, record: &Record<'_>) -> bool {
        let (mut start, mut end) = match record {
            Record::Request(request) => (request.start, request.end),
            Record::Group(group) => (group.start, group.end),
            Record::Error(error) => (error.time, error.time),
            _ => return false,
        };
        self.pace.set_right(&mut start, &mut end);
        self.ms.contains(&i64::from(end))
    }
}

/// `None` if cancelled, `Err` if nothing of it can be used.
fn read(
    log: &LogInput,
    limits: Limits,
    ms: &Range<i64>,
    cancelled: &AtomicBool,
) -> Option<Result<Figures, String>> {
    let mut file = match LogFile::open(log) {
        Ok(file) => file,
        Err(reason) => return Some(Err(reason)),
    };
    let mut decoder = Decoder::new();
    let mut counting: Option<(Counting, Within)> = None;
    let mut unreadable = None;
    loop {
        if cancelled.load(Ordering::Relaxed) {
            return None;
        }
        match file.read(decoder.room(PIECE)) {
            Ok(0) => break,
            Ok(length) => decoder.filled(length),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => {
                unreadable = Some(error);
                break;
            }
        }
        if counting.is_none() {
            match decoder.next_record() {
                Ok(Some(Record::Run(header))) => {
                    let shift = header.start.saturating_add(log.offset_ms);
                    let pace = log.timing.pace(header.start);
                    let ms = ms.start.saturating_sub(shift)..ms.end.saturating_sub(shift);
                    let counts = Counting::new(shift, pace, limits, false);
                    counting = Some((counts, Within { ms, pace }));
                }
                Ok(_) => continue,
                Err(_) => break,
            }
        }
        if let Some((counts, within)) = &mut counting {
            let counted = decoder.each_record(|record| {
                if within.has(record) {
                    counts.add(record);
                }
            });
            // What came before the damage counts, as in the result.
            if counted.is_err() {
                break;
            }
        }
    }
    let figures = counting.and_then(|(counts, _)| counts.finish(&[]));
    Some(figures.ok_or_else(|| unusable(&decoder, unreadable.as_ref())))
}
