//! Several simulation logs as one file.

use std::io::{ErrorKind, Read as _, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use gatling_log::{Difference, Merge, Step, Version};

use crate::log::{LogFile, PIECE, troubles, unusable};
use crate::{LogInput, ReportError, Trouble, TroubleKind};

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
    /// What was wrong with the logs, for programs; each has a note as well.
    pub troubles: Vec<Trouble>,
}

impl Merged {
    /// Whether something that may be in the logs is missing in it.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.troubles
            .iter()
            .any(|trouble| trouble.kind.is_missing())
    }
}

/// Merges logs, binary and text ones, into one binary log, which it writes to `out`. Blocking.
///
/// `version` is that of the Gatling whose report is to read it (3.13 or later); without one it is
/// that of the first binary log. See [`Merge`] for what comes out.
///
/// Memory depends on the number of names, not on the logs' length. A text log is read twice.
///
/// # Errors
/// If not one log can be used, or `out` cannot be written; nothing was written to it in the first case.
/// A damaged, cut or missing log beside a usable one becomes a note and a [`Trouble`].
pub fn merge(
    logs: &[LogInput],
    version: Option<Version>,
    out: &mut (impl Write + Send),
) -> Result<Merged, ReportError> {
    if logs.is_empty() {
        return Err(ReportError::NoLogs);
    }
    let mut files: Vec<Result<LogFile, String>> = logs.iter().map(LogFile::open).collect();
    let mut unreadable: Vec<Option<std::io::Error>> = logs.iter().map(|_| None).collect();
    let mut merge = Merge::new(logs.iter().map(|log| log.offset_ms));
    for (index, log) in logs.iter().enumerate() {
        merge = merge.with_drift(index, log.timing.billionths(), log.timing.drift_from_ms);
    }
    if let Some(version) = version {
        merge = merge.with_version(version);
    }
    let mut whole = writing(out, |write| {
        let mut piece = vec![0; PIECE];
        let mut merged = Vec::new();
        loop {
            let Ok(step) = merge.step(&mut merged) else {
                return false;
            };
            if merged.len() >= PIECE || step == Step::Done {
                merged = write.write(merged);
            }
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
                Step::Write if write.has_failed => return false,
                Step::Write => {}
                Step::Done => return true,
            }
        }
    })?;

    let (mut found, mut reasons) = (Vec::new(), Vec::new());
    for (index, decoder) in merge.logs().enumerate() {
        let name = &logs[index].name;
        let mut add = |kind, text: &str| {
            found.push(Trouble {
                kind,
                log: name.clone(),
                text: format!("{name}: {text}"),
            });
        };
        let cause = unreadable[index].as_ref();
        let kind = || TroubleKind::of_unusable(decoder, cause.is_some());
        let unused = match &files[index] {
            Err(reason) => Err((TroubleKind::Unreadable, reason.clone())),
            Ok(_) if decoder.header().is_none() => Err((kind(), unusable(decoder, cause))),
            Ok(file) => Ok(file),
        };
        match unused {
            Err((kind, reason)) => {
                add(kind, &format!("{reason}; its records are missing here"));
                reasons.push(format!("{name}: {reason}"));
            }
            Ok(file) => {
                for finding in troubles(decoder, cause, file) {
                    add(finding.kind, &finding.text);
                }
            }
        }
        let left_out = merge.left_out(index);
        if left_out > 0 {
            let how_many = match decoder
                .records()
                .saturating_sub(decoder.set_aside().total())
            {
                all if all == left_out => format!("all {left_out}"),
                all => format!("{left_out} of {all}"),
            };
            add(
                TroubleKind::LeftOut,
                &format!(
                    "{how_many} records are left out: their times have no place in a log that begins with \
                     the earliest one, or its header has no room for their scenarios"
                ),
            );
        }
    }
    let mut notes: Vec<String> = found.iter().map(|trouble| trouble.text.clone()).collect();
    whole &= reasons.len() < logs.len();
    let Some(header) = merge.header().filter(|_| whole) else {
        return Err(ReportError::NoUsableLog {
            reasons,
            kinds: found.iter().map(|trouble| trouble.kind).collect(),
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
        troubles: found,
    })
}

/// Pieces on their way to where they are written.
const QUEUE: usize = 4;

/// Has pieces written on a thread beside.
struct Writing {
    full: SyncSender<Vec<u8>>,
    /// Their memory comes back.
    written: Receiver<Vec<u8>>,
    has_failed: bool,
}

impl Writing {
    /// Memory for the next piece is the answer.
    fn write(&mut self, piece: Vec<u8>) -> Vec<u8> {
        self.has_failed |= self.full.send(piece).is_err();
        let mut empty = self.written.try_recv().unwrap_or_default();
        empty.clear();
        empty
    }
}

/// Does `work`, which has pieces written to `out`, in order.
fn writing<T>(
    out: &mut (impl Write + Send),
    work: impl FnOnce(&mut Writing) -> T,
) -> Result<T, ReportError> {
    let (full, pieces) = sync_channel::<Vec<u8>>(QUEUE);
    let (back, written) = sync_channel(QUEUE + 2);
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            for piece in pieces {
                out.write_all(&piece)?;
                // At the end nobody needs it any more.
                let _ = back.try_send(piece);
            }
            out.flush()
        });
        let mut writing = Writing {
            full,
            written,
            has_failed: false,
        };
        let done = work(&mut writing);
        drop(writing);
        match writer.join() {
            Ok(wrote) => wrote.map(|()| done).map_err(write_failed),
            Err(_) => Err(write_failed(std::io::Error::other("a thread is gone"))),
        }
    })
}

fn fill(file: &mut LogFile, piece: &mut [u8]) -> std::io::Result<usize> {
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
