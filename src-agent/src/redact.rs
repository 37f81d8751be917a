//! Masking secrets in what programs print, before it is kept or told.
//!
//! Masked are the values of parameters, variables and Java's properties whose name says that they are
//! secret, the login in a URL, and join tokens. What is given piece by piece is masked across the pieces' edges.

/// What stands for a secret.
const MASK: &[u8] = b"***";
/// A shorter value is no secret, and masking it would spoil all else.
const SHORTEST: usize = 4;
/// Values of switches.
const WORDS_OF_NO_SECRET: [&[u8]; 4] = [b"true", b"false", b"none", b"null"];
/// How join tokens begin.
const TOKEN: &[u8] = b"bfgg1-";
/// What a URL's authority comes after.
const AUTHORITY: &[u8] = b"://";
/// A longer token or authority is none: so much is held back at most for their end.
const LONGEST: usize = 4096;
/// A longer user of a URL without a password may be a token.
const LONGEST_USER: usize = 16;
/// A name with one of these words in it, or that ends with one, names a secret.
const WORDS: [&str; 9] = [
    "sensitive",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "token",
    "credential",
    "credentials",
    "apikey",
];

/// Variables with options of Java. A JVM and the tools that start one print them.
const JAVA_OPTIONS: [&str; 7] = [
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "JAVA_OPTS",
    "MAVEN_OPTS",
    "MAVEN_ARGS",
    "SBT_OPTS",
];

/// Values that are not to be shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets(Vec<Vec<u8>>);

impl Secrets {
    /// Those of this process's environment: the programs it starts have it too.
    pub(crate) fn of_environment() -> Self {
        Self::default().with(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
                .map(|(name, value)| (name, value.into_encoded_bytes())),
        )
    }

    /// Adds the values of those names that say that they are secret, and those in options of Java.
    pub(crate) fn with<N: AsRef<str>, V: Into<Vec<u8>>>(
        mut self,
        all: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        for (name, value) in all {
            let (name, value) = (name.as_ref(), value.into());
            self.add(name, &value);
            if JAVA_OPTIONS
                .iter()
                .any(|own| own.eq_ignore_ascii_case(name))
            {
                self = self.with_arguments(&words(&String::from_utf8_lossy(&value)));
            }
        }
        // Of two that begin alike the longer one is looked for first.
        self.0.sort_by_key(|value| std::cmp::Reverse(value.len()));
        self
    }

    /// Adds those among arguments of Java: `-Dname=value`.
    pub(crate) fn with_arguments<'a>(mut self, all: impl IntoIterator<Item = &'a String>) -> Self {
        let properties = all
            .into_iter()
            .filter_map(|argument| argument.strip_prefix("-D")?.split_once('='));
        for (name, value) in properties {
            self.add(name, value.as_bytes());
        }
        self.0.sort_by_key(|value| std::cmp::Reverse(value.len()));
        self
    }

    /// Adds values that were marked as secret, whatever their names.
    pub(crate) fn with_values(mut self, all: impl IntoIterator<Item = String>) -> Self {
        for value in all {
            let value = value.trim().as_bytes().to_vec();
            if value.len() >= SHORTEST && !self.0.contains(&value) {
                self.0.push(value);
            }
        }
        self.0.sort_by_key(|value| std::cmp::Reverse(value.len()));
        self
    }

    fn add(&mut self, name: &str, value: &[u8]) {
        let value = value.trim_ascii();
        let is_word = WORDS_OF_NO_SECRET.contains(&value);
        let is_new = !self.0.iter().any(|known| known == value);
        if value.len() >= SHORTEST && !is_word && is_new && is_secret(name) {
            self.0.push(value.to_vec());
        }
    }

    /// A text with its secrets masked.
    pub(crate) fn mask(&self, text: &str) -> String {
        let mut redactor = Redactor::new(self.clone());
        let mut out = redactor.push(text.as_bytes());
        out.extend(redactor.finish());
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// The options in a variable: with their quotes taken off, and as they stand there.
fn words(options: &str) -> Vec<String> {
    let mut quoted = None;
    let apart = |found: char| {
        match quoted {
            None if matches!(found, '"' | '\'') => quoted = Some(found),
            Some(open) if open == found => quoted = None,
            _ => {}
        }
        quoted.is_none() && found.is_whitespace()
    };
    let is_quote = |found: char| matches!(found, '"' | '\'');
    options
        .split(apart)
        .flat_map(|word| {
            [
                word.replace(is_quote, ""),
                word.trim_matches(is_quote).to_owned(),
            ]
        })
        .collect()
}

/// Whether a name says that its value is secret: `sensitive.key`, `SENSITIVE_KEY`, `db.password`,
/// `GITHUB_TOKEN`, `api-key`, `clientSecret`.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if WORDS.iter().any(|word| name.ends_with(word)) {
        return true;
    }
    let mut before = "";
    name.split(['.', '_', '-']).any(|word| {
        let pair = (before, word);
        before = word;
        WORDS.contains(&word) || pair == ("api", "key") || pair == ("private", "key")
    })
}

/// Masks output that comes in pieces.
#[derive(Debug)]
pub(crate) struct Redactor {
    secrets: Secrets,
    /// Whether anything that is masked begins with this byte.
    begins: [bool; 256],
    /// What may be the beginning of something that is masked.
    held: Vec<u8>,
}

/// What is to be done with the bytes at one place.
enum Found {
    /// It is the beginning of nothing.
    Nothing,
    /// So many bytes are replaced.
    Masked(usize, Vec<u8>),
    /// More has to come to tell.
    Undecided,
}

impl Redactor {
    pub(crate) fn new(secrets: Secrets) -> Self {
        let mut begins = [false; 256];
        let all = secrets
            .0
            .iter()
            .map(Vec::as_slice)
            .chain([TOKEN, AUTHORITY]);
        for first in all.filter_map(|value| value.first()) {
            begins[usize::from(*first)] = true;
        }
        Self {
            secrets,
            begins,
            held: Vec::new(),
        }
    }

    /// Takes more output and gives back what can be shown of all so far.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        self.scan(false)
    }

    /// What was held back.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        self.scan(true)
    }

    fn scan(&mut self, last: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.held.len());
        let mut at = 0;
        while at < self.held.len() {
            let rest = &self.held[at..];
            let found = match self.begins[usize::from(rest[0])] {
                true => self.look(rest, last),
                false => Found::Nothing,
            };
            match found {
                Found::Nothing => {
                    out.push(rest[0]);
                    at += 1;
                }
                Found::Masked(length, shown) => {
                    out.extend(shown);
                    at += length;
                }
                Found::Undecided => break,
            }
        }
        self.held.drain(..at);
        out
    }

    fn look(&self, rest: &[u8], last: bool) -> Found {
        match self.secret(rest) {
            Some((length, true)) => return Found::Masked(length, MASK.to_vec()),
            Some((_, false)) if !last => return Found::Undecided,
            // The beginning of a secret, and then the end.
            Some((length, false)) if length >= SHORTEST => {
                return Found::Masked(length, MASK.to_vec());
            }
            Some(_) => return Found::Nothing,
            None => {}
        }
        if let Some(body) = rest.strip_prefix(TOKEN) {
            return token(body, last);
        }
        if rest.starts_with(AUTHORITY) {
            return self.login(rest, last);
        }
        let begins = |mark: &&[u8]| mark.starts_with(rest);
        match !last && [TOKEN, AUTHORITY].iter().any(begins) {
            true => Found::Undecided,
            false => Found::Nothing,
        }
    }

    /// The login of a URL, by what comes from `://` on.
    fn login(&self, rest: &[u8], last: bool) -> Found {
        // Where known secrets lie, in order. What delimits is part of a password there.
        let (mut known, mut reach) = (Vec::new(), AUTHORITY.len());
        let mut end = 1;
        while end < reach || end < AUTHORITY.len() + LONGEST {
            let Some(byte) = rest.get(end) else {
                if last {
                    break;
                }
                return Found::Undecided;
            };
            if end >= reach && delimits(*byte) {
                break;
            }
            if self.begins[usize::from(*byte)] {
                match self.secret(&rest[end..]) {
                    Some((length, true)) => known.push((end, end + length)),
                    Some((length, false)) if last && length >= SHORTEST => {
                        known.push((end, end + length));
                    }
                    Some((_, false)) if !last => return Found::Undecided,
                    _ => {}
                }
                reach = known.last().map_or(reach, |(_, to)| reach.max(*to));
            }
            end += 1;
        }
        let authority = rest.get(AUTHORITY.len()..end).unwrap_or_default();
        let Some(user) = authority.iter().rposition(|byte| *byte == b'@') else {
            return Found::Nothing;
        };
        // Either side of a colon may be a token, and so may a user alone; that of ssh is a name.
        if !authority[..user].contains(&b':') && user <= LONGEST_USER {
            return Found::Nothing;
        }
        let masked = known
            .iter()
            .fold(AUTHORITY.len() + user, |masked, (from, to)| {
                if *from < masked {
                    masked.max(*to)
                } else {
                    masked
                }
            });
        Found::Masked(masked, [AUTHORITY, MASK].concat())
    }

    /// The longest known secret that these bytes begin with: its length. Or that begins with all of
    /// these bytes: their length, and false.
    fn secret(&self, bytes: &[u8]) -> Option<(usize, bool)> {
        let mut known = self.secrets.0.iter();
        known.find_map(|secret| match () {
            () if bytes.starts_with(secret) => Some((secret.len(), true)),
            () if secret.starts_with(bytes) => Some((bytes.len(), false)),
            () => None,
        })
    }
}

/// What ends the authority of a URL.
fn delimits(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || byte.is_ascii_control()
        || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'`')
}

/// A join token, by what comes after its first letters.
fn token(body: &[u8], last: bool) -> Found {
    let end = body.iter().position(|byte| !byte.is_ascii_alphanumeric());
    match end {
        None if !last && body.len() < LONGEST => Found::Undecided,
        _ => Found::Masked(
            TOKEN.len() + end.unwrap_or(body.len()),
            [TOKEN, MASK].concat(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets::default()
            .with([
                ("db.password", "hunter22"),
                ("SENSITIVE_KEY", "hunter"),
                ("url.password", "pa@ss/word"),
                ("sensitive.flag", "1"),
                ("users", "1000"),
                ("PATH", "/usr/bin"),
            ])
            .with_arguments(&["-Dapi-key=two\nlines".to_owned(), "-Xmx1G".to_owned()])
    }

    #[test]
    fn secrets_are_masked_in_pieces_of_any_size() {
        let url = "https://me:pa@ss@example.org/p";
        for (text, expected) in [
            ("no secret: 1000 users of /usr/bin", None),
            (
                "log in as hunter22, or hunter, or hunte",
                Some("log in as ***, or ***, or ***"),
            ),
            ("hunter2", Some("***")),
            ("hhunter2hunter22", Some("h***2***")),
            ("key=two\nlines\n", Some("key=***\n")),
            (url, Some("https://***@example.org/p")),
            (
                "https://ghp_abcdefghij:x-oauth-basic@github.com/p",
                Some("https://***@github.com/p"),
            ),
            ("https://me:pa@ss/word@h/p", Some("https://***@h/p")),
            ("https://pa@ss/word:x@h/p", Some("https://***@h/p")),
            ("https://me:pa@ss/word", Some("https://***")),
            // The value goes beyond the last sign of a login.
            ("https://me:x-pa@ss/word/p", Some("https://***/p")),
            ("https://hunter22@h/p", Some("https://***@h/p")),
            (
                "https://h/p@ss and me:pa@ss/word@h",
                Some("https://h/p@ss and me:***@h"),
            ),
            ("see ssh://git@example.org:22/p and http://x/y@z:1", None),
            (
                "'https://ghp_0123456789abcdefghij@example.org'",
                Some("'https://***@example.org'"),
            ),
            ("join bfgg1-abc234 now", Some("join bfgg1-*** now")),
            ("bfgg1-abc234", Some("bfgg1-***")),
            ("bfgg is here:/ ://", None),
            ("http://", None),
        ] {
            for size in 1..=text.len() {
                let mut redactor = Redactor::new(secrets());
                let mut out = Vec::new();
                for piece in text.as_bytes().chunks(size) {
                    out.extend(redactor.push(piece));
                    assert!(redactor.held.len() <= text.len());
                }
                out.extend(redactor.finish());
                let out = String::from_utf8(out).unwrap();
                assert_eq!(out, expected.unwrap_or(text), "in pieces of {size}");
            }
            assert_eq!(secrets().mask(text), expected.unwrap_or(text));
        }
    }

    #[test]
    fn what_variables_tell_java_is_masked() {
        let options = r#"-Xmx1G  -Ddb.password=hunter22 '-Dapi.token=two words' -Dmy.secret="qu""oted" -Dusers=1000"#;
        for name in JAVA_OPTIONS {
            let secrets = Secrets::default().with([(name, options)]);
            let shown = secrets.mask(&format!("Picked up {name}: {options}; quoted two words"));
            let expected = format!(
                "Picked up {name}: -Xmx1G  -Ddb.password=*** '-Dapi.token=***' -Dmy.secret=***\" \
                 -Dusers=1000; *** ***"
            );
            assert_eq!(shown, expected);
        }
        let other = Secrets::default().with([("GREETING", options)]);
        assert_eq!(other.mask(options), options);
    }

    #[test]
    fn marked_values_are_masked_whatever_their_names() {
        let values = ["true", "abc", " spaced out "].map(str::to_owned);
        let secrets = Secrets::default().with_values(values);
        assert_eq!(secrets.mask("true abc: spaced out"), "*** abc: ***");
    }

    #[test]
    fn what_is_held_back_is_bounded() {
        for text in ["bfgg1-", "https://", "https://pa@ss/wor"] {
            let mut redactor = Redactor::new(secrets());
            redactor.push(text.as_bytes());
            for _ in 0..100 {
                redactor.push(&[b'x'; 1000]);
                assert!(redactor.held.len() <= LONGEST + 10 + 1000);
            }
        }
    }

    #[test]
    fn names_of_secrets() {
        for name in [
            "SENSITIVE_X",
            "sensitive.x",
            "db.password",
            "GITHUB_TOKEN",
            "api_key",
            "apikey",
            "aws-secret-access-key",
            "clientSecret",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "users",
            "tokens.per.second",
            "monkey",
            "key",
            "passwords_file_rows",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
