//! The fields of one record.

use crate::cursor::{Cursor, Read, Stop};
use crate::error::Cause;
use crate::names::{NameId, Names};
use crate::record::{ErrorRecord, Group, Record, Request, User};

/// Deeper nesting than anyone writes; it bounds what one record can ask for.
pub(crate) const MAX_GROUPS: i32 = 128;

/// A record's fields but its groups, which the decoder keeps in one list for all records. Times
/// are ms after the header's start: `i32` or `i64` as read, `u32` once checked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fields<T> {
    Request {
        name: NameId,
        start: T,
        end: T,
        ok: bool,
        message: NameId,
    },
    User {
        scenario: usize,
        starts: bool,
        time: T,
    },
    Group {
        start: T,
        end: T,
        cumulated: T,
        ok: bool,
    },
    Error {
        message: NameId,
        time: T,
    },
}

/// Why a record is set aside.
pub(crate) enum Absurd {
    EndBeforeStart,
    Overflow,
}

impl Fields<u32> {
    /// Reads a record that is whole and in order and has no new name, and its length. `None` for all
    /// others, which [`Fields::read`] then looks at. This is what decoding takes its time with.
    #[inline]
    pub(crate) fn quick(
        bytes: &[u8],
        names: &Names,
        groups: &mut Vec<NameId>,
        scenarios: usize,
    ) -> Option<(Self, usize)> {
        match bytes.first()? {
            1 => {
                let length = 22 + quick_groups(bytes, names, groups)?;
                let fields: &[u8; 17] = bytes.get(length - 17..)?.first_chunk()?;
                let (start, end) = (quick_time(fields, 4)?, quick_time(fields, 8)?);
                let fields = Self::Request {
                    name: names.quick(quick_i32(fields, 0))?,
                    start,
                    end: (start <= end).then_some(end)?,
                    ok: quick_flag(fields[12])?,
                    message: names.quick(quick_i32(fields, 13))?,
                };
                Some((fields, length))
            }
            2 => {
                let fields: &[u8; 10] = bytes.first_chunk()?;
                let scenario = quick_time(fields, 1)? as usize;
                let fields = Self::User {
                    scenario: (scenario < scenarios).then_some(scenario)?,
                    starts: quick_flag(fields[5])?,
                    time: quick_time(fields, 6)?,
                };
                Some((fields, 10))
            }
            3 => {
                let length = 18 + quick_groups(bytes, names, groups)?;
                let fields: &[u8; 13] = bytes.get(length - 13..)?.first_chunk()?;
                let (start, end) = (quick_time(fields, 0)?, quick_time(fields, 4)?);
                let fields = Self::Group {
                    start,
                    end: (start <= end && !groups.is_empty()).then_some(end)?,
                    cumulated: quick_time(fields, 8)?,
                    ok: quick_flag(fields[12])?,
                };
                Some((fields, length))
            }
            _ => None,
        }
    }
}

/// The bytes of the groups' names; their number follows the record's type.
#[inline]
fn quick_groups(bytes: &[u8], names: &Names, groups: &mut Vec<NameId>) -> Option<usize> {
    let head: &[u8; 5] = bytes.first_chunk()?;
    let count = quick_i32(head, 1);
    groups.clear();
    if count == 0 {
        return Some(0);
    }
    if !(1..=MAX_GROUPS).contains(&count) {
        return None;
    }
    let length = 4 * count as usize;
    for name in bytes.get(5..5 + length)?.chunks_exact(4) {
        groups.push(names.quick(quick_i32(name, 0))?);
    }
    Some(length)
}

#[inline]
fn quick_i32(bytes: &[u8], at: usize) -> i32 {
    i32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[inline]
fn quick_time(bytes: &[u8], at: usize) -> Option<u32> {
    u32::try_from(quick_i32(bytes, at)).ok()
}

#[inline]
fn quick_flag(byte: u8) -> Option<bool> {
    (byte <= 1).then_some(byte == 1)
}

impl Fields<i32> {
    pub(crate) fn read(
        cursor: &mut Cursor<'_>,
        names: &mut Names,
        groups: &mut Vec<NameId>,
        scenarios: usize,
    ) -> Read<Self> {
        match cursor.u8()? {
            1 => {
                read_groups(cursor, names, groups)?;
                Ok(Self::Request {
                    name: read_name(cursor, names)?,
                    start: cursor.i32()?,
                    end: cursor.i32()?,
                    ok: cursor.flag()?,
                    message: read_name(cursor, names)?,
                })
            }
            2 => {
                let at = cursor.at();
                let found = cursor.i32()?;
                let scenario = usize::try_from(found)
                    .ok()
                    .filter(|index| *index < scenarios)
                    .ok_or(Stop::Bad(
                        at,
                        Cause::Scenario {
                            found,
                            known: scenarios,
                        },
                    ))?;
                Ok(Self::User {
                    scenario,
                    starts: cursor.flag()?,
                    time: cursor.i32()?,
                })
            }
            3 => {
                let at = cursor.at();
                read_groups(cursor, names, groups)?;
                if groups.is_empty() {
                    return Err(Stop::Bad(at, Cause::NoGroup));
                }
                Ok(Self::Group {
                    start: cursor.i32()?,
                    end: cursor.i32()?,
                    cumulated: cursor.i32()?,
                    ok: cursor.flag()?,
                })
            }
            4 => Ok(Self::Error {
                message: read_name(cursor, names)?,
                time: cursor.i32()?,
            }),
            other => Err(Stop::Bad(0, Cause::RecordType(other))),
        }
    }
}

impl<T> Fields<T>
where
    u32: TryFrom<T>,
{
    pub(crate) fn checked(self) -> Result<Fields<u32>, Absurd> {
        let time = |time: T| u32::try_from(time).map_err(|_| Absurd::Overflow);
        let span = |start: T, end: T| {
            let (start, end) = (time(start)?, time(end)?);
            if start <= end {
                Ok((start, end))
            } else {
                Err(Absurd::EndBeforeStart)
            }
        };
        Ok(match self {
            Self::Request {
                name,
                start,
                end,
                ok,
                message,
            } => {
                let (start, end) = span(start, end)?;
                Fields::Request {
                    name,
                    start,
                    end,
                    ok,
                    message,
                }
            }
            Self::User {
                scenario,
                starts,
                time: at,
            } => Fields::User {
                scenario,
                starts,
                time: time(at)?,
            },
            Self::Group {
                start,
                end,
                cumulated,
                ok,
            } => {
                let (start, end) = span(start, end)?;
                Fields::Group {
                    start,
                    end,
                    cumulated: time(cumulated)?,
                    ok,
                }
            }
            Self::Error { message, time: at } => Fields::Error {
                message,
                time: time(at)?,
            },
        })
    }
}

impl Fields<u32> {
    #[inline]
    pub(crate) fn record<'a>(self, names: &'a Names, groups: &'a [NameId]) -> Record<'a> {
        match self {
            Self::Request {
                name,
                start,
                end,
                ok,
                message,
            } => Record::Request(Request {
                names,
                groups,
                name,
                message,
                start,
                end,
                ok,
            }),
            Self::User {
                scenario,
                starts,
                time,
            } => Record::User(User {
                scenario,
                starts,
                time,
            }),
            Self::Group {
                start,
                end,
                cumulated,
                ok,
            } => Record::Group(Group {
                names,
                groups,
                start,
                end,
                cumulated,
                ok,
            }),
            Self::Error { message, time } => Record::Error(ErrorRecord {
                names,
                message,
                time,
            }),
        }
    }
}

fn read_groups(cursor: &mut Cursor<'_>, names: &mut Names, groups: &mut Vec<NameId>) -> Read<()> {
    groups.clear();
    for _ in 0..cursor.count("groups", MAX_GROUPS)? {
        groups.push(read_name(cursor, names)?);
    }
    Ok(())
}

fn read_name(cursor: &mut Cursor<'_>, names: &mut Names) -> Read<NameId> {
    let at = cursor.at();
    let index = cursor.i32()?;
    match usize::try_from(index) {
        // The negative of its index: it was written before.
        Err(_) if index.unsigned_abs() as usize <= names.pushed() => {
            let id = names.id(index.unsigned_abs() as usize - 1);
            names.refer(id);
            Ok(id)
        }
        Err(_) => Err(Stop::Bad(at, Cause::UnknownIndex(index.unsigned_abs()))),
        Ok(new) if names.is_next(new) => {
            names.push(cursor.string()?);
            Ok(names.id(new - 1))
        }
        Ok(_) => Err(Stop::Bad(
            at,
            Cause::NewIndex {
                found: index,
                expected: names.pushed() + 1,
            },
        )),
    }
}
