//! The verdict on a report: what its logs tell, and what the agents say of them.

use std::path::Path;

use bfgg_stats::Figures;

use super::{
    AgentEvidence, Claim, Evidence, LogFacts, LogTotals, Proof, Rates, Signs, Thresholds,
    is_cut_by_stop, judge, proof,
};
use crate::log::Finding;
use crate::{Report, TroubleKind};

impl LogFacts {
    /// What the figures of a log tell; its length is left open.
    pub(crate) fn of(figures: &Figures, troubles: &[Finding]) -> Self {
        let all = figures.all();
        let mut signs = Signs::default();
        for (message, count) in figures.messages().sorted() {
            signs.error(message, count);
        }
        let mut lacks = troubles.iter().filter(|found| found.kind.is_missing());
        let (lacks, more) = (lacks.next(), lacks.next());
        Self {
            requests: LogTotals {
                ok: all.ok.count(),
                ko: all.ko.count(),
            },
            last_ms: figures.span().map(|span| span.end),
            lacks: lacks.map(|found| found.text.clone()),
            ends_cut: more.is_none() && lacks.is_some_and(|found| found.kind == TroubleKind::Cut),
            signs,
            ..Self::default()
        }
    }

    /// Of a log that cannot be used.
    pub(crate) fn unusable(path: &Path, reason: &str) -> Self {
        Self {
            bytes: std::fs::metadata(path).map(|found| found.len()).ok(),
            lacks: Some(reason.to_owned()),
            ..Self::default()
        }
    }
}

impl Report {
    /// Judges a run by what is known of it beside its logs: what each agent says of its log, for all
    /// agents of the run, and evidence with these agents in the same order. What the logs tell is added
    /// to it. Sets [`Summary::verdict`] and [`Summary::proofs`], which are those of the logs alone
    /// before.
    pub fn judge(&mut self, claims: &[Claim], mut evidence: Evidence, thresholds: &Thresholds) {
        let mut proofs = Vec::new();
        for (claim, agent) in claims.iter().zip(&mut evidence.agents) {
            let mut shares = self.summary.agents.iter();
            let place = shares.position(|share| share.peer == claim.peer);
            let log = place.and_then(|place| self.logs.get(place));
            let proof = proof(Some(claim), log);
            agent.proof = Some(proof.clone());
            agent.cut_by_stop = is_cut_by_stop(claim, log);
            // What its log tells need not be told of its output as well.
            let logged: Vec<_> = log.into_iter().flat_map(|log| log.signs.seen()).collect();
            let is_logged = |sign| logged.iter().any(|seen| seen.sign == sign);
            agent.signs.retain(|seen| !is_logged(seen.sign));
            agent.signs.extend(logged);
            proofs.push(proof);
        }
        self.summary.proofs = proofs;
        self.conclude(evidence, thresholds);
    }

    /// Judges logs of which nothing else is known. A report that is built is judged by the defaults.
    pub fn judge_logs(&mut self, thresholds: &Thresholds) {
        let mut evidence = Evidence::default();
        let mut proofs = Vec::new();
        for (share, log) in self.summary.agents.iter().zip(&self.logs) {
            let proof = Proof {
                agent: share.name.clone(),
                peer: share.peer.clone(),
                ..proof(None, Some(log))
            };
            evidence.agents.push(AgentEvidence {
                name: share.name.clone(),
                signs: log.signs.seen(),
                proof: Some(proof.clone()),
                ..AgentEvidence::default()
            });
            proofs.push(proof);
        }
        self.summary.proofs = proofs;
        self.conclude(evidence, thresholds);
    }

    fn conclude(&mut self, mut evidence: Evidence, thresholds: &Thresholds) {
        let summary = &mut self.summary;
        let all = summary.rows.first();
        evidence.requests = all.map(|row| row.total);
        // Of one alone there is nothing to compare.
        if summary.agents.len() > 1 {
            let steady = summary.steady.as_ref();
            evidence.spread_ms = Some(summary.start_spread_ms);
            evidence.rates = Some(Rates {
                requests: all.map_or(0, |row| row.total),
                whole_ms: summary.duration_ms,
                steady: steady.map(|steady| (steady.per_second, steady.duration_ms)),
            });
        }
        summary.verdict = Some(judge(&evidence, thresholds));
    }
}
