//! The merged log's header.

use std::collections::HashMap;

use super::NoHeader;
use super::source::Source;
use crate::header::{Header, MAX_START, StoredAssertion};
use crate::version::Version;

/// What a log's header has other than the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The simulation's class.
    Simulation,
    /// Gatling's version.
    Version,
    /// The assertions.
    Assertions,
    /// Some of its assertions cannot be read, and are not in the merged log, as Gatling's report
    /// would fail on them. Of the first log alone.
    UnreadableAssertions,
}

/// Joins the headers of the logs that have one, and settles how each log is brought in.
pub(super) fn join(
    sources: &mut [Source],
    version: Option<Version>,
) -> Result<(Header, Vec<(usize, Difference)>), NoHeader> {
    let headers = || {
        let sources = sources.iter().enumerate();
        sources.filter_map(|(log, source)| Some((log, source.header()?)))
    };
    let (first_log, first) = headers().next().ok_or(NoHeader)?;
    // With an offset that makes no sense a log's start may be no date; its records have no place then.
    let starts = sources.iter().filter_map(Source::start);
    let start = starts.filter(|start| (0..=MAX_START).contains(start)).min();
    let mut header = Header {
        version: version
            .or_else(|| {
                let mut versions = headers().map(|(_, header)| &header.version);
                versions.find(|version| version.writes_binary()).cloned()
            })
            .unwrap_or_else(Version::newest),
        simulation: first.simulation.clone(),
        start: start.unwrap_or(first.start),
        description: first.description.clone(),
        scenarios: Vec::new(),
        assertions: first.assertions.iter().filter(readable).cloned().collect(),
    };

    let mut differences = Vec::new();
    if header.assertions.len() < first.assertions.len() {
        differences.push((first_log, Difference::UnreadableAssertions));
    }
    for (log, other) in headers().skip(1) {
        let mut differs = |differs: bool, what| {
            if differs {
                differences.push((log, what));
            }
        };
        differs(other.simulation != first.simulation, Difference::Simulation);
        differs(other.version != first.version, Difference::Version);
        let bytes = |header: &Header| -> Vec<Vec<u8>> {
            let assertions = header.assertions.iter();
            assertions.map(|stored| stored.bytes.clone()).collect()
        };
        differs(bytes(other) != bytes(first), Difference::Assertions);
    }

    let mut numbers = HashMap::new();
    for source in sources {
        let own = source.header().map_or(&[][..], |own| &own.scenarios);
        let scenarios = own
            .iter()
            .map(|scenario| {
                *numbers.entry(scenario.clone()).or_insert_with(|| {
                    header.scenarios.push(scenario.clone());
                    header.scenarios.len() - 1
                })
            })
            .collect();
        source.place(header.start, scenarios);
    }
    Ok((header, differences))
}

fn readable(stored: &&StoredAssertion) -> bool {
    stored.decoded.is_ok()
}
