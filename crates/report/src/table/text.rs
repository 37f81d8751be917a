use std::borrow::Cow;

use console::{measure_text_width, truncate_str};

/// Cuts to `width` columns; an ellipsis shows it.
pub(super) fn fit(text: &str, width: usize) -> Cow<'_, str> {
    truncate_str(text, width, "…")
}

/// Adds a paragraph: `mark` in front, the lines after the first indented as far. What has no blank
/// to break at is broken where the line is full.
pub(super) fn wrap(mark: &str, text: &str, width: usize, lines: &mut Vec<String>) {
    let indent = measure_text_width(mark);
    let room = width.saturating_sub(indent).max(20);
    let mut line = mark.to_owned();
    let mut used = 0;
    let mut next = |line: &mut String, used: &mut usize| {
        lines.push(std::mem::replace(line, " ".repeat(indent)));
        *used = 0;
    };
    for word in text.split(' ') {
        let length = measure_text_width(word);
        if used > 0 && used + 1 + length > room {
            next(&mut line, &mut used);
        } else if used > 0 {
            line.push(' ');
            used += 1;
        }
        if length <= room {
            line.push_str(word);
            used += length;
            continue;
        }
        for c in word.chars() {
            let length = measure_text_width(c.encode_utf8(&mut [0; 4]));
            if used + length > room {
                next(&mut line, &mut used);
            }
            line.push(c);
            used += length;
        }
    }
    lines.push(line);
}

/// A length of time as people say it.
pub(crate) fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, days) = (seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => format!("{}.{} s", seconds, ms % 1000 / 100),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..172_800 => format!("{hours} h {} min", seconds / 60 % 60),
        _ if days < 1000 => format!("{days} days {} h", hours % 24),
        _ => format!("{} years", days / 365),
    }
}

/// As [`span`], below 10 s to the ms.
pub(crate) fn length(ms: u64) -> String {
    match ms {
        0..10_000 => format!("{ms} ms"),
        _ => span(ms),
    }
}

/// So much later.
pub(crate) fn after(ms: u64) -> String {
    format!("+{}", length(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_blanks_and_indents() {
        let mut lines = Vec::new();
        wrap("! ", "one two three four five six seven", 22, &mut lines);
        assert_eq!(lines, ["! one two three four", "  five six seven"]);
        lines.clear();
        wrap("! ", "one 日本語日本語日本語日本語", 22, &mut lines);
        assert_eq!(lines, ["! one", "  日本語日本語日本語日", "  本語"]);
    }

    #[test]
    fn cuts_by_columns_not_by_characters() {
        assert_eq!(fit("日本語リクエスト", 9), "日本語リ…");
        assert_eq!(fit("home", 4), "home");
    }

    #[test]
    fn says_a_length_of_time() {
        assert_eq!(
            [900, 59_990, 61_000, 3_660_000, 95_571_902_543, 172_800_000]
                .map(span)
                .join(", "),
            "0.9 s, 59.9 s, 1 min 1 s, 1 h 1 min, 3 years, 2 days 0 h"
        );
        assert_eq!(
            [0, 1851, 10_000, 95_571_902].map(after).join(", "),
            "+0 ms, +1851 ms, +10.0 s, +26 h 32 min"
        );
    }
}
