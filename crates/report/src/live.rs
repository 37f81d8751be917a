//! The figures of a run in progress: those of the result, as far as they are known.

use std::collections::BTreeMap;

use bfgg_stats::{Figures, Second, percentiles};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::build::errors;
use crate::rows::{rows, two_decimals};
use crate::{Columns, ErrorRow, Row};

/// Error messages told, the most frequent ones.
const ERRORS: usize = 50;
/// Seconds told at once, the newest ones.
const SECONDS: i64 = 3600;

/// What is known of a run in progress, of all its agents together: an event of
/// `GET /api/v1/runs/{id}/figures`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct LiveFigures {
    /// The columns' settings.
    pub columns: Columns,
    /// "All requests" first, then groups and requests in the order of their first appearance. Empty
    /// before the first request.
    pub rows: Vec<Row>,
    /// The most frequent error messages; what is less frequent is one row.
    pub errors: Vec<ErrorRow>,
    /// Seconds that are new or may have changed, in order; those known before stay as they were.
    pub seconds: Vec<LiveSecond>,
}

/// One second of a run in progress, since the start instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LiveSecond {
    /// The second; below 0 where a log begins before the start instant.
    pub second: i64,
    /// Requests sent in it that have ended.
    pub sent: u64,
    /// Requests that ended OK in it.
    pub ok: u64,
    /// Requests that ended KO in it.
    pub ko: u64,
    /// Users active at its end.
    pub users: u64,
    /// Response times of the OK requests sent in it, ms: the columns' four percentiles and the
    /// maximum; none if there were none. In a run of more than an hour some seconds are counted
    /// together, and have the same.
    pub times: Option<[u32; 5]>,
}

/// The figures as they are, with the seconds from `from` on.
#[must_use]
pub fn live(figures: &Figures, columns: &Columns, from: i64) -> LiveFigures {
    let Some(span) = figures.span() else {
        return LiveFigures {
            columns: columns.clone(),
            ..LiveFigures::default()
        };
    };
    let last = span.end.div_euclid(1000);
    let from = from
        .max(span.start.div_euclid(1000))
        .max(last.saturating_sub(SECONDS - 1));
    let times = TimesBySecond::of(figures, columns, from);
    let seconds = figures.seconds();
    let first = seconds.partition_point(|(second, _)| *second < from);
    let (before, mut seconds) = seconds.split_at(first);
    let mut users = before.iter().fold(0, |users, (_, cell)| step(users, cell));
    let told = (from..=last).map(|second| {
        let cell = match seconds.first() {
            Some((at, cell)) if *at == second => {
                seconds = &seconds[1..];
                *cell
            }
            _ => Second::default(),
        };
        users = step(users, &cell);
        LiveSecond {
            second,
            sent: cell.sent_ok.saturating_add(cell.sent_ko),
            ok: cell.ok,
            ko: cell.ko,
            users,
            times: times.at(second),
        }
    });
    let seconds = told.collect();
    let mut errors = errors(figures);
    if errors.len() > ERRORS {
        let rest = errors.split_off(ERRORS - 1);
        errors.push(ErrorRow {
            message: "(other messages)".to_owned(),
            count: rest.iter().map(|row| row.count).sum(),
            percent: two_decimals(rest.iter().map(|row| row.percent).sum()),
        });
    }
    LiveFigures {
        columns: columns.clone(),
        rows: rows(figures, columns),
        errors,
        seconds,
    }
}

/// Response times of OK requests by the second in which they were sent.
pub(crate) struct TimesBySecond {
    cell_seconds: i64,
    cells: BTreeMap<i64, [u32; 5]>,
}

impl TimesBySecond {
    /// The columns' percentiles and the maximum of the seconds from `from` on.
    pub(crate) fn of(figures: &Figures, columns: &Columns, from: i64) -> Self {
        let [a, b, c, d] = columns.percentiles;
        let ok = figures.ok_over_time();
        let cells = ok.cells_from(from);
        let cells = cells.filter(|(_, counts)| !counts.is_empty());
        let times =
            cells.map(|(second, counts)| (second, percentiles(&counts, [a, b, c, d, 100.0])));
        Self {
            cell_seconds: ok.cell_seconds(),
            cells: times.collect(),
        }
    }

    pub(crate) fn at(&self, second: i64) -> Option<[u32; 5]> {
        let cell = second.div_euclid(self.cell_seconds) * self.cell_seconds;
        self.cells.get(&cell).copied()
    }
}

/// Users at a second's end.
fn step(users: u64, cell: &Second) -> u64 {
    (users.saturating_add(cell.started)).saturating_sub(cell.ended.saturating_add(cell.unfinished))
}
