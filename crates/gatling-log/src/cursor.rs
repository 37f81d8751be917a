//! Checked reading of a piece of the log.

use crate::error::Cause;

/// Gatling's writer fails on strings above its buffer of 8 KiB; older settings allow larger ones.
const MAX_STRING: i32 = 1 << 20;

/// Why reading stopped.
#[derive(Debug, PartialEq)]
pub(crate) enum Stop {
    /// The bytes end too early; with more of them reading can start again.
    More,
    /// They cannot be right, at this place of the piece.
    Bad(usize, Cause),
}

pub(crate) type Read<T> = Result<T, Stop>;

pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn take(&mut self, len: usize) -> Read<&'a [u8]> {
        let taken = self.bytes[self.at..].get(..len).ok_or(Stop::More)?;
        self.at += len;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let taken = self.bytes[self.at..].first_chunk().ok_or(Stop::More)?;
        self.at += N;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self) -> Read<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn i32(&mut self) -> Read<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub(crate) fn i64(&mut self) -> Read<i64> {
        self.array().map(i64::from_be_bytes)
    }

    pub(crate) fn flag(&mut self) -> Read<bool> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Stop::Bad(self.at - 1, Cause::Flag(other))),
        }
    }

    pub(crate) fn count(&mut self, what: &'static str, limit: i32) -> Read<usize> {
        let found = self.i32()?;
        match usize::try_from(found) {
            Ok(count) if found <= limit => Ok(count),
            _ => Err(Stop::Bad(self.at - 4, Cause::Count { what, found, limit })),
        }
    }

    pub(crate) fn string(&mut self) -> Read<Text<'a>> {
        let length = self.i32()?;
        let bytes = match usize::try_from(length) {
            Ok(0) => return Ok(Text::Latin1(&[])),
            Ok(bytes) if length <= MAX_STRING => self.take(bytes)?,
            _ => return Err(Stop::Bad(self.at - 4, Cause::StringLength(length))),
        };
        match self.u8()? {
            0 => Ok(Text::Latin1(bytes)),
            1 if bytes.len() % 2 == 0 => Ok(Text::Utf16(bytes)),
            1 => Err(Stop::Bad(self.at - 1, Cause::OddUtf16(bytes.len()))),
            other => Err(Stop::Bad(self.at - 1, Cause::Coder(other))),
        }
    }
}

/// A string as it lies in the log.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Text<'a> {
    Latin1(&'a [u8]),
    Utf16(&'a [u8]),
    /// As a text log has it.
    Utf8(&'a str),
}

impl Text<'_> {
    /// A lone surrogate, which Java allows, becomes U+FFFD.
    pub(crate) fn append_to(self, out: &mut String) {
        match self {
            // Latin-1 is the first 256 code points.
            Text::Latin1(bytes) => out.extend(bytes.iter().copied().map(char::from)),
            Text::Utf8(text) => out.push_str(text),
            Text::Utf16(bytes) => {
                let units = bytes
                    .chunks_exact(2)
                    .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
                out.extend(
                    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)),
                );
            }
        }
    }

    pub(crate) fn decode(self) -> String {
        let mut text = String::new();
        self.append_to(&mut text);
        text
    }
}
