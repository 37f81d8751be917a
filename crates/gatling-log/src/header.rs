use crate::assertion::{Assertion, AssertionError};
use crate::cursor::{Cursor, Read, Stop};
use crate::error::Cause;
use crate::version::Version;

pub(crate) const MAX_SCENARIOS: i32 = 100_000;
pub(crate) const MAX_ASSERTIONS: i32 = 100_000;
const MAX_ASSERTION_BYTES: i32 = 1 << 20;
/// The last ms of the year 9999.
pub(crate) const MAX_START: i64 = 253_402_300_799_999;

/// The log's first record: what was run, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Gatling's version.
    pub version: Version,
    /// The simulation's class.
    pub simulation: String,
    /// Zero of all times in the log: Unix time in ms by the clock of the machine it ran on. The
    /// load itself begins later.
    pub start: i64,
    /// The description given for the run; often empty.
    pub description: String,
    /// The scenarios' names; user records refer to them by index. A text log has no such list: it
    /// is that of the scenarios whose users were decoded so far.
    pub scenarios: Vec<String>,
    /// The simulation's assertions.
    pub assertions: Vec<StoredAssertion>,
}

/// An assertion as the header has it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAssertion {
    /// Its bytes as in a binary log, also where it comes from a text log.
    pub bytes: Vec<u8>,
    /// What they say. Gatling 3.13.0 wrote damaged ones.
    pub decoded: Result<Assertion, AssertionError>,
}

impl Header {
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Read<Self> {
        let at = cursor.at();
        let text = cursor.string()?.decode();
        let version = Version::parse(&text)
            .filter(Version::writes_binary)
            .ok_or(Stop::Bad(at, Cause::Version(text)))?;
        let simulation = cursor.string()?.decode();
        let at = cursor.at();
        let start = cursor.i64()?;
        if !(0..=MAX_START).contains(&start) {
            return Err(Stop::Bad(at, Cause::Start(start)));
        }
        let description = cursor.string()?.decode();
        let scenarios = (0..cursor.count("scenarios", MAX_SCENARIOS)?)
            .map(|_| Ok(cursor.string()?.decode()))
            .collect::<Read<_>>()?;
        let assertions = (0..cursor.count("assertions", MAX_ASSERTIONS)?)
            .map(|_| {
                let length = cursor.count("bytes of an assertion", MAX_ASSERTION_BYTES)?;
                let bytes = cursor.take(length)?.to_vec();
                let decoded = Assertion::from_bytes(&bytes);
                Ok(StoredAssertion { bytes, decoded })
            })
            .collect::<Read<_>>()?;
        Ok(Self {
            version,
            simulation,
            start,
            description,
            scenarios,
            assertions,
        })
    }
}
