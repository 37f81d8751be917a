//! The values of settings: how they are written and what they become.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use url::Url;

use crate::Kind;

/// A secret. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// Where libp2p listens: on all interfaces or on loopback alone, IPv4 and IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen {
    /// The TCP port; 0 for any free one.
    pub port: u16,
    /// Only this computer can come in.
    pub loopback: bool,
    /// The user named it: a port that is taken is then an error, else a free one is used.
    pub named: bool,
}

/// Where HTTP listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpListen {
    /// The address; port 0 for any free one.
    pub address: SocketAddr,
    /// The user named it: a port that is taken is then an error, else a free one is used.
    pub named: bool,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged, and how. See [`crate::logging::init`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// A level, or directives as `bfgg_net=debug,info`.
    pub level: String,
    /// The user named it; else a command may choose a quieter one.
    pub named: bool,
    /// How lines look.
    pub format: LogFormat,
}

/// What must stand in a value of this kind, for the sentence "but must be …".
pub(crate) fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Name => "a name of at most 64 characters without control characters",
        Kind::Path => "a path",
        Kind::Listen => "a port (0 to 65535), for this computer only with 127.0.0.1: before it",
        Kind::Http => "a port or an IP address and a port, for example 127.0.0.1:7411",
        Kind::Loopback => "a loopback address and a port, for example 127.0.0.1:7413",
        Kind::Url => "the controller's address as it prints it, for example http://127.0.0.1:7411",
        Kind::Switch => "on or off",
        Kind::Level => "error, warn, info, debug, trace or off",
        Kind::Format => "text or json",
        Kind::Token => "a token of 16 to 256 letters, digits, - . _ or ~",
        Kind::Words => "words separated by commas or blanks",
        Kind::Percent => "percent above 0 and up to 100, for example 85, or off",
        Kind::Length => "a length of time, for example 500ms, 10s or 2m, or off",
        Kind::Number => "a whole number from 0 to 1000000",
    }
}

/// Whether a value fits its kind.
pub(crate) fn fits(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Name => text.chars().count() <= 64 && !text.chars().any(char::is_control),
        Kind::Path => !text.contains('\0'),
        Kind::Listen => listen(text).is_some(),
        Kind::Http => http(text).is_some(),
        Kind::Loopback => loopback(text).is_some(),
        Kind::Url => url(text).is_some(),
        Kind::Switch => switch(text).is_some(),
        Kind::Level => level(text).is_some(),
        Kind::Format => format(text).is_some(),
        Kind::Token => {
            (16..=256).contains(&text.len())
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
        }
        Kind::Number => number(text).is_some(),
        Kind::Words => !text.chars().any(|c| c.is_control() && !c.is_whitespace()),
        Kind::Percent => percent(text).is_some(),
        Kind::Length => length_ms(text).is_some(),
    }
}

pub(crate) fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number <= 1_000_000)
}

/// Port and whether it is loopback only. One interface of several cannot be chosen: an agent
/// that listens where its controller is not would never be found.
pub(crate) fn listen(text: &str) -> Option<(u16, bool)> {
    if let Ok(port) = text.strip_prefix(':').unwrap_or(text).parse() {
        return Some((port, false));
    }
    let address = socket(text)?;
    let ip = address.ip();
    (ip.is_loopback() || ip.is_unspecified()).then_some((address.port(), ip.is_loopback()))
}

pub(crate) fn http(text: &str) -> Option<SocketAddr> {
    match text.strip_prefix(':').unwrap_or(text).parse() {
        Ok(port) => Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)),
        Err(_) => socket(text),
    }
}

pub(crate) fn loopback(text: &str) -> Option<SocketAddr> {
    http(text).filter(|address| address.ip().is_loopback())
}

fn socket(text: &str) -> Option<SocketAddr> {
    match text.strip_prefix("localhost:") {
        Some(port) => Some(SocketAddr::new(
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            port.parse().ok()?,
        )),
        None => text.parse().ok(),
    }
}

/// `http` alone: a controller behind a proxy with TLS is not a case we have.
pub(crate) fn url(text: &str) -> Option<Url> {
    let url = if text.contains("://") {
        Url::parse(text)
    } else {
        Url::parse(&format!("http://{text}"))
    };
    let plain = |url: &Url| {
        url.scheme() == "http"
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
    };
    url.ok().filter(plain)
}

pub(crate) fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" | "1" => Some(true),
        "off" | "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// The level in `tracing`'s words, those of Python's logging (the original's) included.
pub(crate) fn level(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "off" | "error" | "warn" | "info" | "debug" | "trace" => Some(lower),
        "critical" => Some("error".to_owned()),
        "warning" => Some("warn".to_owned()),
        _ if lower.contains('=') => tracing_subscriber::EnvFilter::try_new(text)
            .is_ok()
            .then(|| text.to_owned()),
        _ => None,
    }
}

pub(crate) fn format(text: &str) -> Option<LogFormat> {
    match text.to_ascii_lowercase().as_str() {
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    }
}

/// Infinite where it is off.
pub(crate) fn percent(text: &str) -> Option<f64> {
    if text.eq_ignore_ascii_case("off") {
        return Some(f64::INFINITY);
    }
    let number = text.strip_suffix('%').unwrap_or(text).trim_end();
    let percent: f64 = number.parse().ok()?;
    (percent > 0.0 && percent <= 100.0).then_some(percent)
}

/// In ms; the greatest number where it is off.
pub(crate) fn length_ms(text: &str) -> Option<u64> {
    if text.eq_ignore_ascii_case("off") {
        return Some(u64::MAX);
    }
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    let number: u64 = number.parse().ok()?;
    let ms = match unit.trim_start() {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        _ => return None,
    };
    number.checked_mul(ms).filter(|ms| *ms > 0)
}

pub(crate) fn words(text: &str) -> Vec<String> {
    let separates = |c: char| c == ',' || c.is_whitespace();
    text.split(separates)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `~/` becomes the home folder; a relative path stands under `base`, if there is one.
pub(crate) fn path(text: &str, base: Option<&Path>) -> PathBuf {
    let path = match (text.strip_prefix("~/"), crate::platform::home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    };
    match base {
        Some(base) => base.join(path),
        None => path,
    }
}
