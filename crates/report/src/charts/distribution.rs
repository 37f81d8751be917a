use bfgg_stats::{Measures, Outcomes};
use serde::Serialize;

/// Gatling's number of bars.
const BARS: u32 = 100;

/// How often which time came, in bars of equal width.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Distribution {
    /// Where the first bar begins, ms.
    pub from: u32,
    /// How wide a bar is, ms.
    pub width: u32,
    /// Counts of what succeeded, for each bar.
    pub ok: Vec<u64>,
    /// Counts of what failed; empty if nothing did.
    pub ko: Vec<u64>,
}

impl Distribution {
    /// From the shortest to the longest time.
    pub(super) fn of(times: &Outcomes) -> Self {
        let (ok, ko) = (times.ok.measures(), times.ko.measures());
        let all = [&ok, &ko].into_iter().filter(|own| own.count() > 0);
        let from = all.clone().map(Measures::min).min();
        let to = all.map(Measures::max).max();
        let (Some(from), Some(to)) = (from, to) else {
            return Self::default();
        };
        let length = u64::from(to - from) + 1;
        let width = u32::try_from(length.div_ceil(u64::from(BARS))).unwrap_or(u32::MAX);
        let bars = usize::try_from(length.div_ceil(u64::from(width))).unwrap_or(1);
        let bars_of = |counts: &[(u32, u64)]| {
            let mut own = vec![0; bars];
            for (ms, count) in counts {
                // Times kept in steps can lie a little below the shortest.
                let bar = (ms.saturating_sub(from) / width) as usize;
                own[bar.min(bars - 1)] += count;
            }
            own
        };
        Self {
            from,
            width,
            ok: bars_of(ok.counts()),
            ko: match ko.count() {
                0 => Vec::new(),
                _ => bars_of(ko.counts()),
            },
        }
    }
}
