use std::ops::Range;

use hashbrown::HashMap;

use crate::fields::{Fields, MAX_GROUPS};
use crate::header::Header;
use crate::names::{Limits, NameId, Names, OTHER};
use crate::record::{Record, User};

/// The latest time, ms after the start, that a log can hold: 24.8 days.
pub(crate) const LATEST: u32 = i32::MAX as u32;

/// What is written of a string at most, in bytes: with it the largest record, of 130 new names, stays
/// below the 4 MiB that a [`Decoder`](crate::Decoder) takes.
pub(crate) const LONGEST: usize = 30 << 10;

/// Writes a binary log as Gatling does, byte for byte.
///
/// What it writes a [`Decoder`](crate::Decoder) reads, if the header is one: of a version from 3.13 on,
/// with a start from 1970 to 9999, at most 100,000 scenarios, and 4 MiB in all. Where a record asks for
/// what no log can hold, and Gatling does not write, it is made to fit:
///
/// - Times above `i32::MAX` ms (24.8 days) are written as `i32::MAX`.
/// - Strings are cut at 30 KiB, groups at 128.
/// - Users of a scenario that the header does not list, and groups without a name, are not written.
///
/// ```
/// use gatling_log::{Decoder, Encoder, Header, Record, Version};
///
/// let mut encoder = Encoder::new(&Header {
///     version: Version::parse("3.16.0").expect("it is one"),
///     simulation: "demo.Browsing".to_owned(),
///     start: 1_750_000_000_000,
///     description: String::new(),
///     scenarios: vec!["visitors".to_owned()],
///     assertions: Vec::new(),
/// });
/// encoder.request(&["Checkout"], "pay", 40..52, false, "status 500");
///
/// let mut decoder = Decoder::new();
/// decoder.push(&encoder.take());
/// assert!(matches!(decoder.next_record()?, Some(Record::Run(_))));
/// let Some(Record::Request(request)) = decoder.next_record()? else { panic!() };
/// assert_eq!((request.name(), request.message()), ("pay", "status 500"));
/// # Ok::<(), gatling_log::DecodeError>(())
/// ```
#[derive(Debug)]
pub struct Encoder {
    bytes: Vec<u8>,
    /// How many the header lists.
    scenarios: usize,
    /// The index of each name and message, from 1.
    names: HashMap<Box<str>, i32>,
    /// The bytes of all names.
    name_bytes: usize,
    /// Names beyond them are written as other names; of a single log there are no limits.
    limits: Option<Limits>,
}

/// Names of another log, and their indexes in this one.
pub(crate) struct Foreign<'a> {
    pub(crate) names: &'a Names,
    /// The groups of the record.
    pub(crate) groups: &'a [NameId],
    /// By the names' numbers; 0, or none, for those without an index.
    pub(crate) indexes: &'a mut Vec<i32>,
}

/// Times are ms after the header's start.
impl Encoder {
    /// Starts a log.
    #[must_use]
    pub fn new(header: &Header) -> Self {
        let mut encoder = Self {
            bytes: vec![0],
            scenarios: header.scenarios.len(),
            names: HashMap::new(),
            name_bytes: 0,
            limits: None,
        };
        encoder.string(header.version.as_str());
        encoder.string(&header.simulation);
        encoder.bytes.extend(header.start.to_be_bytes());
        encoder.string(&header.description);
        encoder.length(header.scenarios.len());
        for scenario in &header.scenarios {
            encoder.string(scenario);
        }
        encoder.length(header.assertions.len());
        for assertion in &header.assertions {
            encoder.length(assertion.bytes.len());
            encoder.bytes.extend(&assertion.bytes);
        }
        encoder
    }

    pub(crate) fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Writes a request.
    pub fn request(
        &mut self,
        groups: &[&str],
        name: &str,
        times: Range<u32>,
        ok: bool,
        message: &str,
    ) {
        self.bytes.push(1);
        self.groups(groups);
        self.name(name);
        self.time(times.start);
        self.time(times.end);
        self.bytes.push(u8::from(ok));
        self.name(message);
    }

    /// Writes a user's start or end.
    pub fn user(&mut self, user: User) {
        if user.scenario >= self.scenarios {
            return;
        }
        self.bytes.push(2);
        self.length(user.scenario);
        self.bytes.push(u8::from(user.starts));
        self.time(user.time);
    }

    /// Writes a group that a user left, the last of `groups`.
    pub fn group(&mut self, groups: &[&str], times: Range<u32>, cumulated: u32, ok: bool) {
        if groups.is_empty() {
            return;
        }
        self.bytes.push(3);
        self.groups(groups);
        self.time(times.start);
        self.time(times.end);
        self.time(cumulated);
        self.bytes.push(u8::from(ok));
    }

    /// Writes an error outside of requests.
    pub fn error(&mut self, message: &str, time: u32) {
        self.bytes.push(4);
        self.name(message);
        self.time(time);
    }

    /// Writes a record of another log, its names by the indexes of this one. A header is not
    /// written: a log has one. Times are not changed: where the logs' starts differ, see
    /// [`Merge`](crate::Merge).
    pub fn record(&mut self, record: &Record<'_>) {
        match record {
            Record::Run(_) => {}
            Record::Request(request) => {
                let groups: Vec<&str> = request.groups().names().collect();
                let times = request.start..request.end;
                self.request(
                    &groups,
                    request.name(),
                    times,
                    request.ok,
                    request.message(),
                );
            }
            Record::User(user) => self.user(*user),
            Record::Group(group) => {
                let groups: Vec<&str> = group.groups().names().collect();
                self.group(&groups, group.start..group.end, group.cumulated, group.ok);
            }
            Record::Error(error) => self.error(error.message(), error.time),
        }
    }

    /// Takes out what was written since the last call.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Writes a record of another log.
    pub(crate) fn fields(&mut self, fields: Fields<u32>, mut foreign: Foreign<'_>) {
        match fields {
            Fields::Request {
                name,
                start,
                end,
                ok,
                message,
            } => {
                self.bytes.push(1);
                self.foreign_groups(&mut foreign);
                self.foreign_name(name, &mut foreign);
                self.time(start);
                self.time(end);
                self.bytes.push(u8::from(ok));
                self.foreign_name(message, &mut foreign);
            }
            Fields::User {
                scenario,
                starts,
                time,
            } => self.user(User {
                scenario,
                starts,
                time,
            }),
            Fields::Group {
                start,
                end,
                cumulated,
                ok,
            } => {
                self.bytes.push(3);
                self.foreign_groups(&mut foreign);
                self.time(start);
                self.time(end);
                self.time(cumulated);
                self.bytes.push(u8::from(ok));
            }
            Fields::Error { message, time } => {
                self.bytes.push(4);
                self.foreign_name(message, &mut foreign);
                self.time(time);
            }
        }
    }

    /// Writes to the end of `out` until [`Self::write_from`].
    pub(crate) fn write_to(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.bytes);
        std::mem::swap(&mut self.bytes, out);
    }

    pub(crate) fn write_from(&mut self, out: &mut Vec<u8>) {
        std::mem::swap(&mut self.bytes, out);
    }

    /// The bytes not yet taken.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    fn groups(&mut self, groups: &[&str]) {
        let groups = &groups[..groups.len().min(MAX_GROUPS as usize)];
        self.length(groups.len());
        for group in groups {
            self.name(group);
        }
    }

    fn foreign_groups(&mut self, foreign: &mut Foreign<'_>) {
        self.length(foreign.groups.len());
        for group in foreign.groups {
            self.foreign_name(*group, foreign);
        }
    }

    #[inline]
    fn foreign_name(&mut self, id: NameId, foreign: &mut Foreign<'_>) {
        match foreign.indexes.get(id.index()) {
            Some(index) if *index > 0 => self.bytes.extend((-index).to_be_bytes()),
            _ => self.new_foreign_name(id, foreign),
        }
    }

    #[cold]
    fn new_foreign_name(&mut self, id: NameId, foreign: &mut Foreign<'_>) {
        let index = self.name(foreign.names.get(id));
        if foreign.indexes.len() <= id.index() {
            foreign.indexes.resize(id.index() + 1, 0);
        }
        foreign.indexes[id.index()] = index;
    }

    /// Writes a name and gives its index.
    fn name(&mut self, name: &str) -> i32 {
        if let Some(index) = self.names.get(name).copied() {
            self.bytes.extend((-index).to_be_bytes());
            return index;
        }
        let name_bytes = self.name_bytes + name.len();
        let has_room = |limits: Limits| {
            self.names.len() < limits.names && name_bytes <= limits.name_bytes || name == OTHER
        };
        if !self.limits.is_none_or(has_room) {
            return self.name(OTHER);
        }
        let index = i32::try_from(self.names.len() + 1).unwrap_or(i32::MAX);
        self.names.insert(name.into(), index);
        self.name_bytes = name_bytes;
        self.bytes.extend(index.to_be_bytes());
        self.string(name);
        index
    }

    fn string(&mut self, text: &str) {
        if text.is_empty() {
            self.length(0);
        } else if text.chars().all(|c| u32::from(c) <= 0xff) {
            self.length(text.chars().take(LONGEST).count());
            let latin1 = text.chars().filter_map(|c| u8::try_from(c).ok());
            self.bytes.extend(latin1.take(LONGEST));
            self.bytes.push(0);
        } else {
            let mut length = 0;
            let end = text.char_indices().find(|(_, c)| {
                length += 2 * c.len_utf16();
                length > LONGEST
            });
            let text = &text[..end.map_or(text.len(), |(end, _)| end)];
            self.length(text.encode_utf16().count() * 2);
            self.bytes
                .extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            self.bytes.push(1);
        }
    }

    fn length(&mut self, length: usize) {
        self.bytes
            .extend(i32::try_from(length).unwrap_or(i32::MAX).to_be_bytes());
    }

    fn time(&mut self, time: u32) {
        self.bytes.extend(time.min(LATEST).to_be_bytes());
    }
}
