//! Decodes, encodes and merges `simulation.log`, in which the load testing tool Gatling writes down
//! all that happens in a run: the text logs of Gatling 3.0 to 3.12 and the binary ones of 3.13 on.
//!
//! Gatling writes one log for each run: a header, then a record for each request, each virtual
//! user that starts or ends, each group a user leaves and each error outside of requests. It calls
//! the log an implementation detail, so [`Decoder`] checks all it reads, and says where and why
//! something does not fit. A binary log can be read no further then; of a text log that line is left
//! out, and counted in [`Decoder::bad_lines`]. What was read until then counts. How the bytes were cut
//! into pieces makes no difference to any of it.
//!
//! - [`Decoder`]: from bytes to [`Record`]s.
//! - [`Encoder`]: from records to the bytes that Gatling writes for them (binary).
//! - [`Merge`]: from several logs to one binary log that Gatling's own report reads.
//!
//! None of them does I/O. Bytes are pushed in pieces of any size, as they come from a file, a
//! pipe or a log that is still being written; records are taken out. They borrow the decoder's
//! table of names, so that no record costs an allocation. The table is bounded by [`Limits`]: a log
//! from a stranger cannot fill the memory, nor make anything here panic.
//!
//! ```
//! use gatling_log::{Decoder, Ending, Record};
//!
//! // The header: version, simulation, start (epoch ms), description, scenarios, assertions.
//! let mut log = vec![0];
//! log.extend(b"\0\0\0\x063.16.0\0"); // length, bytes, and 0 for Latin-1
//! log.extend(b"\0\0\0\x0ddemo.Browsing\0");
//! log.extend(1_750_000_000_000_i64.to_be_bytes());
//! log.extend([0; 4]); // no description
//! log.extend([0; 4]); // no scenario
//! log.extend([0; 4]); // no assertion
//! // A request without groups, named "home", which gets index 1; from 40 ms to 52 ms after the
//! // start; OK; its message is "", which gets index 2.
//! log.extend(b"\x01\0\0\0\0\0\0\0\x01\0\0\0\x04home\0\0\0\0\x28\0\0\0\x34\x01\0\0\0\x02\0\0\0\0");
//! // Once more, now by reference (-1 and -2), from 60 ms to 71 ms; and the log is cut.
//! log.extend(b"\x01\0\0\0\0\xff\xff\xff\xff\0\0\0\x3c\0\0\0\x47\x01\xff\xff\xff\xfe");
//! log.extend(b"\x01\0\0");
//!
//! let mut decoder = Decoder::new();
//! let mut times = Vec::new();
//! for chunk in log.chunks(10) {
//!     decoder.push(chunk);
//!     while let Some(record) = decoder.next_record()? {
//!         match record {
//!             Record::Run(header) => assert_eq!(header.simulation, "demo.Browsing"),
//!             Record::Request(request) => {
//!                 assert_eq!(request.name(), "home");
//!                 times.push(request.response_time());
//!             }
//!             _ => {}
//!         }
//!     }
//! }
//! assert_eq!(times, [12, 11]);
//! assert!(matches!(decoder.ending(), Ending::Incomplete { .. }));
//! # Ok::<(), gatling_log::DecodeError>(())
//! ```
//!
//! # Binary logs
//!
//! All numbers are big endian. One byte tells the record's type.
//!
//! | byte | record | fields |
//! |---|---|---|
//! | 0 | Run, once, at the start | string version, string simulation class, i64 start (epoch ms), string description, i32 n and n strings (the scenarios), i32 n and n × (i32 length, [assertion bytes](Assertion)) |
//! | 1 | Request | groups, name, i32 start, i32 end, flag OK, message |
//! | 2 | User | i32 index of the scenario, flag: starts or ends, i32 time |
//! | 3 | Group left | groups (the last is the one left), i32 start, i32 end, i32 cumulated response time, flag OK |
//! | 4 | Error | message, i32 time |
//!
//! - Times are ms after the header's start. Being i32 they overflow after 24.8 days; such records
//!   are counted in [`Decoder::set_aside`] and not shown.
//! - A *flag* is a byte, 0 or 1.
//! - A *string* is an i32 length in bytes; if it is not 0, the bytes and one more that tells their
//!   encoding: 0 Latin-1, 1 UTF-16 in the byte order of the machine that wrote it, which is little
//!   endian on x86 and Arm. An empty string is the length alone.
//! - *Names* and *messages* are strings written once: an i32 index that was not used before (1, 2,
//!   3, …) is followed by the string; a negative one means the string first seen under its absolute
//!   value. A request without message has the empty one.
//! - *groups* is an i32 count and as many names, the outermost group first.
//! - The log is flushed when 8 KiB are full and at the end of the run: the log of a run in progress
//!   or of a killed one ends in the middle of a record.
//!
//! The layout is the same from 3.13 to 3.16. A log of a newer version is read as if it were of 3.16
//! for as long as every record fits; the error for one that does not names the version.
//!
//! # Text logs
//!
//! A line for each record: its name, then its columns, separated by tabs.
//!
//! | line | columns | up to 3.3 |
//! |---|---|---|
//! | `ASSERTION` | the [bytes](Assertion) in Base64; these lines come before `RUN` | other numbers in them |
//! | `RUN` | simulation class, id, start, description, version | |
//! | `REQUEST` | groups, name, start, end, `OK` or `KO`, message | before them the user's number |
//! | `USER` | scenario, `START` or `END`, time | scenario, the user's number, `START` or `END`, the user's start, time |
//! | `GROUP` | groups, start, end, cumulated response time, `OK` or `KO` | before them the user's number |
//! | `ERROR` | message, time | |
//!
//! - Times are Unix times in ms, by the machine's clock. [`Record`]s have them as ms after the
//!   header's start, as in binary logs. Those before it, or more than 49.7 days (2^32 ms) after it, are
//!   counted in [`Decoder::set_aside`] and not shown.
//! - *groups* are separated by commas, the outermost first. In a group's name Gatling replaces a comma by a
//!   space. It does not replace tabs and line breaks, in no name: such a name breaks its line.
//! - A space stands for no description and for no message.
//! - Lines end with `\n`, on Windows with `\r\n`. A last line without it is one that is still being
//!   written, and may be cut.
//! - The text is in UTF-8, or in what Gatling's `core.charset` says; what is not UTF-8 reads U+FFFD.
//! - The scenarios are not listed at the start: [`Header::scenarios`] grows with the records.
//!
//! Logs of 2.x and 1.x have other columns. They are recognised and not read:
//! [`Cause::OldTextLog`].

//!
//! # Traps
//!
//! - Which of the two a log is, its first byte tells: 0 is binary, `R` (of `RUN`) and `A` (of
//!   `ASSERTION`) are text. A text log that went through an editor may begin with a byte order mark, which
//!   is skipped.
//! - Records are written by several threads, and are not strictly in order of time: in real logs up to
//!   140 ms from it. A request is written when it ends, not when it starts; so is a group.
//! - The header's start is when the run was set up; the load begins seconds later. Requests per second
//!   are counted from the first record on.
//! - A request does not tell its scenario, and from 3.4 on not its user.
//! - A group's cumulated response time leaves out the pauses between requests, its end minus its start
//!   does not. Gatling's report shows the former as the group's response time.
//! - A user that the end of the run cut off has no record that it ended.
//! - Messages are cut at 200 UTF-16 units, names and messages of errors are not. A cut can leave half of
//!   a surrogate pair, which reads U+FFFD; two names that differ in it alone then read the same, but have
//!   two [`NameId`]s.
//! - Gatling 3.13.0, and it alone, writes damaged [assertion bytes](StoredAssertion::decoded).
//!
//! # Limits
//!
//! They are far above what Gatling writes, and there to bound what a log can ask for. A string has at
//! most 1 MiB, a line 1 MiB, a record 4 MiB, and so has all that comes before a text log's first record;
//! a record has at most 128 groups, a header 100,000 scenarios and as many assertions of 1 MiB.
//! [`Limits`] are those of the names.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod assertion;
mod cursor;
mod decoder;
mod encoder;
mod error;
mod fields;
mod header;
mod merge;
mod names;
mod pace;
mod record;
mod text;
mod version;

pub use assertion::{
    Assertion, AssertionError, AssertionPath, Condition, Metric, Stat, Target, rank,
};
pub use decoder::{Decoder, Ending, Format, SetAside};
pub use encoder::Encoder;
pub use error::{Cause, DecodeError};
pub use header::{Header, StoredAssertion};
pub use merge::{Difference, Merge, NoHeader, Step};
pub use names::{Limits, NameId, Names};
pub use pace::Pace;
pub use record::{ErrorRecord, Group, Groups, Record, Request, User};
pub use version::Version;
