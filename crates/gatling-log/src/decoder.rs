use crate::cursor::{Cursor, Stop};
use crate::error::{Cause, DecodeError};
use crate::fields::{Absurd, Fields};
use crate::header::Header;
use crate::names::{NameId, Names};
use crate::record::Record;
use crate::version::Version;

/// Far above what Gatling can write: its own buffer holds 8 KiB.
const MAX_RECORD: usize = 4 << 20;
const TEXT_STARTS: [&[u8]; 2] = [b"RUN\t", b"ASSERTION\t"];

/// Decodes one log, piece by piece. See the [crate's example](crate).
#[derive(Debug, Default)]
pub struct Decoder {
    /// What was pushed and not yet dropped; read up to `at`.
    bytes: Vec<u8>,
    at: usize,
    /// Bytes dropped before `bytes`.
    dropped: u64,
    header: Option<Header>,
    names: Names,
    /// The groups of the current record.
    groups: Vec<NameId>,
    records: u64,
    set_aside: SetAside,
    failed: Option<DecodeError>,
}

/// Records with impossible times, which are counted here and not shown.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct SetAside {
    /// Requests and groups that ended before they started.
    pub end_before_start: u64,
    /// Records with a negative time: after 24.8 days the times in the log overflow.
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

    /// Adds bytes that follow those pushed before. Take all records out before pushing more, so
    /// that little has to be kept.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        self.bytes.drain(..self.at);
        self.dropped += self.at as u64;
        self.at = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next record; `None` if more bytes are needed.
    ///
    /// # Errors
    /// If the bytes cannot be a log's; from then on it is the same error each time.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, DecodeError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if self.header.is_none() {
            return self.read_header();
        }
        let fields = loop {
            let known_names = self.names.len();
            let mut cursor = Cursor::new(&self.bytes[self.at..]);
            let scenarios = self
                .header
                .as_ref()
                .map_or(0, |header| header.scenarios.len());
            let read = Fields::read(&mut cursor, &mut self.names, &mut self.groups, scenarios);
            let length = cursor.at();
            let fields = match read {
                Ok(fields) => fields,
                Err(stop) => {
                    self.names.truncate(known_names);
                    return self.stopped(stop);
                }
            };
            self.at += length;
            self.records += 1;
            match fields.checked() {
                Ok(fields) => break fields,
                Err(Absurd::EndBeforeStart) => self.set_aside.end_before_start += 1,
                Err(Absurd::Overflow) => self.set_aside.overflowed += 1,
            }
        };
        Ok(Some(fields.record(&self.names, &self.groups)))
    }

    fn read_header(&mut self) -> Result<Option<Record<'_>>, DecodeError> {
        let bytes = &self.bytes[self.at..];
        let read = match bytes {
            [] => Err(Stop::More),
            [0, rest @ ..] => {
                let mut cursor = Cursor::new(rest);
                Header::read(&mut cursor).map(|header| (header, cursor.at()))
            }
            _ if TEXT_STARTS.iter().any(|start| bytes.starts_with(start)) => {
                Err(Stop::Bad(0, Cause::TextLog))
            }
            _ if TEXT_STARTS.iter().any(|start| start.starts_with(bytes)) => Err(Stop::More),
            [first, ..] => Err(Stop::Bad(0, Cause::NotALog(*first))),
        };
        match read {
            Ok((header, length)) => {
                self.at += 1 + length;
                Ok(Some(Record::Run(self.header.insert(header))))
            }
            // The record's type was no part of what the cursor saw.
            Err(Stop::Bad(at, cause)) if bytes[0] == 0 => self.stopped(Stop::Bad(at + 1, cause)),
            Err(stop) => self.stopped(stop),
        }
    }

    fn stopped(&mut self, stop: Stop) -> Result<Option<Record<'_>>, DecodeError> {
        let (at, cause) = match stop {
            Stop::More if self.bytes.len() - self.at <= MAX_RECORD => return Ok(None),
            Stop::More => (0, Cause::RecordLength),
            Stop::Bad(at, cause) => (at, cause),
        };
        let newer_version = self
            .version()
            .filter(|v| v.writes_binary() && !v.is_known())
            .map(|v| v.to_string());
        let record = if self.header.is_some() {
            self.records + 1
        } else {
            0
        };
        let error = DecodeError {
            offset: self.offset() + at as u64,
            record,
            cause,
            newer_version,
        };
        self.failed = Some(error.clone());
        Err(error)
    }

    /// The version, also where the rest of the header does not fit.
    fn version(&self) -> Option<Version> {
        match &self.header {
            Some(header) => Some(header.version.clone()),
            None => {
                let text = Cursor::new(self.bytes.get(1..)?).string().ok()?;
                Version::parse(&text.decode())
            }
        }
    }

    /// The header, once it has been read.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// Where the next record starts, in bytes: all before it has been decoded.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.dropped + self.at as u64
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

    /// How the log ends, if no more bytes come.
    #[must_use]
    pub fn ending(&self) -> Ending {
        if self.at < self.bytes.len() {
            Ending::Incomplete {
                offset: self.offset(),
            }
        } else if self.header.is_some() {
            Ending::Complete
        } else {
            Ending::Empty
        }
    }
}
