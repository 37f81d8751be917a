mod part;

use crate::cursor::{Cursor, Stop};
use crate::error::{Cause, DecodeError};
use crate::fields::{Absurd, Fields};
use crate::header::Header;
use crate::names::{Limits, NameId, Names};
use crate::record::Record;
use crate::text::{self, Kind, MAX_LINE, Tables, TextLog};
use crate::version::Version;

/// Far above what Gatling can write: its own buffer holds 8 KiB. Of a text log it is the most that
/// can come before the first record.
pub(crate) const MAX_RECORD: usize = 4 << 20;

/// Decodes one log, binary or text, piece by piece. See the [crate's example](crate).
#[derive(Debug, Default)]
pub struct Decoder {
    /// What was pushed and not yet dropped, up to `end`; read up to `at`.
    bytes: Vec<u8>,
    at: usize,
    end: usize,
    /// Bytes dropped before `bytes`.
    dropped: u64,
    format: Option<Format>,
    header: Option<Header>,
    /// A binary log after its header, in which no error was found.
    in_records: bool,
    /// How many the header of a binary log names.
    scenarios: usize,
    names: Names,
    /// The groups of the current record.
    groups: Vec<NameId>,
    text: TextLog,
    records: u64,
    set_aside: SetAside,
    failed: Option<DecodeError>,
    /// Where in the log it began: other than 0 in a [part](Self::part).
    begins: u64,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As Gatling does from 3.13 on.
    Binary,
    /// In lines, as Gatling did up to 3.12.
    Text,
}

/// Records with impossible times, which are counted here and not shown.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct SetAside {
    /// Requests and groups that ended before they started.
    pub end_before_start: u64,
    /// Records with a time before the header's start or too far from it: in binary logs they
    /// overflow after 24.8 days and are negative then, in text logs they may be 49.7 days away.
    pub overflowed: u64,
}

impl SetAside {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.end_before_start + self.overflowed
    }
}

/// How the bytes pushed so far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// No byte came.
    Empty,
    /// With the last record.
    Complete,
    /// In the middle of a record, or at one that cannot be decoded.
    Incomplete {
        /// Where this record starts: all before it is good.
        offset: u64,
    },
}

impl Decoder {
    /// A decoder at the start of a log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder that keeps other amounts of names than [`Limits::default`].
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            names: Names::new(limits),
            text: TextLog::new(limits),
            ..Self::default()
        }
    }

    /// Adds bytes that follow those pushed before. Take all records out before pushing more, so
    /// that little has to be kept.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.room(bytes.len()).copy_from_slice(bytes);
            self.filled(bytes.len());
        }
    }

    /// Room for so many bytes that follow those pushed before: to read into it and to tell
    /// [`Self::filled`] how many they were saves the copy that [`Self::push`] makes.
    ///
    /// ```
    /// # fn read(mut file: impl std::io::Read) -> Result<u64, Box<dyn std::error::Error>> {
    /// let mut decoder = gatling_log::Decoder::new();
    /// loop {
    ///     match file.read(decoder.room(64 * 1024))? {
    ///         0 => return Ok(decoder.records()),
    ///         length => decoder.filled(length),
    ///     }
    ///     while let Some(record) = decoder.next_record()? {
    ///         // …
    ///     }
    /// }
    /// # }
    /// # assert_eq!(read(&b"RUN\ta.B\tb\t5\t \t3.12.0\nERROR\tboom\t7\n"[..]).ok(), Some(1));
    /// ```
    pub fn room(&mut self, length: usize) -> &mut [u8] {
        self.bytes.copy_within(self.at..self.end, 0);
        self.dropped += self.at as u64;
        self.end -= self.at;
        self.at = 0;
        if self.bytes.len() < self.end + length {
            self.bytes.resize(self.end + length, 0);
        }
        &mut self.bytes[self.end..self.end + length]
    }

    /// Takes so many bytes of the [room](Self::room).
    pub fn filled(&mut self, length: usize) {
        if self.failed.is_none() {
            self.end += length.min(self.bytes.len() - self.end);
        }
    }

    /// What was pushed and not yet read.
    #[inline]
    fn rest(&self) -> &[u8] {
        &self.bytes[self.at..self.end]
    }

    /// The next record; `None` if more bytes are needed.
    ///
    /// # Errors
    /// If the bytes cannot be a log's; from then on it is the same error each time. A line of a
    /// text log that does not fit is no error once the header was read: it is counted in
    /// [`Self::bad_lines`].
    #[inline]
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, DecodeError> {
        let fields = match self.next_quick() {
            None => return self.next_slow(),
            Some(fields) => fields,
        };
        Ok(Some(fields.record(&self.names, &self.groups)))
    }

    /// Gives all records that are there to `act`: as a loop around [`Self::next_record`], but quicker
    /// for large logs.
    ///
    /// # Errors
    /// As [`Self::next_record`]; `act` got the records before.
    #[inline]
    pub fn each_record(&mut self, mut act: impl FnMut(&Record<'_>)) -> Result<(), DecodeError> {
        loop {
            // Records are lent, not moved: a copy of each would cost as much as decoding it.
            while let Some(fields) = self.next_quick() {
                act(&fields.record(&self.names, &self.groups));
            }
            match self.next_slow()? {
                Some(record) => act(&record),
                None => return Ok(()),
            }
        }
    }

    /// What most records of a binary log are: see [`Fields::quick`].
    #[inline]
    fn next_quick(&mut self) -> Option<Fields<u32>> {
        if !self.in_records {
            return None;
        }
        let bytes = self.bytes.get(self.at..self.end)?;
        let (fields, length) = Fields::quick(bytes, &self.names, &mut self.groups, self.scenarios)?;
        self.note_names(&fields);
        self.at += length;
        self.records += 1;
        Some(fields)
    }

    fn next_slow(&mut self) -> Result<Option<Record<'_>>, DecodeError> {
        if self.header.is_none() {
            return Ok(if self.read_header()? {
                self.header.as_ref().map(Record::Run)
            } else {
                None
            });
        }
        let fields = self.next_fields()?;
        Ok(fields.map(|fields| fields.record(&self.names, &self.groups)))
    }

    /// The next record after the header, its groups in [`Self::groups`].
    pub(crate) fn next_fields(&mut self) -> Result<Option<Fields<u32>>, DecodeError> {
        if let Some(fields) = self.next_quick() {
            return Ok(Some(fields));
        }
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        match self.format {
            Some(Format::Text) => Ok(self.next_line()),
            _ => self.next_binary(),
        }
    }

    fn next_binary(&mut self) -> Result<Option<Fields<u32>>, DecodeError> {
        loop {
            let names = self.names.mark();
            let end = self.end.min(self.at + MAX_RECORD);
            let mut cursor = Cursor::new(&self.bytes[self.at..end]);
            let read = Fields::read(
                &mut cursor,
                &mut self.names,
                &mut self.groups,
                self.scenarios,
            );
            let length = cursor.at();
            let fields = match read {
                Ok(fields) => fields,
                Err(stop) => {
                    self.names.back_to(names);
                    return self.stopped(stop).map(|()| None);
                }
            };
            self.at += length;
            self.records += 1;
            if let Some(fields) = self.set_aside.keep(fields.checked()) {
                return Ok(Some(fields));
            }
        }
    }

    fn next_line(&mut self) -> Option<Fields<u32>> {
        let start = self.header.as_ref().map_or(0, |header| header.start);
        loop {
            let Some(line) = self.text.line(&self.bytes[self.at..self.end]) else {
                self.leave_out_long_line();
                return None;
            };
            let (at, length) = (self.at, line.len());
            if self.text.too_long.take().is_some() {
                self.at += length;
                continue;
            }
            let read = if length > MAX_LINE {
                Err((0, Cause::LineLength))
            } else {
                let tables = Tables {
                    names: &mut self.names,
                    groups: &mut self.groups,
                    scenarios: &mut self.text.scenarios,
                };
                self.text.layout.read(text::content(line), start, tables)
            };
            self.at += length;
            match read {
                Ok(fields) => {
                    self.records += 1;
                    if let Fields::User { scenario, .. } = fields {
                        self.add_scenario(scenario);
                    }
                    if let Some(fields) = self.set_aside.keep(fields.checked()) {
                        return Some(fields);
                    }
                }
                Err((place, cause)) => self.leave_out(self.dropped + (at + place) as u64, cause),
            }
        }
    }

    /// What is left is the start of a line; if it is too long, its end is not kept.
    fn leave_out_long_line(&mut self) {
        let (start, length) = (self.offset(), self.end - self.at);
        if self.text.too_long.is_none() {
            if length <= MAX_LINE {
                return;
            }
            self.leave_out(start, Cause::LineLength);
            self.text.too_long = Some(start);
        }
        self.at = self.end;
        self.text.drop_unfinished();
    }

    #[cold]
    fn leave_out(&mut self, offset: u64, cause: Cause) {
        let record = self.record_number();
        self.text.bad_lines += 1;
        self.text.first_bad_line.get_or_insert(DecodeError {
            offset,
            record,
            cause,
            newer_version: None,
        });
    }

    fn add_scenario(&mut self, scenario: usize) {
        if let Some(header) = &mut self.header
            && scenario == header.scenarios.len()
        {
            let name = self.text.scenarios.get(NameId::from_index(scenario));
            header.scenarios.push(name.to_owned());
        }
    }

    /// Whether the header is there.
    fn read_header(&mut self) -> Result<bool, DecodeError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if self.format.is_none() {
            let bytes = self.rest();
            match text::kind(bytes) {
                Kind::More => return Ok(false),
                Kind::Binary => self.format = Some(Format::Binary),
                Kind::Text => {
                    if bytes.starts_with(text::BOM) {
                        self.at += text::BOM.len();
                    }
                    self.format = Some(Format::Text);
                }
                Kind::OldText => {
                    let cause = Cause::OldTextLog("2.0".to_owned());
                    return self.stopped(Stop::Bad(0, cause)).map(|()| false);
                }
                Kind::None => {
                    let cause = Cause::NotALog(bytes.first().copied().unwrap_or_default());
                    return self.stopped(Stop::Bad(0, cause)).map(|()| false);
                }
            }
        }
        if self.format == Some(Format::Text) {
            return self.read_text_header();
        }
        let end = self.end.min(self.at + MAX_RECORD);
        let mut cursor = Cursor::new(&self.bytes[self.at..end]);
        match cursor.u8().and_then(|_| Header::read(&mut cursor)) {
            Ok(header) => {
                self.at += cursor.at();
                self.scenarios = header.scenarios.len();
                self.in_records = true;
                self.header = Some(header);
                Ok(true)
            }
            Err(stop) => self.stopped(stop).map(|()| false),
        }
    }

    fn read_text_header(&mut self) -> Result<bool, DecodeError> {
        loop {
            let before = usize::try_from(self.offset()).unwrap_or(usize::MAX);
            let line = self.text.line(&self.bytes[self.at..self.end]);
            let length = line.map_or(self.end - self.at, <[u8]>::len);
            // Which of the two limits it is must not depend on how much was pushed at once.
            let room = MAX_RECORD.saturating_sub(before);
            if length > room.min(MAX_LINE) {
                let line_is_long = room > MAX_LINE;
                let cause = if line_is_long {
                    Cause::LineLength
                } else {
                    Cause::RecordLength
                };
                return self.stopped(Stop::Bad(0, cause)).map(|()| false);
            }
            let Some(line) = line else {
                return Ok(false);
            };
            match self.text.head.take(text::content(line)) {
                Ok(head) => {
                    self.at += length;
                    if let Some((header, layout)) = head {
                        self.text.layout = layout;
                        self.header = Some(header);
                        return Ok(true);
                    }
                }
                Err((at, cause)) => return self.stopped(Stop::Bad(at, cause)).map(|()| false),
            }
        }
    }

    #[cold]
    fn stopped(&mut self, stop: Stop) -> Result<(), DecodeError> {
        let (at, cause) = match stop {
            Stop::More if self.end - self.at < MAX_RECORD => return Ok(()),
            Stop::More => (0, Cause::RecordLength),
            Stop::Bad(at, cause) => (at, cause),
        };
        let newer_version = self
            .version()
            .filter(|v| v.writes_binary() && !v.is_known())
            .map(|v| v.to_string());
        let error = DecodeError {
            offset: self.offset() + at as u64,
            record: self.record_number(),
            cause,
            newer_version,
        };
        self.in_records = false;
        self.failed = Some(error.clone());
        Err(error)
    }

    /// The number of the record that comes next.
    fn record_number(&self) -> u64 {
        match &self.header {
            Some(_) => self.records + self.text.bad_lines + 1,
            None => 0,
        }
    }

    /// The version, also where the rest of the header does not fit.
    fn version(&self) -> Option<Version> {
        match (&self.header, self.format) {
            (Some(header), _) => Some(header.version.clone()),
            (None, Some(Format::Binary)) => {
                let text = Cursor::new(self.rest().get(1..)?).string().ok()?;
                Version::parse(&text.decode())
            }
            (None, _) => None,
        }
    }

    /// How the log is written, once its first bytes have told.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// The header, once it has been read.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// The names and messages of the records so far.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The groups of the last record of [`Self::next_fields`].
    pub(crate) fn groups(&self) -> &[NameId] {
        &self.groups
    }

    /// What stopped it, if something did.
    #[must_use]
    pub fn error(&self) -> Option<&DecodeError> {
        self.failed.as_ref()
    }

    /// Where the next record starts, in bytes: all before it has been decoded or left out.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.dropped + self.at as u64
    }

    /// Where the bytes pushed so far end.
    #[must_use]
    pub fn pushed(&self) -> u64 {
        self.dropped + self.end as u64
    }

    /// Records decoded after the header, with those set aside.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Records with impossible times.
    #[must_use]
    pub fn set_aside(&self) -> SetAside {
        self.set_aside
    }

    /// Lines of a text log that do not fit and were left out: a name with a tab makes one, a name
    /// with a line break two. Gatling's own reader leaves out the same.
    #[must_use]
    pub fn bad_lines(&self) -> u64 {
        self.text.bad_lines
    }

    /// The first of the [bad lines](Self::bad_lines): where it is, and what does not fit.
    #[must_use]
    pub fn first_bad_line(&self) -> Option<&DecodeError> {
        self.text.first_bad_line.as_ref()
    }

    /// How the log ends, if no more bytes come.
    #[must_use]
    pub fn ending(&self) -> Ending {
        if let Some(offset) = self.text.too_long {
            Ending::Incomplete { offset }
        } else if self.at < self.end {
            Ending::Incomplete {
                offset: self.offset(),
            }
        } else if self.header.is_some() {
            Ending::Complete
        } else if self.offset() > 0 {
            // A text log with nothing but assertions.
            Ending::Incomplete {
                offset: self.offset(),
            }
        } else {
            Ending::Empty
        }
    }
}

impl SetAside {
    /// Counts what is absurd.
    #[inline]
    fn keep(&mut self, checked: Result<Fields<u32>, Absurd>) -> Option<Fields<u32>> {
        match checked {
            Ok(fields) => return Some(fields),
            Err(Absurd::EndBeforeStart) => self.end_before_start += 1,
            Err(Absurd::Overflow) => self.overflowed += 1,
        }
        None
    }
}
