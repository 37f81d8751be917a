//! Bytes of a program's output as lines that can be shown.

use bfgg_report::printable;

/// A longer line is cut: what never ends one would never be seen.
pub(super) const LONGEST: usize = 64 * 1024;
/// Columns from one tab stop to the next.
const TAB: usize = 8;

/// A line, and its place in the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The position of its first byte.
    pub(super) start: u64,
    /// The position behind its last one, its end included.
    pub(super) end: u64,
    /// As it can be shown.
    pub(super) text: String,
}

/// The lines of bytes from this position on. What has no end is a line only if it is `closed`: nothing
/// can come behind it any more.
pub(super) fn lines(position: u64, bytes: &[u8], closed: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (length, taken) = match rest.iter().take(LONGEST + 1).position(|b| *b == b'\n') {
            Some(length) => (length, length + 1),
            None if rest.len() > LONGEST => {
                let cut = cut(rest);
                (cut, cut)
            }
            None if closed => (rest.len(), rest.len()),
            None => break,
        };
        let start = position.saturating_add(at as u64);
        lines.push(Line {
            start,
            end: start.saturating_add(taken as u64),
            text: shown(&rest[..length]),
        });
        at += taken;
    }
    lines
}

/// Where a line that is too long is cut: not within a character.
fn cut(bytes: &[u8]) -> usize {
    let is_within = |at: &usize| bytes[*at] & 0b1100_0000 == 0b1000_0000;
    let back = (LONGEST - 3..=LONGEST).rev();
    back.into_iter()
        .find(|at| !is_within(at))
        .unwrap_or(LONGEST)
}

/// A line without its end, its tabs as blanks, and whatever would steer a terminal visible.
fn shown(bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    if !text.contains('\t') {
        return printable(&text).into_owned();
    }
    let mut wide = String::with_capacity(text.len() + 2 * TAB);
    let mut column = 0;
    for character in text.chars() {
        let width = match character {
            '\t' => TAB - column % TAB,
            _ => 1,
        };
        match character {
            '\t' => wide.extend(std::iter::repeat_n(' ', width)),
            other => wide.push(other),
        }
        column += width;
    }
    printable(&wide).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], closed: bool) -> Vec<(u64, u64, String)> {
        let found = lines(100, bytes, closed).into_iter();
        found
            .map(|line| (line.start, line.end, line.text))
            .collect()
    }

    #[test]
    fn lines_are_whole_and_can_be_shown() {
        for (bytes, shown) in [
            (&b"one\ntwo\n"[..], &["one", "two"][..]),
            (b"one\r\n\r\n", &["one", ""]),
            (b"10%\r20%\n", &["10%\\r20%"]),
            (
                b"\x1b[31mred\x1b[0m \x07\n",
                &["\\u{1b}[31mred\\u{1b}[0m \\u{7}"],
            ),
            (
                b"\tat a.B\n12345678\tx\n",
                &["        at a.B", "12345678        x"],
            ),
            (b"\xff\xfe ok\n", &["\u{fffd}\u{fffd} ok"]),
            ("a\u{202e}b é\n".as_bytes(), &["a\\u{202e}b é"]),
        ] {
            let found: Vec<String> = of(bytes, false).into_iter().map(|line| line.2).collect();
            assert_eq!(found, shown);
        }
    }

    #[test]
    fn what_has_no_end_waits_for_it() {
        assert_eq!(of(b"one\ntw", false), [(100, 104, "one".to_owned())]);
        let both = [(100, 104, "one".to_owned()), (104, 106, "tw".to_owned())];
        assert_eq!(of(b"one\ntw", true), both);
        assert_eq!(of(b"", true), []);
    }

    #[test]
    fn a_line_without_an_end_is_cut() {
        let long = vec![b'x'; 2 * LONGEST + 5];
        let places = |bytes: &[u8], closed| -> Vec<(u64, u64)> {
            let found = of(bytes, closed).into_iter();
            found
                .map(|(start, end, _)| (start - 100, end - 100))
                .collect()
        };
        let (one, two) = (LONGEST as u64, 2 * LONGEST as u64);
        assert_eq!(places(&long, false), [(0, one), (one, two)]);
        assert_eq!(places(&long, true), [(0, one), (one, two), (two, two + 5)]);
        let mut just = vec![b'x'; LONGEST];
        assert_eq!(places(&just, false), []);
        just.push(b'\n');
        assert_eq!(places(&just, false), [(0, one + 1)]);
        // Not within a character.
        let wide = "é".repeat(LONGEST);
        let shifted = format!("x{wide}");
        let text: String = of(shifted.as_bytes(), true)
            .into_iter()
            .map(|line| line.2)
            .collect();
        assert_eq!(text, shifted);
    }
}
