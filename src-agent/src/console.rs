//! Gatling's console output: exact counters of the whole run so far.
//!
//! A block begins with a line of `=`, the time and the seconds elapsed, has its counters in the
//! first line of "Requests" and the users of each scenario below a progress bar, and ends with a
//! line of `=`. There are two layouts: 80 columns with `(OK=195    KO=65    )` up to Gatling
//! 3.13.3, 120 columns with `|      260 |      195 |       65` and commas in thousands after it.

use bfgg_protocol::{LiveCounters, RunId};

/// Longest line that is looked at, bytes; the rest of a longer one is passed over.
const MAX_LINE: usize = 4096;

/// Reads the output as it comes, in pieces of any size.
#[derive(Debug)]
pub(crate) struct Console {
    run: RunId,
    line: Vec<u8>,
    block: Option<Block>,
    after_rule: bool,
    after_bar: bool,
    log_complete: bool,
    counters: Option<LiveCounters>,
}

#[derive(Debug)]
struct Block {
    in_requests: bool,
    counted: bool,
    counters: LiveCounters,
}

impl Console {
    pub(crate) fn new(run: RunId) -> Self {
        Self {
            run,
            line: Vec::new(),
            block: None,
            after_rule: false,
            after_bar: false,
            log_complete: false,
            counters: None,
        }
    }

    /// The counters of the newest whole block.
    pub(crate) fn counters(&self) -> Option<&LiveCounters> {
        self.counters.as_ref()
    }

    /// Whether Gatling has closed its log: what it says when it begins to read it again.
    pub(crate) fn log_complete(&self) -> bool {
        self.log_complete
    }

    /// Takes more output; says whether there are new counters.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> bool {
        let mut news = false;
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let room = MAX_LINE.saturating_sub(self.line.len());
            self.line.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                news |= self.line(String::from_utf8_lossy(&line).trim_end());
                self.line = line;
                self.line.clear();
            }
        }
        news
    }

    fn line(&mut self, line: &str) -> bool {
        let rule = line.len() >= 80 && line.bytes().all(|byte| byte == b'=');
        let (after_rule, after_bar) = (self.after_rule, self.after_bar);
        self.after_rule = rule;
        self.after_bar = line.starts_with('[') && line.ends_with('%');
        if rule {
            if let Some(block) = self.block.take()
                && block.counted
            {
                self.counters = Some(block.counters);
                // The closing line opens nothing.
                self.after_rule = false;
                return true;
            }
        } else if after_rule && let Some(elapsed_s) = elapsed(line) {
            self.block = Some(Block::new(self.run, elapsed_s));
        } else if let Some(block) = &mut self.block {
            block.line(line, after_bar);
        } else if line.starts_with("Parsing log file(s)") || line.starts_with("Generating reports")
        {
            self.log_complete = true;
        }
        false
    }
}

impl Block {
    fn new(run: RunId, elapsed_s: u32) -> Self {
        let counters = LiveCounters {
            run,
            elapsed_s,
            ok: 0,
            ko: 0,
            users_active: 0,
            users_done: 0,
            users_waiting: 0,
        };
        Self {
            in_requests: false,
            counted: false,
            counters,
        }
    }

    fn line(&mut self, line: &str, after_bar: bool) {
        if line.starts_with("---- ") {
            self.in_requests = line.starts_with("---- Requests -");
        } else if self.in_requests && !self.counted {
            // Only the first line counts: a request may be called "Global" too.
            if let Some((ok, ko)) = line.strip_prefix("> Global ").and_then(totals) {
                (self.counters.ok, self.counters.ko) = (ok, ko);
                self.counted = true;
            }
        } else if after_bar {
            for part in line.split('/') {
                let Some((what, count)) = part.split_once(':') else {
                    continue;
                };
                let Some(count) = number(count) else { continue };
                let sum = match what.trim() {
                    "waiting" => &mut self.counters.users_waiting,
                    "active" => &mut self.counters.users_active,
                    "done" => &mut self.counters.users_done,
                    _ => continue,
                };
                *sum = sum.saturating_add(count);
            }
        }
    }
}

fn elapsed(line: &str) -> Option<u32> {
    let before = line.strip_suffix("s elapsed")?;
    number(before.rsplit(' ').next()?)?.try_into().ok()
}

fn totals(columns: &str) -> Option<(u64, u64)> {
    if let Some((_, counts)) = columns.split_once("(OK=") {
        let (ok, ko) = counts.strip_suffix(')')?.split_once("KO=")?;
        return Some((number(ok)?, number(ko)?));
    }
    let mut cells = columns.rsplit('|');
    let (ko, ok) = (number(cells.next()?)?, number(cells.next()?)?);
    Some((ok, ko))
}

/// `1,234` or `1234`; a dash stands for none.
fn number(text: &str) -> Option<u64> {
    match text.trim() {
        "-" => Some(0),
        digits => digits.replace(',', "").parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: &str = "
================================================================================
2023-05-04 10:00:05                                           5s elapsed
---- Requests ------------------------------------------------------------------
> Global                                                   (OK=195    KO=65    )
> Global                                                   (OK=1      KO=0     )
---- Errors --------------------------------------------------------------------
> status.find.is(200), but actually found 500                        65 (100.0%)

---- Browse --------------------------------------------------------------------
[####################################-------                               ] 50%
          waiting: 4      / active: 1      / done: 5
---- Buy -----------------------------------------------------------------------
[####################################-------                               ] 50%
          active: 2      / done: 7
================================================================================
";
    const WIDE: &str = "
========================================================================================================================
2026-11-25 04:52:57 GMT                                                                               4s elapsed
---- Requests -----------------------------------------------------------------------|---Total---|-----OK----|----KO----
> Global                                                                             | 1,000,110 | 1,000,060 |        50
> Buy / checkout                                                                     |        10 |        10 |         0
---- Errors ------------------------------------------------------------------------------------------------------------
> status.find.is(201), found 200                                                                             10    (20%)

---- Customers ---------------------------------------------------------------------------------------------------------
[###############################################################################################################]   100%
          waiting:         1 / active:     2,000  / done:        10
---- Visitors ----------------------------------------------------------------------------------------------------------
[###############################################################################################################]   100%
          waiting:         0 / active:         0  / done:        10
========================================================================================================================
";

    fn read(pieces: impl IntoIterator<Item = Vec<u8>>) -> (usize, Console) {
        let mut console = Console::new(RunId::new());
        let news = pieces
            .into_iter()
            .filter(|piece| console.push(piece))
            .count();
        (news, console)
    }

    fn figures(console: &Console) -> (u32, u64, u64, u64, u64, u64) {
        let c = console.counters().unwrap();
        (
            c.elapsed_s,
            c.ok,
            c.ko,
            c.users_waiting,
            c.users_active,
            c.users_done,
        )
    }

    #[test]
    fn both_layouts_are_read() {
        for (text, expected) in [
            (NARROW, (5, 195, 65, 4, 3, 12)),
            (WIDE, (4, 1_000_060, 50, 1, 2000, 20)),
        ] {
            for size in [1, 7, 100_000] {
                let pieces = text.as_bytes().chunks(size).map(<[u8]>::to_vec);
                let (news, console) = read(pieces);
                assert_eq!((news, figures(&console)), (1, expected));
            }
        }
    }

    #[test]
    fn the_newest_whole_block_counts() {
        let later = WIDE
            .replace("4s elapsed", "5s elapsed")
            .replace("1,000,060", "1,000,061");
        let (whole, cut) = (format!("{NARROW}\n{WIDE}\n{later}"), WIDE.len() - 200);
        let (news, console) = read([whole.into_bytes(), later.as_bytes()[..cut].to_vec()]);
        assert_eq!(news, 1, "one piece, however many blocks");
        assert_eq!(figures(&console).1, 1_000_061);
    }

    #[test]
    fn a_line_without_end_is_passed_over() {
        let long = vec![b'x'; 3 << 20];
        let (_, console) = read([long, b"\n".to_vec(), NARROW.as_bytes().to_vec()]);
        assert_eq!(figures(&console).1, 195);
        assert!(console.line.capacity() <= 2 * MAX_LINE);
    }

    #[test]
    fn the_log_is_complete_when_gatling_reads_it_again() {
        let (_, console) = read([WIDE.into()]);
        assert!(!console.log_complete());
        let (_, console) = read([WIDE.into(), "\nParsing log file(s)...\n".into()]);
        assert!(console.log_complete());
        let (_, console) = read(["Generating reports...\n".into()]);
        assert!(console.log_complete());
    }
}
