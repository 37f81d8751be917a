//! An agent's clock against ours, from one measurement to the next.

use std::time::Duration;

use bfgg_report::{AgentClock, ClockDrift};

use super::Now;

/// Measurements that are kept; older ones are thinned out, so that they reach back far.
const KEPT: usize = 64;
/// Measurements closer together say nothing of a clock's pace.
const APART: Duration = Duration::from_secs(60);
/// What a clock that runs freely or is slewed may differ in pace, parts per million.
const SLEWED_PPM: u64 = 1000;
/// Never a jump, µs.
const SMALL_US: u64 = 20_000;

/// One measurement: the best of several exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offset {
    /// When, by our clocks.
    pub(crate) at: Now,
    /// The agent's clock minus ours, µs.
    pub(crate) offset_us: i64,
    /// How far that may be off, µs: half of the round trip.
    pub(crate) uncertainty_us: u64,
}

/// The measurements of one agent's clock since it was set last.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClockHistory(Vec<Offset>);

impl ClockHistory {
    /// Adds a measurement. If the clock has jumped since the last one, by how much, µs: what was
    /// measured before does not count any more.
    pub(crate) fn add(&mut self, new: Offset) -> Option<i64> {
        let jump = self.0.last().and_then(|last| is_jump(last, &new));
        if jump.is_some() {
            self.0.clear();
        }
        if self.0.len() >= KEPT {
            let newer = KEPT / 2;
            let mut index = 0;
            // The first stays.
            self.0.retain(|_| {
                index += 1;
                index > newer || index % 2 == 1
            });
        }
        self.0.push(new);
        jump
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The clock as the newest measurement has it.
    pub(crate) fn clock(&self) -> Option<AgentClock> {
        let last = self.0.last()?;
        Some(AgentClock {
            offset_ms: ms(i128::from(last.offset_us)),
            uncertainty_ms: ms(i128::from(last.uncertainty_us)),
            measured_ms: last.at.wall_ms,
            drift: self.drift(),
        })
    }

    /// Its pace: from the best of the first third to the best of the last third.
    pub(crate) fn drift(&self) -> Option<ClockDrift> {
        let third = self.0.len().div_ceil(3);
        let best = |of: &[Offset]| of.iter().min_by_key(|one| one.uncertainty_us).copied();
        let first = best(self.0.get(..third)?)?;
        let last = best(self.0.get(self.0.len() - third..)?)?;
        // Clocks run on while this machine sleeps, and where ours was set the history begins anew.
        let passed = last.at.wall_ms.saturating_sub(first.at.wall_ms);
        let passed = Duration::from_millis(passed);
        if passed < APART {
            return None;
        }
        let seconds = passed.as_secs_f64();
        let moved = i128::from(last.offset_us) - i128::from(first.offset_us);
        let open = i128::from(first.uncertainty_us) + i128::from(last.uncertainty_us);
        // µs in a second are parts per million.
        let ppm = |us: i128| ms(us) * 1000.0 / seconds;
        Some(ClockDrift {
            ppm: ppm(moved),
            uncertainty_ppm: ppm(open),
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "to show")]
fn ms(us: i128) -> f64 {
    us as f64 / 1000.0
}

/// By how much the clock has moved, if it is more than a clock moves by itself.
pub(crate) fn is_jump(before: &Offset, now: &Offset) -> Option<i64> {
    // Our monotonic clock may stand still while this machine sleeps.
    let passed = now.at.mono.saturating_sub(before.at.mono).as_millis();
    let passed = u64::try_from(passed).unwrap_or(u64::MAX);
    let passed = passed.max(now.at.wall_ms.saturating_sub(before.at.wall_ms));
    let slewed = passed.saturating_mul(SLEWED_PPM) / 1000;
    let open = before.uncertainty_us.saturating_add(now.uncertainty_us);
    let moved = now.offset_us.saturating_sub(before.offset_us);
    let limit = open.saturating_add(slewed).saturating_add(SMALL_US);
    (moved.unsigned_abs() > limit).then_some(moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALL: u64 = 1_764_000_000_000;

    fn offset(second: u64, offset_us: i64, uncertainty_us: u64) -> Offset {
        Offset {
            at: Now {
                mono: Duration::from_secs(second),
                wall_ms: WALL + second * 1000,
            },
            offset_us,
            uncertainty_us,
        }
    }

    #[test]
    fn a_clock_is_shown_with_its_uncertainty_and_drift() {
        let mut history = ClockHistory::default();
        assert_eq!(history.clock(), None);
        // 50 ppm fast, 5 minutes ahead; each third measurement is a good one.
        for minute in 0..200 {
            let (good, noise) = if minute % 3 == 0 {
                (true, 0)
            } else {
                (false, 3000)
            };
            let at = 300_000_000 + minute * 60 * 50 + noise;
            let uncertainty = if good { 100 } else { 5000 };
            let minute = u64::try_from(minute).unwrap();
            assert_eq!(history.add(offset(minute * 60, at, uncertainty)), None);
            let drift = history.drift();
            assert_eq!(drift.is_some(), minute > 0, "{minute}");
        }
        assert!(history.0.len() <= KEPT);
        assert_eq!(history.0[0].at.mono, Duration::ZERO, "they reach back");
        let clock = history.clock().unwrap();
        assert_eq!(clock.measured_ms, WALL + 199 * 60_000);
        assert!((clock.offset_ms - 300_600.0).abs() < 10.0, "{clock:?}");
        assert!((clock.uncertainty_ms - 5.0).abs() < 5.0);
        let drift = clock.drift.unwrap();
        assert!((drift.ppm - 50.0).abs() < 1.0, "{drift:?}");
        assert!(drift.is_certain() && drift.uncertainty_ppm < 1.0);
    }

    #[test]
    fn a_jump_is_told_from_drift_and_poor_links() {
        let hour = 3_600_000_000;
        for (seconds, moved, uncertainty, expected) in [
            (60, 3_000, 200, None),
            // Slewed by 500 ppm over a minute.
            (60, 30_000, 200, None),
            (60, 150_000, 200, Some(150_000)),
            // A link of 300 ms.
            (60, 150_000, 160_000, None),
            (60, hour, 160_000, Some(hour)),
            (60, -hour, 200, Some(-hour)),
            // After a long time without a connection.
            (3600, 1_500_000, 200, None),
        ] {
            let mut history = ClockHistory::default();
            history.add(offset(0, 7_000, uncertainty));
            let jump = history.add(offset(seconds, 7_000 + moved, uncertainty));
            assert_eq!(jump, expected, "{moved} in {seconds} s");
            assert_eq!(history.0.len(), if jump.is_some() { 1 } else { 2 });
        }
    }

    #[test]
    fn a_clock_drifts_while_we_sleep_too() {
        let mut history = ClockHistory::default();
        for second in [0, 60] {
            let at = offset(second, i64::try_from(second).unwrap() * 50, 100);
            assert_eq!(history.add(at), None);
        }
        // An hour, of which our monotonic clock has counted a minute.
        let mut awake = offset(3_600, 3_600 * 50, 100);
        awake.at.mono = Duration::from_secs(120);
        assert_eq!(history.add(awake), None);
        let drift = history.drift().unwrap();
        assert!((drift.ppm - 50.0).abs() < 1.0, "{drift:?}");
    }

    #[test]
    fn our_own_sleep_is_no_jump_of_the_agent() {
        let mut history = ClockHistory::default();
        history.add(offset(0, 0, 200));
        let mut awake = offset(1, 300_000, 200);
        awake.at.wall_ms += 600_000;
        assert_eq!(history.add(awake), None);
    }
}
