//! The simulation's assertions on the merged figures.

use bfgg_stats::{Figures, Outcomes, Span};
use gatling_log::{Assertion, AssertionPath, Metric, Stat, Target};

use crate::AssertionRow;
use crate::rows::requests_in_order;

/// Evaluates an assertion: one row, or for all requests one for each.
///
/// `Err` has the row of an assertion on something the run does not have, which Gatling counts as
/// failed.
pub(crate) fn evaluate(
    assertion: &Assertion,
    figures: &Figures,
) -> Result<Vec<AssertionRow>, AssertionRow> {
    let row = |path: &[String], times: &Outcomes| {
        let actual = actual(&assertion.target, times, figures);
        let holds = assertion.condition.holds(actual);
        AssertionRow {
            text: assertion.sentence(path),
            holds,
            actual,
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
            }),
        },
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
            let times = times.together();
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
