//! Whether a run's figures can be believed: what limits them, with the evidence.
//!
//! [`judge`] weighs what is known of a run. It does no I/O and reads no clock: the load of each
//! machine comes as [`Sample`]s through a [`Watch`], all else in [`Evidence`]. A run in progress and
//! its end are judged by the same function.

mod evidence;
mod facts;
mod load;
mod of_report;
mod over;
mod proof;
mod sample;
mod sentences;
mod signs;
mod thresholds;
mod watch;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

pub use evidence::{Absence, AgentEvidence, ClockJump, EndedEarly, Evidence, Rates};
pub use proof::{Claim, LogFacts, LogTold, LogTotals, Proof, ProofState};
pub(crate) use proof::{is_cut_by_stop, proof};
pub use sample::Sample;
pub use signs::{Seen, Sign, Signs, Where};
pub use thresholds::Thresholds;
pub use watch::Watch;

/// How far a run's figures can be believed.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    TS,
    ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictLevel {
    /// Nothing was found that speaks against them.
    #[default]
    Valid,
    /// They may tell of the load generators, or of less load than was meant.
    Suspect,
    /// They are not those of the load that was meant.
    Invalid,
}

impl VerdictLevel {
    /// As it is shown: `VALID`, `SUSPECT` or `INVALID`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "VALID",
            Self::Suspect => "SUSPECT",
            Self::Invalid => "INVALID",
        }
    }
}

/// The verdict on a run, with its evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Verdict {
    /// The worst level of all findings.
    pub level: VerdictLevel,
    /// The evidence, the worst first. One of level "valid" is a remark.
    pub findings: Vec<VerdictFinding>,
    /// Findings that are left out here; summary.json has all.
    #[serde(default)]
    pub more: u32,
}

/// One piece of evidence: of one rule, on one agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct VerdictFinding {
    /// What it makes of the run.
    pub level: VerdictLevel,
    /// A stable word for programs, listed in docs/verdict.md ("cpu").
    pub code: String,
    /// The agent's label; empty if it is about all.
    pub agent: String,
    /// What, how much, since when and for how long; without a full stop.
    pub sentence: String,
    /// What to do, as a sentence; empty if there is nothing to do.
    pub remedy: String,
    /// When it began, ms after the start instant; null where that is not known.
    pub from_ms: Option<u64>,
    /// When it ended, likewise; null while it goes on.
    pub to_ms: Option<u64>,
}

impl VerdictFinding {
    /// The sentence with the agent's label before it.
    #[must_use]
    pub fn text(&self) -> String {
        match self.agent.as_str() {
            "" => self.sentence.clone(),
            agent => format!("{agent}: {}", self.sentence),
        }
    }
}

impl Verdict {
    /// Of findings in any order.
    fn of(mut findings: Vec<VerdictFinding>) -> Self {
        // What was found first stands first among its like.
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        Self {
            level: findings
                .first()
                .map(|first| first.level)
                .unwrap_or_default(),
            findings,
            more: 0,
        }
    }

    /// The same with so many findings at most: for what is sent once a second.
    #[must_use]
    pub fn with_at_most(mut self, findings: usize) -> Self {
        let more = self.findings.len().saturating_sub(findings);
        self.findings.truncate(findings);
        self.more = self
            .more
            .saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        self
    }

    /// The findings that make it what it is, without the remarks.
    pub fn reasons(&self) -> impl Iterator<Item = &VerdictFinding> {
        let counts = |finding: &&VerdictFinding| finding.level > VerdictLevel::Valid;
        self.findings.iter().filter(counts)
    }
}

/// The verdict on what is known of a run.
#[must_use]
pub fn judge(evidence: &Evidence, thresholds: &Thresholds) -> Verdict {
    let mut findings = Vec::new();
    for agent in &evidence.agents {
        facts::of_agent(agent, evidence, thresholds, &mut findings);
        load::of_agent(agent, evidence, thresholds, &mut findings);
    }
    facts::of_all(evidence, thresholds, &mut findings);
    findings.extend(load::of_all(evidence));
    Verdict::of(findings)
}
