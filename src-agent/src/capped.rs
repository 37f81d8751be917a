//! Output of a program, kept with a cap: its beginning, its end, and how much lies between.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::platform;

/// Bytes kept to show the last lines.
const RECENT: usize = 8 * 1024;

/// A log file of at most twice its limit. It takes anything at any time: what the disk has no
/// room for is dropped and counted.
#[derive(Debug)]
pub(crate) struct CappedLog {
    file: File,
    limit: u64,
    written: u64,
    tail: VecDeque<u8>,
    recent: VecDeque<u8>,
    dropped: u64,
}

impl CappedLog {
    /// A new log that keeps `limit` bytes of the beginning and as many of the end.
    pub(crate) fn create(path: &Path, limit: u64) -> io::Result<Self> {
        let file = platform::open_private(path)?;
        Ok(Self {
            file,
            limit,
            written: 0,
            tail: VecDeque::new(),
            recent: VecDeque::new(),
            dropped: 0,
        })
    }

    /// Takes more output.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        keep_last(&mut self.recent, bytes, RECENT);
        let room = usize::try_from(self.limit - self.written).unwrap_or(usize::MAX);
        let (head, rest) = bytes.split_at(bytes.len().min(room));
        match self.file.write_all(head) {
            Ok(()) => self.written += head.len() as u64,
            Err(_) => {
                // Part of it may stand there; what matters is that the end is kept.
                self.dropped += head.len() as u64;
                self.written = self.limit;
            }
        }
        self.dropped += keep_last(
            &mut self.tail,
            rest,
            usize::try_from(self.limit).unwrap_or(0),
        );
    }

    /// The last lines, without those that are empty.
    pub(crate) fn last_lines(&self, count: usize) -> String {
        let bytes: Vec<u8> = self.recent.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        lines[lines.len().saturating_sub(count)..].join("\n")
    }

    /// Writes the end behind the beginning. More output is not expected after it.
    pub(crate) fn finish(&mut self) {
        let mut end = Vec::new();
        if self.dropped > 0 {
            end.extend(format!("\n[bfgg] {} bytes dropped here\n", self.dropped).into_bytes());
        }
        end.extend(std::mem::take(&mut self.tail));
        // The disk is full: the beginning stands.
        let _ = self
            .file
            .write_all(&end)
            .and_then(|()| self.file.sync_all());
    }
}

/// Keeps the last `limit` bytes; says how many went.
fn keep_last(kept: &mut VecDeque<u8>, bytes: &[u8], limit: usize) -> u64 {
    kept.extend(bytes);
    let over = kept.len().saturating_sub(limit);
    kept.drain(..over);
    over as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginning_and_end_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output.log");
        for (pushed, expected) in [
            (vec!["abc"], "abc"),
            (vec!["abcde", "fgh", "ij"], "abcdefghij"),
            (
                vec!["abcde", "fgh", "ijkl"],
                "abcde\n[bfgg] 2 bytes dropped here\nhijkl",
            ),
            (
                vec!["abcdefghijklmn"],
                "abcde\n[bfgg] 4 bytes dropped here\njklmn",
            ),
        ] {
            let mut log = CappedLog::create(&path, 5).unwrap();
            pushed.iter().for_each(|piece| log.push(piece.as_bytes()));
            log.finish();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        }
    }

    #[test]
    fn a_flood_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output.log");
        let mut log = CappedLog::create(&path, 1000).unwrap();
        for _ in 0..10_000 {
            log.push(&[b'x'; 1024]);
        }
        log.push(b"\nlast\n\nline\n");
        assert_eq!(log.last_lines(2), "last\nline");
        log.finish();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.len() < 2100 && text.contains("10238012 bytes dropped"),
            "{text}"
        );
    }
}
