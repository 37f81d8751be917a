//! The lines of a `.env` file.
//!
//! `KEY=value`, with or without `export`, blanks around the `=`, quotes around the value and a
//! comment behind it. Lines that are anything else are a foreign program's and are passed over.

/// One assignment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Assignment<'a> {
    pub(crate) line: usize,
    pub(crate) key: &'a str,
    pub(crate) value: String,
}

/// All assignments in order; the last one of a key wins.
pub(crate) fn assignments(text: &str) -> impl Iterator<Item = Assignment<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().enumerate().filter_map(|(index, line)| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (key, value) = line.split_once('=')?;
        let key = key.trim();
        let named = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        named.then(|| Assignment {
            line: index + 1,
            key,
            value: value_of(value.trim()),
        })
    })
}

fn value_of(text: &str) -> String {
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote)
            && let Some(end) = closing(rest, quote)
        {
            let inner = &rest[..end];
            return if quote == '"' {
                unescape(inner)
            } else {
                inner.to_owned()
            };
        }
    }
    let end = if text.starts_with('#') {
        Some(0)
    } else {
        text.find(" #")
    };
    text[..end.unwrap_or(text.len())].trim_end().to_owned()
}

fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let ends = c == quote && !escaped;
        escaped = quote == '"' && c == '\\' && !escaped;
        ends.then_some(at)
    })
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('\\', Some(next @ ('"' | '\\' | '$'))) => {
                out.push(next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_as_people_write_them() {
        let text = "\u{feff}A=1\n# B=2\n\nexport C = three \nD=\"a # b\" # comment\nE='x\"y'\nF=a#b # c\r\n\
                    G=\"say \\\"hi\\\" C:\\dir\"\nnot a line\nH=\nI=a=b\nJ=\"open\nK=#x\nL M=1\n";
        let found: Vec<_> = assignments(text)
            .map(|a| (a.line, a.key, a.value))
            .collect();
        let expected = [
            (1, "A", "1"),
            (4, "C", "three"),
            (5, "D", "a # b"),
            (6, "E", "x\"y"),
            (7, "F", "a#b"),
            (8, "G", "say \"hi\" C:\\dir"),
            (10, "H", ""),
            (11, "I", "a=b"),
            (12, "J", "\"open"),
            (13, "K", ""),
        ];
        assert_eq!(
            found,
            expected.map(|(line, key, value)| (line, key, value.to_owned()))
        );
    }
}
