use bfgg_stats::{Measures, Outcomes};
use serde::Serialize;

/// Gatling's number of bars; here there are as many at most, but for one.
const BARS: u32 = 100;

/// How often which time came, in bars of equal width.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Distribution {
    /// Where the first bar begins, ms.
    pub from: u32,
    /// How wide a bar is, ms: 1, 2 or 5, or ten, a hundred, … times as much.
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
        let width = round_width(((to - from) / BARS).saturating_add(1));
        let from = from / width * width;
        let bars = ((to - from) / width) as usize + 1;
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

/// The next of 1, 2, 5, 10, 20, 50, … ms.
fn round_width(at_least: u32) -> u32 {
    let mut power = 1_u32;
    loop {
        for times in [1, 2, 5] {
            // The last ones are beyond all times.
            let width = power.saturating_mul(times);
            if width >= at_least {
                return width;
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_of_round_widths() {
        let widths = [1, 2, 3, 5, 6, 11, 21, 99, 42_949_673].map(round_width);
        assert_eq!(widths, [1, 2, 5, 5, 10, 20, 50, 100, 50_000_000]);
        for times in [vec![0], vec![7, 1300], vec![95, 199], vec![0, u32::MAX]] {
            let mut all = Outcomes::default();
            for ms in &times {
                all.ok.add(*ms);
            }
            let bars = Distribution::of(&all);
            assert_eq!(bars.from % bars.width, 0, "{times:?}");
            assert!(bars.ok.len() <= 101, "{times:?}: {}", bars.ok.len());
            assert!(bars.ok[0] > 0 && bars.ok.last() > Some(&0), "{times:?}");
        }
    }
}
