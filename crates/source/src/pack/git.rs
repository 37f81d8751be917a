//! The files of a work tree: those that git does not ignore, whether they are committed or not.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use super::GitState;
use crate::SourceError;

/// Variables that would lead git to another repository: no git that we call inherits them.
pub const GIT_ELSEWHERE: [&str; 6] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
];

/// The paths below the folder, and the state of its work tree; `None` where it is in none, or git is
/// not installed.
pub(super) fn list(folder: &Path) -> Result<Option<(Vec<String>, GitState)>, SourceError> {
    let Some(inside) = run(folder, &["rev-parse", "--is-inside-work-tree"]) else {
        return Ok(None);
    };
    let words = String::from_utf8_lossy(&inside.stderr);
    match inside.status.success() {
        true if inside.stdout.starts_with(b"true") => {}
        false if !words.contains("not a git repository") => return Err(failed(folder, &inside)),
        _ => return Ok(None),
    }
    let mut paths = BTreeSet::new();
    // Submodules, and repositories that lie within, are asked one by one.
    let mut open = vec![String::new()];
    while let Some(prefix) = open.pop() {
        let listed = ask(
            &folder.join(&prefix),
            &[
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ],
        )?;
        for name in listed
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty())
        {
            let name = std::str::from_utf8(name).map_err(|_| SourceError::NotUtf8 {
                name: format!("{prefix}{}", String::from_utf8_lossy(name)),
            })?;
            let path = format!("{prefix}{}", name.trim_end_matches('/'));
            let at = folder.join(&path);
            let is_folder = std::fs::symlink_metadata(&at).is_ok_and(|meta| meta.is_dir());
            if !is_folder {
                paths.insert(path);
            } else if at.join(".git").exists() {
                open.push(format!("{path}/"));
            } else if !name.ends_with('/') {
                return Err(SourceError::EmptySubmodule { path });
            }
        }
    }
    let head = run(
        folder,
        &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"],
    );
    let commit = head
        .filter(|head| head.status.success())
        .map(|head| String::from_utf8_lossy(&head.stdout).trim().to_owned());
    let changes = ask(
        folder,
        &[
            "status",
            "--porcelain",
            "-z",
            "--untracked-files=normal",
            "--",
            ".",
        ],
    )?;
    let state = GitState {
        commit,
        dirty: !changes.is_empty(),
    };
    Ok(Some((paths.into_iter().collect(), state)))
}

fn ask(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, SourceError> {
    match run(folder, arguments) {
        Some(output) if output.status.success() => Ok(output.stdout),
        Some(output) => Err(failed(folder, &output)),
        None => Err(SourceError::Git {
            folder: folder.to_owned(),
            said: "git cannot be started any more".to_owned(),
        }),
    }
}

fn failed(folder: &Path, output: &Output) -> SourceError {
    let said = String::from_utf8_lossy(&output.stderr);
    SourceError::Git {
        folder: folder.to_owned(),
        said: said.trim().to_owned(),
    }
}

/// `None` where there is no git.
fn run(folder: &Path, arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new("git");
    GIT_ELSEWHERE.iter().for_each(|name| {
        command.env_remove(name);
    });
    command
        .args(["-c", "core.quotePath=false", "-c", "core.fsmonitor=false"])
        .args(arguments)
        .current_dir(folder)
        // Its words are read above; and its index is left as it is.
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(std::process::Stdio::null())
        .output()
        .ok()
}
