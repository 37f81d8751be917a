//! What a text log starts with: assertions, and the run.

use data_encoding::BASE64;

use super::Layout;
use crate::assertion::{Assertion, AssertionError, Numbering};
use crate::error::Cause;
use crate::header::{Header, MAX_ASSERTIONS, MAX_START, StoredAssertion};
use crate::text::columns::number;
use crate::version::Version;

/// Longer than what comes before RUN in the logs that start with something else.
const LONGEST_START: usize = 1 << 10;

/// What the first bytes of a log tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Too few of them.
    More,
    Binary,
    Text,
    /// The text log of 2.0 or 2.1: class, id, RUN.
    OldText,
    None,
}

/// The byte order mark in UTF-8: editors put it at the start of a text.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Looks at the first bytes of a log.
pub(crate) fn kind(bytes: &[u8]) -> Kind {
    if let Some(rest) = bytes.strip_prefix(BOM) {
        return match kind_of(rest) {
            Kind::Binary => Kind::None,
            other => other,
        };
    }
    if BOM.starts_with(bytes) {
        return Kind::More;
    }
    kind_of(bytes)
}

fn kind_of(bytes: &[u8]) -> Kind {
    const STARTS: [&[u8]; 2] = [b"RUN\t", b"ASSERTION\t"];
    match bytes {
        [] => return Kind::More,
        [0, ..] => return Kind::Binary,
        _ if STARTS.iter().any(|start| bytes.starts_with(start)) => return Kind::Text,
        _ if STARTS.iter().any(|start| start.starts_with(bytes)) => return Kind::More,
        _ => {}
    }
    // However much is there, it is the first KiB that tells.
    let bytes = &bytes[..bytes.len().min(LONGEST_START)];
    let more = if bytes.len() < LONGEST_START {
        Kind::More
    } else {
        Kind::None
    };
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"._$-".contains(byte);
    let mut rest = bytes;
    for _ in ["class", "id"] {
        let Some(end) = rest.iter().position(|byte| !in_name(byte)) else {
            return more;
        };
        if rest[end] != b'\t' {
            return Kind::None;
        }
        rest = &rest[end + 1..];
    }
    if rest.starts_with(b"RUN\t") {
        Kind::OldText
    } else if b"RUN\t".starts_with(rest) {
        more
    } else {
        Kind::None
    }
}

/// The assertions that came before the run.
#[derive(Debug, Default)]
pub(crate) struct Head {
    assertions: Vec<Vec<u8>>,
}

impl Head {
    /// Takes a line; the header and its layout if it is the run's.
    pub(crate) fn take(&mut self, line: &[u8]) -> Result<Option<(Header, Layout)>, (usize, Cause)> {
        let Some(tab) = memchr::memchr(b'\t', line) else {
            return Err((0, Cause::NoRun));
        };
        match &line[..tab] {
            b"ASSERTION" => {
                if self.assertions.len() >= MAX_ASSERTIONS as usize {
                    let cause = Cause::Count {
                        what: "assertions",
                        found: MAX_ASSERTIONS + 1,
                        limit: MAX_ASSERTIONS,
                    };
                    return Err((0, cause));
                }
                // What is no Base64 is no assertion either: decoding nothing says so.
                let bytes = BASE64.decode(&line[tab + 1..]).unwrap_or_default();
                self.assertions.push(bytes);
                Ok(None)
            }
            b"RUN" => self.run(line).map(Some),
            _ => Err((0, Cause::NoRun)),
        }
    }

    fn run(&mut self, line: &[u8]) -> Result<(Header, Layout), (usize, Cause)> {
        // A description may have tabs.
        let columns: Vec<&[u8]> = line.split(|byte| *byte == b'\t').collect();
        let text = |column: &[u8]| String::from_utf8_lossy(column).into_owned();
        if let [_, date, _, _] = columns.as_slice()
            && number(date).is_some()
        {
            return Err((0, Cause::OldTextLog("1".to_owned())));
        }
        let [_, simulation, _, start, description @ .., version] = columns.as_slice() else {
            let found = columns.len();
            return Err((0, Cause::Columns { found, expected: 6 }));
        };
        let version_text = text(version);
        let version_at = line.len() - version.len();
        let version = match Version::parse(version_text.trim()) {
            Some(version) if version.is_before(3, 0) => {
                return Err((version_at, Cause::OldTextLog(version.to_string())));
            }
            Some(version) if version.is_before(3, 13) => version,
            _ => return Err((version_at, Cause::TextVersion(version_text))),
        };
        if description.is_empty() {
            let found = columns.len();
            return Err((0, Cause::Columns { found, expected: 6 }));
        }
        let start_at = columns[..3].iter().map(|column| column.len() + 1).sum();
        let start = number(start).ok_or((start_at, Cause::Time))?;
        if !(0..=MAX_START).contains(&start) {
            return Err((start_at, Cause::Start(start)));
        }
        let description = text(&description.join(&b'\t'));
        let before_3_4 = version.is_before(3, 4);
        let (layout, numbering) = if before_3_4 {
            (Layout::WithUserId, Numbering::Alphabetical)
        } else {
            (Layout::WithoutUserId, Numbering::Listed)
        };
        let header = Header {
            version,
            simulation: text(simulation),
            start,
            description: if description == " " {
                String::new()
            } else {
                description
            },
            scenarios: Vec::new(),
            assertions: std::mem::take(&mut self.assertions)
                .into_iter()
                .map(|bytes| stored(bytes, numbering))
                .collect(),
        };
        Ok((header, layout))
    }
}

/// With the bytes that a binary log would have.
fn stored(bytes: Vec<u8>, numbering: Numbering) -> StoredAssertion {
    let decoded: Result<Assertion, AssertionError> = Assertion::read(&bytes, numbering);
    let bytes = match &decoded {
        Ok(assertion) if numbering == Numbering::Alphabetical => assertion.to_bytes(),
        _ => bytes,
    };
    StoredAssertion { bytes, decoded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_what_it_is() {
        for (bytes, expected) in [
            (&b""[..], Kind::More),
            (b"\0", Kind::Binary),
            (b"RU", Kind::More),
            (b"RUN\t", Kind::Text),
            (b"ASSERTION\tAAE=", Kind::Text),
            (b"RUNNER", Kind::More),
            (b"RUNNER ", Kind::None),
            (b"\x7fELF", Kind::None),
            (b"{\"a\"", Kind::None),
            (b"\xef", Kind::More),
            (b"\xef\xbb\xbf", Kind::More),
            (b"\xef\xbb\xbfRUN\t", Kind::Text),
            (b"\xef\xbb\xbf\0", Kind::None),
            (b"\xef\xbb\xbf\xef\xbb\xbfRUN\t", Kind::None),
            (b"\xef\xbbRUN\t", Kind::None),
            (b"demo.Basic\tbasic\tRU", Kind::More),
            (b"demo.Basic\tbasic\tRUN\t1", Kind::OldText),
            (b"demo.Basic\tbasic\tREQUEST\t1", Kind::None),
            (&[b'a'; 1023], Kind::More),
            (&[b'a'; 1024], Kind::None),
            (&[&[b'a'; 1024][..], b"\tid\tRUN\t"].concat(), Kind::None),
        ] {
            assert_eq!(kind(bytes), expected, "{bytes:?}");
        }
    }
}
