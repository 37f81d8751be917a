//! The rules on what happened to agents, clocks, logs and rates.

use super::evidence::{AgentEvidence, EndedEarly, Evidence, Rates};
use super::sentences::{clock, length, length_over, percent, percent_over};
use super::{
    Proof, ProofState, Seen, Thresholds, VerdictFinding as Finding, VerdictLevel as Level, Where,
};
use crate::text::{figure, grouped};

/// Rates of shorter runs are not compared: there the first and last seconds decide them.
const COMPARED_FROM_MS: u64 = 30_000;
/// The steady time is in whole seconds: so much of the run may be left out of it for that alone.
const ROUNDED_MS: u64 = 2_000;
/// Names in one sentence.
const NAMED: usize = 3;

pub(super) fn of_agent(
    agent: &AgentEvidence,
    evidence: &Evidence,
    thresholds: &Thresholds,
    findings: &mut Vec<Finding>,
) {
    for seen in &agent.signs {
        findings.push(sign(&agent.name, seen));
    }
    if let Some(proof) = &agent.proof {
        findings.extend(missing(agent, proof));
    }
    if let Some(early) = &agent.ended_early {
        findings.push(ended_early(&agent.name, early));
    }
    findings.extend(absence(agent, evidence));
    findings.extend(clock_jumps(agent, thresholds));
}

pub(super) fn of_all(evidence: &Evidence, thresholds: &Thresholds, findings: &mut Vec<Finding>) {
    for seen in &evidence.signs {
        findings.push(sign("", seen));
    }
    let spread = evidence.spread_ms.filter(|ms| *ms > thresholds.spread_ms);
    if let Some(ms) = spread {
        findings.push(Finding {
            level: Level::Suspect,
            code: "start-spread".to_owned(),
            agent: String::new(),
            sentence: format!(
                "the agents' first users started {} apart (limit {})",
                length_over(ms, thresholds.spread_ms),
                length(thresholds.spread_ms)
            ),
            remedy: "Let the probe hold the start (Gatling 3.13 or later, BFGG_PROBE on), or use machines \
                     that are less busy."
                .to_owned(),
            from_ms: Some(0),
            to_ms: Some(ms),
        });
    }
    findings.extend(no_requests(evidence));
    findings.extend(evidence.rates.and_then(|rates| apart(rates, thresholds)));
    findings.extend(not_proved(evidence));
}

fn sign(agent: &str, seen: &Seen) -> Finding {
    let where_ = match seen.place {
        Where::Errors => format!("{} × \"{}\"", grouped(seen.count), seen.text),
        Where::Output => format!("its output says \"{}\"", seen.text),
    };
    Finding {
        level: Level::Invalid,
        code: seen.sign.code().to_owned(),
        agent: agent.to_owned(),
        sentence: format!("{}: {where_}", seen.sign.what()),
        remedy: seen.sign.remedy().to_owned(),
        from_ms: None,
        to_ms: None,
    }
}

fn missing(agent: &AgentEvidence, proof: &Proof) -> Option<Finding> {
    let (level, code, remedy) = match proof.state {
        ProofState::Complete | ProofState::NotProved => return None,
        ProofState::Incomplete if agent.cut_by_stop => (
            Level::Suspect,
            "log-incomplete",
            "What came before counts: it lacks no more than what was in flight when it was stopped. A stop \
             that is not forced lets Gatling write it.",
        ),
        ProofState::Incomplete => (
            Level::Invalid,
            "log-incomplete",
            "What came before counts; run it again for the whole.",
        ),
        ProofState::Differs => (
            Level::Invalid,
            "console-differs",
            "Look into that agent's output and log, and run it again.",
        ),
    };
    Some(Finding {
        level,
        code: code.to_owned(),
        agent: agent.name.clone(),
        sentence: proof.reason.clone(),
        remedy: remedy.to_owned(),
        from_ms: None,
        to_ms: None,
    })
}

fn ended_early(agent: &str, early: &EndedEarly) -> Finding {
    let at = early
        .at_ms
        .map_or(String::new(), |at| format!(" at {}", clock(at)));
    Finding {
        level: Level::Suspect,
        code: "agent-ended-early".to_owned(),
        agent: agent.to_owned(),
        sentence: format!(
            "{}{at}: from then on its part of the load is missing",
            early.how
        ),
        remedy: early.remedy.clone(),
        from_ms: early.at_ms,
        to_ms: early.at_ms,
    }
}

/// One that is back is no more than a remark, once its log is proved to be whole.
fn absence(agent: &AgentEvidence, evidence: &Evidence) -> Option<Finding> {
    let last = agent.absences.last()?;
    let proved = match &agent.proof {
        Some(proof) => proof.state == ProofState::Complete,
        None => evidence.now_ms.is_some() && last.to_ms.is_some(),
    };
    // Nor does it matter that it was not heard any more, once its log is here and whole.
    let (level, remedy) = match proved {
        true => (Level::Valid, ""),
        false => (
            Level::Suspect,
            "See whether the machine is up and reaches the controller.",
        ),
    };
    let from = clock(last.from_ms);
    let times = match agent.absences.len() {
        1 => String::new(),
        times => format!("{times} times, the last time "),
    };
    let sentence = match (last.to_ms, evidence.now_ms) {
        (Some(to), _) => format!(
            "it was not heard {times}from {from} to {}, for {}",
            clock(to),
            length(to.saturating_sub(last.from_ms))
        ),
        (None, Some(now)) => format!(
            "it is not heard since {from}, for {} so far",
            length(now.saturating_sub(last.from_ms))
        ),
        (None, None) => format!("it was not heard any more from {from} on"),
    };
    Some(Finding {
        level,
        code: "agent-lost".to_owned(),
        agent: agent.name.clone(),
        sentence,
        remedy: remedy.to_owned(),
        from_ms: agent.absences.first().map(|first| first.from_ms),
        to_ms: last.to_ms,
    })
}

fn clock_jumps(agent: &AgentEvidence, thresholds: &Thresholds) -> Option<Finding> {
    let too_far = |by_ms: i64| by_ms.unsigned_abs() > thresholds.clock_jump_ms;
    let jumps = agent.clock_jumps.iter().filter(|jump| too_far(jump.by_ms));
    let jumps: Vec<_> = jumps.collect();
    let farthest = jumps.iter().max_by_key(|jump| jump.by_ms.unsigned_abs())?;
    let direction = match farthest.by_ms {
        ..0 => "back",
        _ => "forward",
    };
    let by = length_over(farthest.by_ms.unsigned_abs(), thresholds.clock_jump_ms);
    let at = clock(farthest.at_ms);
    let sentence = match jumps.len() {
        1 => format!("its clock was set {direction} by {by} at {at}"),
        times => {
            format!("its clock was set {times} times, the farthest {direction} by {by} at {at}")
        }
    };
    Some(Finding {
        level: Level::Suspect,
        code: "clock-jump".to_owned(),
        agent: agent.name.clone(),
        sentence: format!("{sentence} (limit {})", length(thresholds.clock_jump_ms)),
        remedy: "Let that machine's clock be slewed, not set, while it makes load (NTP)."
            .to_owned(),
        from_ms: jumps.first().map(|first| first.at_ms),
        to_ms: jumps.last().map(|last| last.at_ms),
    })
}

/// A run that has ended without one request has measured nothing.
fn no_requests(evidence: &Evidence) -> Option<Finding> {
    (evidence.requests == Some(0)).then(|| Finding {
        level: Level::Suspect,
        code: "no-requests".to_owned(),
        agent: String::new(),
        sentence: "no request was logged".to_owned(),
        remedy: "Look at the errors and at each agent's output: users may have ended before their first \
                 request, or the simulation starts none."
            .to_owned(),
        from_ms: None,
        to_ms: None,
    })
}

/// Requests/s over the whole run and while all agents made load.
fn apart(rates: Rates, thresholds: &Thresholds) -> Option<Finding> {
    if rates.requests == 0
        || rates.whole_ms < COMPARED_FROM_MS
        || thresholds.rates_percent.is_infinite()
    {
        return None;
    }
    let whole = rates.requests as f64 * 1000.0 / rates.whole_ms as f64;
    let sentence = match rates.steady {
        None => "there was no second in which all agents made load".to_owned(),
        Some((_, steady_ms)) if rates.whole_ms.saturating_sub(steady_ms) <= ROUNDED_MS => {
            return None;
        }
        Some((steady, steady_ms)) => {
            let by = (steady - whole).abs() * 100.0 / whole;
            if by <= thresholds.rates_percent {
                return None;
            }
            format!(
                "{} requests/s over the whole run, {} in the {} in which all agents made load: {} apart \
                 (limit {})",
                figure(whole),
                figure(steady),
                length(steady_ms),
                percent_over(by, thresholds.rates_percent),
                percent(thresholds.rates_percent)
            )
        }
    };
    Some(Finding {
        level: Level::Suspect,
        code: "rates-apart".to_owned(),
        agent: String::new(),
        sentence,
        remedy: "Figures over the whole run mix times of different load: look at the steady ones, and at \
                 when each agent began and ended."
            .to_owned(),
        from_ms: None,
        to_ms: None,
    })
}

/// The logs of which it is not known whether they are whole, in one remark.
fn not_proved(evidence: &Evidence) -> Option<Finding> {
    let open = evidence.agents.iter().filter_map(|agent| {
        let proof = agent.proof.as_ref()?;
        (proof.state == ProofState::NotProved).then_some((agent, proof))
    });
    let open: Vec<_> = open.collect();
    let (first, proof) = open.first()?;
    let (agent, sentence) = match open.len() {
        1 => (
            first.name.clone(),
            format!("it is not proved that its log is whole: {}", proof.reason),
        ),
        count => {
            let names = open
                .iter()
                .take(NAMED)
                .map(|(agent, _)| agent.name.as_str());
            let names: Vec<_> = names.collect();
            let more = match count.saturating_sub(NAMED) {
                0 => "",
                _ => ", …",
            };
            let names = names.join(", ");
            let of = evidence.agents.len();
            (
                String::new(),
                format!("it is not proved that {count} of {of} logs are whole ({names}{more})"),
            )
        }
    };
    Some(Finding {
        level: Level::Valid,
        code: "not-proved".to_owned(),
        agent,
        sentence,
        remedy: String::new(),
        from_ms: None,
        to_ms: None,
    })
}
