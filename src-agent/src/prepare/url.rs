//! A repository's URL, checked before git sees it.

use bfgg_protocol::{Failure, FailureCode};

/// A URL that git may be given: it begins with no `-`, and its transport is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RepositoryUrl {
    text: String,
    /// Host and port of an ssh URL, for the hint about an unknown host key.
    ssh: Option<(String, Option<u16>)>,
}

impl RepositoryUrl {
    /// Checks a URL. `allow_file` is the agent's BFGG_ALLOW_FILE.
    pub(crate) fn parse(text: &str, allow_file: bool) -> Result<Self, Failure> {
        let refused = |why: &str| {
            let shown: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
            let message = format!(
                "The repository's URL \"{}\" is refused: {why}.",
                hide_password(&shown)
            );
            let hint = "Use https://, http://, ssh:// or user@host:path.";
            Failure::new(FailureCode::UrlRefused, "clone", message, hint)
        };
        let text = text.trim();
        if text.is_empty() {
            return Err(refused("it is empty"));
        }
        if text.starts_with('-') {
            return Err(refused("it begins with \"-\""));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(refused("it holds a blank or a control character"));
        }
        let checked = |ssh| {
            Ok(Self {
                text: text.to_owned(),
                ssh,
            })
        };
        let Some((scheme, rest)) = text.split_once("://") else {
            return match scp_host(text) {
                Some((user, host)) if is_host(host) && user.is_none_or(is_user) => {
                    checked(Some((host.to_owned(), None)))
                }
                Some(_) => Err(refused("its user or host is none")),
                None if allow_file && is_path(text) => checked(None),
                None => Err(refused("it names no transport that is allowed")),
            };
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, host_port) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        let scheme = scheme.to_ascii_lowercase();
        match scheme.as_str() {
            "file" if allow_file => return checked(None),
            "file" => {
                return Err(refused(
                    "file is allowed only where the agent sets BFGG_ALLOW_FILE=1",
                ));
            }
            "https" | "http" | "ssh" => {}
            _ => return Err(refused(&format!("\"{scheme}\" is not an allowed scheme"))),
        }
        if user.is_some_and(|user| user.contains(':')) {
            return Err(refused(
                "it holds a password, which would be shown and kept; use a credential helper or an ssh key on the agents",
            ));
        }
        if !user.is_none_or(is_user) {
            return Err(refused("its user name is none"));
        }
        let (host, port) =
            host_and_port(host_port).ok_or_else(|| refused("its host or port is none"))?;
        checked((scheme == "ssh").then(|| (host.to_owned(), port)))
    }

    /// The URL, for git.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The command that makes the host's key known.
    pub(crate) fn key_scan(&self) -> Option<String> {
        let (host, port) = self.ssh.as_ref()?;
        let host = host.trim_matches(['[', ']']);
        let port = port.map(|port| format!("-p {port} ")).unwrap_or_default();
        Some(format!("ssh-keyscan {port}{host} >> ~/.ssh/known_hosts"))
    }
}

/// The URL without a password in it.
fn hide_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    match rest.split_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:***@{host}")
        }
        None => text.to_owned(),
    }
}

/// User and host of the scp form `user@host:path`: a colon before any slash. `a::b` is git's way
/// to name a remote helper, and one letter before the colon is a drive of Windows.
fn scp_host(text: &str) -> Option<(Option<&str>, &str)> {
    let (before, path) = match text.strip_prefix('[') {
        Some(_) => text
            .split_once("]:")
            .map(|(host, path)| (&text[..=host.len()], path))?,
        None => text.split_once(':')?,
    };
    if before.contains('/') || path.starts_with(':') || before.len() == 1 {
        return None;
    }
    Some(match before.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, before),
    })
}

fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let port = match port {
        None | Some("") => None,
        Some(port) => Some(port.parse().ok()?),
    };
    is_host(host).then_some((host, port))
}

fn is_host(text: &str) -> bool {
    let allowed =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    !text.is_empty() && !text.starts_with('-') && text.bytes().all(allowed)
}

fn is_user(text: &str) -> bool {
    let allowed =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+' | b'%');
    !text.is_empty() && !text.starts_with('-') && text.bytes().all(allowed)
}

fn is_path(text: &str) -> bool {
    std::path::Path::new(text).is_absolute()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_all_allowed_kinds() {
        for text in [
            "https://example.org/team/project.git",
            "http://192.0.2.7:3000/p.git",
            "https://me@example.org:8443/p",
            "ssh://git@example.org:2222/p.git",
            "ssh://git@[2001:db8::1]:22/p.git",
            "git@example.org:team/project.git",
            "example.org:p.git",
            "HTTPS://example.org/p",
        ] {
            assert_eq!(
                RepositoryUrl::parse(text, false).map(|url| url.text),
                Ok(text.to_owned())
            );
        }
        for text in ["file:///srv/p.git", "/srv/p.git"] {
            assert!(RepositoryUrl::parse(text, false).is_err(), "{text}");
            assert!(RepositoryUrl::parse(text, true).is_ok(), "{text}");
        }
    }

    #[test]
    fn payloads_are_refused() {
        for text in [
            "",
            "-",
            "--upload-pack=touch /tmp/canary",
            "-u./canary",
            "ext::sh -c touch% /tmp/canary",
            "ext::sh",
            "fd::17",
            "transport::https://example.org/p",
            "ssh://-oProxyCommand=touch/p",
            "ssh://me@-oProxyCommand=touch/p",
            "ssh://%2doProxyCommand=x/p",
            "ssh://-user@example.org/p",
            "-oProxyCommand=touch:p",
            "me@-oProxyCommand=touch:p",
            "git://example.org/p",
            "ftp://example.org/p",
            "javascript://x",
            "https://",
            "https:///p",
            "https://example.org:99999/p",
            "https://me:secret@example.org/p",
            "https://example.org/a b",
            "https://example.org/a\nb",
            "../project",
            "project",
            "C:\\project",
        ] {
            for allow_file in [false, true] {
                let failure = RepositoryUrl::parse(text, allow_file).unwrap_err();
                assert_eq!(failure.code, FailureCode::UrlRefused, "{text}");
                assert!(!failure.message.contains("secret"), "{failure}");
            }
        }
    }

    #[test]
    fn the_line_that_makes_a_host_known() {
        for (text, expected) in [
            (
                "git@example.org:p",
                Some("ssh-keyscan example.org >> ~/.ssh/known_hosts"),
            ),
            (
                "ssh://git@example.org:2222/p",
                Some("ssh-keyscan -p 2222 example.org >> ~/.ssh/known_hosts"),
            ),
            ("https://example.org/p", None),
        ] {
            let url = RepositoryUrl::parse(text, false).unwrap();
            assert_eq!(url.key_scan().as_deref(), expected, "{text}");
        }
    }
}
