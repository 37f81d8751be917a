use thiserror::Error;

/// Where and why decoding stopped, or a line of a text log was left out. All records before it are
/// good.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("byte {offset}, record {record}: {cause}{}", newer(newer_version.as_deref()))]
pub struct DecodeError {
    /// The byte that does not fit, counted from the log's start.
    pub offset: u64,
    /// The record it belongs to: 0 is the header. In text logs lines that were left out count as
    /// well.
    pub record: u64,
    /// What does not fit.
    pub cause: Cause,
    /// The header's Gatling version if its layout is not known here, the likely reason then.
    pub newer_version: Option<String>,
}

fn newer(version: Option<&str>) -> String {
    version.map_or_else(String::new, |version| {
        format!(
            " (the log is of Gatling {version}; the layout is known for 3.13 to 3.16 and may have \
             changed since)"
        )
    })
}

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Cause {
    /// A text log older than Gatling 3.0, with this version (2.x all write "2.0").
    #[error(
        "this is a text log of Gatling {0}, which is not supported; text logs are read from 3.0 on"
    )]
    OldTextLog(String),
    /// A text log with a version that never wrote text logs, or with no version at all.
    #[error("this text log is not of Gatling 3.0 to 3.12: its version reads {0:?}")]
    TextVersion(String),
    /// Neither a binary nor a text log.
    #[error("this is not a Gatling log: it starts with byte {0:#04x}")]
    NotALog(u8),
    /// A binary log with a version that never wrote binary logs, or with no version at all.
    #[error("this binary log is not of Gatling 3.13 or later: its version reads {0:?}")]
    Version(String),
    /// The run's start is before 1970 or after 9999.
    #[error("the run's start, {0} ms after 1970, is not a date")]
    Start(i64),
    /// The record's type is none of those known.
    #[error("there is no record type {0}")]
    RecordType(u8),
    /// A string's length is negative or above 1 MiB.
    #[error("a string cannot be {0} bytes long")]
    StringLength(i32),
    /// A string's encoding is neither Latin-1 nor UTF-16.
    #[error("there is no string encoding {0}")]
    Coder(u8),
    /// A UTF-16 string with an odd number of bytes.
    #[error("a UTF-16 string cannot be {0} bytes long")]
    OddUtf16(usize),
    /// A new string does not have the next index.
    #[error("a new string has index {found} where {expected} is next")]
    NewIndex {
        /// The index read.
        found: i32,
        /// The next index.
        expected: usize,
    },
    /// A reference to a string not seen before.
    #[error("string {0} is referred to before it is written")]
    UnknownIndex(u32),
    /// A flag that is neither 0 nor 1.
    #[error("{0} is neither true (1) nor false (0)")]
    Flag(u8),
    /// A count that is negative or beyond any sense.
    #[error("{found} {what} are not possible (at most {limit})")]
    Count {
        /// What is counted.
        what: &'static str,
        /// The count read.
        found: i32,
        /// The limit.
        limit: i32,
    },
    /// A group record without a group.
    #[error("a group record names no group")]
    NoGroup,
    /// A user of a scenario that the header does not name.
    #[error("there is no scenario {found}, the header names {known}")]
    Scenario {
        /// The index read.
        found: i32,
        /// How many the header names.
        known: usize,
    },
    /// A record of more than 4 MiB, which Gatling cannot write; or as much of a text log without the
    /// run's line.
    #[error("a record does not end within 4 MiB")]
    RecordLength,
    /// A text log whose first line that is no assertion is not the run's.
    #[error("the line is neither an assertion nor the run, with which a text log starts")]
    NoRun,
    /// A line that starts with the name of no record.
    #[error("the line starts with no record's name")]
    LineStart,
    /// A line with too few or too many columns: a name in it has a tab or a line break.
    #[error("the line has {found} columns where {expected} are expected")]
    Columns {
        /// How many it has.
        found: usize,
        /// How many its record has in this version.
        expected: usize,
    },
    /// A column that should be a time.
    #[error("the column is no time")]
    Time,
    /// A column that should be OK or KO.
    #[error("the column is neither OK nor KO")]
    Status,
    /// A column that should be START or END.
    #[error("the column is neither START nor END")]
    UserEvent,
    /// A line of more than 1 MiB.
    #[error("a line does not end within 1 MiB")]
    LineLength,
}
