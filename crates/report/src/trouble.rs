use gatling_log::{Cause, Decoder};

use crate::log::is_something_else;

/// Something that is wrong with one of the logs, or with all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What kind of thing.
    pub kind: TroubleKind,
    /// The log's name; empty if it is about all.
    pub log: String,
    /// A sentence, with the log's name.
    pub text: String,
}

/// The kinds a caller may act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TroubleKind {
    /// It cannot be opened or read.
    Unreadable,
    /// It is something else than a log of Gatling.
    NotALog,
    /// It is the log of a Gatling before 3.0.
    Unsupported,
    /// It has no byte, or ends within its header.
    Empty,
    /// It has a header and no records.
    NoRecords,
    /// It is of another simulation than the first log.
    OtherSimulation,
    /// It is damaged: what comes before counts.
    Damaged,
    /// It ends within a record: what comes before counts.
    Cut,
    /// It is of a Gatling newer than those known, and does not fit their layout from somewhere on.
    UnknownLayout,
    /// Lines of a text log do not fit and do not count.
    BadLines,
    /// Its start is no date, or records have times that cannot be and do not count.
    ImpossibleTimes,
    /// It grew while it was read: what it had at first counts.
    Growing,
    /// Records have no place in the merged log.
    LeftOut,
    /// Not one request was recorded in all logs, or nothing but errors in this one.
    NoRequests,
    /// Not one request succeeded in all logs.
    OnlyKo,
    /// It is of another Gatling than the first log.
    OtherVersion,
    /// It is of a Gatling newer than those known, and fits their layout: all of it counts.
    NewerVersion,
}

impl TroubleKind {
    /// Whether something that may be in the logs is missing in what is made of them.
    #[must_use]
    pub fn is_missing(self) -> bool {
        match self {
            Self::Unreadable
            | Self::NotALog
            | Self::Unsupported
            | Self::Empty
            | Self::Damaged
            | Self::Cut
            | Self::UnknownLayout
            | Self::BadLines
            | Self::ImpossibleTimes
            | Self::Growing
            | Self::LeftOut => true,
            Self::NoRecords
            | Self::OtherSimulation
            | Self::NoRequests
            | Self::OnlyKo
            | Self::OtherVersion
            | Self::NewerVersion => false,
        }
    }

    /// Of a log without a header.
    pub(crate) fn of_unusable(decoder: &Decoder, unreadable: bool) -> Self {
        let Some(error) = decoder.error().filter(|_| !unreadable) else {
            return if unreadable {
                Self::Unreadable
            } else {
                Self::Empty
            };
        };
        match &error.cause {
            Cause::OldTextLog(_) => Self::Unsupported,
            Cause::Start(_) => Self::ImpossibleTimes,
            _ if is_something_else(error) => Self::NotALog,
            _ if error.newer_version.is_some() => Self::UnknownLayout,
            _ => Self::Damaged,
        }
    }
}
