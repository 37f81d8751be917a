use std::collections::BTreeMap;

use crate::histogram::Outcomes;
use crate::messages::Messages;
use crate::seconds::{Second, Seconds};

/// The names from the outermost group in; a request's own name is the last.
pub type Path = Vec<String>;

/// What keeps memory bounded however many names a log has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests and groups with figures of their own; the others are counted together.
    pub names: usize,
    /// Error messages counted by themselves.
    pub messages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            names: 10_000,
            messages: 10_000,
        }
    }
}

/// All that one or more logs say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    pub(crate) limits: Limits,
    pub(crate) all: Outcomes,
    pub(crate) requests: BTreeMap<Path, Request>,
    pub(crate) groups: BTreeMap<Path, Group>,
    pub(crate) other_requests: Option<Request>,
    pub(crate) other_groups: Option<Group>,
    pub(crate) messages: Messages,
    pub(crate) seconds: Seconds,
    pub(crate) span: Option<Span>,
    pub(crate) first_user: Option<i64>,
}

/// The figures of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// When it was first sent, ms on the axis; `i64::MAX` if never.
    pub first_start: i64,
    /// Its response times.
    pub times: Outcomes,
}

/// The figures of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// When it was first entered, ms on the axis; `i64::MAX` if never.
    pub first_start: i64,
    /// The response times in it added up for each passage: Gatling's table and assertions.
    pub cumulated: Outcomes,
    /// From entering to leaving it, with pauses: Gatling's response time ranges.
    pub duration: Outcomes,
}

/// The first and the last time of user, request and group records, ms on the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The earliest start.
    pub start: i64,
    /// The latest end.
    pub end: i64,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            first_start: i64::MAX,
            times: Outcomes::default(),
        }
    }
}

impl Default for Group {
    fn default() -> Self {
        Self {
            first_start: i64::MAX,
            cumulated: Outcomes::default(),
            duration: Outcomes::default(),
        }
    }
}

impl Request {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.first_start = self.first_start.min(other.first_start);
        self.times.merge(&other.times);
    }
}

impl Group {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.first_start = self.first_start.min(other.first_start);
        self.cumulated.merge(&other.cumulated);
        self.duration.merge(&other.duration);
    }
}

impl Span {
    /// Whole seconds, counted up, at least one: Gatling's denominator of all rates.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.ms().div_ceil(1000).max(1)
    }

    /// From start to end, ms.
    #[must_use]
    pub fn ms(self) -> u64 {
        u64::try_from(self.end.saturating_sub(self.start)).unwrap_or(0)
    }

    fn merge(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

impl Figures {
    /// No figures yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Adds the figures of other logs. The order of merging does not matter; only where there are
    /// more names than the limit does it decide which of them have rows of their own.
    pub fn merge(&mut self, other: &Self) {
        self.all.merge(&other.all);
        for (path, request) in &other.requests {
            self.request_at(path).merge(request);
        }
        for (path, group) in &other.groups {
            self.group_at(path).merge(group);
        }
        if let Some(request) = &other.other_requests {
            self.other_requests.get_or_insert_default().merge(request);
        }
        if let Some(group) = &other.other_groups {
            self.other_groups.get_or_insert_default().merge(group);
        }
        self.messages.merge(&other.messages, self.limits.messages);
        self.seconds.merge(&other.seconds);
        self.span = match (self.span, other.span) {
            (Some(a), Some(b)) => Some(a.merge(b)),
            (a, b) => a.or(b),
        };
        self.first_user = match (self.first_user, other.first_user) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    fn has_room(&self) -> bool {
        self.requests.len() + self.groups.len() < self.limits.names
    }

    fn request_at(&mut self, path: &Path) -> &mut Request {
        if self.requests.contains_key(path) || self.has_room() {
            self.requests.entry(path.clone()).or_default()
        } else {
            self.other_requests.get_or_insert_default()
        }
    }

    fn group_at(&mut self, path: &Path) -> &mut Group {
        if self.groups.contains_key(path) || self.has_room() {
            self.groups.entry(path.clone()).or_default()
        } else {
            self.other_groups.get_or_insert_default()
        }
    }

    /// Response times of all requests.
    #[must_use]
    pub fn all(&self) -> &Outcomes {
        &self.all
    }

    /// The requests by their path.
    #[must_use]
    pub fn requests(&self) -> &BTreeMap<Path, Request> {
        &self.requests
    }

    /// The groups by their path.
    #[must_use]
    pub fn groups(&self) -> &BTreeMap<Path, Group> {
        &self.groups
    }

    /// Requests whose names were beyond the limit.
    #[must_use]
    pub fn other_requests(&self) -> Option<&Request> {
        self.other_requests.as_ref()
    }

    /// Groups whose names were beyond the limit.
    #[must_use]
    pub fn other_groups(&self) -> Option<&Group> {
        self.other_groups.as_ref()
    }

    /// The messages of failed requests and of errors outside of requests.
    #[must_use]
    pub fn messages(&self) -> &Messages {
        &self.messages
    }

    /// The seconds of the axis (its ms divided by 1000) in which something happened.
    #[must_use]
    pub fn seconds(&self) -> &BTreeMap<i64, Second> {
        self.seconds.cells()
    }

    /// From the first record to the last; `None` if there were no users, requests and groups.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.span
    }

    /// When the first user started, ms on the axis.
    #[must_use]
    pub fn first_user(&self) -> Option<i64> {
        self.first_user
    }
}
