//! The simulation's assertions on the merged figures.

use bfgg_stats::{Figures, Outcomes, Span};
use gatling_log::{Assertion, AssertionPath, Metric, Stat, Target, Version};

use crate::AssertionRow;
use crate::rows::requests_in_order;

/// Evaluates an assertion: one row, or for all requests one for each. `version` is that of the
/// Gatling that would have evaluated it.
///
/// `Err` has the row of an assertion on something the run does not have, which Gatling counts as
/// failed.
pub(crate) fn evaluate(
    assertion: &Assertion,
    figures: &Figures,
    version: &Version,
) -> Result<Vec<AssertionRow>, AssertionRow> {
    let row = |path: &[String], times: &Outcomes| {
        let actual = actual(&assertion.target, times, figures);
        let holds = assertion.condition.holds(actual);
        AssertionRow {
            text: assertion.sentence(path),
            holds,
            actual,
            note: other_side(assertion, times, version, holds),
        }
    };
    match &assertion.path {
        AssertionPath::Global => Ok(vec![row(&[], figures.all())]),
        AssertionPath::ForAll => Ok(requests_in_order(figures)
            .into_iter()
            .map(|(path, request)| row(path, &request.times))
            .collect()),
        AssertionPath::Details(path) if path.is_empty() => Ok(vec![row(&[], figures.all())]),
        AssertionPath::Details(path) => match find(path, figures) {
            Some(times) => Ok(vec![row(path, times)]),
            None => Err(AssertionRow {
                text: assertion.sentence(path),
                holds: false,
                actual: 0.0,
                note: None,
            }),
        },
    }
}

/// Gatling takes percentiles from a t-digest: an estimate, which for few requests is the value of a
/// rule of its own. If that value would fall on the other side of the bound, this says so.
fn other_side(
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

/// The rules, measured: up to 3.12 between the neighbours of q(n−1), from 3.13 on the time at
/// floor(q·n), from 3.16 on between the neighbours of q·n − 0.5. Rounded down to ms, as in reports.
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
    Some((below + (above - below) * place.fract()).floor())
}

/// From 3.16 on.
fn interpolates(version: &Version) -> bool {
    let mut numbers = version.as_str().split(['.', '-']).map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= (3, 16),
        _ => false,
    }
}

fn find<'a>(path: &Vec<String>, figures: &'a Figures) -> Option<&'a Outcomes> {
    let request = figures.requests().get(path).map(|request| &request.times);
    request.or_else(|| figures.groups().get(path).map(|group| &group.cumulated))
}

fn actual(target: &Target, times: &Outcomes, figures: &Figures) -> f64 {
    let count = |metric: Metric| match metric {
        Metric::All => times.count(),
        Metric::Ok => times.ok.count(),
        Metric::Ko => times.ko.count(),
    };
    match target {
        Target::Count(metric) => count(*metric) as f64,
        // Gatling divides first and says 100 even of nothing.
        Target::Percent(Metric::All) => 100.0,
        Target::Percent(_) if times.count() == 0 => 0.0,
        Target::Percent(metric) => count(*metric) as f64 / times.count() as f64 * 100.0,
        Target::MeanRequestsPerSecond => {
            times.count() as f64 / figures.span().map_or(1, Span::seconds) as f64
        }
        Target::ResponseTime(stat) => {
            let times = times.together().measures();
            match stat {
                Stat::Min => f64::from(times.min()),
                Stat::Max => f64::from(times.max()),
                Stat::Mean => times.mean() as f64,
                Stat::StandardDeviation => times.std_dev() as f64,
                Stat::Percentile(percent) => f64::from(times.percentile(*percent)),
            }
        }
    }
}
