//! The verdict, as a banner, and what proves that the logs are whole.

use maud::{Markup, html};

use super::name;
use super::sections::{MAX_ROWS, TALL, left_out};
use crate::table::{capital, is_told, proof_word, short_peer};
use crate::text::grouped;
use crate::verdict::{LogTold, LogTotals, Proof, ProofState};
use crate::{Summary, VerdictLevel, printable};

/// On top of the page: how far its figures can be believed, and the evidence.
pub(super) fn banner(summary: &Summary) -> Markup {
    let Some(verdict) = &summary.verdict else {
        return html! {};
    };
    let (class, mark, says) = match verdict.level {
        VerdictLevel::Valid => (
            "good",
            "✓",
            "nothing was found that speaks against these figures",
        ),
        VerdictLevel::Suspect => (
            "warn",
            "!",
            "these figures may tell of the load generators, or of less load than was meant",
        ),
        VerdictLevel::Invalid => (
            "bad",
            "✗",
            "these figures are not those of the load that was meant",
        ),
    };
    html! {
        section #verdict.judged.(class) aria-labelledby="verdict-title" {
            h2 #verdict-title { span aria-hidden="true" { (mark) } " " (verdict.level.word()) " " small { (says) } }
            @if !verdict.findings.is_empty() {
                ul { @for finding in verdict.findings.iter().take(MAX_ROWS) {
                    li.remark[finding.level == VerdictLevel::Valid] {
                        (name(&finding.text()))
                        @if !finding.remedy.is_empty() { div.none { (name(&finding.remedy)) } }
                    }
                } }
                (left_out(verdict.findings.len()))
            }
        }
    }
}

/// For each log what was written, fetched, decoded, and counted by others.
pub(super) fn proofs(summary: &Summary) -> Markup {
    if summary.proofs.is_empty() {
        return html! {};
    }
    let source = capital(summary.sources().trim_end_matches('s'));
    // Logs that were copied by hand have nothing but themselves.
    let of_agents = summary.proofs.iter().any(is_told);
    html! {
        section #proofs.card aria-labelledby="proofs-title" {
            header {
                h2 #proofs-title { "Completeness" }
                @if of_agents {
                    p { "What was written, fetched and decoded, against the totals of Gatling's own console." }
                } @else {
                    p { "What there is, and how much of it is in whole records." }
                }
            }
            div.scroll.tall[summary.proofs.len() > TALL] role="group" aria-labelledby="proofs-title" tabindex="0" {
                table {
                    thead { tr {
                        th.text scope="col" { (source) }
                        th scope="col" { "Proof" }
                        th scope="col" { "Records" }
                        @if of_agents { th scope="col" { "Bytes written" } }
                        th scope="col" { "Bytes fetched" }
                        th scope="col" { "Bytes decoded" }
                        th scope="col" { "OK + KO in the log" }
                        @if of_agents {
                            th scope="col" { "OK + KO of the console" }
                            th scope="col" { "Told live" }
                        }
                    } }
                    tbody { @for proof in summary.proofs.iter().take(MAX_ROWS) { (row(proof, of_agents)) } }
                }
            }
            (left_out(summary.proofs.len()))
        }
    }
}

fn row(proof: &Proof, of_agents: bool) -> Markup {
    let class = match proof.state {
        ProofState::Complete => "good",
        ProofState::NotProved => "plain",
        ProofState::Incomplete | ProofState::Differs => "bad",
    };
    html! {
        tr {
            th.text scope="row" {
                (name(&proof.agent))
                @if !proof.peer.is_empty() { " " span.none { (printable(short_peer(&proof.peer))) } }
                @if !proof.reason.is_empty() { div.none { (name(&proof.reason)) } }
            }
            td { span.pill.(class) { (proof_word(proof.state)) } }
            td { (count(proof.records)) }
            @if of_agents { td { (count(proof.written_bytes)) } }
            td { (count(proof.fetched_bytes)) }
            td { (count(proof.decoded_bytes)) }
            td { (totals(proof.requests)) }
            @if of_agents {
                td { (totals(proof.console)) }
                td { (told(proof.told)) }
            }
        }
    }
}

fn count(value: Option<u64>) -> String {
    value.map_or("–".to_owned(), grouped)
}

fn totals(value: Option<LogTotals>) -> String {
    value.map_or("–".to_owned(), |LogTotals { ok, ko }| {
        format!("{} + {}", grouped(ok), grouped(ko))
    })
}

fn told(value: Option<LogTold>) -> String {
    match value {
        None => "–".to_owned(),
        Some(LogTold {
            all: true, cells, ..
        }) => format!("all, in {} cells", grouped(cells)),
        Some(LogTold { to_byte, cells, .. }) => {
            format!("to byte {}, in {} cells", grouped(to_byte), grouped(cells))
        }
    }
}
