//! What git's words, and those of the disk, mean to the user.

use std::io;
use std::path::Path;

use bfgg_protocol::{Failure, FailureCode};

use super::PHASE;
use crate::prepare::url::RepositoryUrl;

/// What git's own words mean to the user.
pub(super) fn explain(stderr: &str, url: &RepositoryUrl) -> Failure {
    let said = |words: &[&str]| words.iter().any(|word| stderr.contains(word));
    let at = url.as_str();
    let (code, message, hint) = if said(&["Host key verification failed"]) {
        let scan = url.key_scan().unwrap_or_default();
        (
            FailureCode::HostKeyUnknown,
            format!("The agent's user does not know the ssh host key of {at}."),
            format!(
                "Check the key's fingerprint with the server's owner, then run on the agent, as its user: {scan}"
            ),
        )
    } else if said(&["No space left on device"]) {
        (
            FailureCode::DiskFull,
            "The agent's disk is full.".to_owned(),
            "Free some space on it.".to_owned(),
        )
    } else if said(&["not allowed"]) && said(&["transport"]) {
        (
            FailureCode::UrlRefused,
            format!("git refuses the transport of {at}."),
            String::new(),
        )
    } else if said(&[
        "Authentication failed",
        "could not read Username",
        "terminal prompts disabled",
        "Permission denied",
        "403",
    ]) {
        (
            FailureCode::RepositoryUnreachable,
            format!("{at} asks for a login that the agent's user does not have."),
            "Give that user an ssh key or a git credential helper that can read the repository."
                .to_owned(),
        )
    } else if said(&[
        "couldn't find remote ref",
        "not our ref",
        "unadvertised object",
    ]) {
        (
            FailureCode::Internal,
            format!("{at} does not have what was asked for."),
            String::new(),
        )
    } else {
        (
            FailureCode::RepositoryUnreachable,
            format!("{at} cannot be fetched."),
            "Check the URL, and that the agent's machine reaches the server (name, proxy, firewall).".to_owned(),
        )
    };
    let lines: Vec<&str> = stderr
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    Failure::new(code, PHASE, message, hint)
        .with_detail(lines[lines.len().saturating_sub(10)..].join("\n"))
}

/// A failure of the agent's own disk.
pub(crate) fn disk(path: &Path, error: &io::Error) -> Failure {
    let full = error.kind() == io::ErrorKind::StorageFull;
    let code = if full {
        FailureCode::DiskFull
    } else {
        FailureCode::Internal
    };
    let message = format!("{} cannot be written: {error}.", path.display());
    Failure::new(
        code,
        PHASE,
        message,
        "Check the agent's disk and the rights of its folders.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gits_words_become_causes_and_remedies() {
        let url = RepositoryUrl::parse("ssh://git@example.org:2222/p", false).unwrap();
        for (stderr, code, remedy) in [
            (
                "No ED25519 host key is known.\nHost key verification failed.\nfatal: Could not read",
                FailureCode::HostKeyUnknown,
                "ssh-keyscan -p 2222 example.org >> ~/.ssh/known_hosts",
            ),
            (
                "git@x: Permission denied (publickey).",
                FailureCode::RepositoryUnreachable,
                "ssh key",
            ),
            (
                "fatal: could not read Username for",
                FailureCode::RepositoryUnreachable,
                "credential helper",
            ),
            (
                "fatal: transport 'ext' not allowed",
                FailureCode::UrlRefused,
                "",
            ),
            (
                "error: file write error: No space left on device",
                FailureCode::DiskFull,
                "space",
            ),
            (
                "fatal: unable to access: Could not resolve host",
                FailureCode::RepositoryUnreachable,
                "proxy",
            ),
        ] {
            let failure = explain(stderr, &url);
            assert_eq!(failure.code, code, "{stderr}");
            assert!(failure.hint.contains(remedy), "{failure}");
            assert!(!failure.detail.is_empty());
        }
    }
}
