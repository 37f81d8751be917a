/// Longer than any: a version is kept as it is written.
const LONGEST: usize = 100;

/// A Gatling version as the header has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    text: String,
    numbers: (u32, u32),
}

impl Version {
    /// Reads "3.16.0" or "3.16.0-M1"; `None` if major and minor number are
    /// not there, or if it is longer than 100 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut parts = text.split(['.', '-']);
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        Some(Self {
            text: text.to_owned(),
            numbers: (major, minor),
        })
    }

    /// The newest of those known.
    pub(crate) fn newest() -> Self {
        Self {
            text: "3.16.0".to_owned(),
            numbers: (3, 16),
        }
    }

    /// The version as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this version writes binary logs.
    #[must_use]
    pub fn writes_binary(&self) -> bool {
        self.numbers >= (3, 13)
    }

    /// Whether it is written as Gatling writes the versions whose binary layout is known: `3.16.0` or
    /// `3.16.0-M1`, from 3.13 to 3.16.
    #[must_use]
    pub fn is_known_binary(&self) -> bool {
        let (numbers, suffix) = match self.text.split_once('-') {
            Some((numbers, suffix)) => (numbers, Some(suffix)),
            None => (self.text.as_str(), None),
        };
        let is_number =
            |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let is_word =
            |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric());
        self.is_known()
            && self.writes_binary()
            && numbers.split('.').count() == 3
            && numbers.split('.').all(is_number)
            && suffix.is_none_or(|suffix| suffix.split(['.', '-']).all(is_word))
    }

    /// Whether the layout of this version's log is known: text from 3.0 to 3.12, binary from 3.13
    /// to 3.16. A newer log is read as the newest known one for as long as every record fits.
    #[must_use]
    pub fn is_known(&self) -> bool {
        ((3, 0)..=(3, 16)).contains(&self.numbers)
    }

    /// Whether it is older than `major.minor`.
    pub(crate) fn is_before(&self, major: u32, minor: u32) -> bool {
        self.numbers < (major, minor)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn knows_its_versions() {
        let facts = |text: &str| {
            Version::parse(text).map(|version| (version.writes_binary(), version.is_known()))
        };
        assert_eq!(facts("3.12.0"), Some((false, true)));
        assert_eq!(facts("2.0"), Some((false, false)));
        assert_eq!(facts("3.13.0"), Some((true, true)));
        assert_eq!(facts("3.16.0-M1"), Some((true, true)));
        assert_eq!(facts("3.17.0"), Some((true, false)));
        assert_eq!(facts("4.0.0"), Some((true, false)));
        assert_eq!(facts(""), None);
        assert_eq!(facts("3"), None);
        assert_eq!(facts(&format!("3.{:0>98}", 16)), Some((true, true)));
        assert_eq!(facts(&format!("3.{:0>99}", 16)), None);
        assert_eq!(facts("next.1"), None);
    }

    #[test]
    fn knows_how_a_version_is_written() {
        for (text, expected) in [
            ("3.13.0", true),
            ("3.16.12", true),
            ("3.16.0-M1", true),
            ("3.16.0-SNAPSHOT.2", true),
            ("3.16", false),
            ("3.12.0", false),
            ("3.17.0", false),
            ("4.0.0", false),
            ("3.16.0 evil", false),
            ("3.16.0\n", false),
            ("3.16.0-", false),
            ("3.16.0-M1\u{1b}[2J", false),
            ("3.16.0.1", false),
            ("+3.16.0", false),
            ("3.16.00000", false),
        ] {
            let version = Version::parse(text);
            let known = version.is_some_and(|version| version.is_known_binary());
            assert_eq!(known, expected, "{text:?}");
        }
    }
}
