use gatling_log::{Cause, Decoder, Ending};

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

/// The kinds a caller may act on. The worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TroubleKind {
    /// It cannot be opened or read.
    Unreadable,
    /// It is something else than a log of a known Gatling.
    NotALog,
    /// It has no byte, or ends within its header.
    Empty,
    /// It has a header and no records.
    NoRecords,
    /// It is of another simulation than the first log.
    OtherSimulation,
    /// It is damaged or cut: what comes before counts.
    Damaged,
    /// Not one request was recorded in all logs.
    NoRequests,
    /// Not one request succeeded in all logs.
    OnlyKo,
    /// It is of another Gatling than the first log.
    OtherVersion,
}

impl TroubleKind {
    /// Of a log without a header.
    pub(crate) fn of_unusable(decoder: &Decoder, unreadable: bool) -> Self {
        match decoder.error() {
            _ if unreadable => Self::Unreadable,
            Some(error) if error.offset == 0 || matches!(error.cause, Cause::Version(_)) => {
                Self::NotALog
            }
            Some(_) => Self::Damaged,
            None => Self::Empty,
        }
    }

    /// Of a log with a header that was not read to a good end.
    pub(crate) fn of_used(decoder: &Decoder, unreadable: bool) -> Self {
        let is_whole = decoder.error().is_none() && decoder.ending() == Ending::Complete;
        match decoder.records() {
            _ if unreadable => Self::Unreadable,
            0 if is_whole => Self::NoRecords,
            _ => Self::Damaged,
        }
    }
}
