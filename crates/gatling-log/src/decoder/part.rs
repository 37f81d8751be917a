//! Decoding the parts of one log at the same time.

use super::{Decoder, Ending, Format};
use crate::cursor::Cursor;
use crate::fields::Fields;
use crate::names::{NameId, Names};
use crate::text::TextLog;

/// So many records in a row are no accident.
const SURE: usize = 64;
/// What may be read in search of them, bytes.
const SEARCHED: usize = 4 << 20;

impl Decoder {
    /// Where in `bytes`, which lie anywhere behind the header of this log, a record starts: a place
    /// at which a [part](Self::part) can begin. `None` if none is found. Bytes of some dozen records
    /// are enough: 64 KiB.
    ///
    /// A binary log does not mark where its records start. It is where many can be read in a row,
    /// and [`Self::join`] makes sure of it.
    #[must_use]
    pub fn find_record(&self, bytes: &[u8]) -> Option<usize> {
        match self.format? {
            Format::Text => memchr::memchr(b'\n', bytes).map(|end| end + 1),
            Format::Binary => {
                let mut left = SEARCHED;
                for at in 0..bytes.len() {
                    let (sure, read) = self.reads_on(&bytes[at..]);
                    if sure {
                        // Behind those that were read: the first of them may still be an accident.
                        return Some(at + read);
                    }
                    left = left.checked_sub(read + 1)?;
                }
                None
            }
        }
    }

    /// Whether records begin here, and how many bytes were read of them.
    fn reads_on(&self, bytes: &[u8]) -> (bool, usize) {
        let mut names = Names::of_part(self.names.limits());
        let mut groups = Vec::new();
        let mut at = 0;
        for _ in 0..SURE {
            let mut cursor = Cursor::new(&bytes[at..]);
            let read = Fields::read(&mut cursor, &mut names, &mut groups, self.scenarios);
            at += cursor.at();
            if read.is_err() {
                return (false, at);
            }
        }
        (true, at)
    }

    /// A decoder for a later part of this log, whose header has been read here: it takes the bytes from
    /// byte `offset` of the log on, where a record starts. `None` without a header.
    ///
    /// It gives the records alone. Of a binary log the names that were first used before the part are
    /// known by their [number](NameId) only, their texts are empty. Of a text log the numbers of names
    /// and scenarios are the part's own, as is its [`header`](Self::header)'s list of scenarios.
    #[must_use]
    pub fn part(&self, offset: u64) -> Option<Self> {
        let mut header = self.header.clone()?;
        let limits = self.names.limits();
        let (names, in_records) = match self.format? {
            Format::Binary => (Names::of_part(limits), true),
            Format::Text => {
                header.scenarios.clear();
                (Names::new(limits), false)
            }
        };
        Some(Self {
            dropped: offset,
            format: self.format,
            header: Some(header),
            in_records,
            scenarios: self.scenarios,
            names,
            text: TextLog {
                layout: self.text.layout,
                ..TextLog::new(limits)
            },
            begins: offset,
            ..Self::default()
        })
    }

    /// Joins the [part](Self::part) that follows: if it does, this decoder is as if it had decoded all
    /// of it, and goes on behind it. Its names are then those of both; of a text log the part's records
    /// keep their own numbers.
    ///
    /// If not, nothing has changed here and what the part gave is worth nothing: it began in the middle
    /// of a record, this decoder did not get there, or the part referred to names that are not there.
    /// Then its bytes have to be decoded here.
    #[must_use]
    pub fn join(&mut self, part: Self) -> bool {
        let follows = self.failed.is_none()
            && self.ending() == Ending::Complete
            && self.offset() == part.begins
            && self.format == part.format;
        if !follows {
            return false;
        }
        let joined = match self.format {
            Some(Format::Binary) => self.names.join(&part.names),
            Some(Format::Text) => self.join_text(&part),
            None => false,
        };
        if !joined {
            return false;
        }
        let before = self.record_number().saturating_sub(1);
        let error = |mut error: crate::DecodeError| {
            error.record += before;
            error
        };
        self.text.bad_lines += part.text.bad_lines;
        if self.text.first_bad_line.is_none() {
            self.text.first_bad_line = part.text.first_bad_line.map(error);
        }
        self.text.too_long = part.text.too_long;
        self.text.searched = part.text.searched;
        self.failed = part.failed.map(error);
        self.in_records = part.in_records;
        self.records += part.records;
        self.set_aside.end_before_start += part.set_aside.end_before_start;
        self.set_aside.overflowed += part.set_aside.overflowed;
        (self.bytes, self.at, self.end) = (part.bytes, part.at, part.end);
        self.dropped = part.dropped;
        if part.names.is_unsettled() && self.at < self.end {
            // What is wrong with its last record only those know who know all names.
            (self.failed, self.in_records) = (None, true);
            let _ = self.next_fields();
        }
        true
    }

    fn join_text(&mut self, part: &Self) -> bool {
        let (own, more) = (&self.text.scenarios, &part.text.scenarios);
        if !self.names.has_room_for(&part.names) || !own.has_room_for(more) {
            return false;
        }
        let texts = |names: &Names| -> Vec<String> {
            let ids = (0..names.len()).map(NameId::from_index);
            ids.map(|id| names.get(id).to_owned()).collect()
        };
        for name in texts(&part.names) {
            self.names.intern(name.as_bytes());
        }
        for name in texts(&part.text.scenarios) {
            let id = self.text.scenarios.intern(name.as_bytes());
            self.add_scenario(id.index());
        }
        true
    }

    /// Of a part: the number of a name is taken note of where nobody knows yet whether there is one.
    #[inline]
    pub(super) fn note_names(&mut self, fields: &Fields<u32>) {
        if !self.names.is_unsettled() {
            return;
        }
        if let Fields::Request { name, message, .. } = fields {
            self.names.refer(*name);
            self.names.refer(*message);
        }
        for group in &self.groups {
            self.names.refer(*group);
        }
    }
}
