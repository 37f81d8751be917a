//! Gatling's own percentiles.

use bfgg_stats::Outcomes;
use gatling_log::{Assertion, Stat, Target, Version};

/// Gatling takes percentiles from a t-digest: an estimate, which for few requests is the value of a
/// rule of its own. If that value would fall on the other side of the bound, this says so.
pub(super) fn other_side(
    assertion: &Assertion,
    times: &Outcomes,
    version: &Version,
    holds: bool,
) -> Option<String> {
    let Target::ResponseTime(Stat::Percentile(percent)) = assertion.target else {
        return None;
    };
    let theirs = gatlings_percentile(times.together().measures().counts(), percent, version)?;
    (assertion.condition.holds(theirs) != holds).then(|| {
        format!(
            "by Gatling's own rule for percentiles, an estimate ({theirs:.0} ms), it {}",
            if holds { "would fail" } else { "would hold" }
        )
    })
}

/// The rules, measured on the samples: up to 3.12 between the neighbours of q(n−1), from 3.13 on the
/// time at floor(q·n), from 3.16 on between the neighbours of q·n − 0.5. All are rounded half up.
fn gatlings_percentile(counts: &[(u32, u64)], percent: f64, version: &Version) -> Option<f64> {
    let count = counts.iter().map(|(_, count)| count).sum::<u64>();
    let last = count.checked_sub(1)? as f64;
    let q = percent.clamp(0.0, 100.0) / 100.0;
    let place = if !version.writes_binary() {
        q * last
    } else if !interpolates(version) {
        (q * count as f64).floor()
    } else {
        q * count as f64 - 0.5
    };
    let place = place.clamp(0.0, last);
    let at = |index: f64| {
        let mut seen = 0_u64;
        let found = counts.iter().find(|(_, count)| {
            seen += count;
            seen as f64 > index
        });
        found.map(|(ms, _)| f64::from(*ms))
    };
    let (below, above) = (at(place.floor())?, at(place.ceil())?);
    Some((below + (above - below) * place.fract() + 0.5).floor())
}

/// From 3.16 on.
fn interpolates(version: &Version) -> bool {
    let mut numbers = version.as_str().split(['.', '-']).map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= (3, 16),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use gatling_log::{Decoder, Record};
    use serde_json::Value;

    use super::*;

    /// The response times of a sample by request, and of all (the empty path).
    fn times(log: &[u8]) -> (Version, BTreeMap<Vec<String>, BTreeMap<u32, u64>>) {
        let mut decoder = Decoder::new();
        decoder.push(log);
        let mut times: BTreeMap<Vec<String>, BTreeMap<u32, u64>> = BTreeMap::new();
        while let Some(record) = decoder.next_record().unwrap() {
            if let Record::Request(request) = record {
                let names = request.groups().names().chain([request.name()]);
                let path = names.map(|name| name.replace(['\t', '\n', '\r'], " "));
                for path in [path.collect(), vec![]] {
                    let ms = request.end - request.start;
                    *times.entry(path).or_default().entry(ms).or_default() += 1;
                }
            }
        }
        (decoder.header().unwrap().version.clone(), times)
    }

    /// All percentiles of all versions; `misses` are those where the t-digest is off its rule.
    #[test]
    fn the_rules_are_gatlings() {
        let samples = [
            ("3.3.1", 0),
            ("3.5.1", 0),
            ("3.9.5", 0),
            ("3.11.5", 0),
            ("3.12.0", 0),
            ("3.12.0-edge", 0),
            ("3.13.5", 2),
            ("3.15.1", 1),
            ("3.16.0", 0),
            ("3.16.0-edge", 0),
            ("3.16.0-merged", 2),
        ];
        for (sample, misses) in samples {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../gatling-log/tests/samples")
                .join(sample);
            let (version, times) = times(&std::fs::read(folder.join("simulation.log")).unwrap());
            let expected = std::fs::read_to_string(folder.join("expected.json")).unwrap();
            let expected: Value = serde_json::from_str(&expected).unwrap();
            let (mut seen, mut missed) = (0, Vec::new());
            for row in expected["rows"].as_array().unwrap() {
                let path: Vec<String> = serde_json::from_value(row["path"].clone()).unwrap();
                let Some(counts) = times.get(&path).filter(|_| row["kind"] != "group") else {
                    continue;
                };
                let counts: Vec<(u32, u64)> = counts.iter().map(|(a, b)| (*a, *b)).collect();
                for (name, percent) in [("p50", 50.0), ("p75", 75.0), ("p95", 95.0), ("p99", 99.0)]
                {
                    let ours = gatlings_percentile(&counts, percent, &version);
                    seen += 1;
                    if ours != row[name].as_f64() {
                        missed.push((path.clone(), name, ours, row[name].as_f64()));
                    }
                }
            }
            assert!(seen >= 12, "{sample}");
            assert_eq!(missed.len(), misses, "{sample}: {missed:?}");
        }
    }
}
