//! How well an agent is reached.

use std::collections::VecDeque;
use std::time::Duration;

/// Heartbeats come once a second; after this long one was late.
const LATE: Duration = Duration::from_secs(2);
/// What is longer ago does not count.
const LATELY: Duration = Duration::from_secs(60);
/// One late heartbeat is none.
const FEW: usize = 2;
/// An answer that takes as long comes from afar, ms.
const FAR_MS: f64 = 200.0;

/// When heartbeats came late.
#[derive(Debug, Default)]
pub(super) struct Link {
    last: Option<Duration>,
    /// When each late one came, and how long it was awaited. At most one for two seconds.
    late: VecDeque<(Duration, Duration)>,
}

impl Link {
    /// A heartbeat of the same start came.
    pub(super) fn heard(&mut self, now: Duration) {
        if let Some(last) = self.last.replace(now)
            && let Some(silence) = now.checked_sub(last)
            && silence >= LATE
        {
            self.late.push_back((now, silence));
        }
        let old = |(at, _): &(Duration, Duration)| now.saturating_sub(*at) > LATELY;
        while self.late.front().is_some_and(old) {
            self.late.pop_front();
        }
    }

    /// It is lost, or has only begun: what lies between is no sign of the link.
    pub(super) fn begins(&mut self) {
        *self = Self::default();
    }

    /// What to say of a poor one; `answer_ms` is how long an answer takes, if that was measured.
    pub(super) fn remark(&self, answer_ms: Option<f64>) -> Option<String> {
        let far = answer_ms.filter(|ms| *ms >= FAR_MS);
        let longest = self.late.iter().map(|(_, silence)| *silence).max();
        let late = longest.filter(|_| self.late.len() >= FEW);
        let told = [
            far.map(|ms| format!("an answer takes {ms:.0} ms")),
            late.map(|longest| {
                let (count, seconds) = (self.late.len(), longest.as_secs_f64());
                format!("{count} heartbeats came late in the last minute, one after {seconds:.1} s")
            }),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        (!told.is_empty()).then(|| format!("Poor link: {}.", told.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poor_link_is_told() {
        let far = "Poor link: an answer takes 310 ms.";
        let late = "Poor link: 2 heartbeats came late in the last minute, one after 3.5 s.";
        let both = "Poor link: an answer takes 310 ms, 2 heartbeats came late in the last minute, \
                    one after 3.5 s.";
        for (beats_ms, answer_ms, expected) in [
            (&[0, 1_000, 2_100, 3_000][..], Some(1.2), None),
            (&[0, 1_000, 4_000, 5_000], None, None),
            (&[0, 3_500, 4_000, 6_200], Some(0.4), Some(late)),
            (&[0, 3_500, 4_000, 6_200], Some(310.4), Some(both)),
            (&[0, 1_000], Some(310.4), Some(far)),
            // A clock that goes back.
            (&[9_000, 1_000, 2_000], None, None),
        ] {
            let mut link = Link::default();
            for ms in beats_ms {
                link.heard(Duration::from_millis(*ms));
            }
            assert_eq!(link.remark(answer_ms).as_deref(), expected, "{beats_ms:?}");
        }
        let mut link = Link::default();
        for second in [0, 3, 6, 7, 68].into_iter().chain(69..75) {
            link.heard(Duration::from_secs(second));
        }
        assert_eq!(link.remark(None), None, "one alone in the last minute");
        link.heard(Duration::from_secs(78));
        assert!(link.remark(None).is_some());
        link.begins();
        assert_eq!(link.remark(None), None);
    }
}
