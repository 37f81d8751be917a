//! The notification that a run has ended, for a user who is looking at something else.
//!
//! A desktop without a service for notifications gets none, and is not told so: what happened stands
//! in the window.

#[cfg(target_os = "linux")]
mod freedesktop;
#[cfg(not(target_os = "linux"))]
mod system;

use bfgg_controller::api::types::RunState;
use bfgg_protocol::RunId;
use bfgg_report::printable;

use crate::api::Api;
use crate::runs::EndedRun;

#[cfg(target_os = "linux")]
pub(crate) use freedesktop::follow;
#[cfg(not(target_os = "linux"))]
pub(crate) use system::follow;

/// Ended runs that may wait to be told of.
pub(crate) const NOTICES: usize = 8;
/// Of a simulation's name, characters.
const NAME: usize = 80;

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Notice {
    run: RunId,
    /// One line, our own words.
    title: &'static str,
    /// Lines of plain text, in them a name from outside.
    body: String,
}

impl Notice {
    /// Says how a run ended, with the figures of its result where there is one.
    async fn of(run: &EndedRun, api: &Api) -> Self {
        let mut run = run.clone();
        if run.has_summary {
            match api.counts(run.id).await {
                Ok(counts) => (run.ok, run.ko) = counts.unwrap_or((run.ok, run.ko)),
                Err(error) => tracing::debug!(%error, "the run's figures are those told live"),
            }
        }
        Self::new(&run)
    }

    fn new(run: &EndedRun) -> Self {
        let title = match run.state {
            RunState::Finished => "Run finished",
            RunState::Stopped => "Run stopped",
            RunState::Partial => "Run ended, its result is partial",
            _ => "Run failed",
        };
        let name: String = run.simulation.chars().take(NAME).collect();
        let requests = run.ok.saturating_add(run.ko);
        let noun = if requests == 1 { "request" } else { "requests" };
        let mut body = format!(
            "{}\n{} {noun}, {} KO",
            printable(&name),
            grouped(requests),
            grouped(run.ko)
        );
        if let Some(verdict) = run.verdict {
            body.push_str("\nVerdict: ");
            body.push_str(verdict);
        }
        Self {
            run: run.id,
            title,
            body,
        }
    }
}

/// `1,234,567`
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(simulation: &str, state: RunState, counts: (u64, u64)) -> EndedRun {
        EndedRun {
            id: "0193a3f0-0000-7000-8000-000000000000".parse().unwrap(),
            simulation: simulation.to_owned(),
            state,
            verdict: None,
            ok: counts.0,
            ko: counts.1,
            has_summary: false,
        }
    }

    #[test]
    fn how_a_run_ended() {
        let long = "x".repeat(500);
        let cut = format!("{}\n1 request, 1 KO", "x".repeat(NAME));
        for (simulation, state, counts, verdict, title, body) in [
            (
                "example.Shop",
                RunState::Finished,
                (1_234_566, 1_000),
                Some("VALID"),
                "Run finished",
                "example.Shop\n1,235,566 requests, 1,000 KO\nVerdict: VALID",
            ),
            (
                "example.Shop",
                RunState::Failed,
                (0, 0),
                None,
                "Run failed",
                "example.Shop\n0 requests, 0 KO",
            ),
            (
                "a\nb\u{202e}c\u{1b}[2J",
                RunState::Stopped,
                (1, 0),
                Some("SUSPECT"),
                "Run stopped",
                "a\\nb\\u{202e}c\\u{1b}[2J\n1 request, 0 KO\nVerdict: SUSPECT",
            ),
            (
                long.as_str(),
                RunState::Partial,
                (0, 1),
                None,
                "Run ended, its result is partial",
                cut.as_str(),
            ),
        ] {
            let mut run = ended(simulation, state, counts);
            run.verdict = verdict;
            let notice = Notice::new(&run);
            assert_eq!((notice.title, notice.body.as_str()), (title, body));
        }
    }
}
