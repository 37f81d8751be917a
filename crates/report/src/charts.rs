//! What the page's charts show, column by column.

mod detail;
mod distribution;

use bfgg_stats::{Figures, Level, Span, percentiles};
use gatling_log::rank;
use serde::Serialize;

use crate::{Columns, Row};
pub use detail::Detail;
pub use distribution::Distribution;

/// Columns of a chart: two for each of its pixels would not be seen.
const COLUMNS: i64 = 1000;
/// Longer than any run; logs whose clocks are that far apart would make one.
const MAX_SECONDS: i64 = 31 * 24 * 3600;

/// The charts of one report. Columns are of equal length; counts are of a whole column.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Charts {
    /// When the first column begins, Unix time, ms.
    pub start_ms: i64,
    /// How long a column is, s.
    pub step_s: i64,
    /// From the first record to the last, ms after `start_ms`: the first and the last column are only
    /// partly of the run.
    pub run_ms: [i64; 2],
    /// Active users at most in each column: of all first, then of each scenario.
    pub users: Vec<UserCurve>,
    /// Requests sent, OK and KO.
    pub requests: [Vec<u64>; 2],
    /// Responses that came, OK and KO.
    pub responses: [Vec<u64>; 2],
    /// Response times of OK requests by when they were sent.
    pub times: OverTime,
    /// How often which response time came.
    pub distribution: Distribution,
    /// Response time against load.
    pub load: Load,
    /// Single rows.
    pub details: Vec<Detail>,
}

/// One scenario's users.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct UserCurve {
    /// Its name; empty for all.
    pub scenario: String,
    /// Active at most in each column.
    pub most: Vec<u64>,
}

/// Response times over time.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct OverTime {
    /// What each curve is: "Min", "50th", …
    pub names: Vec<String>,
    /// For each curve its values, ms; null where nothing was sent.
    pub values: Vec<Vec<Option<u32>>>,
}

/// The 95th percentile of the response times in a column against the requests/s of all in it. Columns
/// of which less than half is of the run are left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Load {
    /// Of those that succeeded: requests/s, ms.
    pub ok: Vec<(u64, u32)>,
    /// Of those that failed.
    pub ko: Vec<(u64, u32)>,
}

/// How much of a column of time is of the run, ms. `None` if it is less than half: what is left of a
/// second says nothing of a rate.
fn part_of_run(span: Span, first: i64, step: i64) -> Option<u64> {
    let (from, to) = (
        first.saturating_mul(1000),
        (first + step).saturating_mul(1000),
    );
    // A single one is all there is.
    let is_alone = from <= span.start && span.end < to;
    let part = match is_alone {
        true => to - from,
        false => to.min(span.end) - from.max(span.start),
    };
    (part >= step * 500).then_some(part.unsigned_abs())
}

/// Requests/s, counted up.
fn rate(count: u64, ms: u64) -> u64 {
    count.saturating_mul(1000).div_ceil(ms)
}

/// Columns of time.
#[derive(Debug, Clone, Copy)]
struct Axis {
    /// The first second of the first column.
    first: i64,
    step: i64,
    columns: usize,
}

impl Axis {
    fn column(self, second: i64) -> usize {
        let column = (second - self.first).div_euclid(self.step);
        usize::try_from(column)
            .unwrap_or(0)
            .min(self.columns.saturating_sub(1))
    }
}

/// All charts of the figures. Without a span, or with an absurd one, nothing can be drawn over time.
pub(crate) fn charts(figures: &Figures, rows: &[Row], columns: &Columns) -> Charts {
    let without_time = || Charts {
        distribution: Distribution::of(figures.all()),
        ..Charts::default()
    };
    let Some(span) = figures.span() else {
        return without_time();
    };
    let (first, last) = (span.start.div_euclid(1000), span.end.div_euclid(1000));
    if last - first >= MAX_SECONDS {
        return without_time();
    }
    // A column holds whole cells of the times.
    let ok = figures.ok_over_time();
    let cell = ok.cell_seconds().max(figures.ko_over_time().cell_seconds());
    let first = first.div_euclid(cell) * cell;
    let cells = (last - first) / cell + 1;
    let step = cell
        * cells
            .unsigned_abs()
            .div_ceil(COLUMNS.unsigned_abs())
            .cast_signed();
    let axis = Axis {
        first,
        step,
        columns: usize::try_from((last - first) / step + 1).unwrap_or(1),
    };
    let mut charts = Charts {
        start_ms: first * 1000,
        step_s: step,
        run_ms: [span.start - first * 1000, span.end - first * 1000],
        users: users(figures, axis),
        requests: [vec![0; axis.columns], vec![0; axis.columns]],
        responses: [vec![0; axis.columns], vec![0; axis.columns]],
        ..without_time()
    };
    for (second, counts) in figures.seconds() {
        let column = axis.column(*second);
        charts.requests[0][column] += counts.sent_ok;
        charts.requests[1][column] += counts.sent_ko;
        charts.responses[0][column] += counts.ok;
        charts.responses[1][column] += counts.ko;
    }
    let [sent_ok, sent_ko] = charts.requests.clone();
    let rate = |column: usize| {
        let second = first + step * i64::try_from(column).unwrap_or(0);
        let sent = sent_ok[column] + sent_ko[column];
        part_of_run(span, second, step).map(|ms| rate(sent, ms))
    };
    std::thread::scope(|scope| {
        // About half of the work.
        let details = scope.spawn(|| detail::details(figures, rows, columns, first));
        let ok = by_column(ok, axis);
        charts.load = Load {
            ok: load(&ok, rate),
            ko: load(&by_column(figures.ko_over_time(), axis), rate),
        };
        charts.times = times(ok.iter().map(Vec::as_slice), columns);
        // It only fails where it panics, which is a defect: the page is of use without details.
        charts.details = details.join().unwrap_or_default();
    });
    charts
}

/// The counts of each column, sorted by time.
fn by_column(times: &bfgg_stats::OverTime, axis: Axis) -> Vec<Vec<(u32, u64)>> {
    let mut columns = vec![Vec::new(); axis.columns];
    for (second, counts) in times.cells() {
        let column: &mut Vec<_> = &mut columns[axis.column(second)];
        if column.is_empty() {
            *column = counts;
        } else {
            column.extend(counts);
        }
    }
    for column in &mut columns {
        // Sorted parts, which a stable sort only has to merge.
        column.sort();
    }
    columns
}

/// Minimum, percentiles and maximum of each column.
fn times<'a>(columns: impl Iterator<Item = &'a [(u32, u64)]>, settings: &Columns) -> OverTime {
    let mut names = vec!["Min".to_owned()];
    names.extend(settings.percentiles.map(rank));
    names.push("Max".to_owned());
    let mut values = vec![Vec::new(); names.len()];
    let [a, b, c, d] = settings.percentiles;
    for counts in columns {
        let found = percentiles(counts, [0.0, a, b, c, d, 100.0]);
        for (curve, ms) in values.iter_mut().zip(found) {
            curve.push((!counts.is_empty()).then_some(ms));
        }
    }
    OverTime { names, values }
}

fn load(columns: &[Vec<(u32, u64)>], rate: impl Fn(usize) -> Option<u64>) -> Vec<(u64, u32)> {
    let columns = columns.iter().enumerate();
    let mut points: Vec<_> = columns
        .filter(|(_, counts)| !counts.is_empty())
        .filter_map(|(column, counts)| Some((rate(column)?, percentiles(counts, [95.0])[0])))
        .collect();
    points.sort_unstable();
    points.dedup();
    points
}

fn users(figures: &Figures, axis: Axis) -> Vec<UserCurve> {
    /// Logs can name any number of scenarios.
    const CURVES: usize = 20;
    let users = figures.users();
    let all = UserCurve {
        scenario: String::new(),
        most: most(&users.all_levels(), axis),
    };
    // Most users first, so that the small ones are left out.
    let mut scenarios: Vec<_> = users.scenarios().iter().collect();
    scenarios.sort_by_key(|(_, scenario)| std::cmp::Reverse(scenario.started));
    let curves = scenarios.iter().take(CURVES).map(|(name, _)| UserCurve {
        scenario: (*name).clone(),
        most: most(&users.levels(name), axis),
    });
    std::iter::once(all).chain(curves).collect()
}

fn most(levels: &[Level], axis: Axis) -> Vec<u64> {
    let mut columns = Vec::with_capacity(axis.columns);
    let mut active = 0;
    let mut levels = levels.iter().peekable();
    for column in 0..axis.columns {
        let mut most = active;
        while let Some(level) = levels.next_if(|level| axis.column(level.second) <= column) {
            most = most.max(level.most);
            active = level.last;
        }
        columns.push(most);
    }
    columns
}
