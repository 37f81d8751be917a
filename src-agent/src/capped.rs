//! Output of a program, kept with a cap and without its secrets: its beginning, its end, and how
//! much lies between.
//!
//! While the program runs the beginning stands in the log's file, and what comes after it in files
//! of its own beside it, of which the newest two stay: so that it can be followed. At the end the
//! file gets the note of the gap and the end, and the others go.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bfgg_protocol::gap_note;

use crate::platform;
use crate::redact::{Redactor, Secrets};

/// Bytes kept to show the last lines.
const RECENT: usize = 8 * 1024;
/// Between the log's name and the position at which a part begins.
const PART: &str = ".part-";

/// A log file of at most twice its limit. It takes anything at any time: what the disk has no
/// room for is dropped and counted.
#[derive(Debug)]
pub(crate) struct CappedLog {
    path: PathBuf,
    file: File,
    limit: u64,
    written: u64,
    /// Bytes taken so far: the position of the next one.
    position: u64,
    parts: Parts,
    tail: VecDeque<u8>,
    recent: VecDeque<u8>,
    dropped: u64,
    redactor: Redactor,
    /// The last line taken has no end yet.
    open: bool,
}

impl CappedLog {
    /// A new log that keeps `limit` bytes of the beginning and as many of the end.
    pub(crate) fn create(path: &Path, limit: u64, secrets: Secrets) -> io::Result<Self> {
        let file = platform::open_private(path)?;
        Ok(Self::of(file, path, limit, 0, secrets))
    }

    /// A log that goes on where an earlier one ended, if that has not reached the limit; else a new
    /// one.
    pub(crate) fn resume(path: &Path, limit: u64, secrets: Secrets) -> io::Result<Self> {
        let kept = std::fs::symlink_metadata(path)
            .ok()
            .filter(|meta| meta.is_file() && meta.len() < limit);
        match kept {
            Some(meta) => {
                let file = File::options().append(true).open(path)?;
                Ok(Self::of(file, path, limit, meta.len(), secrets))
            }
            None => Self::create(path, limit, secrets),
        }
    }

    fn of(file: File, path: &Path, limit: u64, written: u64, secrets: Secrets) -> Self {
        for (_, old) in parts(path) {
            let _ = std::fs::remove_file(old);
        }
        Self {
            path: path.to_owned(),
            file,
            limit,
            written,
            position: written,
            parts: Parts::default(),
            tail: VecDeque::new(),
            recent: VecDeque::new(),
            dropped: 0,
            redactor: Redactor::new(secrets),
            open: false,
        }
    }

    /// Takes a line of our own. It stands by itself, whatever a program left behind.
    pub(crate) fn push_line(&mut self, text: &str) {
        let begin = if self.open { "\n" } else { "" };
        self.push(format!("{begin}[bfgg] {text}\n").as_bytes());
    }

    /// Takes more output.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last() {
            self.open = *last != b'\n';
        }
        let shown = self.redactor.push(bytes);
        self.keep(&shown);
    }

    fn keep(&mut self, bytes: &[u8]) {
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
        let position = self.position + head.len() as u64;
        self.position += bytes.len() as u64;
        if !rest.is_empty() {
            self.parts.push(&self.path, self.limit, position, rest);
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

    /// Takes what was held back, so that the last lines are all there.
    pub(crate) fn flush(&mut self) {
        let held = self.redactor.finish();
        self.keep(&held);
    }

    /// Writes the end behind the beginning. More output is not expected after it.
    pub(crate) fn finish(&mut self) {
        self.flush();
        let mut end = Vec::new();
        if self.dropped > 0 {
            end.extend(gap_note(self.dropped).into_bytes());
        }
        end.extend(std::mem::take(&mut self.tail));
        // The disk is full: the beginning stands.
        let _ = self
            .file
            .write_all(&end)
            .and_then(|()| self.file.sync_all());
        // Last: who reads meanwhile reads from them.
        for (_, part) in parts(&self.path) {
            let _ = std::fs::remove_file(part);
        }
    }
}

/// The files for what came after the beginning.
#[derive(Debug, Default)]
struct Parts {
    now: Option<(File, PathBuf, u64)>,
    before: Option<PathBuf>,
}

impl Parts {
    /// Takes bytes, the first of which has this position. Without room on the disk who follows
    /// is told of a gap.
    fn push(&mut self, log: &Path, limit: u64, position: u64, bytes: &[u8]) {
        if self.now.as_ref().is_none_or(|(_, _, size)| *size >= limit) {
            self.close();
            let path = part(log, position);
            self.now = platform::open_private(&path)
                .ok()
                .map(|file| (file, path, 0));
        }
        let Some((file, _, size)) = &mut self.now else {
            return;
        };
        if file.write_all(bytes).is_ok() {
            *size += bytes.len() as u64;
        } else {
            // What of it stands there would be at other positions.
            let _ = file.set_len(*size);
            self.close();
        }
    }

    /// The newest part is whole: it stays, and the one before it goes.
    fn close(&mut self) {
        if let Some((_, path, _)) = self.now.take()
            && let Some(old) = self.before.replace(path)
        {
            let _ = std::fs::remove_file(old);
        }
    }
}

fn part(log: &Path, position: u64) -> PathBuf {
    let mut name = log.file_name().unwrap_or_default().to_owned();
    name.push(format!("{PART}{position}"));
    log.with_file_name(name)
}

/// The files for what came after a log's beginning, and their positions, in order. Links are none.
pub(crate) fn parts(log: &Path) -> Vec<(u64, PathBuf)> {
    let name = log.file_name().unwrap_or_default().to_string_lossy();
    let folder = log.parent().unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(u64, PathBuf)> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| {
            let file = entry.file_name();
            let position = file
                .to_str()?
                .strip_prefix(&*name)?
                .strip_prefix(PART)?
                .parse()
                .ok()?;
            Some((position, entry.path()))
        })
        .collect();
    found.sort();
    found
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

    fn secrets() -> Secrets {
        Secrets::default().with([("sensitive.key", "hunter22")])
    }

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
            let mut log = CappedLog::create(&path, 5, Secrets::default()).unwrap();
            pushed.iter().for_each(|piece| log.push(piece.as_bytes()));
            log.finish();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
            assert_eq!(parts(&path), []);
        }
    }

    #[test]
    fn a_flood_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output.log");
        let mut log = CappedLog::create(&path, 1000, Secrets::default()).unwrap();
        for _ in 0..10_000 {
            log.push(&[b'x'; 1024]);
        }
        log.push(b"\nlast\n\nline\n");
        assert_eq!(log.last_lines(2), "last\nline");
        let live = std::fs::read_dir(folder.path()).unwrap().flatten();
        let live: u64 = live.map(|entry| entry.metadata().unwrap().len()).sum();
        assert!(live < 6000, "{live} bytes on the disk");
        log.finish();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.len() < 2100 && text.contains("10238012 bytes dropped"),
            "{text}"
        );
    }

    #[test]
    fn no_secret_is_kept_wherever_it_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output.log");
        for size in 1..9 {
            let mut log = CappedLog::create(&path, 12, secrets()).unwrap();
            for piece in b"the key is hunter22, hunter22!\n".chunks(size) {
                log.push(piece);
            }
            log.flush();
            assert_eq!(log.last_lines(1), "the key is ***, ***!");
            log.finish();
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(text, "the key is ***, ***!\n");
        }
    }

    #[test]
    fn a_line_of_our_own_stands_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("build.log");
        let mut log = CappedLog::create(&path, 100, secrets()).unwrap();
        log.push_line("one");
        log.push(b"two");
        log.push_line("three");
        log.push(b"four\n");
        log.push(b"");
        log.push_line("five");
        log.finish();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "[bfgg] one\ntwo\n[bfgg] three\nfour\n[bfgg] five\n");
    }

    #[test]
    fn a_log_goes_on_below_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("build.log");
        for (text, expected) in [("one\n", "one\n"), ("two\n", "one\ntwo\n"), ("3\n", "3\n")] {
            let mut log = CappedLog::resume(&path, 8, secrets()).unwrap();
            log.push(text.as_bytes());
            log.finish();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        }
    }
}
