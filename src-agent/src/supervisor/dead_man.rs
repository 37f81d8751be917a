//! The dead man's limit: how long the controller is not heard.

use std::time::Duration;

use crate::clock::Clock;

/// Counts the time in which the controller was not heard, while somebody looked: a machine that slept, or a
/// supervisor that was stopped, leaves the agent time to hear it again.
#[derive(Debug)]
pub(super) struct DeadMan {
    limit: Option<Duration>,
    clock: Clock,
    /// What `control` last told of the controller.
    contact_ms: Option<u64>,
    heard: Duration,
    now: Duration,
}

impl DeadMan {
    /// `None` for no limit.
    pub(super) fn new(limit_s: Option<u32>, mut clock: Clock) -> Self {
        let now = clock.now().mono;
        Self {
            limit: limit_s.map(|seconds| Duration::from_secs(seconds.into())),
            clock,
            contact_ms: None,
            heard: now,
            now,
        }
    }

    /// The load begins: what was before does not count.
    pub(super) fn begin(&mut self) {
        self.now = self.clock.now().mono;
        self.heard = self.now;
    }

    /// Looks at the time, and at when the agent says that the controller was heard. To be called twice a
    /// second at least.
    pub(super) fn look(&mut self, contact_ms: Option<u64>) {
        self.now = self.clock.now().mono;
        if contact_ms != self.contact_ms {
            (self.contact_ms, self.heard) = (contact_ms, self.now);
        }
    }

    /// Whether the controller is silent for the limit. Whether the agent lives is not asked.
    pub(super) fn is_over(&self) -> bool {
        let silent = self.now.saturating_sub(self.heard);
        self.limit.is_some_and(|limit| silent >= limit)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use bfgg_clock::Source;

    use super::*;
    use crate::clock::Now;

    #[derive(Debug)]
    struct Hand(Mutex<Now>);

    impl Source for Hand {
        fn read(&self) -> Now {
            *self.0.lock().unwrap()
        }
    }

    impl Hand {
        fn pass(&self, mono: Duration, wall: Duration) {
            let mut now = self.0.lock().unwrap();
            now.mono += mono;
            now.wall_ms += wall.as_millis() as u64;
        }
    }

    fn dead_man(limit_s: Option<u32>) -> (Arc<Hand>, DeadMan) {
        let hand = Arc::new(Hand(Mutex::new(Now {
            mono: Duration::from_secs(9),
            wall_ms: 1_000_000,
        })));
        let own = DeadMan::new(limit_s, Clock::of(hand.clone()));
        (hand, own)
    }

    const TICK: Duration = Duration::from_millis(500);

    #[test]
    fn the_limit_counts_from_the_last_contact() {
        for (limit_s, contacts, over_after) in [
            (Some(10), 0, Some(21)),
            (Some(10), 30, Some(50)),
            (None, 0, None),
        ] {
            let (hand, mut own) = dead_man(limit_s);
            let mut over = None;
            for tick in 1..=100_u64 {
                hand.pass(TICK, TICK);
                own.look(Some(tick.min(contacts)));
                over = over.or(own.is_over().then_some(tick));
            }
            assert_eq!(over, over_after, "{limit_s:?}");
        }
        let (hand, mut own) = dead_man(Some(10));
        for _ in 0..19 {
            hand.pass(TICK, TICK);
            own.look(None);
        }
        own.begin();
        hand.pass(TICK, TICK);
        own.look(None);
        assert!(!own.is_over());
    }

    #[test]
    fn a_night_asleep_is_no_silence() {
        let night = Duration::from_secs(8 * 3600);
        // Whether the machine's clock stands still meanwhile, or goes on.
        for mono in [Duration::ZERO, night] {
            let (hand, mut own) = dead_man(Some(120));
            own.look(Some(1));
            hand.pass(mono, night);
            own.look(Some(1));
            assert!(!own.is_over(), "the agent is not back yet");
            let mut ticks = 0;
            while !own.is_over() {
                hand.pass(TICK, TICK);
                own.look(Some(1));
                ticks += 1;
            }
            assert_eq!(ticks, 240);
        }
    }
}
