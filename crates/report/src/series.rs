//! The seconds of a run that has ended.

use bfgg_stats::{Figures, Second};

use crate::live::TimesBySecond;
use crate::{Columns, Series, SeriesPoint};

/// No run is as long; logs whose clocks are that far apart would make one.
const MAX_SECONDS: i64 = 31 * 24 * 3600;

/// One point for each second from the first record to the last. `None` if they are too far apart.
pub(crate) fn series(figures: &Figures, columns: &Columns) -> Option<Series> {
    let Some(span) = figures.span() else {
        return Some(Series::default());
    };
    let (first, last) = (span.start.div_euclid(1000), span.end.div_euclid(1000));
    if last - first >= MAX_SECONDS {
        return None;
    }
    let times = TimesBySecond::of(figures, columns, first);
    let (mut users, mut seconds) = (0_u64, figures.seconds());
    let points = (0..).zip(first..=last).map(|(second, at)| {
        let cell = match seconds.first() {
            Some((second, cell)) if *second == at => {
                seconds = &seconds[1..];
                *cell
            }
            _ => Second::default(),
        };
        users = (users + cell.started).saturating_sub(cell.ended + cell.unfinished);
        SeriesPoint {
            second,
            ok: cell.ok,
            ko: cell.ko,
            users,
            times: times.at(at),
        }
    });
    let seconds = points.collect();
    Some(Series {
        start_ms: u64::try_from(first * 1000).unwrap_or(0),
        seconds,
    })
}
