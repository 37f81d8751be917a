//! What builds and Gatling print on the agents, followed as lines: from the run's folder where the file
//! was collected, else from the agent.

mod lines;
mod source;
mod stretch;

use crate::api::types::AgentOutput;
pub(crate) use source::{Problem, Source};
use stretch::Stretch;

/// Bytes in one answer; it ends with the piece that goes beyond.
const MOST: u64 = 256 * 1024;
/// How far the last lines are looked for, first and at most.
const NEAR: u64 = 64 * 1024;
const FAR: u64 = 1024 * 1024;
/// Gaps that an output has at most: an agent keeps three parts of it.
const GAPS: u32 = 3;

/// Which lines are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Those from a position on.
    From(u64),
    /// So many before the end; fewer where they are longer than 1 MiB, and before a gap.
    Last(usize),
}

/// Reads lines. `grows` tells that more may come: then a last line without an end is not given yet.
pub(crate) async fn read(
    source: &Source<'_>,
    wanted: Wanted,
    grows: bool,
) -> Result<AgentOutput, Problem> {
    match wanted {
        Wanted::From(position) => {
            let stretch = Stretch::read(source, position, MOST).await?;
            let lines = stretch.lines(grows);
            let skipped = stretch.from.saturating_sub(position);
            Ok(stretch.answer(lines, skipped, grows))
        }
        Wanted::Last(count) => last(source, count, grows).await,
    }
}

async fn last(source: &Source<'_>, count: usize, grows: bool) -> Result<AgentOutput, Problem> {
    let end = source.end().await?;
    let mut back = NEAR;
    loop {
        let position = end.saturating_sub(back);
        let mut stretch = Stretch::read(source, position, back + MOST).await?;
        let mut all = stretch.from != position || position == 0;
        for _ in 0..GAPS {
            if stretch.gap {
                stretch = Stretch::read(source, stretch.to(), back + MOST).await?;
                all = true;
            }
        }
        let mut lines = stretch.lines(grows);
        // It begins within a line.
        let within = (!all && !lines.is_empty()).then(|| lines.remove(0).end);
        if all || lines.len() >= count || back == FAR {
            let kept = lines.split_off(lines.len().saturating_sub(count));
            let before = lines.last().map(|line| line.end).or(within);
            return Ok(match before {
                Some(end) if kept.is_empty() => stretch.nothing_at(end, grows),
                _ => stretch.answer(kept, 0, grows),
            });
        }
        back = FAR;
    }
}

#[cfg(test)]
mod tests;
