//! When something that was tried in vain is tried again.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

/// After the first try; after each further one twice as long.
const FIRST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(3600);
/// Things that are remembered. One that is forgotten is tried at once.
const MOST: usize = 20_000;

/// What was tried in vain, and when it is due again.
#[derive(Debug)]
pub(super) struct Pauses<K>(HashMap<K, Pause>);

#[derive(Debug)]
struct Pause {
    length: Duration,
    until: Duration,
}

impl<K> Default for Pauses<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq> Pauses<K> {
    /// Whether it is not due yet.
    pub(super) fn waits(&self, what: &K, now: Duration) -> bool {
        self.0.get(what).is_some_and(|pause| now < pause.until)
    }

    /// It was tried in vain, or is not to be tried again soon.
    pub(super) fn in_vain(&mut self, what: K, now: Duration) {
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let length = match self.0.get(&what) {
            Some(last) => last.length.saturating_mul(2).min(LONGEST),
            None => FIRST,
        };
        let until = now + length;
        self.0.insert(what, Pause { length, until });
    }

    /// It was not in vain.
    pub(super) fn done(&mut self, what: &K) {
        self.0.remove(what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_to_an_hour() {
        let mut pauses = Pauses::default();
        let mut now = Duration::from_secs(7);
        let mut grows = |pauses: &mut Pauses<&str>| {
            pauses.in_vain("a", now);
            let began = now;
            while pauses.waits(&"a", now) {
                now += Duration::from_secs(1);
            }
            (now - began).as_secs()
        };
        let lengths: Vec<u64> = (0..9).map(|_| grows(&mut pauses)).collect();
        assert_eq!(lengths, [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
        assert!(!pauses.waits(&"b", Duration::ZERO), "another's");
        pauses.done(&"a");
        assert_eq!(grows(&mut pauses), 60);
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut pauses = Pauses::default();
        for what in 0..3 * MOST {
            pauses.in_vain(what, Duration::ZERO);
        }
        assert!(pauses.0.len() <= MOST);
    }
}
