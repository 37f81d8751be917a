//! What is known of a run beside its logs: the load of its machines as it is told, when agents were
//! not heard, how they ended. The verdict is made of it, while the run goes on and at its end.

use std::path::Path;

use bfgg_config::VerdictLimits;
use bfgg_protocol::{self as protocol, Health, InstanceId, RunExit};
use bfgg_report::Thresholds;
use bfgg_report::verdict::{
    Absence, AgentEvidence, ClockJump, EndedEarly, Evidence, Sample, Watch,
};
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::part_end::ended_after_ms;
use crate::api::types::{Run, RunAgent, RunAgentPhase as Phase};

/// The file in a run's folder.
const FILE: &str = "evidence.json";
/// Times that an agent was lost which are kept one by one.
const ABSENCES: usize = 64;
/// A machine is measured once a second, and no two seconds of it are alike in all figures: what is told
/// again this soon is of one measurement, ms.
const AGAIN_MS: u64 = 1_500;
/// Jumps of a clock that are kept.
const JUMPS: usize = 64;

/// Watches a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Observed {
    agents: Vec<Part>,
}

/// What was seen of one agent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Part {
    watch: Watch,
    absences: Vec<Absence>,
    clock_jumps: Vec<ClockJump>,
    /// The start of the agent, and its newest jump, that were heard last.
    jumped: Option<(String, u32)>,
    /// When it was heard last.
    heard_ms: Option<u64>,
    /// The newest measurement that counts.
    measured: Option<Sample>,
}

/// The thresholds of the settings.
pub fn thresholds(limits: &VerdictLimits) -> Thresholds {
    let VerdictLimits {
        cpu_percent,
        window_ms,
        gc_percent,
        gc_pause_ms,
        files_percent,
        ports_percent,
        network_percent,
        spread_ms,
        clock_jump_ms,
        rates_percent,
    } = *limits;
    Thresholds {
        cpu_percent,
        window_ms,
        gc_percent,
        gc_pause_ms,
        files_percent,
        ports_percent,
        network_percent,
        spread_ms,
        clock_jump_ms,
        rates_percent,
    }
}

/// What an agent tells of its machine and of its Gatling. It tells 0 of what it does not know.
pub(crate) fn sample(at_ms: u64, health: &Health) -> Sample {
    let health = health.clone().bounded();
    let known = |value: u64| (value > 0).then_some(value);
    Sample {
        at_ms,
        cpu_percent: Some(f64::from(health.busy_percent())),
        steal_percent: Some(f64::from(health.steal_percent)),
        gc_ms: Some(u64::from(health.gc_ms)),
        gc_pause_ms: Some(u64::from(health.gc_pause_ms)),
        open_files: Some(u64::from(health.open_files)),
        open_files_limit: known(health.open_files_limit),
        ports_used: Some(u64::from(health.ports_used)),
        ports_range: known(u64::from(health.ports_range)),
        rx_bytes_s: Some(health.rx_bytes_s),
        tx_bytes_s: Some(health.tx_bytes_s),
        link_bits_s: known(health.link_bits_s),
    }
}

/// Whether two heartbeats tell of one measurement: news come between those of each second.
fn is_same(last: &Sample, new: &Sample) -> bool {
    let is_soon = new.at_ms.saturating_sub(last.at_ms) < AGAIN_MS;
    let at_ms = last.at_ms;
    is_soon && *last == Sample { at_ms, ..*new }
}

impl Observed {
    /// Of a run of so many agents, with what an earlier controller has seen of it.
    pub(crate) fn open(folder: &Path, agents: usize, thresholds: &Thresholds) -> Self {
        let kept = std::fs::read(folder.join(FILE)).ok();
        let kept = kept.and_then(|json| serde_json::from_slice::<Self>(&json).ok());
        let mut parts = kept.unwrap_or_default().agents;
        parts.resize_with(agents, Part::default);
        for part in &mut parts {
            part.watch = std::mem::take(&mut part.watch).resumed(thresholds);
        }
        Self { agents: parts }
    }

    /// Writes it into the run's folder. Blocking.
    pub(crate) fn keep(&self, folder: &Path) {
        let json = serde_json::to_vec(self).unwrap_or_default();
        let file = folder.join(FILE);
        if let Err(cause) = bfgg_report::write_whole(&file, &json) {
            warn!(file = %file.display(), %cause, "what was seen of the run cannot be kept");
        }
    }

    /// An agent was heard, and told this of its machine; only while it makes load.
    pub(crate) fn heard(&mut self, index: usize, sample: &Sample) {
        let Some(part) = self.agents.get_mut(index) else {
            return;
        };
        part.heard_ms = part.heard_ms.max(Some(sample.at_ms));
        if !part.measured.is_some_and(|last| is_same(&last, sample)) {
            part.measured = Some(*sample);
            part.watch.take(sample);
        }
    }

    /// An agent told of the newest jump of its clock since that start of it. Those from before it was
    /// heard first do not count.
    pub(crate) fn clock(
        &mut self,
        index: usize,
        instance: &InstanceId,
        jump: Option<protocol::ClockJump>,
        at_ms: Option<u64>,
    ) {
        let Some(part) = self.agents.get_mut(index) else {
            return;
        };
        let number = jump.map_or(0, |jump| jump.number);
        let known = match &part.jumped {
            Some((of, number)) if *of == instance.to_string() => *number,
            // It was started again meanwhile.
            Some(_) => 0,
            None => number,
        };
        part.jumped = Some((instance.to_string(), number));
        if let (Some(jump), Some(at_ms)) = (jump.filter(|_| number > known), at_ms)
            && part.clock_jumps.len() < JUMPS
        {
            part.clock_jumps.push(ClockJump {
                at_ms,
                by_ms: jump.by_ms,
            });
        }
    }

    /// Looks at how the run stands.
    pub(crate) fn look(&mut self, run: &Run, now_ms: u64) {
        for (part, agent) in self.agents.iter_mut().zip(&run.agents) {
            let is_away = part
                .absences
                .last()
                .is_some_and(|last| last.to_ms.is_none());
            match (agent.phase == Phase::Lost, is_away) {
                (true, false) => {
                    if part.absences.len() == ABSENCES {
                        part.absences.pop();
                    }
                    part.absences.push(Absence {
                        from_ms: part.heard_ms.unwrap_or(0),
                        to_ms: None,
                    });
                }
                (false, true) => {
                    if let Some(last) = part.absences.last_mut() {
                        last.to_ms = Some(now_ms);
                    }
                }
                _ => {}
            }
        }
    }

    /// All that is known; `now_ms` is `None` once the run has ended.
    pub(crate) fn evidence(&self, run: &Run, now_ms: Option<u64>) -> Evidence {
        let parts = self.agents.iter().zip(&run.agents);
        let agents = parts.map(|(part, agent)| {
            let end = agent.end.as_ref();
            let heard_ms = part.heard_ms.unwrap_or(0);
            let ended_ms = end.and_then(|end| ended_after_ms(run, agent, end, heard_ms));
            AgentEvidence {
                name: agent.name.clone(),
                watch: Some(part.watch.clone()),
                until_ms: ended_ms.or(now_ms),
                absences: part.absences.clone(),
                ended_early: ended_early(agent, ended_ms),
                clock_jumps: part.clock_jumps.clone(),
                ..AgentEvidence::default()
            }
        });
        Evidence {
            agents: agents.collect(),
            now_ms,
            ..Evidence::default()
        }
    }
}

/// Whether its load ended before it should: what was asked for, and the end of all load, is no such end.
fn ended_early(agent: &RunAgent, at_ms: Option<u64>) -> Option<EndedEarly> {
    let asked = |exit: &RunExit| {
        matches!(
            exit,
            RunExit::Success | RunExit::AssertionsFailed | RunExit::Stopped | RunExit::MaxDuration
        )
    };
    let failure = match &agent.end {
        // Nobody asked for the end of one that heard its controller no more.
        Some(end) if asked(&end.exit) && !end.dead_man => return None,
        Some(end) => end.failure.as_ref(),
        // One that is only not heard may well go on.
        None if agent.phase != Phase::Failed => return None,
        None => agent.failure.as_ref(),
    };
    let how = failure.map_or("its load ended", |failure| {
        failure.message.trim_end_matches('.')
    });
    Some(EndedEarly {
        at_ms,
        how: how.to_owned(),
        remedy: failure
            .map(|failure| failure.hint.clone())
            .unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
