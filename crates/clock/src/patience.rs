//! How long somebody who does not answer is asked again.

use std::time::{Duration, Instant};

/// A time that is spent by trying in vain. Of each try no more than a part counts, so that a machine
/// that slept in one of them has some left.
#[derive(Debug)]
pub struct Patience {
    limit: Duration,
    longest_try: Duration,
    spent: Duration,
    last: Instant,
}

impl Patience {
    /// `limit` in all, `longest_try` for each try.
    pub fn new(limit: Duration, longest_try: Duration) -> Self {
        Self {
            limit,
            longest_try,
            spent: Duration::ZERO,
            last: Instant::now(),
        }
    }

    /// A try that was not in vain.
    pub fn renew(&mut self) {
        self.renew_at(Instant::now());
    }

    /// A try that was: whether it was the last one.
    pub fn is_over(&mut self) -> bool {
        self.is_over_at(Instant::now())
    }

    fn renew_at(&mut self, now: Instant) {
        self.spent = Duration::ZERO;
        self.last = now;
    }

    fn is_over_at(&mut self, now: Instant) -> bool {
        let tried = now.saturating_duration_since(self.last);
        self.spent += tried.min(self.longest_try);
        self.last = now;
        self.spent > self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_is_one_try() {
        let second = Duration::from_secs(1);
        let mut patience = Patience::new(30 * second, 11 * second);
        let mut now = patience.last;
        let mut after = |patience: &mut Patience, seconds: u32| {
            now += seconds * second;
            patience.is_over_at(now)
        };
        assert!(!after(&mut patience, 600));
        assert!(!after(&mut patience, 11));
        assert!(!after(&mut patience, 8));
        assert!(after(&mut patience, 1));
        let woken = patience.last;
        patience.renew_at(woken);
        assert!(!after(&mut patience, 30));
    }
}
