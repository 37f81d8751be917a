//! The figures of a stretch of a run's seconds: from its logs where they are here, otherwise from what
//! its agents have told.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use bfgg_protocol::decode;
use bfgg_protocol::version::MAX_TELEMETRY;
use bfgg_report::{Columns, Limits, LogInput, Series, StretchFigures, stretch, stretch_of_logs};
use bfgg_stats::{Figures, Second};
use serde::Deserialize;
use tracing::warn;

use super::cells_file::{Entry, scan};
use super::report::SERIES;
use super::timeline::{FILE, figures_of};
use crate::api::types::{Run, RunStretch, StretchCount};
use crate::error::{Refused, RefusedKind};

/// No stretch is longer, s, and none lies further away.
pub(crate) const LONGEST_S: i64 = 31 * 24 * 3600;

/// What a stretch is made of.
#[derive(Debug)]
pub(crate) struct StretchTask {
    pub(crate) run: Run,
    /// The logs that are here.
    pub(crate) logs: Vec<LogInput>,
    pub(crate) columns: Columns,
    /// The seconds, as the run's series counts them.
    pub(crate) seconds: Range<i64>,
}

impl StretchTask {
    /// The figures. Blocking; `None` once `cancelled` is set.
    pub(crate) fn make(&self, cancelled: &AtomicBool) -> Option<Result<RunStretch, Refused>> {
        match self.run.has_summary {
            true => self.of_logs(cancelled),
            false => self.of_cells(cancelled),
        }
    }

    fn of_logs(&self, cancelled: &AtomicBool) -> Option<Result<RunStretch, Refused>> {
        let path = Path::new(&self.run.folder).join(SERIES);
        let read = std::fs::read(&path).and_then(|bytes| {
            serde_json::from_slice::<Series>(&bytes).map_err(std::io::Error::other)
        });
        let series = match read {
            Ok(series) => series,
            Err(cause) => {
                let message = format!("{} cannot be read: {cause}.", path.display());
                return Some(Err(Refused::new(
                    RefusedKind::Internal,
                    "disk",
                    message,
                    "Was the run's folder moved or deleted?",
                )));
            }
        };
        let length = i64::try_from(series.seconds.len()).unwrap_or(i64::MAX);
        let clipped = self.seconds.start.max(0)..self.seconds.end.min(length);
        if clipped.is_empty() {
            return Some(Err(self.outside(0..length)));
        }
        let zero = i64::try_from(series.start_ms).unwrap_or(i64::MAX);
        let at = |second: i64| zero.saturating_add(second.saturating_mul(1000));
        let ms = at(clipped.start)..at(clipped.end);
        let (figures, mut notes) = stretch_of_logs(&self.logs, Limits::default(), &ms, cancelled)?;
        let logged = |peer: &str| self.logs.iter().any(|log| log.peer == peer);
        for agent in &self.run.agents {
            if !logged(&agent.id.to_string()) {
                notes.push(format!(
                    "{}: its log is not here; its requests are missing here.",
                    agent.name
                ));
            }
        }
        Some(Ok(self.answer(
            &figures,
            &clipped,
            notes,
            StretchCount::Ended,
        )))
    }

    fn of_cells(&self, cancelled: &AtomicBool) -> Option<Result<RunStretch, Refused>> {
        let path = Path::new(&self.run.folder).join(FILE);
        let mut sum = Sum::new(self.seconds.clone(), self.run.agents.len());
        let there = match scan(&path, cancelled, |entry| sum.take(&entry)) {
            Ok(there) => there,
            Err(cause) => {
                let message = format!("{} cannot be read: {cause}.", path.display());
                let hint = "Was the run's folder moved or deleted?";
                return Some(Err(Refused::new(
                    RefusedKind::Internal,
                    "disk",
                    message,
                    hint,
                )));
            }
        };
        if cancelled.load(std::sync::atomic::Ordering::Relaxed) {
            return None;
        }
        // Before the first cell there are no figures yet; afterwards there never will be.
        if !there && self.run.state.is_final() {
            let message = format!(
                "Run {} has no figures by second: neither a log nor what its agents told is here.",
                self.run.id
            );
            let hint = "An agent that delivers its log later has the result made.";
            return Some(Err(Refused::new(
                RefusedKind::NotFound,
                "no-figures",
                message,
                hint,
            )));
        }
        let known = sum.known.clone().unwrap_or_else(|| self.seconds.clone());
        let clipped = self.seconds.start.max(known.start)..self.seconds.end.min(known.end);
        if clipped.is_empty() {
            return Some(Err(self.outside(known)));
        }
        let notes = match sum.unreadable {
            0 => Vec::new(),
            count => vec![format!(
                "{count} of the seconds told by agents could not be read and are missing here."
            )],
        };
        let answer = self.answer(&sum.figures, &clipped, notes, StretchCount::Told);
        Some(Ok(RunStretch {
            outside: sum.outside,
            elsewhere: sum.elsewhere,
            ..answer
        }))
    }

    fn answer(
        &self,
        figures: &Figures,
        seconds: &Range<i64>,
        notes: Vec<String>,
        counted: StretchCount,
    ) -> RunStretch {
        let length = u64::try_from(seconds.end - seconds.start).unwrap_or(1);
        let StretchFigures { rows, errors } = stretch(figures, &self.columns, length);
        RunStretch {
            from_s: seconds.start,
            until_s: seconds.end,
            counted,
            outside: 0,
            elsewhere: 0,
            columns: self.columns.clone(),
            rows,
            errors,
            notes,
        }
    }

    fn outside(&self, known: Range<i64>) -> Refused {
        let Range { start, end } = self.seconds;
        let message = format!(
            "The run has no second from {start} until {end}: it has those from {} until {}.",
            known.start, known.end
        );
        let hint = "Choose a stretch within the run.";
        Refused::new(RefusedKind::BadInput, "bad-input", message, hint)
    }
}

/// Of a cell's figures what says when it is, without the rest of them.
#[derive(Deserialize)]
struct When {
    seconds: Vec<(i64, Second)>,
}

impl When {
    fn responses(&self, within: impl Fn(i64) -> bool) -> u64 {
        let counted = self.seconds.iter().filter(|(at, _)| within(*at));
        let both = counted.map(|(_, second)| second.ok.saturating_add(second.ko));
        both.fold(0, u64::saturating_add)
    }

    /// The second to which the cell belongs: in which the middle one of its responses ended. Of one
    /// without responses the last in which anything happened.
    fn second(&self) -> Option<i64> {
        let half = self.responses(|_| true).div_ceil(2);
        let mut before = 0_u64;
        for (at, second) in &self.seconds {
            before = before.saturating_add(second.ok).saturating_add(second.ko);
            if half > 0 && before >= half {
                return Some(*at);
            }
        }
        self.seconds.last().map(|(at, _)| *at)
    }
}

/// Adds up the cells that belong to a stretch.
struct Sum {
    seconds: Range<i64>,
    /// Of each agent the number of the cell that comes next, and the second of the one before.
    agents: Vec<(u64, i64)>,
    figures: Figures,
    /// All seconds of which something was told.
    known: Option<Range<i64>>,
    outside: u64,
    elsewhere: u64,
    unreadable: u64,
}

impl Sum {
    fn new(seconds: Range<i64>, agents: usize) -> Self {
        Self {
            seconds,
            agents: vec![(0, 0); agents],
            figures: Figures::new(Limits::default()),
            known: None,
            outside: 0,
            elsewhere: 0,
            unreadable: 0,
        }
    }

    fn take(&mut self, Entry { agent, cell }: &Entry) {
        let Some((next, last)) = self.agents.get_mut(*agent as usize) else {
            return;
        };
        // What is there twice counts once, as in the run's own figures.
        if cell.number != *next {
            return;
        }
        *next += 1;
        let when: When = match decode(&cell.figures, MAX_TELEMETRY) {
            Ok(when) => when,
            Err(cause) => {
                warn!(agent, cell = cell.number, %cause, "figures that cannot be read");
                self.unreadable += 1;
                return;
            }
        };
        // An error outside of requests alone has no second: it is that of the cell before.
        let second = when.second().unwrap_or(*last);
        if second.unsigned_abs() > LONGEST_S.unsigned_abs() {
            self.unreadable += 1;
            return;
        }
        *last = second;
        if !when.seconds.is_empty() {
            let known = self.known.get_or_insert(second..second + 1);
            *known = known.start.min(second)..known.end.max(second + 1);
        }
        let within = |at: i64| self.seconds.contains(&at);
        if !within(second) {
            self.elsewhere = self.elsewhere.saturating_add(when.responses(within));
            return;
        }
        match figures_of(cell) {
            Ok(figures) => {
                let outside = when.responses(|at| !within(at));
                self.outside = self.outside.saturating_add(outside);
                self.figures.merge(figures);
            }
            Err(cause) => {
                warn!(agent, cell = cell.number, %cause, "figures that cannot be read");
                self.unreadable += 1;
            }
        }
    }
}
