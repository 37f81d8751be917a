//! The verdict and what proves that the logs are whole, for the terminal.

use super::grid::Grid;
use super::text::wrap;
use super::{agent_name, capital, left_out};
use crate::verdict::{LogTold, LogTotals, Proof, ProofState};
use crate::{Summary, Verdict, VerdictLevel, printable};

/// What is shown of the findings; summary.json has all.
const MAX_FINDINGS: usize = 40;

/// What proves that the logs are whole.
pub(super) fn proofs(summary: &Summary, width: usize, lines: &mut Vec<String>) {
    if summary.proofs.is_empty() {
        return;
    }
    let first = capital(summary.sources().trim_end_matches('s'));
    let mut titles = vec![
        first,
        "Records".to_owned(),
        "Bytes".to_owned(),
        "Decoded".to_owned(),
    ];
    // Logs that were copied by hand have nothing but themselves.
    let of_agents = summary.proofs.iter().any(is_told);
    if of_agents {
        let more = ["Written", "In the log", "Console", "Told live"];
        titles.extend(more.map(str::to_owned));
    }
    titles.push("Proof".to_owned());
    let mut grid = Grid::new(titles);
    for proof in &summary.proofs {
        let mut cells = vec![agent_name(&proof.agent, &proof.peer)];
        cells.extend([proof.records, proof.fetched_bytes, proof.decoded_bytes].map(count));
        if of_agents {
            cells.extend([
                count(proof.written_bytes),
                totals(proof.requests),
                totals(proof.console),
            ]);
            cells.push(told(proof.told));
        }
        cells.push(word(proof.state).to_owned());
        grid.push(cells);
    }
    lines.push(String::new());
    lines.push("Completeness".to_owned());
    grid.draw(width, &[], lines);
}

/// Whether an agent has told anything of its log.
pub(crate) fn is_told(proof: &Proof) -> bool {
    proof.written_bytes.is_some() || proof.console.is_some() || proof.told.is_some()
}

fn count(value: Option<u64>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

fn totals(value: Option<LogTotals>) -> String {
    value.map_or("-".to_owned(), |LogTotals { ok, ko }| format!("{ok}+{ko}"))
}

fn told(value: Option<LogTold>) -> String {
    match value {
        None => "-".to_owned(),
        Some(LogTold { all: true, .. }) => "all".to_owned(),
        Some(LogTold { to_byte, .. }) => format!("to {to_byte}"),
    }
}

/// What a proof comes to, in a word or two.
pub(crate) fn word(state: ProofState) -> &'static str {
    match state {
        ProofState::Complete => "proved complete",
        ProofState::NotProved => "not proved",
        ProofState::Incomplete => "INCOMPLETE",
        ProofState::Differs => "DIFFERS",
    }
}

/// The verdict, with its evidence and what to do.
pub(super) fn verdict(summary: &Summary, width: usize, lines: &mut Vec<String>) {
    let Some(verdict) = &summary.verdict else {
        return;
    };
    lines.push(String::new());
    lines.push(format!("Verdict: {}", verdict.level.word()));
    findings(verdict, width, lines);
}

fn findings(verdict: &Verdict, width: usize, lines: &mut Vec<String>) {
    let mut advised = Vec::new();
    for finding in verdict.findings.iter().take(MAX_FINDINGS) {
        let mark = match finding.level {
            VerdictLevel::Valid => "· ",
            VerdictLevel::Suspect => "! ",
            VerdictLevel::Invalid => "✗ ",
        };
        wrap(mark, &printable(&finding.text()), width, lines);
        // Once is enough where several agents have the same.
        if !finding.remedy.is_empty() && !advised.contains(&&finding.remedy) {
            advised.push(&finding.remedy);
            wrap("  → ", &printable(&finding.remedy), width, lines);
        }
    }
    left_out(verdict.findings.len(), MAX_FINDINGS, "findings", lines);
}
