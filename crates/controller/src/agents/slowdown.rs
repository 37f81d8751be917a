//! Wrong join tokens slow down whoever sends them.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

const WINDOW: Duration = Duration::from_secs(8);
/// Wrong tokens of one host in a window; the next one is not even compared.
const TRIES: usize = 3;
/// Hosts remembered at once; an address is cheap to change, a secret of 128 bits is not guessed.
const MAX_HOSTS: usize = 4096;

/// When each host last showed a wrong token.
#[derive(Debug, Default)]
pub(crate) struct Slowdown(HashMap<String, VecDeque<Duration>>);

impl Slowdown {
    /// `Err` says how long the host has to wait.
    pub(super) fn may_try(&mut self, host: &str, now: Duration) -> Result<(), Duration> {
        let Some(wrong) = self.0.get_mut(host) else {
            return Ok(());
        };
        while wrong
            .front()
            .is_some_and(|at| now.saturating_sub(*at) >= WINDOW)
        {
            wrong.pop_front();
        }
        match wrong.front() {
            Some(oldest) if wrong.len() >= TRIES => Err(WINDOW - now.saturating_sub(*oldest)),
            _ => Ok(()),
        }
    }

    pub(super) fn wrong(&mut self, host: &str, now: Duration) {
        if self.0.len() >= MAX_HOSTS {
            self.0
                .retain(|_, at| at.back().is_some_and(|at| now.saturating_sub(*at) < WINDOW));
        }
        self.0.entry(host.to_owned()).or_default().push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_wrong_token_in_eight_seconds_is_not_tried() {
        let mut slowdown = Slowdown::default();
        let at = Duration::from_secs;
        for second in 0..3 {
            assert_eq!(slowdown.may_try("a", at(second)), Ok(()));
            slowdown.wrong("a", at(second));
        }
        assert_eq!(slowdown.may_try("a", at(3)), Err(at(5)));
        assert_eq!(slowdown.may_try("b", at(3)), Ok(()));
        assert_eq!(slowdown.may_try("a", at(8)), Ok(()));
    }
}
