//! Several logs as one.

mod head;
mod source;
mod users;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use thiserror::Error;

use crate::decoder::Decoder;
use crate::encoder::Encoder;
use crate::fields::Fields;
use crate::header::Header;
use crate::names::Limits;
use crate::record::User;
use crate::version::Version;

pub use head::Difference;
use source::{Head, Source};
use users::Users;

/// How much is written before the caller is asked to take it.
const PIECE: usize = 1 << 16;

/// Merges logs, binary and text ones, into one binary log, which Gatling's own report takes for the
/// log of one run.
///
/// It does no I/O: [`Merge::step`] says what it needs next, and the caller reads and writes.
///
/// ```
/// use gatling_log::{Merge, Step};
///
/// /// Merges logs that are in memory; each log's clock is behind by so many ms.
/// fn merged(logs: &[(&[u8], i64)]) -> Result<Vec<u8>, gatling_log::NoHeader> {
///     let mut merge = Merge::new(logs.iter().map(|(_, offset)| *offset));
///     let mut rests: Vec<&[u8]> = logs.iter().map(|(log, _)| *log).collect();
///     let mut merged = Vec::new();
///     loop {
///         match merge.step(&mut merged)? {
///             Step::Push(log) if rests[log].is_empty() => merge.end(log),
///             Step::Push(log) => {
///                 let (piece, rest) = rests[log].split_at(rests[log].len().min(64 << 10));
///                 merge.push(log, piece);
///                 rests[log] = rest;
///             }
///             Step::Again(log) => rests[log] = logs[log].0,
///             // Where it goes to a file: write what is there, and clear it.
///             Step::Write => {}
///             Step::Done => return Ok(merged),
///         }
///     }
/// }
/// # use gatling_log::{Decoder, Encoder, Header, Record, User};
/// # let header = |start| Header {
/// #     version: gatling_log::Version::parse("3.16.0").expect("it is one"),
/// #     simulation: "demo.Browsing".to_owned(),
/// #     start,
/// #     description: String::new(),
/// #     scenarios: vec!["visitors".to_owned()],
/// #     assertions: Vec::new(),
/// # };
/// # let (mut a, mut b) = (Encoder::new(&header(1_000)), Encoder::new(&header(1_500)));
/// # a.request(&[], "home", 600..700, true, "");
/// # b.request(&[], "home", 0..150, true, "");
/// # let merged = merged(&[(&a.take(), 0), (&b.take(), 0)])?;
/// # let mut decoder = Decoder::new();
/// # decoder.push(&merged);
/// # let mut starts = Vec::new();
/// # while let Ok(Some(record)) = decoder.next_record() {
/// #     if let Record::Request(request) = record { starts.push(request.start); }
/// # }
/// # assert_eq!(starts, [500, 600]);
/// # Ok::<(), gatling_log::NoHeader>(())
/// ```
///
/// # What comes out
///
/// - The header's start is the earliest of all logs, by their corrected clocks; all times are moved
///   to it. Its version is the one [given](Self::with_version), else that of the first binary
///   log, else 3.16.0: each Gatling reads logs of its own version alone. Scenarios of one name are one
///   scenario. Simulation, description and assertions are those of the first log with a header;
///   [`Self::differences`] tells which logs have others.
/// - Records come by the time at which Gatling wrote them: the end of a request and of a group. A
///   log is not strictly in this order, as it is written by several threads; its own order is kept.
/// - Of several logs, users come strictly in order of time, as Gatling counts those that are active
///   from one to the next: they are held back until the other records are 2 s ahead.
/// - A log that is damaged counts until there, as with [`Decoder`]: see [`Self::logs`].
/// - Times more than 24.8 days after the start have no place in a binary log:
///   [`Self::left_out`].
///
/// Memory does not depend on the logs' length: for each log it is the piece pushed last and the
/// table of names, which is [limited](Limits), also for all together.
#[derive(Debug)]
pub struct Merge {
    sources: Vec<Source>,
    version: Option<Version>,
    limits: Limits,
    header: Option<Header>,
    differences: Vec<(usize, Difference)>,
    encoder: Option<Encoder>,
    /// The next record's time of each log that has one, and the log.
    next: BinaryHeap<Reverse<(i64, usize)>>,
    /// Logs whose next record is not known.
    unknown: Vec<usize>,
    users: Users,
    records: u64,
    /// What was written since the caller was asked to take it, bytes.
    waiting: usize,
}

/// What a merge needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The next bytes of this log, by [`Merge::push`], or [`Merge::end`].
    Push(usize),
    /// To read this log once more: what is pushed next has to be its first bytes. A text log does
    /// not list its scenarios, but the merged one does, in its header.
    Again(usize),
    /// Room: what was written should be taken before the next step.
    Write,
    /// Nothing: the merged log is complete.
    Done,
}

/// No log has a header that can be read: there is nothing to merge. [`Merge::logs`] has the reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("none of the logs has a header that can be read")]
pub struct NoHeader;

impl Merge {
    /// A merge of as many logs as there are offsets. A log's offset is added to its times to correct
    /// its machine's clock, ms.
    #[must_use]
    pub fn new(offsets: impl IntoIterator<Item = i64>) -> Self {
        Self::with_limits(offsets, Limits::default())
    }

    /// A merge that keeps other amounts of names than [`Limits::default`].
    #[must_use]
    pub fn with_limits(offsets: impl IntoIterator<Item = i64>, limits: Limits) -> Self {
        let sources = offsets
            .into_iter()
            .map(|offset| Source::new(offset, limits));
        let sources: Vec<Source> = sources.collect();
        Self {
            // The last is asked first.
            unknown: (0..sources.len()).rev().collect(),
            users: Users::new(sources.len() > 1),
            sources,
            version: None,
            limits,
            header: None,
            differences: Vec::new(),
            encoder: None,
            next: BinaryHeap::new(),
            records: 0,
            waiting: 0,
        }
    }

    /// With this version in the merged log: that of the Gatling which is to read it, 3.13 or later.
    #[must_use]
    pub fn with_version(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }

    /// Takes off the drift of a log's clock: so much is added for each 10⁹ ms, from a time on that is in ms
    /// since 1970 by that clock. How long requests took stays.
    #[must_use]
    pub fn with_drift(mut self, log: usize, billionths: i64, from: i64) -> Self {
        if let Some(source) = self.sources.get_mut(log) {
            source.set_drift(billionths, from);
        }
        self
    }

    /// Adds bytes of a log that follow those pushed before.
    pub fn push(&mut self, log: usize, bytes: &[u8]) {
        if let Some(source) = self.sources.get_mut(log) {
            source.push(bytes);
        }
    }

    /// Says that a log has no more bytes.
    pub fn end(&mut self, log: usize) {
        if let Some(source) = self.sources.get_mut(log) {
            source.end();
        }
    }

    /// Goes on as far as it can, appends to `out` what the merged log has next, and says what it
    /// needs.
    ///
    /// # Errors
    /// If no log has a header.
    pub fn step(&mut self, out: &mut Vec<u8>) -> Result<Step, NoHeader> {
        let mut encoder = match self.encoder.take() {
            Some(encoder) => encoder,
            None => {
                for (log, source) in self.sources.iter_mut().enumerate() {
                    if let Some(step) = source.head(log) {
                        return Ok(step);
                    }
                }
                self.start()?
            }
        };
        encoder.write_to(out);
        let before = encoder.len();
        let step = self.write(&mut encoder, before + PIECE.saturating_sub(self.waiting));
        self.waiting = match step {
            Step::Write => 0,
            _ => self.waiting + encoder.len() - before,
        };
        encoder.write_from(out);
        self.encoder = Some(encoder);
        Ok(step)
    }

    /// All headers are known.
    fn start(&mut self) -> Result<Encoder, NoHeader> {
        let (header, differences) = head::join(&mut self.sources, self.version.take())?;
        let encoder = Encoder::new(&header).with_limits(self.limits);
        self.header = Some(header);
        self.differences = differences;
        Ok(encoder)
    }

    /// Writes until the log has this length.
    fn write(&mut self, encoder: &mut Encoder, room: usize) -> Step {
        while let Some(log) = self.unknown.last().copied() {
            match self.sources[log].next() {
                Head::Record(time) => {
                    self.next.push(Reverse((time, log)));
                    self.unknown.pop();
                }
                Head::End => {
                    self.unknown.pop();
                }
                Head::More => return Step::Push(log),
            }
        }
        while let Some(Reverse((mut time, log))) = self.next.pop() {
            let source = &mut self.sources[log];
            let until = self.next.peek().map(|Reverse(next)| *next);
            // Mostly the same log has several records before the next one has one.
            loop {
                self.users.write_before(time, encoder);
                if let Some((fields, names)) = source.take() {
                    self.records += 1;
                    match fields {
                        Fields::User {
                            scenario,
                            starts,
                            time,
                        } => {
                            let user = User {
                                scenario,
                                starts,
                                time,
                            };
                            self.users.add(user, encoder);
                        }
                        fields => encoder.fields(fields, names),
                    }
                }
                match source.next() {
                    Head::Record(next) => {
                        time = next;
                        if until.is_some_and(|until| until < (time, log)) {
                            self.next.push(Reverse((time, log)));
                            break;
                        }
                        if encoder.len() >= room {
                            self.next.push(Reverse((time, log)));
                            return Step::Write;
                        }
                    }
                    Head::End => break,
                    Head::More => {
                        self.unknown.push(log);
                        return Step::Push(log);
                    }
                }
            }
            if encoder.len() >= room {
                return Step::Write;
            }
        }
        self.users.write_all(encoder);
        Step::Done
    }

    /// The merged log's header, once all logs' headers were read.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// Which logs have something else in their header than the first one with a header, and what.
    #[must_use]
    pub fn differences(&self) -> &[(usize, Difference)] {
        &self.differences
    }

    /// The logs' decoders, which know how far each was read, and what was left out.
    pub fn logs(&self) -> impl ExactSizeIterator<Item = &Decoder> {
        self.sources.iter().map(Source::decoder)
    }

    /// How many records of a log have no place in the merged log: their times are more than 24.8
    /// days after its start, or the log's offset makes no sense, or the header has no room for
    /// their scenario. (Or a text log went on after it was
    /// searched for scenarios, with a new one.)
    #[must_use]
    pub fn left_out(&self, log: usize) -> u64 {
        self.sources.get(log).map_or(0, Source::left_out)
    }

    /// How many records were written, without the header.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }
}
