//! Reading one large log on several cores: each reads a part of it.

use std::fs::File;
use std::io;

use bfgg_stats::{Figures, HandedOn, Limits, Span};
use gatling_log::{Decoder, Format, Header, Pace};

use crate::counting::{Counted, Counting};
use crate::log::{self, LogFile, PIECE, Read};
use crate::platform;

/// A part is no smaller, bytes: the parts' figures have to be put together again.
const LEAST: u64 = 1 << 20;
/// Where the first record of a part is looked for, bytes.
const SEARCHED: usize = 64 * 1024;
/// A header is no larger, bytes.
const HEADER: u64 = 8 << 20;

/// Where the parts of a log begin.
pub(crate) struct Plan {
    /// It has read the header.
    decoder: Decoder,
    header: Header,
    /// Of all parts but the first.
    begins: Vec<u64>,
    length: u64,
}

/// Plans to read a log on so many cores; `None` where that is of no use or cannot be.
pub(crate) fn plan(log: &LogFile, cores: usize) -> Option<Plan> {
    // Two cores do as well where one decodes and the other counts, in less memory.
    if cores < 3 {
        return None;
    }
    let (file, length) = log.whole()?;
    let parts = (length / LEAST).min(cores as u64);
    if parts < 2 {
        return None;
    }
    let mut decoder = Decoder::new();
    let mut range = Range::new(file, 0, length.min(HEADER));
    while decoder.header().is_none() {
        let read = fill(&mut range, decoder.room(PIECE)).ok()?;
        decoder.filled(read);
        if decoder.next_record().is_err() || read == 0 {
            return None;
        }
    }
    let header = decoder.header()?.clone();
    let mut begins = Vec::new();
    let mut bytes = vec![0; SEARCHED];
    for part in 1..parts {
        let at = length / parts * part;
        let read = fill(&mut Range::new(file, at, length), &mut bytes).ok()?;
        let found = at + decoder.find_record(&bytes[..read])? as u64;
        if found > begins.last().copied().unwrap_or(0) {
            begins.push(found);
        }
    }
    Some(Plan {
        decoder,
        header,
        begins,
        length,
    })
}

/// What a thread made of its part.
struct Part {
    decoder: Decoder,
    /// `None` if there is no record, or by a defect.
    counted: Option<Counted>,
    unreadable: Option<io::Error>,
}

/// Parts that follow each other, as one.
struct Joined {
    decoder: Decoder,
    unreadable: Option<io::Error>,
    /// What each counted, and its scenarios by their index in it.
    parts: Vec<(Option<Counted>, Vec<String>)>,
}

impl Plan {
    /// Reads all parts and puts their figures together. `place` is as for [`log::read_in_turn`].
    pub(crate) fn read(
        self,
        log: &LogFile,
        place: impl Fn(i64) -> (i64, Pace),
        limits: Limits,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Read {
        let Some((file, _)) = log.whole() else {
            // It was one when this was planned.
            return Read {
                decoder: self.decoder,
                figures: None,
                unreadable: None,
            };
        };
        let (shift, pace) = place(self.header.start);
        let in_turn = || Counting::new(shift, pace, limits, false);
        let read = |from: u64, to: u64, mut decoder: Decoder, mut counting: Option<Counting>| {
            let mut range = Range::new(file, from, to);
            let begin = |_| in_turn();
            let unreadable = log::decode(&mut range, &mut decoder, &mut counting, begin, progress);
            Part {
                decoder,
                counted: counting.and_then(Counting::all),
                unreadable,
            }
        };
        let mut ends = self.begins.iter().skip(1).copied().chain([self.length]);
        let (first, others) = std::thread::scope(|scope| {
            let mut others = Vec::new();
            for begin in &self.begins {
                let (Some(end), Some(decoder)) = (ends.next(), self.decoder.part(*begin)) else {
                    break;
                };
                let counting = match decoder.format() {
                    Some(Format::Text) => in_turn(),
                    _ => Counting::of_part(shift, pace, limits),
                };
                let (begin, read) = (*begin, &read);
                others.push(scope.spawn(move || read(begin, end, decoder, Some(counting))));
            }
            let end = self.begins.first().copied().unwrap_or(self.length);
            let first = read(0, end, Decoder::new(), None);
            let others: Vec<_> = others.into_iter().map(|part| part.join().ok()).collect();
            (first, others)
        });
        let mut joined = Joined::new(first);
        for part in others {
            if !part.is_some_and(|part| joined.take_on(part)) {
                joined.read_on(file, self.length, Counting::new(shift, pace, limits, true));
                break;
            }
        }
        joined.read()
    }
}

impl Joined {
    fn new(first: Part) -> Self {
        let scenarios = scenarios(&first.decoder);
        Self {
            decoder: first.decoder,
            unreadable: first.unreadable,
            parts: vec![(first.counted, scenarios)],
        }
    }

    /// Takes on the part that follows, if it does.
    fn take_on(&mut self, part: Part) -> bool {
        let can_be_named = part.counted.as_ref().is_some_and(Counted::can_be_named);
        let scenarios = scenarios(&part.decoder);
        if self.unreadable.is_some() || !can_be_named || !self.decoder.join(part.decoder) {
            return false;
        }
        self.unreadable = part.unreadable;
        self.parts.push((part.counted, scenarios));
        true
    }

    /// Reads what no part has, to the end of the log: its parts did not begin where records do, or it
    /// is damaged.
    fn read_on(&mut self, file: &File, length: u64, counting: Counting) {
        if self.unreadable.is_some() || self.decoder.error().is_some() {
            return;
        }
        let mut rest = Range::new(file, self.decoder.pushed(), length);
        let mut counting = Some(counting);
        let decoder = &mut self.decoder;
        // As many bytes were told of when they were first read.
        let begin = |_| Counting::new(0, Pace::default(), Limits::default(), false);
        self.unreadable = log::decode(&mut rest, decoder, &mut counting, begin, &|_| ());
        let scenarios = scenarios(&self.decoder);
        self.parts
            .push((counting.and_then(Counting::all), scenarios));
    }

    /// The figures of all parts together.
    fn read(self) -> Read {
        Read {
            figures: figures(self.parts, &self.decoder),
            decoder: self.decoder,
            unreadable: self.unreadable,
        }
    }
}

/// The scenarios by their index in a part.
fn scenarios(decoder: &Decoder) -> Vec<String> {
    let header = decoder.header();
    header.map_or_else(Vec::new, |header| header.scenarios.clone())
}

fn figures(parts: Vec<(Option<Counted>, Vec<String>)>, decoder: &Decoder) -> Option<Figures> {
    let all = &decoder.header()?.scenarios;
    let (mut before, mut whole) = (HandedOn::default(), None);
    let mut counted = Vec::new();
    for (part, mut own) in parts {
        let mut part = part?;
        // Of a text log the indexes of scenarios are the part's own.
        if all.starts_with(&own) {
            own.clone_from(all);
            before = part.go_on(&before);
        } else {
            before.active = moved(&before.active, all, &mut own);
            before = part.go_on(&before);
            before.active = moved(&before.active, &own, &mut all.clone());
        }
        whole = Span::of_both(whole, part.span());
        counted.push((part, own));
    }
    let last = counted.len() - 1;
    let parts = std::thread::scope(|scope| {
        let finish = |(index, (part, own)): (usize, (Counted, Vec<String>))| {
            part.figures(&own, decoder.names(), whole, index == last)
        };
        let mut parts = counted.into_iter().enumerate();
        let first = parts.next();
        let others: Vec<_> = parts
            .map(|part| scope.spawn(move || finish(part)))
            .collect();
        let first = first.map(finish);
        let others = others.into_iter().map(|part| part.join().ok());
        std::iter::once(first)
            .chain(others)
            .collect::<Option<Vec<_>>>()
    })?;
    parts.into_iter().reduce(|mut all, part| {
        all.merge(part);
        all
    })
}

/// What stands by the index of one list of names, by that of the other, to which is added what is
/// missing there.
fn moved(active: &[i64], from: &[String], to: &mut Vec<String>) -> Vec<i64> {
    let mut moved = vec![0; to.len()];
    for (name, active) in from.iter().zip(active) {
        let index = to.iter().position(|known| known == name);
        let index = index.unwrap_or_else(|| {
            to.push(name.clone());
            moved.push(0);
            to.len() - 1
        });
        moved[index] += active;
    }
    moved
}

/// Some bytes of a file.
struct Range<'a> {
    file: &'a File,
    at: u64,
    end: u64,
}

impl<'a> Range<'a> {
    fn new(file: &'a File, at: u64, end: u64) -> Self {
        Self { file, at, end }
    }
}

impl io::Read for Range<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = left.min(room.len());
        let length = platform::read_at(self.file, &mut room[..most], self.at)?;
        self.at += length as u64;
        Ok(length)
    }
}

/// Reads until the room is full or there is no more.
fn fill(bytes: &mut impl io::Read, room: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < room.len() {
        match bytes.read(&mut room[filled..]) {
            Ok(0) => break,
            Ok(length) => filled += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests;
