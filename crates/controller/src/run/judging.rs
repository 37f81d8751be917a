//! What a report judges its run by: what was seen of it, what the agents say of their logs, and what
//! Gatling has put out.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use bfgg_protocol::RunExit;
use bfgg_report::verdict::{Claim, Evidence, LogTold, LogTotals, Seen, Signs, Watch};
use bfgg_report::{Report, Thresholds};

use super::{Observed, health, sample, timeline};
use crate::api::types::{Run, RunAgent};

/// Of an agent's output so much is looked at, bytes.
const OUTPUT: u64 = 256 << 20;
/// A sample is of the second before it.
const SECOND_MS: u64 = 1_000;
/// Of a line of it.
pub(super) const LINE: u64 = 8 << 10;

/// What is known of a run beside its logs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Judging {
    /// What each agent says of its log, in the order of the evidence.
    claims: Vec<Claim>,
    evidence: Evidence,
    thresholds: Thresholds,
    /// The output of each agent.
    outputs: Vec<PathBuf>,
    run: Option<Run>,
}

impl Judging {
    /// Of a run that has ended; `output` gives the path of an agent's output.
    pub(crate) fn of(
        run: &Run,
        observed: &Observed,
        thresholds: Thresholds,
        output: impl Fn(&RunAgent) -> PathBuf,
    ) -> Self {
        let agents = run.agents.iter();
        Self {
            claims: agents.clone().map(|agent| claim(agent, None)).collect(),
            evidence: observed.evidence(run, None),
            thresholds,
            outputs: agents.map(output).collect(),
            run: Some(run.clone()),
        }
    }

    /// What the agents have told live, by their index.
    pub(crate) fn told(&mut self, told: &[timeline::Told]) {
        for (claim, told) in self.claims.iter_mut().zip(told) {
            claim.told = told_of(told);
        }
    }

    /// Judges the report of the run. Blocking: it looks through the agents' output.
    pub(crate) fn judge(mut self, report: &mut Report) {
        for (agent, output) in self.evidence.agents.iter_mut().zip(&self.outputs) {
            agent.signs.extend(output_signs(output));
        }
        if let Some(run) = &self.run {
            for (agent, evidence) in run.agents.iter().zip(&mut self.evidence.agents) {
                evidence.until_ms = over_ms(run, agent, report).or(evidence.until_ms);
                // What came in heartbeats has gaps where the agent was not heard; this has not.
                let recorded = recorded(run, agent, evidence.until_ms, &self.thresholds);
                evidence.watch = recorded.or(evidence.watch.take());
            }
        }
        report.judge(&self.claims, self.evidence, &self.thresholds);
    }
}

/// When the load of an agent was over whose Gatling has ended by itself, ms after the start instant: with
/// the last record of its log. What Gatling does after it, as a report of its own, is no load.
fn over_ms(run: &Run, agent: &RunAgent, report: &Report) -> Option<u64> {
    let by_itself = |exit: &RunExit| matches!(exit, RunExit::Success | RunExit::AssertionsFailed);
    agent.end.as_ref().filter(|end| by_itself(&end.exit))?;
    let mut shares = report.summary.agents.iter();
    let place = shares.position(|share| share.peer == agent.id.as_str())?;
    let last_ms = report.logs.get(place)?.last_ms?;
    let started_ms = i64::try_from(run.started_ms?).ok()?;
    u64::try_from(last_ms.saturating_sub(started_ms)).ok()
}

/// An agent's load as it was kept with its cells, up to when it made load if that is known; `None` if none
/// was.
pub(super) fn recorded(
    run: &Run,
    agent: &RunAgent,
    until_ms: Option<u64>,
    thresholds: &Thresholds,
) -> Option<Watch> {
    let samples = health::samples(Path::new(&run.folder), agent.index).ok()?;
    let mut watch = Watch::new(thresholds);
    let mut any = false;
    for (after_ms, health) in health::on_axis(run, agent, samples) {
        // What was before the start is no load of the run, nor is a second that began after its end.
        let is_load = |at_ms: &u64| until_ms.is_none_or(|until| *at_ms < until + SECOND_MS);
        if let Some(at_ms) = u64::try_from(after_ms).ok().filter(is_load) {
            watch.take(&sample(at_ms, &health));
            any = true;
        }
    }
    any.then_some(watch)
}

/// What an agent says of its log.
pub(super) fn claim(agent: &RunAgent, told: Option<&timeline::Told>) -> Claim {
    let end = agent.end.as_ref();
    let exit = end.map(|end| &end.exit);
    let by_itself = matches!(exit, Some(RunExit::Success | RunExit::AssertionsFailed));
    let on_request = matches!(exit, Some(RunExit::Stopped | RunExit::MaxDuration));
    let console = end.and_then(|end| end.console.as_ref());
    Claim {
        agent: agent.name.clone(),
        peer: agent.id.to_string(),
        written_bytes: end.map(|end| end.log_bytes.unwrap_or(0)),
        console: console.map(|counted| LogTotals {
            ok: counted.ok,
            ko: counted.ko,
        }),
        console_is_last: by_itself,
        was_cut: !by_itself && !on_request,
        told: told.and_then(told_of),
        missing: agent
            .failure
            .as_ref()
            .map(|failure| failure.message.trim_end_matches('.').to_owned())
            .unwrap_or_default(),
    }
}

/// `None` of an agent that tells nothing.
fn told_of(told: &timeline::Told) -> Option<LogTold> {
    told.tells.then_some(LogTold {
        cells: told.cells,
        to_byte: told.to,
        all: told.ended,
    })
}

/// Signs of exhausted resources in Gatling's output, if there is any. Blocking.
pub(super) fn output_signs(file: &Path) -> Vec<Seen> {
    let mut signs = Signs::default();
    let Ok(file) = std::fs::File::open(file) else {
        return Vec::new();
    };
    let mut output = BufReader::new(file.take(OUTPUT));
    let mut line = Vec::new();
    loop {
        line.clear();
        // A longer line is several.
        match (&mut output).take(LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return signs.seen(),
            Ok(_) => signs.output(&String::from_utf8_lossy(&line)),
        }
    }
}
