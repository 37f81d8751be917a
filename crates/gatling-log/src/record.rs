use crate::header::Header;
use crate::names::{NameId, Names};

/// One record of a log. Names and messages are borrowed from the decoder.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Record<'a> {
    /// The header, always the first.
    Run(&'a Header),
    /// A request got its response, or failed.
    Request(Request<'a>),
    /// A virtual user started or ended.
    User(User),
    /// A user left a group.
    Group(Group<'a>),
    /// An error outside of requests, as a failed feeder or session function.
    Error(ErrorRecord<'a>),
}

/// A request. Times are ms after [`Header::start`]; the end is not before the start.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub(crate) names: &'a Names,
    pub(crate) groups: &'a [NameId],
    pub(crate) name: NameId,
    pub(crate) message: NameId,
    /// When it was sent, ms.
    pub start: u32,
    /// When its response was complete, ms.
    pub end: u32,
    /// Whether it succeeded and its checks held.
    pub ok: bool,
}

impl<'a> Request<'a> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.names.get(self.name)
    }

    /// The number of its name in this log.
    #[must_use]
    pub fn name_id(&self) -> NameId {
        self.name
    }

    /// The groups it was sent in, the outermost first.
    #[must_use]
    pub fn groups(&self) -> Groups<'a> {
        Groups {
            names: self.names,
            ids: self.groups,
        }
    }

    /// What made it fail; empty if nothing is known.
    #[must_use]
    pub fn message(&self) -> &'a str {
        self.names.get(self.message)
    }

    /// The number of its message in this log.
    #[must_use]
    pub fn message_id(&self) -> NameId {
        self.message
    }

    /// From start to end, ms.
    #[must_use]
    pub fn response_time(&self) -> u32 {
        self.end.saturating_sub(self.start)
    }
}

/// A virtual user that starts or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// Index in [`Header::scenarios`].
    pub scenario: usize,
    /// Starts (true) or ends.
    pub starts: bool,
    /// When, ms after [`Header::start`].
    pub time: u32,
}

/// A user's passage through a group. Times are ms after [`Header::start`]; the end is not before
/// the start.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    pub(crate) names: &'a Names,
    pub(crate) groups: &'a [NameId],
    /// When it was entered, ms.
    pub start: u32,
    /// When it was left, ms.
    pub end: u32,
    /// The response times of the requests in it added up, ms; without the pauses between them.
    pub cumulated: u32,
    /// Whether all in it succeeded.
    pub ok: bool,
}

impl<'a> Group<'a> {
    /// The group's path: the last is the group that was left.
    #[must_use]
    pub fn groups(&self) -> Groups<'a> {
        Groups {
            names: self.names,
            ids: self.groups,
        }
    }

    /// From start to end, ms, with pauses.
    #[must_use]
    pub fn duration(&self) -> u32 {
        self.end.saturating_sub(self.start)
    }
}

/// An error outside of requests.
#[derive(Debug, Clone, Copy)]
pub struct ErrorRecord<'a> {
    pub(crate) names: &'a Names,
    pub(crate) message: NameId,
    /// When, ms after [`Header::start`].
    pub time: u32,
}

impl<'a> ErrorRecord<'a> {
    /// What happened.
    #[must_use]
    pub fn message(&self) -> &'a str {
        self.names.get(self.message)
    }

    /// The number of its message in this log.
    #[must_use]
    pub fn message_id(&self) -> NameId {
        self.message
    }
}

/// A path of groups, the outermost first.
#[derive(Debug, Clone, Copy)]
pub struct Groups<'a> {
    names: &'a Names,
    ids: &'a [NameId],
}

impl<'a> Groups<'a> {
    /// Their numbers in this log.
    #[must_use]
    pub fn ids(&self) -> &'a [NameId] {
        self.ids
    }

    /// Their names.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        let names = self.names;
        self.ids.iter().map(move |id| names.get(*id))
    }
}
