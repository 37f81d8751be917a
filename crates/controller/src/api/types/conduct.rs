//! What a run does when something goes wrong: stop rules, the loss of agents, why it was stopped.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The longest time that a stop rule looks back, s.
const LONGEST_S: u32 = 600;
/// Stop rules of one run.
const MOST: usize = 20;

/// What happens to a run that loses an agent, or one of whose agents ends early.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum OnLoss {
    /// The others go on. Nobody takes over its share of the load.
    #[default]
    GoOn,
    /// The others are stopped.
    Stop,
}

/// When the controller stops a run by itself, from the live figures of all agents together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
#[ts(optional_fields)]
pub enum StopRule {
    /// More than this part of the requests that ended within the last seconds have failed.
    Errors {
        /// Of 100.
        percent: f64,
        /// So many seconds together.
        seconds: u32,
    },
    /// A percentile of the response times of the last seconds is longer than this.
    Percentile {
        /// Of 100.
        percentile: f64,
        /// The bound, ms.
        ms: u32,
        /// So many seconds together.
        seconds: u32,
        /// Of the requests of this name alone, behind its groups: "Checkout / Pay".
        #[serde(default)]
        request: Option<String>,
    },
    /// The CPU of one machine has been busier than this without a break.
    Cpu {
        /// Of 100.
        percent: f64,
        /// For so many seconds.
        seconds: u32,
    },
}

impl StopRule {
    /// For how many seconds it looks back.
    pub(crate) fn seconds(&self) -> u32 {
        match self {
            Self::Errors { seconds, .. }
            | Self::Percentile { seconds, .. }
            | Self::Cpu { seconds, .. } => *seconds,
        }
    }

    /// What is wrong with it, as a sentence.
    fn check(&self) -> Result<(), String> {
        let within = |what: &str, value: f64, most: f64| {
            if value.is_finite() && value >= 0.0 && value < most {
                return Ok(());
            }
            Err(format!("{what} of a stop rule is from 0 to below {most}."))
        };
        match self {
            Self::Errors { percent, .. } => within("The percentage of errors", *percent, 100.0)?,
            Self::Cpu { percent, .. } => within("The percentage of the CPU", *percent, 100.0)?,
            Self::Percentile { percentile, .. } => {
                if !(percentile.is_finite() && *percentile > 0.0 && *percentile <= 100.0) {
                    return Err("The percentile of a stop rule is above 0 and up to 100.".into());
                }
            }
        }
        if self.seconds() == 0 || self.seconds() > LONGEST_S {
            return Err(format!("A stop rule looks at 1 to {LONGEST_S} seconds."));
        }
        Ok(())
    }
}

/// Whether these rules can be those of a run; if not, what is wrong with them.
pub(crate) fn check(rules: &[StopRule]) -> Result<(), String> {
    if rules.len() > MOST {
        return Err(format!("A run has at most {MOST} stop rules."));
    }
    rules.iter().try_for_each(StopRule::check)
}

/// As the user writes it: `errors > 5 % for 30 s`.
impl fmt::Display for StopRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Errors { percent, seconds } => write!(f, "errors > {percent} % for {seconds} s"),
            Self::Cpu { percent, seconds } => write!(f, "cpu > {percent} % for {seconds} s"),
            Self::Percentile {
                percentile,
                ms,
                seconds,
                request,
            } => {
                write!(f, "p{percentile}")?;
                if let Some(request) = request {
                    write!(f, " of {request}")?;
                }
                write!(f, " > {ms} ms for {seconds} s")
            }
        }
    }
}

/// `errors > 5% for 30s`, `p95 > 800 ms for 10s`, `p99 of Checkout / Pay > 2 s for 1m`,
/// `cpu > 95% for 30s`.
impl FromStr for StopRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "write a rule as \"errors > 5% for 30s\", \"p95 > 800 ms for 10s\", \
                            \"p95 of Search > 800 ms for 10s\" or \"cpu > 95% for 30s\"";
        // From the right: a request's name may hold anything.
        let parts = text.rsplit_once('>').and_then(|(what, rest)| {
            let (bound, time) = rest.rsplit_once(" for ")?;
            Some((what.trim(), bound.trim(), time.trim()))
        });
        let Some((what, bound, time)) = parts else {
            return Err(FORM.to_owned());
        };
        let seconds = match number_of(time, &[("s", 1.0), ("m", 60.0), ("min", 60.0)]) {
            Some(seconds)
                if seconds.fract() == 0.0 && (1.0..=f64::from(LONGEST_S)).contains(&seconds) =>
            {
                seconds as u32
            }
            _ => {
                return Err(format!(
                    "\"{time}\" is not a time for a stop rule: write 30s or 2m, up to {LONGEST_S}s"
                ));
            }
        };
        let percent = || {
            number_of(bound, &[("%", 1.0)])
                .filter(|percent| *percent < 100.0)
                .ok_or_else(|| format!("\"{bound}\" is not a percentage below 100: write 5%"))
        };
        let rule = match what {
            "errors" => Self::Errors {
                percent: percent()?,
                seconds,
            },
            "cpu" => Self::Cpu {
                percent: percent()?,
                seconds,
            },
            _ => {
                let (name, request) = match what.split_once(" of ") {
                    Some((name, request)) => (name.trim(), Some(request.trim().to_owned())),
                    None => (what, None),
                };
                let percentile = name.strip_prefix('p').and_then(|name| name.parse().ok());
                let percentile = percentile
                    .filter(|percentile| *percentile > 0.0 && *percentile <= 100.0)
                    .ok_or_else(|| {
                        format!("\"{what}\" is nothing a stop rule can be about: {FORM}")
                    })?;
                let ms = number_of(bound, &[("ms", 1.0), ("s", 1000.0)])
                    .filter(|ms| ms.fract() == 0.0 && *ms <= f64::from(u32::MAX))
                    .ok_or_else(|| {
                        format!("\"{bound}\" is not a response time: write 800 ms or 2 s")
                    })?;
                if request.as_ref().is_some_and(String::is_empty) {
                    return Err("the request's name is missing behind \"of\"".to_owned());
                }
                Self::Percentile {
                    percentile,
                    ms: ms as u32,
                    seconds,
                    request,
                }
            }
        };
        Ok(rule)
    }
}

/// A number with one of these units, in the first unit's terms; it must not be negative.
fn number_of(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let (number, unit) = text.split_at(end);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim())?;
    let value = number.parse::<f64>().ok()? * factor;
    value.is_finite().then_some(value)
}

/// What stopped a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StopKind {
    /// The user.
    User,
    /// A stop rule.
    Rule,
    /// The loss of an agent.
    Loss,
    /// The maximum duration.
    MaxDuration,
}

/// Why a run was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct StopCause {
    /// What stopped it.
    pub kind: StopKind,
    /// In a sentence, with the figures.
    pub message: String,
    /// When, wall time of the controller in ms since 1970.
    pub at_ms: u64,
}

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RunEvent {
    /// When, wall time of the controller in ms since 1970.
    pub at_ms: u64,
    /// What, in a sentence.
    pub message: String,
}

/// Since when an agent makes no load, while the others do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct AgentOut {
    /// Seconds since the start instant.
    pub from_s: u32,
    /// Why, as a sentence without its full stop.
    pub reason: String,
    /// It was not heard: it may be at work all the same.
    pub unheard: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_written() {
        for (text, written) in [
            ("errors > 5% for 30s", "errors > 5 % for 30 s"),
            ("errors>0.5 % for 2m", "errors > 0.5 % for 120 s"),
            ("p95 > 800 ms for 10s", "p95 > 800 ms for 10 s"),
            (" p99.9 > 2s for 1 min ", "p99.9 > 2000 ms for 60 s"),
            (
                "p50 of Checkout / a > b for now > 1.5 s for 600s",
                "p50 of Checkout / a > b for now > 1500 ms for 600 s",
            ),
            ("cpu > 95% for 30s", "cpu > 95 % for 30 s"),
        ] {
            let rule: StopRule = text.parse().unwrap();
            assert_eq!(rule.to_string(), written);
            assert_eq!(rule.check(), Ok(()));
            assert_eq!(written.parse(), Ok(rule.clone()));
            let json = serde_json::to_string(&rule).unwrap();
            assert_eq!(serde_json::from_str::<StopRule>(&json).unwrap(), rule);
        }
    }

    #[test]
    fn what_is_no_rule_is_told_in_a_sentence() {
        for (text, says) in [
            ("", "write a rule as"),
            ("errors > 5%", "write a rule as"),
            ("errors < 5% for 30s", "write a rule as"),
            ("latency > 5% for 30s", "\"latency\" is nothing"),
            ("p0 > 5 ms for 30s", "\"p0\" is nothing"),
            ("p101 > 5 ms for 30s", "\"p101\" is nothing"),
            ("p95 > 5% for 30s", "\"5%\" is not a response time"),
            ("p95 > 0.5 ms for 30s", "\"0.5 ms\" is not a response time"),
            ("p95 of  > 5 ms for 30s", "\"p95 of\" is nothing"),
            ("errors > 5 for 30s", "\"5\" is not a percentage"),
            ("errors > 100% for 30s", "\"100%\" is not a percentage"),
            ("errors > 5% for 30", "\"30\" is not a time"),
            ("cpu > 5% for 0s", "\"0s\" is not a time"),
            ("cpu > 5% for 1.5s", "\"1.5s\" is not a time"),
            ("cpu > 5% for 601s", "\"601s\" is not a time"),
        ] {
            let error = text.parse::<StopRule>().unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn what_programs_send_is_checked_too() {
        let errors = |percent, seconds| StopRule::Errors { percent, seconds };
        assert!(check(&[errors(5.0, 30)]).is_ok());
        assert!(check(&vec![errors(5.0, 30); MOST + 1]).is_err());
        for rule in [
            errors(100.0, 30),
            errors(-1.0, 30),
            errors(5.0, 0),
            errors(5.0, 601),
            StopRule::Cpu {
                percent: f64::NAN,
                seconds: 1,
            },
            StopRule::Percentile {
                percentile: 0.0,
                ms: 1,
                seconds: 1,
                request: None,
            },
        ] {
            assert!(check(std::slice::from_ref(&rule)).is_err(), "{rule}");
        }
    }
}
