//! Time (see `bfgg-clock`), and whether the wall clock was set.

use std::time::Instant;

pub(crate) use bfgg_clock::{Clock, Now, wall_ms, wall_us};
use bfgg_protocol::ClockJump;

use crate::platform;

/// A wall clock that differs by more, µs, from one look to the next was set. Clocks are slewed by
/// half a ms in a second at most, and the one that counts may have steps of 10 ms.
const JUMP_US: i64 = 100_000;

/// Notices that the wall clock was set, by a clock that only counts.
#[derive(Debug)]
pub(crate) struct JumpWatch {
    began: Instant,
    last: Option<Reading>,
    jumps: u32,
}

/// Both clocks at one moment, µs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reading {
    counting: u64,
    wall: u64,
}

impl Default for JumpWatch {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            last: None,
            jumps: 0,
        }
    }
}

impl JumpWatch {
    /// Looks at the clocks; a jump since the last look.
    pub(crate) fn look(&mut self) -> Option<ClockJump> {
        self.see(self.read()?)
    }

    /// Both clocks; nothing where this thread was kept from reading them at one moment.
    fn read(&self) -> Option<Reading> {
        let elapsed = || u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let before = elapsed();
        let counting = platform::counting_us().unwrap_or(before);
        let wall = wall_us();
        (elapsed() - before < 20_000).then_some(Reading { counting, wall })
    }

    fn see(&mut self, now: Reading) -> Option<ClockJump> {
        let before = self.last.replace(now)?;
        let passed = |now: u64, before: u64| i128::from(now) - i128::from(before);
        let by = passed(now.wall, before.wall) - passed(now.counting, before.counting);
        let by = i64::try_from(by).unwrap_or(i64::MAX);
        if by.saturating_abs() < JUMP_US {
            return None;
        }
        self.jumps = self.jumps.saturating_add(1);
        Some(ClockJump {
            number: self.jumps,
            at_ms: now.wall / 1000,
            by_ms: (by + by.signum() * 500) / 1000,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_is_noticed() {
        const HOUR: i64 = 3_600_000_000;
        let mut clock = JumpWatch::default();
        let (mut counting, mut wall) = (5_000_000_u64, 1_764_000_000_000_000_u64);
        // What passes by both clocks, and the jump in ms that is seen.
        for (counted, passed, expected) in [
            (0, 0, None),
            (1_000_000, 1_000_000, None),
            // Slewed, and read with the counting clock's step.
            (1_000_000, 1_010_500, None),
            (1_010_000, 999_500, None),
            // The counting clock goes on in sleep.
            (600_000_000, 600_000_000, None),
            (1_000_000, 1_000_000 + HOUR, Some(3_600_000)),
            (1_000_000, 1_000_000, None),
            (1_000_000, 1_000_000 - HOUR, Some(-3_600_000)),
            (1_000_000, 1_250_000, Some(250)),
        ] {
            counting += counted;
            wall = wall.saturating_add_signed(passed);
            let jump = clock.see(Reading { counting, wall });
            assert_eq!(jump.map(|jump| jump.by_ms), expected);
            if let Some(jump) = jump {
                assert_eq!((jump.number, jump.at_ms), (clock.jumps, wall / 1000));
            }
        }
        assert_eq!(clock.jumps, 3);
        let mut own = JumpWatch::default();
        let both = own.read().into_iter().chain(own.read());
        let jumps: Vec<_> = both.filter_map(|reading| own.see(reading)).collect();
        assert_eq!(jumps, [], "nobody sets this machine's clock");
    }
}
