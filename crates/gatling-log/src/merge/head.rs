//! The merged log's header.

use std::collections::HashMap;

use super::NoHeader;
use super::source::Source;
use crate::decoder::MAX_RECORD;
use crate::encoder::LONGEST;
use crate::header::{Header, MAX_SCENARIOS, MAX_START};
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
    /// Some of its scenarios have no room in the merged header, which has 100,000 of them, or is
    /// 4 MiB long. Their users are left out.
    Scenarios,
}

/// What a header can still hold.
struct Room {
    bytes: usize,
    scenarios: usize,
}

impl Room {
    fn takes(&mut self, bytes: usize) -> bool {
        let rest = self.bytes.checked_sub(bytes);
        self.bytes = rest.unwrap_or(self.bytes);
        rest.is_some()
    }

    fn takes_scenario(&mut self, name: &str) -> bool {
        let takes = self.scenarios > 0 && self.takes(string_length(name));
        self.scenarios -= usize::from(takes);
        takes
    }
}

/// The bytes that a string needs at most.
fn string_length(text: &str) -> usize {
    LONGEST.min(2 * text.len()) + 5
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
        assertions: Vec::new(),
    };
    let strings = [
        header.version.as_str(),
        &header.simulation,
        &header.description,
    ];
    let used: usize = strings.map(string_length).iter().sum();
    let mut room = Room {
        // Record type, start, and two counts.
        bytes: MAX_RECORD - used - 17,
        scenarios: MAX_SCENARIOS as usize,
    };
    let readable = first.assertions.iter();
    let readable =
        readable.filter(|stored| stored.decoded.is_ok() && room.takes(stored.bytes.len() + 4));
    header.assertions = readable.cloned().collect();

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
    for (log, source) in sources.iter_mut().enumerate() {
        let own = source.header().map_or(&[][..], |own| &own.scenarios);
        let scenarios: Vec<Option<usize>> = own
            .iter()
            .map(|scenario| {
                *numbers.entry(scenario.clone()).or_insert_with(|| {
                    room.takes_scenario(scenario).then(|| {
                        header.scenarios.push(scenario.clone());
                        header.scenarios.len() - 1
                    })
                })
            })
            .collect();
        if scenarios.contains(&None) {
            differences.push((log, Difference::Scenarios));
        }
        source.place(header.start, scenarios);
    }
    Ok((header, differences))
}
