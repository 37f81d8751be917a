//! Output read in one go, up to a gap.

use super::lines::{Line, lines};
use super::{AgentOutput, Problem, Source};

/// Bytes that follow each other.
#[derive(Debug)]
pub(super) struct Stretch {
    /// The position of the first one.
    pub(super) from: u64,
    bytes: Vec<u8>,
    /// The position behind the last byte there is.
    end: u64,
    /// What comes next is not kept.
    pub(super) gap: bool,
}

impl Stretch {
    /// Reads from a position, or from the first one behind it that is kept, until there are `most`
    /// bytes or more. Of an output that was begun anew it reads from the beginning.
    pub(super) async fn read(
        source: &Source<'_>,
        position: u64,
        most: u64,
    ) -> Result<Self, Problem> {
        let mut first = source.piece(position).await?;
        if first.from < position {
            first = source.piece(0).await?;
        }
        let mut stretch = Self {
            from: first.from,
            bytes: first.bytes,
            end: first.end,
            gap: false,
        };
        while stretch.to() < stretch.end && (stretch.bytes.len() as u64) < most {
            let piece = source.piece(stretch.to()).await?;
            stretch.end = piece.end;
            if piece.from != stretch.to() {
                stretch.gap = true;
                break;
            }
            if piece.bytes.is_empty() {
                break;
            }
            stretch.bytes.extend(piece.bytes);
        }
        Ok(stretch)
    }

    /// The position behind its last byte.
    pub(super) fn to(&self) -> u64 {
        self.from.saturating_add(self.bytes.len() as u64)
    }

    pub(super) fn lines(&self, grows: bool) -> Vec<Line> {
        let closed = self.gap || self.has_ended(self.to(), grows);
        lines(self.from, &self.bytes, closed)
    }

    /// Whether nothing comes behind a position.
    fn has_ended(&self, position: u64, grows: bool) -> bool {
        !grows && !self.gap && position >= self.end
    }

    /// The answer without lines, up to a position.
    pub(super) fn nothing_at(&self, position: u64, grows: bool) -> AgentOutput {
        AgentOutput {
            from: position,
            next: position,
            ended: self.has_ended(position, grows),
            end: self.end,
            ..AgentOutput::default()
        }
    }

    /// The answer with some of its lines.
    pub(super) fn answer(&self, lines: Vec<Line>, skipped: u64, grows: bool) -> AgentOutput {
        let next = lines.last().map_or(self.from, |line| line.end);
        AgentOutput {
            from: lines.first().map_or(next, |line| line.start),
            next,
            skipped,
            ended: self.has_ended(next, grows),
            end: self.end,
            lines: lines.into_iter().map(|line| line.text).collect(),
        }
    }
}
