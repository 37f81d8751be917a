//! The charts of single requests and groups.

use bfgg_stats::{Column, Figures, Timeline, percentiles};
use serde::Serialize;

use super::{Distribution, Load, OverTime, part_of_run, rate, times};
use crate::csv::numbers;
use crate::{Columns, Row, RowKind};

/// Numbers that all details may have together: about 1.3 MB in the page. Those of the rows with the
/// most requests are kept.
const NUMBERS: usize = 320_000;

/// The charts of one row of the table.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Detail {
    /// The row's index in the summary.
    pub row: usize,
    /// When the first column begins, s after the first column of all charts (may be before it).
    pub from_s: i64,
    /// How long a column is, s.
    pub step_s: i64,
    /// Sent, OK and KO; a list without KO is empty.
    pub requests: [Vec<u64>; 2],
    /// Answered, OK and KO.
    pub responses: [Vec<u64>; 2],
    /// Response times; of a group the cumulated ones.
    pub times: OverTime,
    /// Of a group its durations.
    pub durations: Option<OverTime>,
    /// How often which time came.
    pub distribution: Distribution,
    /// Of a group its durations.
    pub duration_distribution: Option<Distribution>,
    /// Response time against the load of all.
    pub load: Load,
    /// What it is, how many, and the table's columns of times: of OK, of KO, and of a group its
    /// durations.
    pub figures: Vec<(&'static str, u64, [u64; 8])>,
    /// The row's [ranges](Row::ranges).
    pub ranges: [u64; 4],
}

impl Detail {
    fn numbers(&self) -> usize {
        let over_time = [Some(&self.times), self.durations.as_ref()];
        let curves = over_time.into_iter().flatten().flat_map(|own| &own.values);
        let distributions = [
            Some(&self.distribution),
            self.duration_distribution.as_ref(),
        ];
        let bars = distributions.into_iter().flatten();
        let counts = self.requests.iter().chain(&self.responses);
        curves.map(Vec::len).sum::<usize>()
            + bars.map(|own| own.ok.len() + own.ko.len()).sum::<usize>()
            + counts.map(Vec::len).sum::<usize>()
            + 2 * self.load.ok.len()
    }
}

/// The details of as many rows as there is room for, in the table's order. `first` is the first
/// second of all charts.
pub(super) fn details(
    figures: &Figures,
    rows: &[Row],
    columns: &Columns,
    first: i64,
) -> Vec<Detail> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(rows[*index].total));
    let (mut room, mut details) = (NUMBERS, Vec::new());
    for index in order {
        let Some(detail) = detail(figures, &rows[index], columns, first) else {
            continue;
        };
        let detail = Detail {
            row: index,
            figures: all_figures(&rows[index]),
            ranges: rows[index].ranges,
            ..detail
        };
        match room.checked_sub(detail.numbers()) {
            Some(rest) => room = rest,
            None => break,
        }
        details.push(detail);
    }
    details.sort_by_key(|detail| detail.row);
    details
}

fn all_figures(row: &Row) -> Vec<(&'static str, u64, [u64; 8])> {
    let mut all = vec![
        ("OK", row.ok, numbers(&row.ok_only)),
        ("KO", row.ko, numbers(&row.ko_only)),
    ];
    if let Some(duration) = &row.duration {
        all.push(("Duration (OK and KO)", row.total, numbers(duration)));
    }
    all
}

fn detail(figures: &Figures, row: &Row, columns: &Columns, first: i64) -> Option<Detail> {
    match row.kind {
        RowKind::All => None,
        RowKind::Request => {
            let request = figures.requests().get(&row.path)?;
            let mut detail = timeline(figures, request.timeline.as_ref()?, columns, first)?;
            detail.distribution = Distribution::of(&request.times);
            Some(detail)
        }
        RowKind::Group => {
            let group = figures.groups().get(&row.path)?;
            let mut detail = timeline(figures, group.timeline.as_ref()?, columns, first)?;
            detail.distribution = Distribution::of(&group.cumulated);
            detail.duration_distribution = Some(Distribution::of(&group.duration));
            if let Some(durations) = &group.duration_timeline {
                let all: Vec<Column> = durations.columns().collect();
                let of_all = all.iter().map(|column| column.times.as_slice());
                detail.durations = Some(times(of_all, columns));
            }
            Some(detail)
        }
    }
}

fn timeline(
    figures: &Figures,
    timeline: &Timeline,
    columns: &Columns,
    first: i64,
) -> Option<Detail> {
    let own: Vec<Column> = timeline.columns().collect();
    let step = timeline.column_seconds();
    let begin = own.first()?.second;
    let counts = |of: fn(&Column) -> u64| {
        let counts: Vec<u64> = own.iter().map(of).collect();
        match counts.iter().any(|count| *count > 0) {
            true => counts,
            false => Vec::new(),
        }
    };
    let mut load: Vec<(u64, u32)> = own
        .iter()
        .filter(|column| !column.times.is_empty())
        .filter_map(|column| {
            let ms = part_of_run(figures.span()?, column.second, step)?;
            let sent = sent_within(figures, column.second, column.second + step);
            Some((rate(sent, ms), percentiles(&column.times, [95.0])[0]))
        })
        .collect();
    load.sort_unstable();
    load.dedup();
    Some(Detail {
        from_s: begin - first,
        step_s: step,
        requests: [counts(|own| own.sent_ok), counts(|own| own.sent_ko)],
        responses: [counts(|own| own.ok), counts(|own| own.ko)],
        times: times(own.iter().map(|column| column.times.as_slice()), columns),
        load: Load {
            ok: load,
            ko: Vec::new(),
        },
        ..Detail::default()
    })
}

/// Requests of all sent from one second to before another.
fn sent_within(figures: &Figures, from: i64, to: i64) -> u64 {
    let seconds = figures.seconds();
    let begin = seconds.partition_point(|(second, _)| *second < from);
    let sent = seconds[begin..]
        .iter()
        .take_while(|(second, _)| *second < to)
        .map(|(_, counts)| counts.sent_ok + counts.sent_ko);
    sent.sum()
}
