//! What Gatling, Netty and the JVM write when a load generator has run out of something.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a load generator ran out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// Local ports.
    Ports,
    /// File descriptors.
    Files,
    /// Threads.
    Threads,
    /// Memory.
    Memory,
}

/// Words, and what they are a sign of, the more special ones first. Native transport and NIO word
/// the same thing differently: `newSocketStream(..) failed: Too many open files` and
/// `Failed to open a socket.`; so do Linux, macOS and Windows.
const WORDS: [(&str, Sign); 12] = [
    ("unable to create native thread", Sign::Threads),
    ("unable to create new native thread", Sign::Threads),
    ("Cannot assign requested address", Sign::Ports),
    ("Can't assign requested address", Sign::Ports),
    ("BindException", Sign::Ports),
    ("Too many open files", Sign::Files),
    ("Failed to open a socket", Sign::Files),
    ("Unable to create Channel from class", Sign::Files),
    ("No file descriptors available", Sign::Files),
    ("OutOfMemory", Sign::Memory),
    ("OutOfDirectMemory", Sign::Memory),
    ("Cannot allocate memory", Sign::Memory),
];

/// How the message of a check that failed goes on: with what the system under test has sent.
const FOUND: &str = "found ";
/// How a check goes on after what it looks for, which may be any words.
const EXTRACTS: [&str; 2] = [".find", ".count"];
/// Of a line of output so many characters are kept.
const SHOWN: usize = 200;

impl Sign {
    /// Of an error message or a line of output, if there is one in it. What a check looks for and has
    /// found is of the system under test and counts for nothing; so do options as
    /// `-XX:+HeapDumpOnOutOfMemoryError`.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let own = match text.split_once(FOUND) {
            Some((check, _)) if EXTRACTS.iter().any(|step| check.contains(step)) => return None,
            Some((own, _)) => own,
            None => text,
        };
        let stands = |word: &str| {
            own.match_indices(word).any(|(at, _)| {
                let before = own.get(..at).and_then(|before| before.chars().next_back());
                !before.is_some_and(char::is_alphanumeric)
            })
        };
        let found = WORDS.iter().find(|(word, _)| stands(word));
        found.map(|(_, sign)| *sign)
    }

    /// The code of its finding.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Ports => "ports-exhausted",
            Self::Files => "files-exhausted",
            Self::Threads => "threads-exhausted",
            Self::Memory => "out-of-memory",
        }
    }

    /// What it means.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Ports => "there was no local port left for a connection",
            Self::Files => "no more files and connections could be opened",
            Self::Threads => "no more threads could be made",
            Self::Memory => "the memory was used up",
        }
    }

    /// What to do.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Ports => {
                "Widen net.ipv4.ip_local_port_range, keep connections open, or spread the load over more \
                 agents."
            }
            Self::Files => "Raise the limit of open files (ulimit -n) on that machine.",
            Self::Threads => {
                "Raise the limit of processes (ulimit -u) on that machine, or give it more memory."
            }
            Self::Memory => {
                "Give Gatling more memory with the Java option -Xmx, or spread the load over more agents."
            }
        }
    }
}

/// Where a sign was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Where {
    /// In the error messages of its log.
    Errors,
    /// In Gatling's output.
    Output,
}

/// A sign that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Of what.
    pub sign: Sign,
    /// In what.
    pub place: Where,
    /// How often.
    pub count: u64,
    /// The first message or line of it.
    pub text: String,
}

/// The signs of one load generator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signs(BTreeMap<(Sign, Where), (u64, String)>);

impl Signs {
    /// Takes an error message that came so often.
    pub fn error(&mut self, message: &str, count: u64) {
        if let Some(sign) = Sign::of(message) {
            self.add(sign, Where::Errors, message, count);
        }
    }

    /// Takes a line of Gatling's output.
    pub fn output(&mut self, line: &str) {
        // A server of the project's own that finds its port taken has not run out of ports.
        let is_server = line.contains("BindException")
            && line.contains("Address already in use")
            && !line.contains("in use: connect");
        if let Some(sign) = Sign::of(line).filter(|_| !is_server) {
            self.add(sign, Where::Output, line, 1);
        }
    }

    fn add(&mut self, sign: Sign, place: Where, text: &str, count: u64) {
        let kept = || text.trim().chars().take(SHOWN).collect();
        let seen = self.0.entry((sign, place)).or_insert_with(|| (0, kept()));
        seen.0 = seen.0.saturating_add(count);
    }

    /// Takes those of another too.
    pub fn merge(&mut self, other: Self) {
        for ((sign, place), (count, text)) in other.0 {
            self.0.entry((sign, place)).or_insert((0, text)).0 += count;
        }
    }

    /// What was seen.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        let seen = self.0.iter();
        seen.map(|((sign, place), (count, text))| Seen {
            sign: *sign,
            place: *place,
            count: *count,
            text: text.clone(),
        })
        .collect()
    }
}
