//! The rules on the load of the machines.

use super::evidence::{AgentEvidence, Evidence};
use super::over::{BRIDGED_MS, Sum};
use super::sentences::{clock, length, length_over, percent, percent_over, time};
use super::watch::Unseen;
use super::{Thresholds, VerdictFinding as Finding, VerdictLevel as Level, Watch};

pub(super) fn of_agent(
    agent: &AgentEvidence,
    evidence: &Evidence,
    thresholds: &Thresholds,
    findings: &mut Vec<Finding>,
) {
    let Some(watch) = &agent.watch else {
        return;
    };
    let now = evidence.now_ms;
    let mut add = |code: &str, sum: Sum, what: String, remedy: &str| {
        findings.push(Finding {
            level: Level::Suspect,
            code: code.to_owned(),
            agent: agent.name.clone(),
            sentence: what,
            remedy: remedy.to_owned(),
            from_ms: Some(sum.from_ms),
            to_ms: (!sum.goes_on).then_some(sum.to_ms),
        });
    };
    let window = length(thresholds.window_ms);
    if let Some(sum) = watch.cpu.sum(now, thresholds.window_ms) {
        let stolen = watch.steal.sum(now, thresholds.window_ms);
        let stolen = stolen.map(|steal| steal.mean()).filter(|mean| *mean >= 1.0);
        let stolen = stolen.map_or(String::new(), |mean| {
            format!(", of it {} taken by its host", percent(mean))
        });
        let what = format!(
            "CPU {}{stolen} {} (limit {} for {window})",
            percent(sum.mean()),
            time(&sum),
            percent(thresholds.cpu_percent)
        );
        let remedy = "Spread the load over more agents, or use a larger machine: response times measured \
                      by a saturated load generator are its own.";
        add("cpu", sum, what, remedy);
    }
    if let Some(sum) = watch.gc.sum(now, 0) {
        let what = format!(
            "garbage collection took {} of {window} at most, {} (limit {})",
            percent_over(sum.highest, thresholds.gc_percent),
            time(&sum),
            percent(thresholds.gc_percent)
        );
        add("gc", sum, what, MORE_HEAP);
    }
    if let Some(sum) = watch.pause.sum(now, 0) {
        let what = format!(
            "a pause for garbage collection took {} {} (limit {})",
            length_over(sum.highest as u64, thresholds.gc_pause_ms),
            when(&sum),
            length(thresholds.gc_pause_ms)
        );
        add("gc-pause", sum, what, MORE_HEAP);
    }
    for (code, over, of, limit, remedy) in [
        (
            "open-files",
            &watch.files,
            "of the files it may open are open",
            thresholds.files_percent,
            "Raise the limit of open files (ulimit -n) on that machine.",
        ),
        (
            "local-ports",
            &watch.ports,
            "of its local ports are in use",
            thresholds.ports_percent,
            "Widen net.ipv4.ip_local_port_range, keep connections open, or spread the load over more \
             agents.",
        ),
        (
            "network",
            &watch.network,
            "of what its network link carries are used",
            thresholds.network_percent,
            "Spread the load over more agents, or give that machine a faster link.",
        ),
    ] {
        if let Some(sum) = over.sum(now, 0) {
            let what = format!(
                "{} {of} at most, {} (limit {})",
                percent(sum.highest),
                time(&sum),
                percent(limit)
            );
            add(code, sum, what, remedy);
        }
    }
    findings.extend(unseen(agent, watch, thresholds));
}

const MORE_HEAP: &str =
    "Give Gatling more memory with the Java option -Xmx, or spread the load over more agents.";

fn when(sum: &Sum) -> String {
    match sum.stretches {
        ..2 => format!("at {}", clock(sum.highest_ms)),
        times => format!(
            "at {}, the longest of {times} times between {} and {}",
            clock(sum.highest_ms),
            clock(sum.from_ms),
            clock(sum.to_ms)
        ),
    }
}

/// Of machines that nobody was to watch, as for logs copied by hand, one remark says so.
pub(super) fn of_all(evidence: &Evidence) -> Option<Finding> {
    let agents = &evidence.agents;
    let nobody = !agents.is_empty() && agents.iter().all(|agent| agent.watch.is_none());
    nobody.then(|| Finding {
        level: Level::Valid,
        code: "load-unknown".to_owned(),
        agent: String::new(),
        sentence: "the load of the machines that made it is not known".to_owned(),
        remedy: String::new(),
        from_ms: None,
        to_ms: None,
    })
}

/// A time as long as a window of which nothing is known is worth a remark: a limit may have been
/// passed in it.
fn unseen(agent: &AgentEvidence, watch: &Watch, thresholds: &Thresholds) -> Option<Finding> {
    let mut unseen: Unseen = watch.unseen;
    let until = agent.until_ms.or(watch.last_ms)?;
    let last = watch.last_ms.unwrap_or(0);
    if until.saturating_sub(last) > BRIDGED_MS {
        unseen.add(last, until);
    }
    let (from, to) = unseen.first?;
    if unseen.total_ms < thresholds.window_ms {
        return None;
    }
    let sentence = match watch.last_ms {
        None => "the load of its machine was not measured".to_owned(),
        Some(_) if unseen.to_ms == to => format!(
            "the load of its machine is not known from {} to {}, for {}",
            clock(from),
            clock(to),
            length(unseen.total_ms)
        ),
        Some(_) => format!(
            "the load of its machine is not known for {} in all between {} and {}",
            length(unseen.total_ms),
            clock(from),
            clock(unseen.to_ms)
        ),
    };
    Some(Finding {
        level: Level::Valid,
        code: "load-unknown".to_owned(),
        agent: agent.name.clone(),
        sentence,
        remedy: String::new(),
        from_ms: Some(from),
        to_ms: Some(unseen.to_ms),
    })
}
