//! Masking secrets in what programs print, before it is kept or told.
//!
//! Masked are the values of parameters and variables whose name says that they are secret, the
//! login in a URL, and join tokens. What is given piece by piece is masked across the pieces' edges.

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

    /// Adds the values of those names that say that they are secret.
    pub(crate) fn with<N: AsRef<str>, V: Into<Vec<u8>>>(
        mut self,
        all: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        for (name, value) in all {
            let value: Vec<u8> = value.into().trim_ascii().to_vec();
            let is_word = WORDS_OF_NO_SECRET.contains(&value.as_slice());
            let fits = value.len() >= SHORTEST && !is_word && !self.0.contains(&value);
            if fits && is_secret(name.as_ref()) {
                self.0.push(value);
            }
        }
        // Of two that begin alike the longer one is looked for first.
        self.0.sort_by_key(|value| std::cmp::Reverse(value.len()));
        self
    }

    /// Adds those among arguments of Java: `-Dname=value`.
    pub(crate) fn with_arguments<'a>(self, all: impl IntoIterator<Item = &'a String>) -> Self {
        let properties = all
            .into_iter()
            .filter_map(|argument| argument.strip_prefix("-D")?.split_once('='));
        self.with(properties)
    }

    /// A text with its secrets masked.
    pub(crate) fn mask(&self, text: &str) -> String {
        let mut redactor = Redactor::new(self.clone());
        let mut out = redactor.push(text.as_bytes());
        out.extend(redactor.finish());
        String::from_utf8_lossy(&out).into_owned()
    }
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
        for secret in &self.secrets.0 {
            if rest.starts_with(secret) {
                return Found::Masked(secret.len(), MASK.to_vec());
            }
            if secret.starts_with(rest) {
                return match last {
                    // The beginning of a secret, and then the end.
                    true if rest.len() >= SHORTEST => Found::Masked(rest.len(), MASK.to_vec()),
                    true => Found::Nothing,
                    false => Found::Undecided,
                };
            }
        }
        for (mark, found) in [
            (TOKEN, token as fn(&[u8], bool) -> Found),
            (AUTHORITY, login),
        ] {
            if let Some(body) = rest.strip_prefix(mark) {
                return found(body, last);
            }
            if mark.starts_with(rest) && !last {
                return Found::Undecided;
            }
        }
        Found::Nothing
    }
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

/// The login of a URL, by what comes after `://`.
fn login(body: &[u8], last: bool) -> Found {
    let delimits = |byte: &u8| {
        byte.is_ascii_whitespace()
            || byte.is_ascii_control()
            || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'`')
    };
    let end = body.iter().take(LONGEST).position(delimits);
    let authority = match end {
        None if !last && body.len() < LONGEST => return Found::Undecided,
        end => &body[..end.unwrap_or(body.len().min(LONGEST))],
    };
    let Some(at) = authority.iter().rposition(|byte| *byte == b'@') else {
        return Found::Nothing;
    };
    let user = authority[..at].iter().position(|byte| *byte == b':');
    let shown = match user {
        Some(colon) => [AUTHORITY, &authority[..=colon], MASK].concat(),
        // A user alone may be a token; that of ssh is a name.
        None if authority[..at].len() > 16 => [AUTHORITY, MASK].concat(),
        None => return Found::Nothing,
    };
    Found::Masked(AUTHORITY.len() + at, shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets::default()
            .with([
                ("db.password", "hunter22"),
                ("SENSITIVE_KEY", "hunter"),
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
            (url, Some("https://me:***@example.org/p")),
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
    fn what_is_held_back_is_bounded() {
        for text in ["bfgg1-", "https://"] {
            let mut redactor = Redactor::new(Secrets::default());
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
