//! The columns of one line.

use crate::error::Cause;
use crate::fields::{Fields, MAX_GROUPS};
use crate::names::{NameId, Names};

/// Which columns a record's line has, by Gatling's version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Up to 3.3: with the user's number, and USER with two times.
    WithUserId,
    /// From 3.4 on.
    #[default]
    WithoutUserId,
}

/// What does not fit in a line, and where in it.
pub(crate) type Bad = (usize, Cause);

/// What the columns of a line are read into.
pub(crate) struct Tables<'a> {
    pub(crate) names: &'a mut Names,
    pub(crate) groups: &'a mut Vec<NameId>,
    pub(crate) scenarios: &'a mut Names,
}

impl Layout {
    /// Reads the record of a line, its times from `start` (epoch ms) on. Names are kept only if
    /// all of the line fits.
    pub(crate) fn read(
        self,
        line: &[u8],
        start: i64,
        tables: Tables<'_>,
    ) -> Result<Fields<i64>, Bad> {
        let id = usize::from(self == Self::WithUserId);
        let columns = |first: &[u8], expected| {
            line.starts_with(first).then_some(Columns {
                line,
                at: first.len(),
                expected,
                start,
            })
        };
        if let Some(columns) = columns(b"REQUEST\t", 7 + id) {
            columns.request(id, tables)
        } else if let Some(columns) = columns(b"USER\t", 4 + 2 * id) {
            columns.user(id, tables)
        } else if let Some(columns) = columns(b"GROUP\t", 6 + id) {
            columns.group(id, tables)
        } else if let Some(columns) = columns(b"ERROR\t", 3) {
            columns.error(tables)
        } else {
            Err((0, Cause::LineStart))
        }
    }
}

struct Columns<'a> {
    line: &'a [u8],
    /// Where the next one starts: at first the one after the record's name.
    at: usize,
    /// How many there should be.
    expected: usize,
    start: i64,
}

impl<'a> Columns<'a> {
    fn request(mut self, id: usize, tables: Tables<'_>) -> Result<Fields<i64>, Bad> {
        self.skip(id)?;
        let groups = self.groups()?;
        let name = self.next()?;
        let start = self.time()?;
        let end = self.time()?;
        let ok = self.status()?;
        let message = self.last()?;
        keep_groups(groups, tables.names, tables.groups);
        Ok(Fields::Request {
            name: tables.names.intern(name),
            start,
            end,
            ok,
            message: tables.names.intern(or_empty(message)),
        })
    }

    fn user(mut self, id: usize, tables: Tables<'_>) -> Result<Fields<i64>, Bad> {
        let scenario = self.next()?;
        self.skip(id)?;
        let at = self.at;
        let starts = match self.next()? {
            b"START" => true,
            b"END" => false,
            _ => return Err(self.bad(at, Cause::UserEvent)),
        };
        // With the start first; at the start it is the same.
        self.skip(id)?;
        let time = self.last_time()?;
        Ok(Fields::User {
            scenario: tables.scenarios.intern(scenario).index(),
            starts,
            time,
        })
    }

    fn group(mut self, id: usize, tables: Tables<'_>) -> Result<Fields<i64>, Bad> {
        self.skip(id)?;
        let at = self.at;
        let groups = self.groups()?;
        if groups.is_empty() {
            return Err(self.bad(at, Cause::NoGroup));
        }
        let start = self.time()?;
        let end = self.time()?;
        let at = self.at;
        let column = self.next()?;
        let cumulated = number(column).ok_or_else(|| self.bad(at, Cause::Time))?;
        let at = self.at;
        let ok = status(self.last()?).ok_or_else(|| self.bad(at, Cause::Status))?;
        keep_groups(groups, tables.names, tables.groups);
        Ok(Fields::Group {
            start,
            end,
            cumulated,
            ok,
        })
    }

    fn error(mut self, tables: Tables<'_>) -> Result<Fields<i64>, Bad> {
        let message = self.next()?;
        let time = self.last_time()?;
        Ok(Fields::Error {
            message: tables.names.intern(or_empty(message)),
            time,
        })
    }

    fn skip(&mut self, columns: usize) -> Result<(), Bad> {
        for _ in 0..columns {
            self.next()?;
        }
        Ok(())
    }

    #[inline]
    fn next(&mut self) -> Result<&'a [u8], Bad> {
        let rest = &self.line[self.at..];
        let found = match rest.first() {
            Some(b'\t') => Some(0),
            _ => memchr::memchr(b'\t', rest),
        };
        let Some(end) = found else {
            return Err(self.bad(0, Cause::LineStart));
        };
        self.at += end + 1;
        Ok(&rest[..end])
    }

    #[inline]
    fn last(&mut self) -> Result<&'a [u8], Bad> {
        let rest = &self.line[self.at..];
        // Mostly no message.
        if rest != b" " && memchr::memchr(b'\t', rest).is_some() {
            return Err(self.bad(0, Cause::LineStart));
        }
        Ok(rest)
    }

    #[inline]
    fn time(&mut self) -> Result<i64, Bad> {
        let at = self.at;
        if let Some(time) = quick_time(&self.line[at..]) {
            self.at += QUICK + 1;
            return Ok(time.saturating_sub(self.start));
        }
        let column = self.next()?;
        self.since_start(at, column)
    }

    fn last_time(&mut self) -> Result<i64, Bad> {
        let at = self.at;
        let column = self.last()?;
        self.since_start(at, column)
    }

    #[inline]
    fn since_start(&self, at: usize, column: &[u8]) -> Result<i64, Bad> {
        match number(column) {
            Some(time) => Ok(time.saturating_sub(self.start)),
            None => Err(self.bad(at, Cause::Time)),
        }
    }

    #[inline]
    fn status(&mut self) -> Result<bool, Bad> {
        let at = self.at;
        let column = self.next()?;
        status(column).ok_or_else(|| self.bad(at, Cause::Status))
    }

    #[inline]
    fn groups(&mut self) -> Result<&'a [u8], Bad> {
        let at = self.at;
        let groups = self.next()?;
        if groups.len() >= MAX_GROUPS as usize {
            let found = memchr::memchr_iter(b',', groups).count() + 1;
            if found > MAX_GROUPS as usize {
                let cause = Cause::Count {
                    what: "groups",
                    found: i32::try_from(found).unwrap_or(i32::MAX),
                    limit: MAX_GROUPS,
                };
                return Err(self.bad(at, cause));
            }
        }
        Ok(groups)
    }

    /// A wrong number of columns explains more than what was found in the wrong one.
    #[cold]
    fn bad(&self, at: usize, cause: Cause) -> Bad {
        let found = memchr::memchr_iter(b'\t', self.line).count() + 1;
        if found == self.expected {
            (at, cause)
        } else {
            let expected = self.expected;
            (0, Cause::Columns { found, expected })
        }
    }
}

/// A comma in a group's name became a space when it was written.
#[inline]
fn keep_groups(column: &[u8], names: &mut Names, groups: &mut Vec<NameId>) {
    groups.clear();
    if column.is_empty() {
        return;
    }
    let mut rest = column;
    while let Some(end) = memchr::memchr(b',', rest) {
        groups.push(names.intern(&rest[..end]));
        rest = &rest[end + 1..];
    }
    groups.push(names.intern(rest));
}

/// A space stands for nothing.
fn or_empty(column: &[u8]) -> &[u8] {
    if column == b" " { b"" } else { column }
}

fn status(column: &[u8]) -> Option<bool> {
    match column {
        b"OK" => Some(true),
        b"KO" => Some(false),
        _ => None,
    }
}

/// The digits of a time from 2001 to 2286.
const QUICK: usize = 13;

/// A time of so many digits and a tab. Knowing their number spares the search for the tab.
#[inline]
fn quick_time(column: &[u8]) -> Option<i64> {
    let column: &[u8; QUICK + 1] = column.first_chunk()?;
    let (mut value, mut fits) = (0, column[QUICK] == b'\t');
    for byte in &column[..QUICK] {
        let digit = byte.wrapping_sub(b'0');
        fits &= digit <= 9;
        value = value * 10 + i64::from(digit);
    }
    fits.then_some(value)
}

/// A decimal number; `None` if it is none or has more than 18 digits.
#[inline]
pub(super) fn number(column: &[u8]) -> Option<i64> {
    let (sign, digits) = match column {
        [b'-', digits @ ..] => (-1, digits),
        digits => (1, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut value = 0_i64;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(digit - b'0');
    }
    Some(sign * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_time_is_thirteen_digits_and_a_tab() {
        assert_eq!(quick_time(b"1700000012345\tOK"), Some(1_700_000_012_345));
        assert_eq!(quick_time(b"9999999999999\t"), Some(9_999_999_999_999));
        for place in 0..=QUICK {
            for byte in 0..=255_u8 {
                let mut column = *b"1700000012345\tOK";
                column[place] = byte;
                let digits = column[..QUICK].iter().all(u8::is_ascii_digit);
                let quick = digits && column[QUICK] == b'\t';
                assert_eq!(quick_time(&column).is_some(), quick, "{column:?}");
            }
        }
        assert_eq!(quick_time(b"1700000012345"), None);
    }
}
