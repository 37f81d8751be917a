//! Text logs: lines of columns.

mod columns;
mod head;

pub(crate) use columns::{Layout, Tables};
pub(crate) use head::{BOM, Head, Kind, kind};

use crate::error::DecodeError;
use crate::names::{Limits, Names};

/// Gatling's own buffer holds 8 KiB; older settings allow more.
pub(crate) const MAX_LINE: usize = 1 << 20;

/// What a text log needs beside what a binary one does.
#[derive(Debug, Default)]
pub(crate) struct TextLog {
    /// What comes before the header is complete.
    pub(crate) head: Head,
    pub(crate) layout: Layout,
    /// The scenarios seen so far; their ids are the indexes in the header.
    pub(crate) scenarios: Names,
    pub(crate) bad_lines: u64,
    pub(crate) first_bad_line: Option<DecodeError>,
    /// Where a line begins that is too long, of which the end is still to come.
    pub(crate) too_long: Option<u64>,
    /// How much of the unfinished line was searched for its end.
    pub(crate) searched: usize,
}

impl TextLog {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            scenarios: Names::new(limits),
            ..Self::default()
        }
    }

    /// The first line of `bytes` with its line break; `None` if its end is not there yet.
    #[inline]
    pub(crate) fn line<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let found = memchr::memchr(b'\n', &bytes[self.searched.min(bytes.len())..]);
        let Some(end) = found else {
            self.searched = bytes.len();
            return None;
        };
        let end = self.searched + end + 1;
        self.searched = 0;
        bytes.get(..end)
    }

    /// Forgets the unfinished line, which was dropped.
    pub(crate) fn drop_unfinished(&mut self) {
        self.searched = 0;
    }
}

/// A line without its break, which is `\r\n` where Gatling ran on Windows.
#[inline]
pub(crate) fn content(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}
