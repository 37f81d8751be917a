//! Several simulation logs as one file.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, Write};

use gatling_log::{Difference, Merge, Step, Version};

use crate::log::{PIECE, open, troubles, unusable};
use crate::{LogInput, ReportError};

/// What a merged log is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Gatling's version in it: the one whose report reads it.
    pub version: String,
    /// Records in it, without the header.
    pub records: u64,
    /// Logs that could not be used at all.
    pub missing: usize,
    /// What limits the trust in it.
    pub notes: Vec<String>,
}

/// Merges logs, binary and text ones, into one binary log, which it writes to `out`. Blocking.
///
/// `version` is that of the Gatling whose report is to read it (3.13 or later); without one it is
/// that of the first binary log. See [`Merge`] for what comes out.
///
/// Memory depends on the number of names, not on the logs' length. A text log is read twice.
///
/// # Errors
/// If not one log can be used, or `out` cannot be written. A damaged, cut or missing log beside a
/// usable one becomes a note.
pub fn merge(
    logs: &[LogInput],
    version: Option<Version>,
    out: &mut impl Write,
) -> Result<Merged, ReportError> {
    if logs.is_empty() {
        return Err(ReportError::NoLogs);
    }
    let mut files: Vec<Result<File, String>> = logs.iter().map(open).collect();
    let mut unreadable: Vec<Option<std::io::Error>> = logs.iter().map(|_| None).collect();
    let mut merge = Merge::new(logs.iter().map(|log| log.offset_ms));
    if let Some(version) = version {
        merge = merge.with_version(version);
    }
    let mut piece = vec![0; PIECE];
    let mut merged = Vec::new();
    let mut whole = loop {
        let Ok(step) = merge.step(&mut merged) else {
            break false;
        };
        out.write_all(&merged).map_err(write_failed)?;
        merged.clear();
        match step {
            Step::Push(log) => match files.get_mut(log) {
                Some(Ok(file)) => match fill(file, &mut piece) {
                    Ok(0) => merge.end(log),
                    Ok(length) => merge.push(log, &piece[..length]),
                    Err(cause) => {
                        unreadable[log] = Some(cause);
                        merge.end(log);
                    }
                },
                _ => merge.end(log),
            },
            Step::Again(log) => {
                if let Some(Ok(file)) = files.get_mut(log)
                    && let Err(cause) = file.rewind()
                {
                    unreadable[log] = Some(cause);
                    files[log] = Err("its simulation.log cannot be read twice".to_owned());
                }
            }
            Step::Write => {}
            Step::Done => break true,
        }
    };
    out.flush().map_err(write_failed)?;

    let (mut notes, mut reasons) = (Vec::new(), Vec::new());
    for (index, decoder) in merge.logs().enumerate() {
        let name = &logs[index].name;
        let cause = unreadable[index].as_ref();
        let reason = match &files[index] {
            Err(reason) => Some(reason.clone()),
            Ok(_) if decoder.header().is_none() => Some(unusable(decoder, cause)),
            Ok(_) => None,
        };
        match reason {
            Some(reason) => {
                notes.push(format!("{name}: {reason}; its records are missing here"));
                reasons.push(format!("{name}: {reason}"));
            }
            None => notes.extend(
                troubles(decoder, cause)
                    .into_iter()
                    .map(|text| format!("{name}: {text}")),
            ),
        }
        let left_out = merge.left_out(index);
        if left_out > 0 {
            notes.push(format!(
                "{name}: {left_out} of its records are left out: their times have no place in a log \
                 that begins with the earliest one"
            ));
        }
    }
    whole &= reasons.len() < logs.len();
    let Some(header) = merge.header().filter(|_| whole) else {
        return Err(ReportError::NoUsableLog {
            reasons,
            kinds: Vec::new(),
        });
    };
    for (index, difference) in merge.differences() {
        let name = &logs[*index].name;
        notes.push(match difference {
            Difference::Simulation => {
                format!(
                    "{name} is of another simulation than the first log: the merged log mixes them"
                )
            }
            Difference::Version => format!("{name} is of another Gatling than the first log"),
            Difference::Assertions => {
                format!("{name} has other assertions than the first log, whose assertions are kept")
            }
            _ => format!("some assertions of {name} cannot be read and are left out"),
        });
    }
    Ok(Merged {
        version: header.version.to_string(),
        records: merge.records(),
        missing: reasons.len(),
        notes,
    })
}

fn fill(file: &mut File, piece: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match file.read(piece) {
            Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn write_failed(cause: std::io::Error) -> ReportError {
    ReportError::Write {
        kind: cause.kind(),
        cause: cause.to_string(),
    }
}
