//! The clocks of the agents of a run, and how well their starts agree.

use gatling_log::Pace;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::Summary;
use crate::table::length;

/// An agent's clock, compared with the controller's over their connection.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct AgentClock {
    /// The agent's clock minus the controller's, ms.
    pub offset_ms: f64,
    /// How far that may be off in either direction, ms: half of the shortest round trip.
    pub uncertainty_ms: f64,
    /// When it was measured, wall time of the controller in ms since 1970.
    pub measured_ms: u64,
    /// How its pace differs; null until there are measurements that are far enough apart.
    pub drift: Option<ClockDrift>,
}

/// By how much a clock runs faster than the controller's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct ClockDrift {
    /// Parts per million; below 0 it runs slower.
    pub ppm: f64,
    /// How far that may be off in either direction, parts per million.
    pub uncertainty_ppm: f64,
}

impl ClockDrift {
    /// Whether there is any, beyond what the measurements leave open.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.ppm.abs() > self.uncertainty_ppm
    }
}

/// How the load of a run was started.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct RunStart {
    /// Every agent was held where its load begins, until the start instant. If not, Gatling was
    /// started ahead of it by the time it took to come up last.
    pub held: bool,
    /// The latest release minus the earliest, on the controller's clock, ms; null where an agent
    /// was not held or its clock is not known.
    pub spread_ms: Option<f64>,
    /// How far the spread may be off, ms.
    pub uncertainty_ms: f64,
}

/// A clock that was set while a run was in progress.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct ClockStep {
    /// The agent's label.
    pub agent: String,
    /// Its index among the run's agents.
    pub index: u32,
    /// When it was noticed, ms after the start instant, on the controller's clock.
    pub after_ms: i64,
    /// How far its clock moved against the controller's, ms.
    pub by_ms: i64,
    /// The agent noticed it by its own clocks. If not, it may as well be the controller's clock that
    /// was set.
    pub noticed_by_agent: bool,
}

/// What is known of the clock and the start of one log's agent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Timing {
    /// Its clock at the start, and its drift since.
    pub clock: Option<AgentClock>,
    /// From when on the drift counts, by the log's own times, ms since 1970.
    pub drift_from_ms: i64,
    /// When its load was released, ms after the start instant on the controller's clock.
    pub released_after_ms: Option<f64>,
}

/// What is known of a whole run's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunClocks {
    /// How it was started.
    pub start: Option<RunStart>,
    /// Clocks that were set in it.
    pub steps: Vec<ClockStep>,
}

/// A clock of a computer is never off by more than this, parts per million.
const MOST_PPM: f64 = 10_000.0;

impl Timing {
    /// What brings the times of the log to the controller's pace: what is added for each 10⁹ ms; 0 where
    /// no drift is certain.
    pub(crate) fn billionths(&self) -> i64 {
        let drift = self.clock.and_then(|clock| clock.drift);
        let certain = |drift: &ClockDrift| drift.is_certain() && drift.ppm.abs() <= MOST_PPM;
        let ppm = drift.filter(certain).map_or(0.0, |drift| drift.ppm);
        #[expect(clippy::cast_possible_truncation, reason = "no more than MOST_PPM")]
        {
            -(ppm * 1000.0).round() as i64
        }
    }

    /// The same for a log that starts at this time of its own, ms since 1970.
    pub(crate) fn pace(&self, start: i64) -> Pace {
        Pace {
            billionths: self.billionths(),
            from: self.drift_from_ms.saturating_sub(start),
        }
    }
}

/// How far a clock is ahead or behind, in words: "5:00 ahead", "12 ms behind".
#[must_use]
pub fn clock_difference(ms: f64) -> String {
    let way = if ms < 0.0 { "behind" } else { "ahead" };
    match ms.abs() {
        same if same < 0.05 => "the same".to_owned(),
        ms => format!("{} {way}", clock_span(ms)),
    }
}

/// A span of time as clocks are compared: "0.3 ms", "850 ms", "2.5 s", "5:00", "1:00:00".
#[must_use]
pub fn clock_span(ms: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is not below 0, and saturates"
    )]
    let seconds = (ms / 1000.0).round().max(0.0) as u64;
    let (minutes, rest) = (seconds / 60, seconds % 60);
    match ms {
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1000.0 => format!("{ms:.0} ms"),
        ms if ms < 59_500.0 => format!("{:.1} s", ms / 1000.0),
        _ if minutes < 60 => format!("{minutes}:{rest:02}"),
        _ => format!("{}:{:02}:{rest:02}", minutes / 60, minutes % 60),
    }
}

/// The same beside how far it may be off.
#[must_use]
pub fn with_uncertainty(clock: &AgentClock) -> String {
    format!(
        "{} ± {}",
        clock_difference(clock.offset_ms),
        clock_span(clock.uncertainty_ms)
    )
}

/// That a clock was set, as a sentence.
#[must_use]
pub fn step_text(step: &ClockStep) -> String {
    #[expect(clippy::cast_precision_loss, reason = "to show")]
    let span = clock_span(step.by_ms.unsigned_abs() as f64);
    let way = if step.by_ms < 0 { "back" } else { "forward" };
    let at = step.after_ms.max(0) / 1000;
    let at = format!("{:02}:{:02}:{:02}", at / 3600, at / 60 % 60, at % 60);
    let agent = &step.agent;
    match step.noticed_by_agent {
        true => format!(
            "The clock of {agent} was set {way} by {span} at {at} of the run; the times of its log \
             are not affected."
        ),
        false => format!(
            "The clock of {agent} moved {way} by {span} against the controller's at {at} of the run, \
             which the agent did not notice: one of the two was set. The times of its log are not \
             affected."
        ),
    }
}

/// A drift with how far it may be off.
#[must_use]
pub fn drift_text(drift: &ClockDrift) -> String {
    format!("{:+.1} ± {:.1} ppm", drift.ppm, drift.uncertainty_ppm)
}

/// How close together the agents' load began, in a few words.
pub(crate) fn started_within(summary: &Summary) -> String {
    match &summary.start {
        Some(start) if !start.held => "start not held".to_owned(),
        Some(RunStart {
            spread_ms: Some(spread),
            ..
        }) => format!("started within {}", clock_span(*spread)),
        _ => format!("started within {}", length(summary.start_spread_ms)),
    }
}

/// The same as sentences, the first users beside it.
pub(crate) fn start_sentences(summary: &Summary) -> String {
    let users = format!(
        "Their first users started within {}.",
        length(summary.start_spread_ms)
    );
    match &summary.start {
        Some(start) if !start.held => format!(
            "Start not held: not every agent waited for the instant where its load begins. {users}"
        ),
        Some(RunStart {
            spread_ms: Some(spread),
            uncertainty_ms,
            ..
        }) => format!(
            "Their load was released within {} ± {}, by the controller's clock. {users}",
            clock_span(*spread),
            clock_span(*uncertainty_ms)
        ),
        _ => users,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (ms, expected) in [
            (0.0, "the same"),
            (0.26, "0.3 ms ahead"),
            (-12.4, "12 ms behind"),
            (-2500.0, "2.5 s behind"),
            (300_000.0, "5:00 ahead"),
            (59_700.0, "1:00 ahead"),
            (-3_600_400.0, "1:00:00 behind"),
        ] {
            assert_eq!(clock_difference(ms), expected);
        }
    }

    #[test]
    fn a_step_names_the_agent_and_the_time() {
        let step = |by_ms, noticed_by_agent| ClockStep {
            agent: "lab-3".into(),
            index: 2,
            after_ms: 3_725_400,
            by_ms,
            noticed_by_agent,
        };
        let text = step_text(&step(3_600_000, true));
        let begins = "The clock of lab-3 was set forward by 1:00:00 at 01:02:05 of the run;";
        assert!(text.starts_with(begins), "{text}");
        let text = step_text(&step(-300_000, false));
        assert!(
            text.contains("moved back by 5:00 against the controller's"),
            "{text}"
        );
    }

    #[test]
    fn a_clock_that_is_fast_is_slowed_from_the_start_on() {
        let timing = |ppm, uncertainty_ppm| Timing {
            clock: Some(AgentClock {
                offset_ms: 0.0,
                uncertainty_ms: 0.1,
                measured_ms: 0,
                drift: Some(ClockDrift {
                    ppm,
                    uncertainty_ppm,
                }),
            }),
            drift_from_ms: 1_000_500,
            released_after_ms: None,
        };
        let pace = timing(100.0, 5.0).pace(1_000_000);
        let hour = 3_600_500;
        assert_eq!([0, 500, hour].map(|time| pace.at(time)), [0, 0, -360]);
        let slow = timing(-100.0, 5.0).pace(1_000_000);
        assert_eq!(slow.at(hour), 360);
        for (ppm, uncertainty) in [(5.0, 5.1), (f64::NAN, 1.0), (1e9, 1.0)] {
            assert!(timing(ppm, uncertainty).pace(1_000_000).is_right());
        }
        assert!(Timing::default().pace(5).is_right());
    }
}
