use std::borrow::Cow;

/// Text of others (names, messages) as it may go to a terminal: control characters, which could
/// move the cursor or hide text, and characters that reorder or are invisible, are written as
/// `\u{…}`.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unsafe(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a terminal would obey it, or it reorders or hides text.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Bidirectional controls.
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators.
            | '\u{2028}' | '\u{2029}'
            // Invisible: soft hyphen, zero width, fillers, byte order mark, annotations, tags. The
            // zero width joiner stays: emoji need it.
            | '\u{00ad}' | '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{2060}'..='\u{2064}'
            | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn escapes_what_a_terminal_would_obey() {
        assert_eq!(printable("slow pay ✓ 日本語 😀"), "slow pay ✓ 日本語 😀");
        assert_eq!(printable("a\u{1b}[2Jb\tc\r\n"), "a\\u{1b}[2Jb\\tc\\r\\n");
        assert_eq!(
            printable("\u{202e}txt.exe\u{9b}31m"),
            "\\u{202e}txt.exe\\u{9b}31m"
        );
    }
}
