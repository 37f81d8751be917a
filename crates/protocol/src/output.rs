//! What an agent's programs print, read while it grows.
//!
//! A position counts the bytes printed (as the agent keeps them, with secrets masked): it stays
//! the same whatever the agent drops, so that who follows by position gets nothing twice and is
//! told of each gap.

use serde::{Deserialize, Serialize};

use crate::version::MAX_OUTPUT;
use crate::{RunFile, RunId};

/// Asks for a piece of an output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputRequest {
    /// The run.
    pub run: RunId,
    /// [`RunFile::Output`] or [`RunFile::BuildOutput`].
    pub file: RunFile,
    /// The first byte wanted.
    pub start: OutputStart,
    /// Bytes wanted, at most [`MAX_OUTPUT`].
    pub length: u32,
}

/// Where a piece begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputStart {
    /// At this position.
    At(u64),
    /// So many bytes before the end of what there is.
    Last(u64),
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputAnswer {
    /// Bytes.
    Piece(OutputPiece),
    /// There is none (yet), or it cannot be read: a sentence.
    Missing(String),
}

/// Bytes of an output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputPiece {
    /// The position of the first byte. Above the one asked for, what lies between is not kept;
    /// below it, the output is shorter than that: it was begun anew.
    pub from: u64,
    /// The bytes; fewer than asked for at the end and before a gap.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// The position behind the last byte there is.
    pub end: u64,
}

impl OutputPiece {
    /// The position behind its last byte.
    pub fn to(&self) -> u64 {
        self.from.saturating_add(self.bytes.len() as u64)
    }
}

/// Bytes that lie in one file one behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputRange {
    /// The position of the first one.
    pub position: u64,
    /// Where it lies in the file.
    pub offset: u64,
    /// How many.
    pub length: u64,
}

impl OutputRange {
    /// The position behind its last byte.
    pub fn end(&self) -> u64 {
        self.position.saturating_add(self.length)
    }
}

/// Where a piece lies among ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputPlace {
    /// The position of its first byte, as in [`OutputPiece::from`].
    pub from: u64,
    /// The position behind the last byte there is.
    pub end: u64,
    /// The range that has it, by its index.
    pub range: usize,
    /// Where it lies in that range's file.
    pub offset: u64,
    /// How many bytes; 0 at the end.
    pub length: u64,
}

/// Where the piece lies that answers a request, among ranges in order of their positions.
pub fn output_place(ranges: &[OutputRange], start: OutputStart, length: u32) -> OutputPlace {
    let end = ranges.last().map_or(0, OutputRange::end);
    let wanted = match start {
        OutputStart::At(position) => position.min(end),
        OutputStart::Last(bytes) => end.saturating_sub(bytes),
    };
    let holds = |range: &OutputRange| range.end() > wanted;
    let Some((index, range)) = ranges.iter().enumerate().find(|(_, range)| holds(range)) else {
        return OutputPlace {
            from: end,
            end,
            range: 0,
            offset: 0,
            length: 0,
        };
    };
    let from = wanted.max(range.position);
    let inside = from - range.position;
    OutputPlace {
        from,
        end,
        range: index,
        offset: range.offset.saturating_add(inside),
        length: u64::from(length)
            .min(MAX_OUTPUT as u64)
            .min(range.length - inside),
    }
}

const BEFORE: &str = "\n[bfgg] ";
const AFTER: &str = " bytes dropped here\n";
/// No note of a gap is longer.
pub const MAX_GAP_NOTE: usize = 64;

/// What stands in a file of a finished output for bytes that were dropped.
pub fn gap_note(dropped: u64) -> String {
    format!("{BEFORE}{dropped}{AFTER}")
}

/// The ranges of a finished output's file of `length` bytes, whose beginning is kept up to byte
/// `head`; `at_head` are (up to [`MAX_GAP_NOTE`]) bytes from there on.
pub fn finished_ranges(head: u64, at_head: &[u8], length: u64) -> Vec<OutputRange> {
    let whole = OutputRange {
        position: 0,
        offset: 0,
        length,
    };
    let Some((dropped, note)) = read_note(at_head) else {
        return vec![whole];
    };
    let offset = head.saturating_add(note);
    let end = OutputRange {
        position: head.saturating_add(dropped),
        offset,
        length: length.saturating_sub(offset),
    };
    vec![
        OutputRange {
            length: head.min(length),
            ..whole
        },
        end,
    ]
}

/// How much a note says was dropped, and how long it is.
fn read_note(bytes: &[u8]) -> Option<(u64, u64)> {
    let rest = bytes.strip_prefix(BEFORE.as_bytes())?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    rest[digits..].starts_with(AFTER.as_bytes()).then_some(())?;
    let dropped = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    Some((dropped, (BEFORE.len() + digits + AFTER.len()) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(position: u64, offset: u64, length: u64) -> OutputRange {
        OutputRange {
            position,
            offset,
            length,
        }
    }

    #[test]
    fn where_a_piece_lies() {
        let ranges = [range(0, 0, 10), range(80, 40, 5)];
        for (start, length, expected) in [
            (OutputStart::At(0), 4, (0, 0, 0, 4)),
            (OutputStart::At(8), 64, (8, 0, 8, 2)),
            (OutputStart::At(10), 64, (80, 1, 40, 5)),
            (OutputStart::At(50), 2, (80, 1, 40, 2)),
            (OutputStart::At(83), 64, (83, 1, 43, 2)),
            (OutputStart::At(85), 64, (85, 0, 0, 0)),
            (OutputStart::At(u64::MAX), 64, (85, 0, 0, 0)),
            (OutputStart::Last(3), 64, (82, 1, 42, 3)),
            (OutputStart::Last(u64::MAX), 64, (0, 0, 0, 10)),
        ] {
            let found = output_place(&ranges, start, length);
            let parts = (found.from, found.range, found.offset, found.length);
            assert_eq!((parts, found.end), (expected, 85), "{start:?}");
        }
        assert_eq!(output_place(&[], OutputStart::At(3), 9).from, 0);
        let long = [range(0, 0, u64::MAX)];
        let most = output_place(&long, OutputStart::At(0), u32::MAX).length;
        assert_eq!(most, MAX_OUTPUT as u64);
    }

    #[test]
    fn the_ranges_of_a_finished_output() {
        let note = gap_note(70);
        let long = note.len() as u64;
        assert!(gap_note(u64::MAX).len() <= MAX_GAP_NOTE);
        for (at_head, length, expected) in [
            ("", 5, vec![range(0, 0, 5)]),
            ("more", 14, vec![range(0, 0, 14)]),
            ("\n[bfgg] x bytes dropped here\n", 40, vec![range(0, 0, 40)]),
            (
                &format!("{note}tail"),
                10 + long + 4,
                vec![range(0, 0, 10), range(80, 10 + long, 4)],
            ),
            // A file that was cut.
            (
                &note,
                10 + long,
                vec![range(0, 0, 10), range(80, 10 + long, 0)],
            ),
        ] {
            let found = finished_ranges(10, at_head.as_bytes(), length);
            assert_eq!(found, expected, "{at_head:?}");
        }
    }
}
