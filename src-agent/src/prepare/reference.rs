//! A branch, a tag or a commit, as a user names it.

use std::fmt;

use bfgg_protocol::{Failure, FailureCode};

/// A name that git may be given: it can be neither an option nor an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference(String);

impl Reference {
    /// Checks a name by git's own rules for names (git-check-ref-format).
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        let forbidden = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
        let part = |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with(".lock");
        let bad = text.starts_with('-')
            || text.len() > 1000
            || text.contains(forbidden)
            || text.contains("..")
            || text.contains("@{")
            || text.ends_with('.')
            || text == "@"
            || text.split('/').any(part);
        if bad {
            return Err(refused(text));
        }
        Ok(Self(text.to_owned()))
    }

    /// A whole commit id.
    pub(crate) fn commit(text: &str) -> Result<Self, Failure> {
        let whole = matches!(text.len(), 40 | 64) && is_hex(text);
        whole
            .then(|| Self(text.to_ascii_lowercase()))
            .ok_or_else(|| refused(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Full names it may stand for, in order.
    pub(crate) fn candidates(&self) -> Vec<String> {
        let name = &self.0;
        let mut candidates = vec![format!("refs/heads/{name}"), format!("refs/tags/{name}")];
        if name.starts_with("refs/") {
            candidates.insert(0, format!("refs/bfgg/{name}"));
            candidates.insert(1, name.clone());
        }
        if (7..=64).contains(&name.len()) && is_hex(name) {
            candidates.push(name.clone());
        }
        candidates
    }

    /// What must be fetched besides all branches and tags: a ref of another kind (a pull
    /// request's), or a commit that no branch or tag leads to.
    pub(crate) fn to_fetch(&self) -> Option<String> {
        let name = &self.0;
        if Self::commit(name).is_ok() {
            return Some(format!("+{name}:refs/bfgg/commit/{name}"));
        }
        let other = name.starts_with("refs/")
            && !name.starts_with("refs/heads/")
            && !name.starts_with("refs/tags/");
        other.then(|| format!("+{name}:refs/bfgg/{name}"))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn refused(text: &str) -> Failure {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(100).collect();
    let message = format!("\"{shown}\" cannot be the name of a branch, a tag or a commit.");
    Failure::new(
        FailureCode::BadInput,
        "clone",
        message,
        "Name a branch, a tag or a commit's id.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn names_become_full_names() {
        let at = |name: &str| Reference::parse(name).unwrap();
        assert_eq!(
            at("main").candidates(),
            ["refs/heads/main", "refs/tags/main"]
        );
        assert_eq!(at("feature/a-b").candidates()[0], "refs/heads/feature/a-b");
        assert_eq!(at("abcdef1").candidates()[2], "abcdef1");
        assert_eq!(at("abc").candidates().len(), 2);
        let pull = at("refs/pull/7/head");
        assert_eq!(pull.candidates()[0], "refs/bfgg/refs/pull/7/head");
        assert_eq!(
            pull.to_fetch().as_deref(),
            Some("+refs/pull/7/head:refs/bfgg/refs/pull/7/head")
        );
        assert_eq!(at("main").to_fetch(), None);
        assert_eq!(
            at(ID).to_fetch(),
            Some(format!("+{ID}:refs/bfgg/commit/{ID}"))
        );
    }

    #[test]
    fn payloads_are_refused() {
        let long = "a".repeat(1001);
        for text in [
            "",
            "-",
            "--output=canary",
            "-b",
            "a b",
            "a\nb",
            "a..b",
            "a~1",
            "a^",
            "a:b",
            "a?b",
            "a*",
            "a[b",
            "a\\b",
            "a@{1}",
            "@",
            "a.",
            ".a",
            "a/.b",
            "a//b",
            "/a",
            "a/",
            "a.lock",
            "a.lock/b",
            "\0",
            &long,
        ] {
            let failure = Reference::parse(text).unwrap_err();
            assert_eq!(failure.code, FailureCode::BadInput, "{text:?}");
        }
        for text in [
            "",
            "abc",
            "HEAD",
            "-123456789abcdef0123456789abcdef01234567",
        ] {
            assert!(Reference::commit(text).is_err(), "{text:?}");
        }
        assert!(Reference::commit(ID).is_ok());
    }
}
