//! One of the logs.

use super::Step;
use crate::decoder::{Decoder, Format};
use crate::encoder::{Foreign, LATEST};
use crate::error::DecodeError;
use crate::fields::Fields;
use crate::header::Header;
use crate::names::Limits;
use crate::pace::Pace;

/// A log that is merged.
#[derive(Debug)]
pub(super) struct Source {
    decoder: Decoder,
    limits: Limits,
    /// Corrects its machine's clock, ms.
    offset: i64,
    /// What is added for each 10⁹ ms, and from which time on, ms since 1970 by its machine's clock.
    drift: (i64, i64),
    pace: Pace,
    state: State,
    ended: bool,
    /// With all scenarios.
    header: Option<Header>,
    /// Added to its times to bring them on the merged log's axis, ms.
    shift: i64,
    /// The merged log's number of each scenario, if it has room for it.
    scenarios: Vec<Option<usize>>,
    /// The merged log's index of each name, 0 where it has none yet.
    indexes: Vec<i32>,
    /// The next record, on the merged log's axis.
    next: Option<Fields<u32>>,
    left_out: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the header.
    Start,
    /// A text log is read to its end for its scenarios.
    Scenarios,
    /// Its header and scenarios are known; its records are next.
    Records,
}

/// What a log has next.
pub(super) enum Head {
    /// A record written at this time, ms.
    Record(i64),
    /// Nothing.
    End,
    /// What is pushed next.
    More,
}

impl Source {
    pub(super) fn new(offset: i64, limits: Limits) -> Self {
        Self {
            decoder: Decoder::with_limits(limits),
            limits,
            offset,
            drift: (0, 0),
            pace: Pace::default(),
            state: State::Start,
            ended: false,
            header: None,
            shift: 0,
            scenarios: Vec::new(),
            indexes: Vec::new(),
            next: None,
            left_out: 0,
        }
    }

    pub(super) fn set_drift(&mut self, billionths: i64, from: i64) {
        self.drift = (billionths, from);
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.decoder.push(bytes);
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// What it needs until its header and its scenarios are known.
    pub(super) fn head(&mut self, log: usize) -> Option<Step> {
        if self.state == State::Start {
            match self.decoder.next_record() {
                Ok(None) if !self.ended => return Some(Step::Push(log)),
                Ok(None) | Err(_) => return None,
                Ok(Some(_)) => {}
            }
            self.header = self.decoder.header().cloned();
            self.state = match self.decoder.format() {
                Some(Format::Text) => State::Scenarios,
                _ => State::Records,
            };
        }
        if self.state == State::Scenarios {
            while let Ok(Some(_)) = self.decoder.next_record() {}
            if !self.ended {
                return Some(Step::Push(log));
            }
            self.header = self.decoder.header().cloned();
            self.state = State::Records;
            self.decoder = Decoder::with_limits(self.limits);
            self.ended = false;
            return Some(Step::Again(log));
        }
        None
    }

    pub(super) fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// Unix time of the log's zero by the corrected clock, ms.
    pub(super) fn start(&self) -> Option<i64> {
        Some(self.header()?.start.saturating_add(self.offset))
    }

    /// Settles how its records are brought into the merged log, which starts at `start`.
    pub(super) fn place(&mut self, start: i64, scenarios: Vec<Option<usize>>) {
        self.shift = self.start().map_or(0, |own| own.saturating_sub(start));
        let (billionths, from) = self.drift;
        let zero = self.header.as_ref().map_or(0, |header| header.start);
        self.pace = Pace {
            billionths,
            from: from.saturating_sub(zero),
        };
        self.scenarios = scenarios;
    }

    /// Reads the next record.
    pub(super) fn next(&mut self) -> Head {
        self.read_next().unwrap_or(Head::End)
    }

    fn read_next(&mut self) -> Result<Head, DecodeError> {
        if self.header.is_none() {
            return Ok(Head::End);
        }
        if self.decoder.header().is_none() && self.decoder.next_record()?.is_none() {
            return Ok(self.more());
        }
        loop {
            let Some(fields) = self.decoder.next_fields()? else {
                return Ok(self.more());
            };
            if let Some((fields, time)) = self.moved(fields) {
                self.next = Some(fields);
                return Ok(Head::Record(time));
            }
            self.left_out += 1;
        }
    }

    fn more(&self) -> Head {
        if self.ended { Head::End } else { Head::More }
    }

    /// A record on the merged log's axis, and when it was written; `None` if it has no place there.
    fn moved(&self, mut fields: Fields<u32>) -> Option<(Fields<u32>, i64)> {
        let shift = |time: &mut u32| {
            let moved = self.shift.saturating_add(i64::from(*time));
            *time = u32::try_from(moved).ok().filter(|time| *time <= LATEST)?;
            Some(moved)
        };
        let pace = self.pace;
        let written = match &mut fields {
            Fields::Request { start, end, .. } => {
                pace.set_right(start, end);
                shift(start)?;
                shift(end)?
            }
            Fields::User { scenario, time, .. } => {
                *scenario = self.scenarios.get(*scenario).copied().flatten()?;
                pace.set_right(time, &mut 0);
                shift(time)?
            }
            Fields::Group {
                start,
                end,
                cumulated,
                ..
            } => {
                if *cumulated > LATEST {
                    return None;
                }
                pace.set_right(start, end);
                shift(start)?;
                shift(end)?
            }
            Fields::Error { time, .. } => {
                pace.set_right(time, &mut 0);
                shift(time)?
            }
        };
        Some((fields, written))
    }

    /// The record that [`Self::next`] has read.
    pub(super) fn take(&mut self) -> Option<(Fields<u32>, Foreign<'_>)> {
        let fields = self.next.take()?;
        let foreign = Foreign {
            names: self.decoder.names(),
            groups: self.decoder.groups(),
            indexes: &mut self.indexes,
        };
        Some((fields, foreign))
    }

    pub(super) fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }
}
