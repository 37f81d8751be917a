use std::collections::HashMap;
use std::ops::Range;

use crate::header::Header;
use crate::record::{Record, User};

/// Writes a log as Gatling does, byte for byte.
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
    /// The index of each name and message, from 1.
    names: HashMap<String, i32>,
}

/// Times are ms after the header's start; above `i32::MAX` (24.8 days) the log cannot hold them
/// and `i32::MAX` is written.
impl Encoder {
    /// Starts a log.
    #[must_use]
    pub fn new(header: &Header) -> Self {
        let mut encoder = Self {
            bytes: vec![0],
            names: HashMap::new(),
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
        self.bytes.push(2);
        self.length(user.scenario);
        self.bytes.push(u8::from(user.starts));
        self.time(user.time);
    }

    /// Writes a group that a user left, the last of `groups`.
    pub fn group(&mut self, groups: &[&str], times: Range<u32>, cumulated: u32, ok: bool) {
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
    /// written: a log has one.
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

    fn groups(&mut self, groups: &[&str]) {
        self.length(groups.len());
        for group in groups {
            self.name(group);
        }
    }

    fn name(&mut self, name: &str) {
        if let Some(index) = self.names.get(name) {
            self.bytes.extend((-index).to_be_bytes());
            return;
        }
        let index = i32::try_from(self.names.len() + 1).unwrap_or(i32::MAX);
        self.names.insert(name.to_owned(), index);
        self.bytes.extend(index.to_be_bytes());
        self.string(name);
    }

    fn string(&mut self, text: &str) {
        if text.is_empty() {
            self.length(0);
        } else if text.chars().all(|c| u32::from(c) <= 0xff) {
            self.length(text.chars().count());
            self.bytes
                .extend(text.chars().filter_map(|c| u8::try_from(c).ok()));
            self.bytes.push(0);
        } else {
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
        self.bytes
            .extend(i32::try_from(time).unwrap_or(i32::MAX).to_be_bytes());
    }
}
